//! Which buckets are read one by one, and to which ones points of metrics reach back.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use model::bucket::Bucket;
use model::calendar::Calendar;
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
            pieces.sort_by_key(|(piece, _)| (piece.from, piece.to, piece.first));
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
