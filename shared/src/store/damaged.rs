//! Packs that cannot be read: noted, so that they neither block the projection nor are forgotten.

use super::range::Reading;
use super::{Item, Store, StoreError, keys};
use crate::organisation::Uid;
use crate::time::Millis;

impl Store {
    /// Notes that a pack cannot be read. `expires_at` is when the pack itself does.
    ///
    /// # Errors
    /// The database failed.
    pub async fn note_damaged(
        &self,
        uid: &Uid,
        pack: &keys::Key,
        reason: &str,
        expires_at: Millis,
    ) -> Result<(), StoreError> {
        let item = Item::at(keys::damaged(uid, pack)).text("reason", reason).number(keys::TTL, expires_at.seconds());
        self.put(item).await
    }

    /// Takes such a note back: the pack can be read after all.
    ///
    /// # Errors
    /// The database failed.
    pub async fn forget_damaged(&self, uid: &Uid, pack: &keys::Key) -> Result<(), StoreError> {
        self.delete(keys::damaged(uid, pack)).await
    }

    /// Why each pack of an organisation that cannot be read cannot.
    ///
    /// # Errors
    /// The database failed.
    pub async fn damaged(&self, uid: &Uid, now: Millis) -> Result<Vec<String>, StoreError> {
        let items = self.partition(&keys::damaged_partition(uid), Reading::Recent).await?;
        let alive = items.iter().filter(|i| i.find_number(keys::TTL).is_none_or(|ttl| ttl > now.seconds()));
        alive.map(|item| Ok(item.get_text("reason")?.to_owned())).collect()
    }
}
