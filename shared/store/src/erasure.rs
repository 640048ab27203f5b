//! People who are being forgotten: written down first and removed last, so that whatever ends early is finished later.

use super::query::Range;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Millis;

/// Somebody who is being forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingErasure {
    /// The person, by id.
    pub person: String,
    /// The ids of all identities that telemetry knows of the person.
    pub identities: Vec<String>,
    /// What arrived before this goes.
    pub before: Millis,
}

impl Store {
    /// Writes down that somebody is to be forgotten.
    ///
    /// # Errors
    /// The database failed.
    pub async fn put_erasure(&self, uid: &Uid, erasure: &PendingErasure) -> Result<(), StoreError> {
        let item = Item::at(keys::pending_erasure(uid, &erasure.person))
            .texts("identities", &erasure.identities)
            .number("before", erasure.before.0);
        self.put(item).await
    }

    /// Everybody who is not forgotten yet.
    ///
    /// # Errors
    /// The database failed.
    pub async fn erasures(&self, uid: &Uid) -> Result<Vec<PendingErasure>, StoreError> {
        let items = self.query(Range::all(&keys::pending_erasure_partition(uid))).await?;
        let read = |item: &Item| {
            Ok(PendingErasure {
                person: item.get_text(keys::SK)?.into(),
                identities: item.find_texts("identities"),
                before: Millis(item.get_number("before")?),
            })
        };
        items.iter().map(read).collect()
    }

    /// Somebody is forgotten.
    ///
    /// # Errors
    /// The database failed.
    pub async fn delete_erasure(&self, uid: &Uid, person: &str) -> Result<(), StoreError> {
        self.delete(keys::pending_erasure(uid, person)).await
    }
}
