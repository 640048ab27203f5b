//! Compresses what is stored beside packs, and decompresses what was compressed here, with a size limit.

#![expect(clippy::disallowed_types, reason = "own items, not request bodies; the size is limited here")]

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};

use crate::pack::Corrupt;

/// Larger than any summary, in bytes.
const LIMIT: usize = 32 * 1024 * 1024;

/// Higher levels save next to nothing on a few kilobytes.
const LEVEL: i32 = 3;

thread_local! {
    /// Creating a compressor with its tables takes longer than compressing a typical summary, and every export produces
    /// one.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    /// Creating a decompressor takes longer than decompressing a typical summary, and a month of many people has tens
    /// of thousands of them.
    static DECOMPRESSOR: RefCell<Decompressor<'static>> = RefCell::default();
}

/// Compresses a body; `None` if zstd fails.
pub(crate) fn compress(body: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Compressor::new(LEVEL).ok();
        }
        kept.as_mut()?.compress(body).ok()
    })
}

/// Decompresses a body.
pub(crate) fn inflate(packed: &[u8]) -> Result<Vec<u8>, Corrupt> {
    let damaged = Corrupt::Damaged("its body cannot be decompressed");
    let size = Decompressor::upper_bound(packed).filter(|size| *size <= LIMIT).ok_or(damaged)?;
    DECOMPRESSOR.with_borrow_mut(|decompressor| decompressor.decompress(packed, size)).map_err(|_| damaged)
}
