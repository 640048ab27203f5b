//! The head of a request: which signal, in which encoding, with which compression. Everything that can be refused
//! without reading the body is refused here.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use model::text::media_type::essence;

use super::limits::{Limits, Size};
use super::reply::Rejection;
use super::types::{Coding, Encoding, Signal};

impl Encoding {
    /// The encoding named by `Content-Type`, ignoring case and parameters.
    ///
    /// # Errors
    /// [`Rejection::Grpc`] for gRPC in any of its forms; [`Rejection::ContentType`] for any other type and for a
    /// missing one.
    pub fn from_headers(headers: &HeaderMap) -> Result<Self, Rejection> {
        let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = essence(named);
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
    /// The coding named by `Content-Encoding`, in any case; identity if there is none.
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

/// The head of an acceptable request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The signal that is sent.
    pub signal: Signal,
    /// The encoding of the body and of the response.
    pub encoding: Encoding,
    /// The compression of the body.
    pub coding: Coding,
}

impl Head {
    /// Reads the head of a request; `path` is relative to the base URL.
    ///
    /// # Errors
    /// The rejection, and the encoding to write it in: the encoding of the request if it is known, otherwise JSON,
    /// which people can read.
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
            // A gRPC client posts to a path of its own, and only the name of the protocol helps its user.
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

/// Whether a declared length exceeds the limit. A malformed one is not refused: what counts is the actual body.
fn exceeds(length: &HeaderValue, limit: usize) -> bool {
    let digits = length.to_str().unwrap_or_default().trim();
    let number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    number && digits.parse::<usize>().map_or(true, |length| length > limit)
}

#[cfg(test)]
mod tests;
