//! Sightings in the Activity table: one item a source, changed only together with a summary of it.

use super::range::Reading;
use super::{Item, Store, StoreError, keys};
use crate::claude::source::SourceId;
use crate::organisation::Uid;
use crate::people::sighting::Sighting;

/// Name of the attribute that holds the sighting.
const SIGHTING: &str = "s";
/// Name of the attribute that grows with every change.
pub(super) const REVISION: &str = "revision";

/// A sighting as it is stored.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StoredSighting {
    /// The sighting.
    pub sighting: Sighting,
    /// Grows with every change; 0 before the first.
    pub revision: i64,
}

impl Store {
    /// The sighting of a source, as it is after every write that was answered.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sighting(&self, uid: &Uid, source: SourceId) -> Result<StoredSighting, StoreError> {
        self.get(&keys::sighting(uid, source)).await?.map_or_else(|| Ok(StoredSighting::default()), |item| read(&item))
    }

    /// The sightings of all sources of an organisation.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sightings(&self, uid: &Uid) -> Result<Vec<(SourceId, Sighting)>, StoreError> {
        let mut reading = tokio::task::JoinSet::new();
        for shard in 0..keys::SHARDS {
            let (store, pk) = (self.clone(), keys::sighting_partition(uid, shard));
            reading.spawn(async move { store.partition(&pk, Reading::Latest).await });
        }
        let mut found = Vec::new();
        while let Some(items) = reading.join_next().await {
            for item in items.map_err(|_| StoreError::unreadable("sightings"))?? {
                let source = SourceId::parse(item.get_text(keys::SK)?).ok_or(StoreError::unreadable("source"))?;
                found.push((source, read(&item)?.sighting));
            }
        }
        found.sort_by_key(|(source, _)| *source);
        Ok(found)
    }
}

fn read(item: &Item) -> Result<StoredSighting, StoreError> {
    let sighting = serde_json::from_slice(item.get_bytes(SIGHTING)?).map_err(|_| StoreError::unreadable("sighting"))?;
    Ok(StoredSighting { sighting, revision: item.get_number(REVISION)? })
}

/// The item of a sighting.
pub(super) fn item(uid: &Uid, source: SourceId, stored: &StoredSighting) -> Result<Item, StoreError> {
    let bytes = serde_json::to_vec(&stored.sighting).map_err(|_| StoreError::unreadable("sighting"))?;
    Ok(Item::at(keys::sighting(uid, source)).bytes(SIGHTING, bytes).number(REVISION, stored.revision))
}
