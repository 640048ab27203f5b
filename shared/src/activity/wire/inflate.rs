//! Inflating what this service compressed, within a limit.

#![expect(clippy::disallowed_types, reason = "own summaries, not bodies of requests; the size is capped here")]

use std::cell::RefCell;

use zstd::bulk::Decompressor;

use crate::pack::Corrupt;

/// More than any summary holds, in bytes.
const LIMIT: usize = 32 * 1024 * 1024;

thread_local! {
    /// Making one takes longer than inflating a usual summary, and a month of many people has tens of thousands.
    static DECOMPRESSOR: RefCell<Decompressor<'static>> = RefCell::default();
}

/// The body of a summary.
pub(super) fn inflate(packed: &[u8]) -> Result<Vec<u8>, Corrupt> {
    let damaged = Corrupt::Damaged("its body does not inflate");
    let size = Decompressor::upper_bound(packed).filter(|size| *size <= LIMIT).ok_or(damaged)?;
    DECOMPRESSOR.with_borrow_mut(|decompressor| decompressor.decompress(packed, size)).map_err(|_| damaged)
}
