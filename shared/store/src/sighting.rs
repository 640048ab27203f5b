//! Sightings in the Activity table: one item a source, changed only together with a summary of it.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::types::AttributeValue;

use super::range::Reading;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::{DAY, Millis};
use telemetry::claude::source::SourceId;
use telemetry::sighting::{Sighting, Words};

/// Name of the attribute that holds the sighting.
const SIGHTING: &str = "s";
/// Name of the attribute that grows with every change.
pub(super) const REVISION: &str = "revision";
/// How long is remembered that a source was erased of which nothing was seen since, in milliseconds: longer than anything that read
/// before the erasure may still be at work, and than the 35 days that backups of DynamoDB reach back, after a restore of which the
/// same has to be erased again.
const REMEMBERED: i64 = 36 * DAY;

/// What was erased of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erasure {
    /// Packs that arrived before this are gone, or must go.
    pub before: Millis,
    /// How often something was erased of it.
    pub times: i64,
}

/// A sighting as it is stored. What was erased stands in the same item, so that whoever is about to write what was read before an
/// erasure cannot.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StoredSighting {
    /// The sighting.
    pub sighting: Sighting,
    /// Grows with every change; 0 before the first.
    pub revision: i64,
    /// What was erased of the source.
    pub erasure: Erasure,
}

impl Store {
    /// The sighting of a source, as it is after every write that was answered.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sighting(&self, uid: &Uid, source: SourceId) -> Result<StoredSighting, StoreError> {
        self.get(&keys::sighting(uid, source)).await?.map_or_else(|| Ok(StoredSighting::default()), |item| read(&item))
    }

    /// Puts an empty sighting in the place of one that is erased.
    ///
    /// # Errors
    /// It changed since it was read (see [`StoreError::is_conflict`]), or the database failed.
    pub async fn erase_sighting(
        &self,
        uid: &Uid,
        source: SourceId,
        known: &StoredSighting,
        before: Millis,
    ) -> Result<(), StoreError> {
        let erasure = Erasure { before: known.erasure.before.max(before), times: known.erasure.times + 1 };
        let empty = StoredSighting { sighting: Sighting::default(), revision: known.revision + 1, erasure };
        self.replace_sighting(uid, source, known.revision, &empty).await
    }

    /// Puts a sighting in the place of the one that was read with the revision `known`, 0 if there was none.
    ///
    /// # Errors
    /// It changed since it was read (see [`StoreError::is_conflict`]), or the database failed.
    pub async fn replace_sighting(
        &self,
        uid: &Uid,
        source: SourceId,
        known: i64,
        stored: &StoredSighting,
    ) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.activity).set_item(Some(item(uid, source, stored)?.into()));
        let put = if known == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("#revision = :revision")
                .expression_attribute_names("#revision", REVISION)
                .expression_attribute_values(":revision", AttributeValue::N(known.to_string()))
        };
        put.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }

    /// Removes a sighting of which nothing is left.
    ///
    /// # Errors
    /// It changed since it was read with the revision `known` (see [`StoreError::is_conflict`]), or the database failed.
    pub async fn delete_sighting(&self, uid: &Uid, source: SourceId, known: i64) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.activity);
        let delete = delete
            .set_key(Some(Item::at(keys::sighting(uid, source)).into()))
            .condition_expression("#revision = :revision")
            .expression_attribute_names("#revision", REVISION)
            .expression_attribute_values(":revision", AttributeValue::N(known.to_string()));
        delete.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }

    /// The sightings of all sources of an organisation, without those that were erased.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sightings(&self, uid: &Uid) -> Result<Vec<(SourceId, Sighting)>, StoreError> {
        // What many sources have in common is held once.
        let words = Arc::new(Mutex::new(Words::default()));
        let seen = move |source, StoredSighting { mut sighting, .. }: StoredSighting| {
            sighting.seen?;
            sighting.share(&mut words.lock().unwrap_or_else(PoisonError::into_inner));
            Some((source, sighting))
        };
        let mut found = self.sightings_as(uid, seen).await?;
        found.sort_unstable_by_key(|(source, _)| *source);
        Ok(found)
    }

    /// The same with what is stored beside them, and with what is left of those that were erased.
    ///
    /// # Errors
    /// The database failed.
    pub async fn stored_sightings(&self, uid: &Uid) -> Result<Vec<(SourceId, StoredSighting)>, StoreError> {
        let mut found = self.sightings_as(uid, |source, stored| Some((source, stored))).await?;
        found.sort_by_key(|(source, _)| *source);
        Ok(found)
    }

    /// What `keep` makes of the sightings of all sources, in no order. It is asked while the pages are read, so that of many sources
    /// no more is held than it keeps.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sightings_as<T: Send + 'static>(
        &self,
        uid: &Uid,
        keep: impl Fn(SourceId, StoredSighting) -> Option<T> + Clone + Send + Sync + 'static,
    ) -> Result<Vec<T>, StoreError> {
        let mut reading = tokio::task::JoinSet::new();
        for shard in 0..keys::SHARDS {
            let (store, uid, keep) = (self.clone(), uid.clone(), keep.clone());
            reading.spawn(async move { store.sightings_of_shard(&uid, shard, keep).await });
        }
        let mut found = Vec::new();
        while let Some(some) = reading.join_next().await {
            found.extend(some.map_err(|_| StoreError::unreadable("sightings"))??);
        }
        Ok(found)
    }

    /// The same of one shard.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sightings_of_shard<T: Send>(
        &self,
        uid: &Uid,
        shard: u8,
        keep: impl Fn(SourceId, StoredSighting) -> Option<T> + Send + Sync,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        let take = |page: Vec<Item>| {
            for item in page {
                let source = SourceId::parse(item.get_text(keys::SK)?);
                found.extend(keep(source.ok_or(StoreError::unreadable("source"))?, read(&item)?));
            }
            Ok(())
        };
        self.each_page(&keys::sighting_partition(uid, shard), None, Reading::Latest, take).await?;
        Ok(found)
    }
}

fn read(item: &Item) -> Result<StoredSighting, StoreError> {
    let sighting = serde_json::from_slice(item.get_bytes(SIGHTING)?).map_err(|_| StoreError::unreadable("sighting"))?;
    let erasure = Erasure {
        before: item.find_time("erased_before").unwrap_or_default(),
        times: item.find_number("erasures").unwrap_or(0),
    };
    Ok(StoredSighting { sighting, revision: item.get_number(REVISION)?, erasure })
}

/// The item of a sighting.
pub(super) fn item(uid: &Uid, source: SourceId, stored: &StoredSighting) -> Result<Item, StoreError> {
    let bytes = serde_json::to_vec(&stored.sighting).map_err(|_| StoreError::unreadable("sighting"))?;
    let item = Item::at(keys::sighting(uid, source)).bytes(SIGHTING, bytes).number(REVISION, stored.revision);
    Ok(match stored.erasure {
        Erasure { times: 0, .. } => item,
        Erasure { before, times } => {
            let item = item.number("erased_before", before.0).number("erasures", times);
            match stored.sighting.seen {
                Some(_) => item,
                None => item.number(keys::TTL, before.plus(REMEMBERED).seconds()),
            }
        }
    })
}
