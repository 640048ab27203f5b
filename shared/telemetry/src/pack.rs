//! Packs: what one export holds of one source and bucket, as one small binary item.
//!
//! A pack is written once and never changed. Its key is a function of the decoded export alone (see [`group`]), so
//! storing it only if it is absent makes every export count exactly once.
//!
//! # The binary format, version 1
//!
//! ```text
//! pack      version (1), header, packing (0 plain, 1 zstd with the frozen dictionary and without its magic number),
//!           body
//! header    varints: received at (ms since the epoch), generation of the token, accepted, rejected, re-clocked, cut,
//!           dropped contents by gate (count of gates first)
//! body      strings, contexts, records
//! strings   count, then each: form, prefix and payload (see `strings`)
//! contexts  count, then each: attributes (count, then key and value), scope, version
//! records   count (0: spans and points without a value, counted in the header alone), first time, then columns over
//!           all records: time differences, digests (4 bytes each), repeat counts, contexts, names, attributes by
//!           shape, points
//! shape     the list of attribute names of a record; names that all records have come first, once
//! column    a tag that says how its values are written: one for all, whole numbers, differences, texts, bits, …
//!           (see `column`)
//! ```
//!
//! Numbers are LEB128 varints, signed ones in zigzag. Texts are references: one byte for the 160 commonest words of the
//! frozen dictionary and for the first 80 strings of the pack. Everything follows the order of the records, which are
//! ordered by (time, digest), so equal exports make equal bodies.
//!
//! A reader refuses an unknown version; a writer may only write a version that the previous release could read.

mod body;
mod column;
mod dictionary;
pub mod group;
pub mod header;
mod number;
mod records;
mod shapes;
mod strings;
pub(crate) mod wire;

pub use body::{decode, encode, header, uncompressed};
pub use header::Header;
pub use wire::Corrupt;

use crate::claude::record::{Context, Record};

/// A decoded pack.
#[derive(Debug, Clone, PartialEq)]
pub struct Pack {
    /// What is not part of the content: arrival, token generation, counts.
    pub header: Header,
    /// The contexts to which records refer.
    pub contexts: Vec<Context>,
    /// The records in order of (time, digest); none in a pack of spans.
    pub records: Vec<Record>,
}

#[cfg(test)]
mod tests;
