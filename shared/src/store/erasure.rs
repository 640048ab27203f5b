//! What was erased of a source, and with it the epoch of its summaries.

use super::{Item, Store, StoreError, keys};
use crate::claude::source::SourceId;
use crate::organisation::Uid;
use crate::time::Millis;

/// What was erased of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erasure {
    /// Packs that arrived before this are gone, or must go.
    pub before: Millis,
    /// How often something was erased of it.
    pub epoch: i64,
}

impl Store {
    /// What was erased of a source, as it is after every write that was answered.
    ///
    /// # Errors
    /// The database failed.
    pub async fn erasure(&self, uid: &Uid, source: SourceId) -> Result<Erasure, StoreError> {
        let Some(item) = self.get(&keys::erasure(uid, source)).await? else { return Ok(Erasure::default()) };
        Ok(Erasure { before: Millis(item.get_number("before")?), epoch: item.get_number("epoch")? })
    }

    /// Notes that everything of a source is erased that arrived before `before`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn put_erasure(&self, uid: &Uid, source: SourceId, erasure: Erasure) -> Result<(), StoreError> {
        let item =
            Item::at(keys::erasure(uid, source)).number("before", erasure.before.0).number("epoch", erasure.epoch);
        self.put(item).await
    }

    /// Deletes a pack.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_pack(&self, key: &keys::Key) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.events).set_key(Some(Item::at(key.clone()).into()));
        delete.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }
}
