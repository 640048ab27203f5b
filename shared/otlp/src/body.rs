//! Decompresses request bodies. No other file may: the limit is enforced inside the reader, so no body, however small
//! on the wire, can take more memory than the limit.
#![expect(clippy::disallowed_types, reason = "the only place that uses decoders, with a size limit")]

use std::io::{self, Read};

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use super::limits::{Limits, Size};
use super::types::Coding;

/// The largest window a zstd frame may ask for: 8 MiB, the bound that RFC 9659 sets for HTTP.
const ZSTD_WINDOW_LOG: u32 = 23;

/// Capacity reserved up front for each byte on the wire; exports compress by about this factor.
const FIRST_ALLOCATION: usize = 8;

/// Why a body could not be decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The body exceeds a limit.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// Which size exceeded the limit.
        size: Size,
        /// The limit, in bytes.
        limit: usize,
    },
    /// The body is not, or not entirely, what `Content-Encoding` says.
    #[error("the body is not valid {}: it is truncated, damaged or not compressed that way", .0.name())]
    Corrupt(Coding),
    /// The body was compressed, and something on its way took it for text and wrote U+FFFD for every byte that is none. API Gateway's
    /// HTTP APIs do so with JSON.
    #[error(
        "the body was compressed with {} and then taken for text on its way, as API Gateway does with JSON; it cannot be recovered. Set \
         OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf, or OTEL_EXPORTER_OTLP_COMPRESSION=none",
        .0.name()
    )]
    TakenForText(Coding),
}

/// Returns the decompressed body. A body that was not compressed is returned without a copy.
///
/// # Errors
/// [`BodyError::TooLarge`] at the first byte beyond a limit; [`BodyError::Corrupt`] for anything the decoder rejects,
/// for a missing end and for bytes after the end; [`BodyError::TakenForText`] if the reason for that is known.
pub fn inflate(body: Bytes, coding: Coding, limits: &Limits) -> Result<Bytes, BodyError> {
    let reason = |error| match error {
        BodyError::Corrupt(_) if is_taken_for_text(&body, coding) => BodyError::TakenForText(coding),
        other => other,
    };
    let mut reader = Inflating::new(&body, coding, limits).map_err(reason)?;
    if coding == Coding::Identity {
        return if body.len() > limits.inflated { Err(reader.too_large()) } else { Ok(body) };
    }
    let mut inflated = Vec::with_capacity(limits.inflated.min(body.len().saturating_mul(FIRST_ALLOCATION)));
    match reader.read_to_end(&mut inflated) {
        Ok(_) => Ok(Bytes::from(inflated)),
        Err(error) => Err(reason(BodyError::within(&error).unwrap_or(BodyError::Corrupt(coding)))),
    }
}

/// Whether a body begins as the first bytes of its coding do in UTF-8 with U+FFFD for what is no text: those of gzip are 1F 8B
/// (RFC 1952, section 2.3.1), those of zstd 28 B5 2F FD (RFC 8878, section 3.1.1). The first bytes of deflate are no mark.
fn is_taken_for_text(body: &[u8], coding: Coding) -> bool {
    match coding {
        Coding::Gzip => body.starts_with(b"\x1f\xef\xbf\xbd"),
        Coding::Zstd => body.starts_with(b"\x28\xef\xbf\xbd\x2f\xef\xbf\xbd"),
        Coding::Identity | Coding::Deflate => false,
    }
}

/// A body that is decompressed as it is read, for callers that need only a piece at a time. Reading fails with the
/// errors that [`inflate`] returns; [`BodyError::within`] recovers them.
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
    /// Starts decompressing a body.
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] if the body exceeds the limit as sent; [`BodyError::Corrupt`] if decompression cannot
    /// even start.
    pub fn new(body: &'a [u8], coding: Coding, limits: &Limits) -> Result<Self, BodyError> {
        if body.len() > limits.sent {
            return Err(BodyError::TooLarge { size: Size::Sent, limit: limits.sent });
        }
        // No compression format encodes anything as zero bytes, yet some decoders accept an empty stream.
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
        // Reading one byte beyond the limit is enough to tell that the body is too large.
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
            // Unlike the others, these decoders stop silently at the end of the stream.
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
    /// The error with which [`Inflating`] made a read fail; `None` if the failure has another cause.
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

/// The first bytes of a body, at most `most` of them, as far as they can be decompressed. Used to look into a body that
/// is being refused, so damage or truncation simply ends it.
#[must_use]
pub fn beginning(body: &[u8], coding: Coding, most: usize) -> Vec<u8> {
    let cap = u64::try_from(most).unwrap_or(u64::MAX);
    let mut inflated = Vec::new();
    // An error ends the body; what came before it is kept.
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

/// RFC 1950, section 2.2: method 8, a window of at most 32 KiB, and a check value.
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
