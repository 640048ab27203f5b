//! The summaries of a claimed quarter hour, from all packs of it.
//!
//! A record that stands in several packs, because an intermediary batched it anew after a lost answer, counts as often as in
//! the pack that has it most. Records whose clock cannot be right, and those that are too late, show at the time they arrived, so one
//! claimed quarter hour can make summaries of several shown ones.

use std::collections::{BTreeMap, HashMap};

use super::clock::{is_old, shown_at};
use super::dimensions::Dimensions;
use super::summary::Summary;
use super::tally;
use crate::claude::record::{Record, ShortDigest};
use crate::organisation::Settings;
use crate::otlp::Signal;
use crate::pack::Pack;
use crate::pack::group::Bucket;
use crate::time::Millis;

/// What tells records of one source and claimed quarter hour apart.
type Identity<'a> = (&'a str, Millis, ShortDigest);

/// A record, and what the packs say of it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// What it was posted as.
    pub signal: Signal,
    /// The pack it arrived in first.
    pub pack: &'a Pack,
    /// The record.
    pub record: &'a Record,
    /// How often it counts.
    pub times: u32,
}

impl Seen<'_> {
    /// The time it is shown at in an organisation with these settings.
    #[must_use]
    pub fn shown_at(&self, settings: &Settings) -> Millis {
        shown_at(self.record.time, self.pack.header.received_at, settings)
    }
}

/// The summaries of the quarter hour that clients claim as `claimed`, by the quarter hour they show in, for an organisation with these
/// settings.
#[must_use]
pub fn summaries(claimed: Bucket, packs: &[(Signal, Pack)], settings: &Settings) -> BTreeMap<Bucket, Summary> {
    let mut summaries: BTreeMap<Bucket, Summary> = BTreeMap::new();
    for (signal, pack) in packs {
        let time = pack.records.first().map_or(claimed.start(), |r| r.time);
        let shown = Bucket::of(shown_at(time, pack.header.received_at, settings).0);
        summaries.entry(shown).or_default().traffic.add(*signal, &pack.header);
    }
    // Where a record stood under another limit of lateness, nothing of it is left.
    for (_, pack) in packs {
        let received_at = pack.header.received_at;
        for record in pack.records.iter().filter(|record| is_old(record.time, received_at)) {
            summaries.entry(Bucket::of(record.time.0)).or_default();
            summaries.entry(Bucket::of(received_at.0)).or_default();
        }
    }
    for seen in records(packs, settings) {
        let Seen { pack, record, times, .. } = seen;
        let Some(context) = pack.contexts.get(record.context) else { continue };
        let time = seen.shown_at(settings);
        let about = Dimensions::of(record, context, &settings.identity_attributes);
        tally::count(summaries.entry(Bucket::of(time.0)).or_default(), about, record, times, time);
    }
    summaries
}

/// The records of packs, each once, in the order of the time they are shown at: cumulative counters are met as they grew.
#[must_use]
pub fn records<'a>(packs: &'a [(Signal, Pack)], settings: &Settings) -> Vec<Seen<'a>> {
    let mut records: Vec<Seen<'_>> = once_each(packs).into_values().collect();
    records.sort_by_key(|seen| (seen.shown_at(settings), value(seen.record), &seen.record.name, seen.record.digest));
    records
}

/// Each record as often as in the pack that has it most, shown by the pack that arrived first.
fn once_each(packs: &[(Signal, Pack)]) -> HashMap<Identity<'_>, Seen<'_>> {
    let mut seen: HashMap<Identity<'_>, Seen<'_>> = HashMap::new();
    for (signal, pack) in packs {
        let mut here: HashMap<Identity<'_>, Seen<'_>> = HashMap::new();
        for record in &pack.records {
            let new = || Seen { signal: *signal, pack, record, times: 0 };
            here.entry((&*record.name, record.time, record.digest)).or_insert_with(new).times += record.count;
        }
        for (identity, new) in here {
            seen.entry(identity)
                .and_modify(|known| {
                    known.times = known.times.max(new.times);
                    if new.pack.header.received_at < known.pack.header.received_at {
                        (known.pack, known.record) = (new.pack, new.record);
                    }
                })
                .or_insert(new);
        }
    }
    seen
}

/// Orders points of one instant; counts are whole, so nothing is lost by cutting.
fn value(record: &Record) -> i64 {
    record.point.as_ref().map_or(0, |p| (p.value * 1e6) as i64)
}
