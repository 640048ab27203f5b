//! Which buckets are read one by one, and to which ones points of metrics reach back.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use model::bucket::Bucket;
use model::calendar::Calendar;
use model::order;
use store::keys;
use telemetry::activity::late::looked_back_to;
use telemetry::activity::ledger::{Place, Role};
use telemetry::activity::series::{Piece, Series};
use telemetry::claude::source::SourceId;

/// For each shard, the buckets from the first that is looked at for points.
pub(super) type Reaching = BTreeMap<u8, (Bucket, Bucket)>;
/// The buckets of each shard and UTC day that were read, both ends included.
pub(super) type Runs = BTreeMap<(u8, Date), (Bucket, Bucket)>;

/// The buckets of each UTC day from `first` to `last`, both ends included.
pub(super) fn by_utc_date(first: Bucket, last: Bucket) -> impl Iterator<Item = (Date, (Bucket, Bucket))> {
    let mut from = first;
    std::iter::from_fn(move || {
        let date = (from <= last).then(|| keys::utc_date(from))?;
        let end = Bucket(Calendar::named("UTC").buckets(date).1.0.min(last.0));
        let run = (from, end);
        from = Bucket(end.0 + 1);
        Some((date, run))
    })
}

/// The part of each run before that of `others`, which reaches to its end.
pub(super) fn runs_before(runs: &Runs, others: &Runs) -> Runs {
    let before = |(key, (first, last)): (&(u8, Date), &(Bucket, Bucket))| {
        let last = others.get(key).map_or(*last, |(other, _)| Bucket(other.0 - 1).min(*last));
        (*first <= last).then_some((*key, (*first, last)))
    };
    runs.iter().filter_map(before).collect()
}

/// Notes that points of a bucket reach back to another, and what is looked at for them.
pub(super) fn reach_from(reaching: &mut Reaching, source: SourceId, bucket: Bucket, reach: u32) {
    let first = looked_back_to(bucket, bucket.0 - i64::from(reach));
    let run = reaching.entry(keys::shard(source)).or_insert((first, bucket));
    *run = (run.0.min(first), run.1.max(bucket));
}

/// Counters since the start of a client that report tokens or cost: between which buckets they gained something.
#[derive(Default)]
pub(super) struct Counters(HashMap<(SourceId, Series), Pieces>);

/// What summaries have of a counter, and the buckets of those whose first values are to be explained.
type Pieces = Vec<(Piece, Option<Bucket>)>;

impl Counters {
    /// Adds what a summary has of a counter.
    pub(super) fn add(&mut self, place: &Place, series: &Series, piece: Piece) {
        if series.is_money() {
            // A closed day has what it gained until its last value.
            let bucket = place.bucket.filter(|_| matches!(place.role, Role::Shown | Role::Hidden));
            self.0.entry((place.source, series.clone())).or_default().push((piece, bucket));
        }
    }

    /// Notes to which buckets the first values of others reach back.
    pub(super) fn reach_back(self, reaching: &mut Reaching) {
        for ((source, series), mut pieces) in self.0 {
            order::sort_by_key(&mut pieces, |(piece, _)| (piece.from, piece.to, piece.first));
            let mut before = None;
            for (piece, bucket) in pieces {
                if let Some(bucket) = bucket
                    && let Some((_, reach)) = series.gap(bucket, before.as_ref(), &piece)
                {
                    reach_from(reaching, source, bucket, reach);
                }
                before = Some(piece);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_first_and_what_is_read_then_is_each_bucket_once() {
        let of = |zone: &str, first: &str, last: &str| -> Runs {
            let calendar = Calendar::named(zone);
            let (first, last): (Date, Date) = (first.parse().unwrap(), last.parse().unwrap());
            let buckets = (Bucket(calendar.buckets(first).0.0 - 1), calendar.buckets(last).1);
            by_utc_date(buckets.0, buckets.1).map(|(date, run)| ((0, date), run)).collect()
        };
        let buckets = |runs: &Runs| -> Vec<i64> { runs.values().flat_map(|(first, last)| first.0..=last.0).collect() };
        for zone in ["UTC", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati"] {
            // Clocks change in Berlin on 25 October, and in Los Angeles on 1 November.
            for first in ["2026-10-24", "2026-10-25", "2026-10-31", "2026-11-01"] {
                let (all, later) = (of(zone, first, "2026-11-01"), of(zone, "2026-11-01", "2026-11-01"));
                let mut together = buckets(&runs_before(&all, &later));
                together.extend(buckets(&later));
                together.sort_unstable();
                assert_eq!(together, buckets(&all), "{zone} {first}");
            }
            let earlier = of(zone, "2026-10-20", "2026-10-21");
            assert_eq!(runs_before(&earlier, &of(zone, "2026-11-01", "2026-11-01")), earlier, "{zone}");
        }
    }
}
