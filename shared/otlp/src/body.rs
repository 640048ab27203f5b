//! Inflating request bodies. The only file that may: the cap sits inside the reader, so no body,
//! however small it was sent, can take more memory than the limit.
#![expect(clippy::disallowed_types, reason = "this is the one place where decoders are used, capped")]

use std::io::{self, Read};

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::types::{Coding, Limits, Size};

/// The largest window that a zstd frame may ask for: 8 MiB, RFC 9659's bound for HTTP.
const ZSTD_WINDOW_LOG: u32 = 23;

/// What is reserved before a byte is inflated, for each byte as sent; exports are compressed about as much.
const FIRST_ALLOCATION: usize = 8;

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

/// The body as it was before it was compressed; one that was not is handed back without a copy.
///
/// # Errors
/// [`BodyError::TooLarge`] as soon as one byte more than a limit is seen, [`BodyError::Corrupt`] for
/// what the decoder refuses, for a missing end and for bytes after the end.
pub fn inflate(body: Bytes, coding: Coding, limits: &Limits) -> Result<Bytes, BodyError> {
    let mut reader = Inflating::new(&body, coding, limits)?;
    if coding == Coding::Identity {
        return if body.len() > limits.inflated { Err(reader.too_large()) } else { Ok(body) };
    }
    let mut inflated = Vec::with_capacity(limits.inflated.min(body.len().saturating_mul(FIRST_ALLOCATION)));
    match reader.read_to_end(&mut inflated) {
        Ok(_) => Ok(Bytes::from(inflated)),
        Err(error) => Err(BodyError::within(&error).unwrap_or(BodyError::Corrupt(coding))),
    }
}

/// A body that is inflated while it is read, for whoever needs no more than a piece of it at a time. What [`inflate`] answers as an
/// error, reading fails with: see [`BodyError::within`].
pub struct Inflating<'a> {
    decoder: Decoder<'a>,
    coding: Coding,
    limit: usize,
    left: usize,
}

impl std::fmt::Debug for Inflating<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflating").field("coding", &self.coding).field("left", &self.left).finish_non_exhaustive()
    }
}

enum Decoder<'a> {
    Identity(&'a [u8]),
    Gzip(MultiGzDecoder<&'a [u8]>),
    Zlib(ZlibDecoder<&'a [u8]>),
    Deflate(DeflateDecoder<&'a [u8]>),
    Zstd(zstd::stream::read::Decoder<'static, &'a [u8]>),
}

impl<'a> Inflating<'a> {
    /// Begins to inflate a body.
    ///
    /// # Errors
    /// It is larger than the limit as it was sent, or so short or so made that nothing of it can be inflated.
    pub fn new(body: &'a [u8], coding: Coding, limits: &Limits) -> Result<Self, BodyError> {
        if body.len() > limits.sent {
            return Err(BodyError::TooLarge { size: Size::Sent, limit: limits.sent });
        }
        // No compressed form is empty, yet some decoders take nothing for an empty stream.
        if body.is_empty() && coding != Coding::Identity {
            return Err(BodyError::Corrupt(coding));
        }
        let decoder = match coding {
            Coding::Identity => Decoder::Identity(body),
            Coding::Gzip => Decoder::Gzip(MultiGzDecoder::new(body)),
            Coding::Deflate if has_zlib_header(body) => Decoder::Zlib(ZlibDecoder::new(body)),
            Coding::Deflate => Decoder::Deflate(DeflateDecoder::new(body)),
            Coding::Zstd => Decoder::Zstd(unzstd(body).map_err(|_| BodyError::Corrupt(coding))?),
        };
        Ok(Self { decoder, coding, limit: limits.inflated, left: limits.inflated })
    }

    fn too_large(&self) -> BodyError {
        BodyError::TooLarge { size: Size::Inflated, limit: self.limit }
    }
}

impl Read for Inflating<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // One byte more than may be tells that the body is too large; no more is ever inflated.
        let most = buffer.len().min(self.left.saturating_add(1));
        let buffer = &mut buffer[..most];
        let read = match &mut self.decoder {
            Decoder::Identity(rest) => rest.read(buffer),
            Decoder::Gzip(decoder) => decoder.read(buffer),
            Decoder::Zlib(decoder) => decoder.read(buffer),
            Decoder::Deflate(decoder) => decoder.read(buffer),
            Decoder::Zstd(decoder) => decoder.read(buffer),
        };
        let read = read.map_err(|_| BodyError::Corrupt(self.coding));
        let rest = match &self.decoder {
            // Unlike the others, these decoders stop quietly at the end of the stream.
            Decoder::Zlib(decoder) => decoder.get_ref().len(),
            Decoder::Deflate(decoder) => decoder.get_ref().len(),
            Decoder::Identity(_) | Decoder::Gzip(_) | Decoder::Zstd(_) => 0,
        };
        match read {
            Ok(0) if most > 0 && rest > 0 => Err(BodyError::Corrupt(self.coding).into()),
            Ok(read) => match self.left.checked_sub(read) {
                Some(left) => {
                    self.left = left;
                    Ok(read)
                }
                None => Err(self.too_large().into()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

impl BodyError {
    /// The one with which [`Inflating`] made reading fail; none if something else did.
    #[must_use]
    pub fn within(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl From<BodyError> for io::Error {
    fn from(error: BodyError) -> Self {
        Self::other(error)
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
            if let Ok(mut decoder) = unzstd(body) {
                keep(&mut decoder);
            }
        }
    }
    inflated
}

fn unzstd(body: &[u8]) -> io::Result<zstd::stream::read::Decoder<'static, &[u8]>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(body)?;
    decoder.window_log_max(ZSTD_WINDOW_LOG)?;
    Ok(decoder)
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

#[cfg(test)]
mod tests;
