//! Finds all summaries of some sources. Their keys name every bucket in which the sources ever sent something, and thus
//! every partition of their packs, so that other sources' events need not be scanned.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;

use super::keys;
use super::queries::Queries;
use super::summary::StandingSummary;
use super::{Store, StoreError};
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::{DAY, SignedDuration, Timestamp, from_days};
use telemetry::claude::source::SourceId;

/// How long ago the oldest summary that has not expired may be shown.
const OLDEST: SignedDuration = from_days(401);
/// The number of concurrent queries. Of each, a page (1 MB) is in memory several times while it is read.
const PARALLEL: usize = 16;

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
        self.places_on(uid, sources, &dates(now).collect::<Vec<_>>()).await
    }

    /// The places of the summaries of these sources that are shown on these UTC days, in no particular order.
    pub async fn places_on(
        &self,
        uid: &Uid,
        sources: &BTreeSet<SourceId>,
        days: &[Date],
    ) -> Result<Vec<StandingSummary>, StoreError> {
        let shards: BTreeSet<u8> = sources.iter().map(|source| keys::shard(*source)).collect();
        let sources = Arc::new(sources.clone());
        let partitions = days.iter().flat_map(|date| shards.iter().map(|shard| (*date, *shard)));
        let queries = partitions.map(|(date, shard)| {
            let (store, uid, sources) = (self.clone(), uid.clone(), sources.clone());
            async move {
                let is_wanted = |source| sources.contains(&source);
                store.summary_places(&uid, date, shard, (Bucket(0), Bucket(99_999_999)), is_wanted).await
            }
        });
        let mut reading = Queries::new(queries.collect(), PARALLEL);
        let mut found = Vec::new();
        while let Some(places) = reading.next().await? {
            found.extend(places);
        }
        Ok(found)
    }
}
