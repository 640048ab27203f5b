//! Compressing summaries, and inflating what was compressed here, within a limit.

#![expect(clippy::disallowed_types, reason = "own summaries, not bodies of requests; the size is capped here")]

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};

use crate::pack::Corrupt;

/// More than any summary holds, in bytes.
const LIMIT: usize = 32 * 1024 * 1024;

/// Higher levels save next to nothing on a few kilobytes.
const LEVEL: i32 = 3;

thread_local! {
    /// Making one, with its tables, takes longer than compressing a usual summary, of which there is one for every export.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    /// Making one takes longer than inflating a usual summary, and a month of many people has tens of thousands.
    static DECOMPRESSOR: RefCell<Decompressor<'static>> = RefCell::default();
}

/// The body of a summary in fewer bytes; `None` if zstd cannot.
pub(super) fn compress(body: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Compressor::new(LEVEL).ok();
        }
        kept.as_mut()?.compress(body).ok()
    })
}

/// The body of a summary.
pub(super) fn inflate(packed: &[u8]) -> Result<Vec<u8>, Corrupt> {
    let damaged = Corrupt::Damaged("its body does not inflate");
    let size = Decompressor::upper_bound(packed).filter(|size| *size <= LIMIT).ok_or(damaged)?;
    DECOMPRESSOR.with_borrow_mut(|decompressor| decompressor.decompress(packed, size)).map_err(|_| damaged)
}
