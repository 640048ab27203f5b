//! Inflating what this service compressed, within a limit.

#![expect(clippy::disallowed_types, reason = "own summaries, not bodies of requests; the size is capped here")]

use zstd::bulk::Decompressor;

use crate::pack::Corrupt;

/// More than any summary holds, in bytes.
const LIMIT: usize = 32 * 1024 * 1024;

/// The body of a summary.
pub(super) fn inflate(packed: &[u8]) -> Result<Vec<u8>, Corrupt> {
    let damaged = Corrupt::Damaged("its body does not inflate");
    let size = Decompressor::upper_bound(packed).filter(|size| *size <= LIMIT).ok_or(damaged)?;
    Decompressor::new().and_then(|mut d| d.decompress(packed, size)).map_err(|_| damaged)
}
