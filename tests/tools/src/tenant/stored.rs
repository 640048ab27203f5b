//! What is stored of an organisation: packs, and the summaries that they add up to.

use model::bucket::Bucket;
use model::time::{Timestamp, from_days};
use serde_json::Value;
use service::report::figures::Figures;
use store::keys;
use store::pack::StoredPack;
use store::range::Reading;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Account, Grouping, Ledger};
use telemetry::activity::summary::Summary;
use telemetry::claude::source::SourceId;
use telemetry::sighting::Sighting;

use super::Tenant;
use crate::activity::enter;
use crate::packs::pack_keys;
use crate::stack::START;

/// All buckets there can be.
const ALL: (Bucket, Bucket) = (Bucket(0), Bucket(99_999_999));

impl Tenant {
    /// The keys of all packs.
    pub async fn pack_keys(&self) -> Vec<keys::Key> {
        let found = pack_keys(&self.store, &self.uid, Timestamp(0)).await;
        found.into_iter().map(|(key, _)| key).collect()
    }

    /// All packs that have not expired.
    pub async fn packs(&self) -> Vec<StoredPack> {
        let now = self.now();
        let found = pack_keys(&self.store, &self.uid, now).await;
        let mut partitions: Vec<_> = found.into_iter().map(|(_, key)| (key.bucket, key.source)).collect();
        partitions.dedup();
        let mut packs = Vec::new();
        for (bucket, source) in partitions {
            packs.extend(self.store.packs(&self.uid, source, bucket, now).await.unwrap());
        }
        packs
    }

    /// All packs that have not expired, decoded.
    ///
    /// # Panics
    /// The database fails, or a pack is damaged.
    pub async fn stored(&self) -> Vec<telemetry::pack::Pack> {
        self.packs().await.iter().map(|pack| telemetry::pack::decode(&pack.bytes).unwrap()).collect()
    }

    /// All sightings, whole: with what the projection alone needs of them.
    pub async fn sightings(&self) -> Vec<(SourceId, Sighting)> {
        let uid = self.organisation().await.uid;
        let mut found = self.store.sightings_as(&uid, |source, stored| Some((source, stored.sighting))).await.unwrap();
        found.sort_by_key(|(source, _)| *source);
        found
    }

    /// All summaries, by source and bucket.
    pub async fn summaries(&self) -> Vec<(Bucket, SourceId, Summary)> {
        let mut dates: Vec<_> = (-40..3).map(|day| keys::utc_date(Bucket::of(START.plus(from_days(day))))).collect();
        dates.push(keys::utc_date(Bucket(0)));
        let mut found = Vec::new();
        for date in dates {
            for shard in 0..keys::SHARDS {
                let read = self.store.summaries(&self.uid, date, shard, ALL, Reading::Latest, Timestamp(0));
                found.extend(read.await.unwrap());
            }
        }
        found.sort_by_key(|(bucket, source, _)| (*bucket, *source));
        found
    }

    /// Where all summaries of the last days stand.
    pub async fn summary_places(&self) -> Vec<keys::SummaryPlace> {
        let mut found = Vec::new();
        for day in -5..3 {
            let date = keys::utc_date(Bucket::of(START.plus(from_days(day))));
            for shard in 0..keys::SHARDS {
                let standing = self.store.summary_places(&self.uid, date, shard, ALL).await.unwrap();
                found.extend(standing.into_iter().map(|standing| standing.place));
            }
        }
        found
    }

    /// What all summaries add up to.
    pub async fn account(&self, grouping: &[Grouping]) -> Account {
        let somebody = |source: SourceId, _: &Label| Some(source.encoded().into());
        let mut ledger = Ledger::new(grouping, somebody);
        for (bucket, source, summary) in &self.summaries().await {
            enter(&mut ledger, *source, Some(*bucket), summary, true);
        }
        ledger.close()
    }

    /// The total of all summaries, as readers are shown it.
    ///
    /// # Panics
    /// It cannot be written as JSON.
    pub async fn total(&self) -> Value {
        serde_json::to_value(Figures::from(&self.account(&[]).await.total)).unwrap()
    }
}
