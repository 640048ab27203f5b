//! Inflating request bodies. The only file that may: the cap sits inside the reader, so no body,
//! however small it was sent, can take more memory than the limit.
#![expect(clippy::disallowed_types, reason = "this is the one place where decoders are used, capped")]

use std::io::Read;

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::reply::Rejection;
use super::request::Coding;

/// The largest window that a zstd frame may ask for: 8 MiB, RFC 9659's bound for HTTP.
const ZSTD_WINDOW_LOG: u32 = 23;

/// The most that is reserved before a byte is inflated, whatever the body claims.
const FIRST_ALLOCATION: usize = 1 << 20;

/// How large a body may be, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// As it was sent.
    pub sent: usize,
    /// After inflating.
    pub inflated: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sent: 16 << 20, inflated: 64 << 20 }
    }
}

/// Which of its two sizes made a body too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// The size as sent.
    Sent,
    /// The size after inflating.
    Inflated,
}

/// Why a body could not be inflated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is larger than the limit, in bytes.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// Which size was over.
        size: Size,
        /// The limit, in bytes.
        limit: usize,
    },
    /// It is not, or not entirely, what `Content-Encoding` says.
    #[error("the body is not valid {}: it is truncated, damaged or not compressed that way", .0.name())]
    Corrupt(Coding),
}

impl From<BodyError> for Rejection {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { size, limit } => Self::TooLarge { size, limit },
            BodyError::Corrupt(_) => Self::Undecodable { field: "body".into(), description: error.to_string() },
        }
    }
}

/// The body as it was before it was compressed; one that was not is handed back without a copy.
///
/// # Errors
/// [`BodyError::TooLarge`] as soon as one byte more than a limit is seen, [`BodyError::Corrupt`] for
/// what the decoder refuses, for a missing end and for bytes after the end.
pub fn inflate(body: Bytes, coding: Coding, limits: &Limits) -> Result<Bytes, BodyError> {
    if body.len() > limits.sent {
        return Err(BodyError::TooLarge { size: Size::Sent, limit: limits.sent });
    }
    match coding {
        Coding::Identity if body.len() > limits.inflated => {
            Err(BodyError::TooLarge { size: Size::Inflated, limit: limits.inflated })
        }
        Coding::Identity => Ok(body),
        // No compressed form is empty, yet some decoders take nothing for an empty stream.
        _ if body.is_empty() => Err(BodyError::Corrupt(coding)),
        Coding::Gzip => read(MultiGzDecoder::new(&*body), coding, limits).map(|(inflated, _)| inflated),
        Coding::Zstd => unzstd(&body, limits),
        Coding::Deflate => undeflate(&body, limits),
    }
}

/// As much of the beginning of a body as can be inflated, at most `most` bytes. For a look at a body that is refused: what is
/// damaged or cut off just ends there.
#[must_use]
pub fn beginning(body: &[u8], coding: Coding, most: usize) -> Vec<u8> {
    let cap = u64::try_from(most).unwrap_or(u64::MAX);
    let mut inflated = Vec::new();
    // An error is an end: what came before it is kept.
    let mut keep = |decoder: &mut dyn Read| drop(decoder.take(cap).read_to_end(&mut inflated));
    match coding {
        Coding::Identity => keep(&mut &*body),
        Coding::Gzip => keep(&mut MultiGzDecoder::new(body)),
        Coding::Deflate if has_zlib_header(body) => keep(&mut ZlibDecoder::new(body)),
        Coding::Deflate => keep(&mut DeflateDecoder::new(body)),
        Coding::Zstd => {
            if let Ok(mut decoder) = zstd::stream::read::Decoder::with_buffer(body)
                && decoder.window_log_max(ZSTD_WINDOW_LOG).is_ok()
            {
                keep(&mut decoder);
            }
        }
    }
    inflated
}

fn unzstd(body: &[u8], limits: &Limits) -> Result<Bytes, BodyError> {
    let corrupt = |_| BodyError::Corrupt(Coding::Zstd);
    let mut decoder = zstd::stream::read::Decoder::with_buffer(body).map_err(corrupt)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(corrupt)?;
    read(decoder, Coding::Zstd, limits).map(|(inflated, _)| inflated)
}

fn undeflate(body: &[u8], limits: &Limits) -> Result<Bytes, BodyError> {
    let (inflated, rest) = if has_zlib_header(body) {
        let (inflated, decoder) = read(ZlibDecoder::new(body), Coding::Deflate, limits)?;
        (inflated, decoder.into_inner())
    } else {
        let (inflated, decoder) = read(DeflateDecoder::new(body), Coding::Deflate, limits)?;
        (inflated, decoder.into_inner())
    };
    // Unlike the other two, these decoders stop quietly at the end of the stream.
    if rest.is_empty() { Ok(inflated) } else { Err(BodyError::Corrupt(Coding::Deflate)) }
}

/// RFC 1950, 2.2: method 8, a window of at most 32 KiB, and a check value.
fn has_zlib_header(body: &[u8]) -> bool {
    match body {
        [method, flags, ..] => {
            method & 0x0f == 8 && method >> 4 <= 7 && u16::from_be_bytes([*method, *flags]) % 31 == 0
        }
        _ => false,
    }
}

/// Reads a decoder to its end, but never more than one byte over the limit; hands it back for a look
/// at what it left unread.
fn read<D: Read>(mut decoder: D, coding: Coding, limits: &Limits) -> Result<(Bytes, D), BodyError> {
    let most = limits.inflated;
    let mut inflated = Vec::with_capacity(most.min(FIRST_ALLOCATION));
    let cap = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = decoder.by_ref().take(cap).read_to_end(&mut inflated);
    if inflated.len() > most {
        return Err(BodyError::TooLarge { size: Size::Inflated, limit: most });
    }
    read.map_err(|_| BodyError::Corrupt(coding))?;
    Ok((Bytes::from(inflated), decoder))
}

#[cfg(test)]
mod tests;
