//! The records of a claimed bucket, from all of its packs.
//!
//! A record occurs in several packs if an intermediary batched it anew after a lost response; it counts as often as in
//! the pack that has it most often. Records with a wrong clock, and those that are too late, are shown at the time they
//! arrived, so one claimed bucket can contribute to several shown ones.

use std::collections::{BTreeMap, HashMap};

use super::adding::{Adding, Arrivals};
use super::summary::Summary;
use crate::claude::record::{Record, ShortDigest};
use crate::clock::shown_at;
use crate::pack::Pack;
use model::bucket::Bucket;
use model::organisation::Settings;
use model::time::Timestamp;
use otlp::Signal;

/// Distinguishes the records of one source and claimed bucket.
type Identity<'a> = (&'a str, Timestamp, ShortDigest);

/// A record and what its packs say about it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The signal it was posted as.
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
    pub fn shown_at(&self, settings: &Settings) -> Timestamp {
        shown_at(self.record.time, self.pack.header.received_at, settings)
    }
}

/// The summaries of the bucket that clients claim as `claimed`, by the bucket they are shown in, for an organisation
/// with these settings.
#[must_use]
pub fn summaries(claimed: Bucket, packs: &[(Signal, Pack)], settings: &Settings) -> BTreeMap<Bucket, Summary> {
    let mut adding = Adding::new(claimed, settings);
    packs.iter().for_each(|(signal, pack)| adding.add(*signal, pack));
    if adding.is_by_arrival() {
        let mut arrivals = Arrivals::default();
        packs.iter().for_each(|(_, pack)| arrivals.note(pack));
        adding = Adding::by_arrival(claimed, settings, arrivals);
        packs.iter().for_each(|(signal, pack)| adding.add(*signal, pack));
    }
    adding.finish()
}

/// The distinct records of packs, in the order of the time they are shown at, so that the values of cumulative counters
/// come in the order they grew.
#[must_use]
pub fn records<'a>(packs: &'a [(Signal, Pack)], settings: &Settings) -> Vec<Seen<'a>> {
    let mut records: Vec<Seen<'_>> = once_each(packs).into_values().collect();
    records.sort_by_key(|seen| (seen.shown_at(settings), value(seen.record), &seen.record.name, seen.record.digest));
    records
}

/// Each record as often as in the pack that has it most often, shown by the pack that arrived first.
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

/// Orders points of one instant. Counts are whole, so truncation loses nothing.
fn value(record: &Record) -> i64 {
    record.point.as_ref().map_or(0, |p| (p.value * 1e6) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::activity::dimensions::Dimensions;
    use crate::activity::growing::Growing;
    use crate::activity::measure::Measure;
    use crate::activity::tally;
    use crate::canonical::Kind;
    use crate::claude::attribute::{Attribute, Value};
    use crate::claude::record::{Context, PointData, Temporality};
    use crate::clock::is_old;
    use crate::pack::Header;
    use model::time::{DAY, MILLISECOND};

    /// A bucket for which the clock is credible at some arrivals and not at others.
    const CLAIMED: Bucket = Bucket(1_994_808);

    /// One of only a few records, so that packs overlap.
    fn record(number: u8, count: u32) -> Record {
        let text = |key: &str, value: String| Attribute { key: key.into(), value: Value::Text(value.into()) };
        let point = number.is_multiple_of(3).then(|| PointData {
            start: CLAIMED.start(),
            value: f64::from(number % 7),
            unit: "".into(),
            kind: Kind::Sum,
            temporality: if number.is_multiple_of(2) { Temporality::Cumulative } else { Temporality::Delta },
            monotonic: true,
        });
        let name = if point.is_some() { "claude_code.commit.count" } else { "user_prompt" };
        Record {
            context: 0,
            name: name.into(),
            time: CLAIMED.start().plus(i32::from(number / 4) * MILLISECOND),
            digest: [0, 0, 0, number],
            count,
            attributes: vec![text("session.id", format!("s{}", number % 2))],
            point,
        }
    }

    fn pack(arrived: u8, records: &[(u8, u32)]) -> (Signal, Pack) {
        let header = Header {
            received_at: CLAIMED.start().plus(i32::from(arrived) * DAY / 2).minus(2 * DAY),
            generation: 1,
            accepted: 1,
            rejected: 0,
            reclocked: 0,
            cut: 0,
            dropped: Default::default(),
        };
        let mut records: Vec<Record> = records.iter().map(|(number, count)| record(*number, *count)).collect();
        records.sort_by_key(|record| (record.time, record.digest));
        (Signal::Logs, Pack { header, contexts: vec![Context::default()], records })
    }

    /// The summaries computed from all packs at once.
    fn of_all_at_once(packs: &[(Signal, Pack)], settings: &Settings) -> BTreeMap<Bucket, Summary> {
        let mut growing: BTreeMap<Bucket, Growing> = BTreeMap::new();
        for (signal, pack) in packs {
            let time = pack.records.first().map_or(CLAIMED.start(), |record| record.time);
            let shown = Bucket::of(shown_at(time, pack.header.received_at, settings));
            growing.entry(shown).or_default().header(*signal, &pack.header);
            for old in pack.records.iter().filter(|record| is_old(record.time, pack.header.received_at)) {
                growing.entry(Bucket::of(old.time)).or_default();
                growing.entry(Bucket::of(pack.header.received_at)).or_default();
            }
        }
        for seen in records(packs, settings) {
            let about = Dimensions::of(seen.record, &seen.pack.contexts[0], settings);
            let time = seen.shown_at(settings);
            let growing = growing.entry(Bucket::of(time)).or_default();
            tally::count(growing, about, seen.record, seen.times, (time, false));
        }
        growing.into_iter().map(|(shown, growing)| (shown, growing.finish())).collect()
    }

    #[test]
    fn a_record_counts_as_often_as_in_the_pack_that_has_it_most_often() {
        let settings = Settings::new(&"acme".parse().unwrap());
        // With a clock that is credible, and with one that is not.
        for arrived in [4, 0] {
            for order in [[2, 3, 1], [3, 1, 2], [1, 2, 3]] {
                let packs = order.map(|times| pack(arrived, &[(1, times)]));
                let seen: Vec<u32> = records(&packs, &settings).iter().map(|seen| seen.times).collect();
                assert_eq!(seen, [3], "{order:?}");
                let summaries = summaries(CLAIMED, &packs, &settings);
                let counted = summaries.values().flat_map(|summary| summary.rows.values());
                assert_eq!(counted.map(|numbers| numbers[Measure::Prompts]).sum::<i64>(), 3, "{order:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn pack_by_pack_comes_to_the_same_as_all_at_once(
            packs in proptest::collection::vec((0..5_u8, proptest::collection::vec((0..12_u8, 1..4_u32), 0..8)), 0..6)
        ) {
            let packs: Vec<_> = packs.iter().map(|(arrived, records)| pack(*arrived, records)).collect();
            let settings = Settings::new(&"acme".parse().unwrap());
            prop_assert_eq!(summaries(CLAIMED, &packs, &settings), of_all_at_once(&packs, &settings));
        }
    }
}
