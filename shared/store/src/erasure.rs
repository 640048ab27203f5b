//! People being erased. The request is recorded first and removed last, so that an interrupted erasure is completed
//! later.

use super::query::Range;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Timestamp;

/// A person being erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingErasure {
    /// The person, by id.
    pub person: String,
    /// The ids of all identities of the person in telemetry.
    pub identities: Vec<String>,
    /// Whatever arrived before this is erased.
    pub before: Timestamp,
}

impl Store {
    /// Records that a person is to be erased.
    pub async fn put_erasure(&self, uid: &Uid, erasure: &PendingErasure) -> Result<(), StoreError> {
        let item = Item::at(keys::pending_erasure(uid, &erasure.person))
            .texts("identities", &erasure.identities)
            .number("before", erasure.before.0);
        self.put(item).await
    }

    /// All people whose erasure is not complete.
    pub async fn erasures(&self, uid: &Uid) -> Result<Vec<PendingErasure>, StoreError> {
        let items = self.query(Range::all(&keys::pending_erasure_partition(uid))).await?;
        let read = |item: &Item| {
            Ok(PendingErasure {
                person: item.required_text(keys::SK)?.into(),
                identities: item.find_texts("identities"),
                before: Timestamp(item.required_number("before")?),
            })
        };
        items.iter().map(read).collect()
    }

    /// Removes the record of a completed erasure.
    pub async fn delete_erasure(&self, uid: &Uid, person: &str) -> Result<(), StoreError> {
        self.delete(keys::pending_erasure(uid, person)).await
    }
}
