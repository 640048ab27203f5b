//! The head of a request: which signal, in which encoding, compressed how. All that can be refused
//! without reading a body is refused here.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};

use super::reply::Rejection;
use super::types::{Coding, Encoding, Limits, Signal, Size};

impl Encoding {
    /// The encoding that `Content-Type` names, whatever its case and parameters.
    ///
    /// # Errors
    /// [`Rejection::Grpc`] for gRPC in any of its forms, [`Rejection::ContentType`] for anything
    /// else, and for no type at all.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Rejection> {
        let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = named.split(';').next().unwrap_or_default().trim();
        for encoding in [Self::Protobuf, Self::Json] {
            if media_type.eq_ignore_ascii_case(encoding.media_type()) {
                return Ok(encoding);
            }
        }
        if media_type.to_ascii_lowercase().starts_with("application/grpc") {
            return Err(Rejection::Grpc);
        }
        Err(Rejection::ContentType)
    }
}

impl Coding {
    /// The coding that `Content-Encoding` names, in any case; identity when there is none.
    ///
    /// # Errors
    /// [`Rejection::ContentEncoding`] for an unknown coding and for more than one.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Rejection> {
        let mut values = headers.get_all(CONTENT_ENCODING).iter();
        let named = match (values.next(), values.next()) {
            (None, _) => return Ok(Self::Identity),
            (Some(only), None) => only.to_str().map_err(|_| Rejection::ContentEncoding)?,
            (Some(_), Some(_)) => return Err(Rejection::ContentEncoding),
        };
        match named.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Identity),
            // RFC 9110, 8.4.1.3: a recipient treats "x-gzip" as "gzip".
            "gzip" | "x-gzip" => Ok(Self::Gzip),
            "zstd" => Ok(Self::Zstd),
            "deflate" => Ok(Self::Deflate),
            _ => Err(Rejection::ContentEncoding),
        }
    }
}

/// What the head of an acceptable request says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// What is sent.
    pub signal: Signal,
    /// How it is written, and how it is to be answered.
    pub encoding: Encoding,
    /// How its body is compressed.
    pub coding: Coding,
}

impl Head {
    /// Reads the head of a request; `path` is the one below the base URL.
    ///
    /// # Errors
    /// The refusal, and the encoding to write it in: the request's own if that can be told, else
    /// JSON, which people can read.
    pub fn read(
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        limits: &Limits,
    ) -> Result<Self, (Encoding, Rejection)> {
        let encoding = Encoding::from_headers(headers);
        let answer_in = *encoding.as_ref().unwrap_or(&Encoding::Json);
        Self::check(method, path, headers, limits, encoding).map_err(|refusal| (answer_in, refusal))
    }

    fn check(
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        limits: &Limits,
        encoding: Result<Encoding, Rejection>,
    ) -> Result<Self, Rejection> {
        let grpc = matches!(encoding, Err(Rejection::Grpc));
        let signal = match Signal::from_path(path) {
            Some(signal) => signal,
            // A gRPC client posts to its own path; only the protocol's name helps its user.
            None if grpc => return Err(Rejection::Grpc),
            None => return Err(Rejection::NotFound),
        };
        if method != Method::POST {
            return Err(Rejection::NotPost);
        }
        let encoding = encoding?;
        let coding = Coding::from_headers(headers)?;
        if headers.get(CONTENT_LENGTH).is_some_and(|length| exceeds(length, limits.sent)) {
            return Err(Rejection::TooLarge { size: Size::Sent, limit: limits.sent });
        }
        Ok(Self { signal, encoding, coding })
    }
}

/// Whether a declared length is over the limit. A malformed one is no ground to refuse: what counts
/// is the body that comes.
fn exceeds(length: &HeaderValue, limit: usize) -> bool {
    let digits = length.to_str().unwrap_or_default().trim();
    let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    number && digits.parse::<usize>().map_or(true, |length| length > limit)
}

#[cfg(test)]
mod tests;
