//! Puts the buckets of today and yesterday that are over together, of all sources of a shard: see [`store::stretch`] for why that is right.

use std::time::Instant;

use model::bucket::{BUCKET, Bucket};
use model::organisation::Uid;
use model::time::{DAY, HOUR, SignedDuration, Timestamp};
use store::range::Reading;
use store::stretch::{Stretched, settled};
use store::{Store, StoreError, keys};
use telemetry::activity::wire::stretch::Stored;

/// How many summaries a stretch has at least: fewer are as quickly read one by one, and wait for those of the next hour.
const FEWEST: usize = 16;
/// For how long stretches were looked at before the first is put: while functions change one by one, those of a release that leaves no marks
/// are still at work.
const MARKS_ARE_LEFT: SignedDuration = HOUR;
/// How many buckets are read at once: those of three hours.
const AT_ONCE: i64 = SignedDuration::from_hours(3).as_secs() / BUCKET.as_secs();

/// What putting stretches did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Put {
    /// Stretches that were put.
    pub written: usize,
    /// Whether the deadline left no shard to the next time.
    pub is_complete: bool,
}

/// Puts what is over at `now` and in no stretch yet, until `deadline`. Once an hour there is something to do, and otherwise one item is read.
///
/// # Errors
/// The database failed; what was put is right.
pub async fn put_stretches(store: &Store, uid: &Uid, now: Timestamp, deadline: Instant) -> Result<Put, StoreError> {
    let (until, mut put) = (settled(now), Put { written: 0, is_complete: true });
    let Some(known) = store.stretched(uid).await? else {
        store.put_stretched(uid, Stretched { since: now, until: None }).await?;
        return Ok(put);
    };
    if now < known.since.plus(MARKS_ARE_LEFT) || known.until.is_some_and(|looked_at| looked_at >= until) {
        return Ok(put);
    }
    let today = Bucket(until.0 - 1).start().floor(DAY);
    for midnight in [today.minus(DAY), today] {
        for shard in 0..keys::SHARDS {
            if !store.waits_its_turn(deadline).await {
                return Ok(Put { is_complete: false, ..put });
            }
            put.written += put_shard(store, uid, (midnight, shard), until, now).await?;
        }
    }
    store.put_stretched(uid, Stretched { until: Some(until), ..known }).await?;
    Ok(put)
}

/// Puts those of a shard's UTC day, and says how many.
async fn put_shard(
    store: &Store,
    uid: &Uid,
    (midnight, shard): (Timestamp, u8),
    until: Bucket,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let date = keys::utc_date(Bucket::of(midnight));
    // Before the summaries: whoever takes something out of them meanwhile changes it.
    let mut head = store.stretch_head(uid, date, shard).await?;
    let mut first = head.until.unwrap_or(Bucket::of(midnight));
    let end = until.min(Bucket::of(midnight.plus(DAY)));
    let (mut from, mut found, mut written) = (first, Vec::<Stored>::new(), 0);
    while from < end {
        let last = Bucket(end.0.min(from.0 + AT_ONCE) - 1);
        found.extend(store.encoded_summaries(uid, date, shard, (from, last), Reading::Latest, now).await?);
        from = Bucket(last.0 + 1);
        if found.len() < FEWEST {
            continue;
        }
        let Some(after) = store.put_stretch(uid, shard, (first, last), head, &found).await? else {
            return Ok(written);
        };
        (head, first, written) = (after, from, written + 1);
        found.clear();
    }
    Ok(written)
}
