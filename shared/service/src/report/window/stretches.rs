//! The summaries of a run of buckets: those that were put together, and by bucket what no stretch has.

use jiff::civil::Date;

use model::bucket::Bucket;
use model::order;
use model::organisation::Uid;
use model::time::Timestamp;
use store::queries::Queries;
use store::range::Reading;
use store::stretch::{StoredStretch, is_used, settled};
use store::{Store, StoreError};
use telemetry::activity::wire::stretch::Stored;
use telemetry::claude::source::SourceId;

/// Runs of fewer buckets are read by bucket: a stretch may have many more.
const SHORTEST: i64 = 4;
/// How many summaries are as quickly read as one of a query of its own. Stretches of which more changed are read by bucket.
const A_QUERY: usize = 8;
/// Queries under way at a time.
const PARALLEL: usize = 8;

/// Takes summaries, encoded. By reference, so that the program has this once.
type Each<'a> = dyn FnMut(Bucket, SourceId, &[u8]) -> Result<(), StoreError> + 'a;

/// What was found of a run.
#[derive(Debug)]
pub(super) struct Found {
    run: (Bucket, Bucket),
    stretches: Vec<StoredStretch>,
    /// What of the stretches is not taken from them, since it changed; sorted.
    marks: Vec<(Bucket, SourceId)>,
    by_bucket: Vec<Stored>,
}

impl Found {
    /// Gives each summary to `take`. Of stretches one part is in memory at a time.
    pub(super) fn each(&self, take: &mut Each<'_>) -> Result<(), StoreError> {
        for part in self.stretches.iter().flat_map(StoredStretch::open) {
            for (bucket, source, bytes) in part?.summaries() {
                let is_asked = bucket >= self.run.0 && bucket <= self.run.1;
                if is_asked && self.marks.binary_search(&(bucket, source)).is_err() {
                    take(bucket, source, bytes)?;
                }
            }
        }
        self.by_bucket.iter().try_for_each(|(bucket, source, bytes)| take(*bucket, *source, bytes))
    }

    /// What has to be read by bucket: runs that no stretch has.
    fn gaps(&self) -> Vec<(Bucket, Bucket)> {
        let (mut gaps, mut from) = (Vec::new(), self.run.0);
        for stretch in &self.stretches {
            if from < stretch.first {
                gaps.push((from, Bucket(stretch.first.0 - 1)));
            }
            from = Bucket(stretch.last.0 + 1);
        }
        if from <= self.run.1 {
            gaps.push((from, self.run.1));
        }
        gaps
    }
}

/// Reads a run of a shard's UTC day.
pub(super) async fn read_run(
    store: &Store,
    uid: &Uid,
    (utc, shard): (Date, u8),
    run: (Bucket, Bucket),
    now: Timestamp,
) -> Result<Found, StoreError> {
    let (first, last) = run;
    let mut found = Found { run, stretches: Vec::new(), marks: Vec::new(), by_bucket: Vec::new() };
    if is_used(first, now) && first.0 + SHORTEST <= settled(now).0.min(last.0 + 1) {
        let stored = store.stretches(uid, (utc, shard), first, Reading::Recent).await?;
        found.marks = stored.marks;
        found.marks.retain(|(bucket, _)| *bucket <= last);
        found.stretches = stored.stretches;
        let changed = |stretch: &StoredStretch| {
            let is_in = |(bucket, _): &&(Bucket, SourceId)| stretch.first <= *bucket && *bucket <= stretch.last;
            found.marks.iter().filter(is_in).count()
        };
        found.stretches.retain(|stretch| stretch.first <= last && changed(stretch) * A_QUERY <= stretch.count);
        let has = |bucket: Bucket| found.stretches.iter().any(|of| of.first <= bucket && bucket <= of.last);
        found.marks.retain(|(bucket, _)| has(*bucket));
        // Keys are in the order of texts.
        order::sort_by_key(&mut found.marks, |mark| *mark);
    }
    let one_by_one = |(bucket, source): &(Bucket, SourceId)| ((*bucket, *bucket), Some(*source));
    let runs = found.gaps().into_iter().map(|run| (run, None)).chain(found.marks.iter().map(one_by_one));
    let queries = runs.map(|(run, source)| {
        let (store, uid) = (store.clone(), uid.clone());
        async move {
            match source {
                Some(source) => store.encoded_summaries_of(&uid, run.0, source, Reading::Recent).await,
                None => store.encoded_summaries(&uid, utc, shard, run, Reading::Recent, now).await,
            }
        }
    });
    let mut reading = Queries::new(queries.collect(), PARALLEL);
    while let Some(more) = reading.next().await? {
        found.by_bucket.extend(more);
    }
    Ok(found)
}
