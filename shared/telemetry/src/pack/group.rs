//! Groups: an export's records by source and bucket, in pieces that fit an item.
//!
//! Everything here determines the keys of packs, so it depends on the decoded export alone and is frozen with the key's
//! version: the order of entries, what counts as equal, where a group is split.

use std::collections::HashMap;

use crate::canonical::pack_digest;
use crate::claude::export::{Entry, Export, claimed};
use crate::claude::record::{Context, Record};
use crate::claude::source::SourceId;
use crate::claude::vocabulary::Gate;
use model::bucket::Bucket;
use model::time::Timestamp;

/// A piece ends before its canonical forms exceed this many bytes.
const SPLIT_BYTES: usize = 128 * 1024;
/// The most distinct records in a piece.
const SPLIT_ENTRIES: usize = 512;
/// The most that a record's canonical form counts for, in bytes: no more than that is ever stored of one.
const ENTRY_BYTES: usize = crate::claude::read::RECORD_LIMIT;

/// The content of one pack.
#[derive(Debug)]
pub struct Group {
    /// The source of the records.
    pub source: SourceId,
    /// The bucket that their clients claim.
    pub bucket: Bucket,
    /// The earliest claimed time.
    pub first: Timestamp,
    /// The digest of its records and their counts.
    pub digest: [u8; 16],
    /// Records or spans in it, including repeats.
    pub accepted: u32,
    /// Content values dropped from it, by [`Gate::ALL`].
    pub dropped: [u32; Gate::ALL.len()],
    /// Its size for the purpose of splitting: the canonical forms of its records and contexts, in bytes.
    pub size: usize,
    /// The contexts its records refer to, as indexes into those of the export.
    contexts: Vec<usize>,
    /// The distinct records in order of (time, digest).
    pub records: Vec<Record>,
}

impl Group {
    /// The contexts its records refer to.
    #[must_use]
    pub fn contexts<'a>(&self, all: &'a [Context]) -> Vec<&'a Context> {
        self.contexts.iter().filter_map(|index| all.get(*index)).collect()
    }
}

/// The groups of an export in order of source, bucket and time, built lazily. Takes the entries out of the export.
#[must_use]
pub fn groups(export: &mut Export) -> Groups {
    let mut entries = std::mem::take(&mut export.entries);
    entries.sort_by_key(|e| (e.source, bucket(e), e.time_nanos, e.canonical.digest));
    Groups { entries: entries.into_iter(), sizes: std::mem::take(&mut export.context_sizes), open: None }
}

/// Iterates over the groups of an export, with only one of them in memory at a time.
#[derive(Debug)]
pub struct Groups {
    entries: std::vec::IntoIter<Entry>,
    sizes: Vec<usize>,
    open: Option<Open>,
}

impl Iterator for Groups {
    type Item = Group;

    fn next(&mut self) -> Option<Group> {
        for entry in self.entries.by_ref() {
            if self.open.as_mut().is_some_and(|o| o.repeats(&entry)) {
                continue;
            }
            let full = self.open.take_if(|o| !o.takes(&entry, &self.sizes));
            self.open.get_or_insert_with(|| Open::new(&entry)).push(entry, &self.sizes);
            if let Some(full) = full {
                return Some(full.close());
            }
        }
        self.open.take().map(Open::close)
    }
}

fn bucket(entry: &Entry) -> Bucket {
    Bucket::of(claimed(entry.time_nanos))
}

/// A group under construction.
#[derive(Debug)]
struct Open {
    group: Group,
    /// Maps the export's contexts to those of the group.
    places: HashMap<usize, usize>,
    entries: Vec<(crate::canonical::RecordDigest, u32)>,
    last_time: u64,
}

impl Open {
    fn new(first: &Entry) -> Self {
        let bucket = bucket(first);
        Self {
            group: Group {
                source: first.source,
                bucket,
                first: claimed(first.time_nanos),
                digest: [0; 16],
                accepted: 0,
                dropped: [0; Gate::ALL.len()],
                size: 0,
                contexts: Vec::new(),
                records: Vec::new(),
            },
            places: HashMap::new(),
            entries: Vec::new(),
            last_time: 0,
        }
    }

    /// Counts `entry` if it equals the previous one; equal entries are adjacent.
    fn repeats(&mut self, entry: &Entry) -> bool {
        let Some((digest, count)) = self.entries.last_mut() else { return false };
        if *digest != entry.canonical.digest || self.last_time != entry.time_nanos || self.group.source != entry.source
        {
            return false;
        }
        *count += 1;
        if entry.record.is_some()
            && let Some(record) = self.group.records.last_mut()
        {
            record.count += 1;
        }
        self.add_counts(&entry.dropped);
        true
    }

    fn takes(&self, entry: &Entry, context_sizes: &[usize]) -> bool {
        self.group.source == entry.source
            && self.group.bucket == bucket(entry)
            && self.entries.len() < SPLIT_ENTRIES
            && self.group.size + self.growth(entry, context_sizes) <= SPLIT_BYTES
    }

    /// How much `entry` adds: its own canonical form, and that of its context if the group does not have it yet.
    fn growth(&self, entry: &Entry, context_sizes: &[usize]) -> usize {
        let is_new = !self.places.contains_key(&entry.context);
        let context = if is_new { context_sizes.get(entry.context).copied().unwrap_or_default() } else { 0 };
        entry.canonical.size.min(ENTRY_BYTES) + context
    }

    fn push(&mut self, entry: Entry, context_sizes: &[usize]) {
        self.group.size += self.growth(&entry, context_sizes);
        let next = self.group.contexts.len();
        let index = *self.places.entry(entry.context).or_insert(next);
        if index == next {
            self.group.contexts.push(entry.context);
        }
        self.entries.push((entry.canonical.digest, 1));
        self.last_time = entry.time_nanos;
        self.add_counts(&entry.dropped);
        if let Some(mut record) = entry.record {
            record.context = index;
            self.group.records.push(record);
        }
    }

    fn add_counts(&mut self, dropped: &[u32; Gate::ALL.len()]) {
        self.group.accepted += 1;
        self.group.dropped.iter_mut().zip(dropped).for_each(|(sum, n)| *sum += n);
    }

    fn close(self) -> Group {
        let mut group = self.group;
        group.digest = pack_digest(self.entries.iter().map(|(digest, count)| (digest, *count)));
        group
    }
}
