//! Finds all summaries of some sources. Their keys name every bucket in which the sources ever sent something, and thus
//! every partition of their packs, so that other sources' events need not be scanned.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::keys;
use super::summary::StandingSummary;
use super::{Store, StoreError};
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::{DAY, SignedDuration, Timestamp, from_days};
use telemetry::claude::source::SourceId;

/// How long ago the oldest summary that has not expired may be shown.
const OLDEST: SignedDuration = from_days(401);
/// The number of concurrent queries.
const PARALLEL: usize = 32;

/// The UTC days on which summaries that have not expired at `now` may be shown.
pub fn dates(now: Timestamp) -> impl Iterator<Item = Date> {
    let first = keys::utc_date(Bucket::of(now.minus(OLDEST).max(Timestamp(0))));
    let last = keys::utc_date(Bucket::of(now.plus(2 * DAY)));
    // Records without a time are in the very first bucket.
    std::iter::once(keys::utc_date(Bucket(0))).chain(first.series(1.day()).take_while(move |date| *date <= last))
}

impl Store {
    /// The places of all summaries of these sources at `now`, in no particular order.
    pub async fn places_of(
        &self,
        uid: &Uid,
        sources: &BTreeSet<SourceId>,
        now: Timestamp,
    ) -> Result<Vec<StandingSummary>, StoreError> {
        let shards: BTreeSet<u8> = sources.iter().map(|source| keys::shard(*source)).collect();
        let permits = Arc::new(Semaphore::new(PARALLEL));
        let mut reading = JoinSet::new();
        for date in dates(now) {
            for shard in &shards {
                let (store, uid, shard, permits) = (self.clone(), uid.clone(), *shard, permits.clone());
                reading.spawn(async move {
                    let _permit = permits.acquire_owned().await.map_err(|_| StoreError::bug("permit"))?;
                    store.summary_places(&uid, date, shard, (Bucket(0), Bucket(99_999_999))).await
                });
            }
        }
        let mut found = Vec::new();
        while let Some(places) = reading.join_next().await {
            let places = places.map_err(|error| StoreError::of_task(&error))??;
            found.extend(places.into_iter().filter(|standing| sources.contains(&standing.place.source)));
        }
        Ok(found)
    }
}
