//! What is read of an export: its records with what is needed to file them, and what was rejected.

use super::record::{Context, Record};
use super::rejected::Rejected;
use super::source::SourceId;
use super::vocabulary::Gate;
use crate::canonical::Canonical;
use model::time::Timestamp;

const NANOS_PER_MILLI: u64 = 1_000_000;

/// The content of an export, ready to be grouped.
#[derive(Debug)]
pub struct Export {
    /// The contexts, to which records refer by index.
    pub contexts: Vec<Context>,
    /// The stored size of each context, in bytes at most.
    pub context_sizes: Vec<usize>,
    /// The accepted records.
    pub entries: Vec<Entry>,
    /// The rejected ones.
    pub rejected: Rejected,
    /// How many values were cut or dropped, because of their size or because they could not be read.
    pub cut: u32,
}

/// An accepted record with what is needed to file it.
#[derive(Debug)]
pub struct Entry {
    /// Its source.
    pub source: SourceId,
    /// The time the client claims, in nanoseconds since the epoch.
    pub time_nanos: u64,
    /// Identifies it.
    pub canonical: Canonical,
    /// Content values dropped from it, by [`Gate::ALL`].
    pub dropped: [u32; Gate::ALL.len()],
    /// Index of its context.
    pub context: usize,
    /// The record; `None` for spans and points without a recorded value, which are counted but not kept.
    pub record: Option<Record>,
}

// Sorting takes half as much again as the entries themselves.
const _: () = assert!(size_of::<Entry>() * 3 / 2 <= otlp::budget::READ);

/// A time in nanoseconds, as OTLP has it; in milliseconds 64 bits of them always fit.
#[must_use]
pub fn claimed(nanos: u64) -> Timestamp {
    Timestamp((nanos / NANOS_PER_MILLI) as i64)
}
