//! Groups: an export's records by source and quarter hour, in pieces that fit an item.
//!
//! Everything here decides the keys of packs, so it depends on the decoded export alone and is frozen with the key's
//! version: the order of entries, what counts as equal, where a group is split.

use std::collections::HashMap;

use crate::canonical::pack_digest;
use crate::claude::read::{Entry, Export};
use crate::claude::record::{Context, Record};
use crate::claude::source::SourceId;
use crate::claude::vocabulary::Gate;
use model::bucket::Bucket;

/// A piece ends before its canonical forms exceed this many bytes.
const SPLIT_BYTES: usize = 128 * 1024;
/// A piece holds at most this many distinct records.
const SPLIT_ENTRIES: usize = 512;
/// A record's canonical form counts for at most this much, in bytes: more than that is never stored of one.
const ENTRY_BYTES: usize = crate::claude::read::RECORD_LIMIT;

/// What becomes one pack.
#[derive(Debug)]
pub struct Group {
    /// Whose records these are.
    pub source: SourceId,
    /// The quarter hour their clients claim.
    pub bucket: Bucket,
    /// The earliest claimed time, in milliseconds since the epoch.
    pub first: i64,
    /// The digest of its records and their counts.
    pub digest: [u8; 16],
    /// Records or spans in it, repeats counted.
    pub accepted: u32,
    /// Contents dropped from it, by [`Gate::ALL`].
    pub dropped: [u32; Gate::ALL.len()],
    /// What it is measured by, in bytes: the canonical forms of its records and contexts.
    pub size: usize,
    /// Which of the export's contexts its records refer to, by their own index.
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

/// The groups of an export, in order of source, bucket and time, each made when it is asked for. Takes the entries out of the export.
#[must_use]
pub fn groups(export: &mut Export) -> Groups {
    let mut entries = std::mem::take(&mut export.entries);
    entries.sort_by_key(|e| (e.source, bucket(e), e.time_nanos, e.canonical.digest));
    Groups { entries: entries.into_iter(), sizes: std::mem::take(&mut export.context_sizes), open: None }
}

/// The groups of an export. Only one of them is in memory at a time.
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
    Bucket::of(crate::claude::read::millis(entry.time_nanos).0)
}

/// A group that is being filled.
#[derive(Debug)]
struct Open {
    group: Group,
    /// Where in the group's contexts each of the export's is.
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
                first: crate::claude::read::millis(first.time_nanos).0,
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

    /// Counts `entry` if it equals the last one; equal entries stand next to each other.
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

    /// What `entry` adds: its own canonical form, and that of its context if it is the first of it.
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
