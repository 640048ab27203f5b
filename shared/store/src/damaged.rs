//! Packs that cannot be read. They are recorded, so that they neither block the projection nor are forgotten.

use std::collections::BTreeSet;
use std::fmt;

use super::range::Reading;
use super::{Item, Store, StoreError, keys};
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::Timestamp;
use telemetry::claude::source::SourceId;

/// A pack that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedPack {
    /// What its key says; `None` if that is not a pack key either.
    pub key: Option<keys::PackKey>,
    /// Why it cannot be read.
    pub reason: String,
}

impl fmt::Display for DamagedPack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key {
            Some(key) => {
                write!(f, "{} of {} from {}", &key.signal.path()[4..], key.bucket.start(), key.source.encoded())?;
                write!(f, " ({})", self.reason)
            }
            None => f.write_str(&self.reason),
        }
    }
}

impl Store {
    /// Records that a pack cannot be read. `expires_at` is the expiry of the pack itself.
    pub async fn note_damaged(
        &self,
        uid: &Uid,
        pack: &keys::Key,
        reason: &str,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let item = Item::at(keys::damaged(uid, pack)).text("reason", reason).number(keys::TTL, expires_at.seconds());
        self.put(item).await
    }

    /// The records of what these sources sent and cannot be read, each with the bucket that it is of.
    pub async fn damaged_of(
        &self,
        uid: &Uid,
        sources: &BTreeSet<SourceId>,
    ) -> Result<Vec<(keys::Key, SourceId, Bucket)>, StoreError> {
        let mut found = Vec::new();
        for item in self.partition(&keys::damaged_partition(uid), Reading::Latest).await? {
            let pack = keys::read_damaged(item.required_text(keys::SK)?);
            let of = pack.and_then(|pack| keys::read_pack_partition(&pack.pk));
            if let Some((_, source, bucket)) = of.filter(|(_, source, _)| sources.contains(source)) {
                found.push((item.key()?, source, bucket));
            }
        }
        Ok(found)
    }

    /// Removes all records of damaged packs. Packs that still cannot be read are recorded again when they are
    /// projected.
    pub async fn forget_damaged(&self, uid: &Uid) -> Result<(), StoreError> {
        for item in self.partition(&keys::damaged_partition(uid), Reading::Latest).await? {
            self.delete(item.key()?).await?;
        }
        Ok(())
    }

    /// The packs of an organisation that cannot be read.
    pub async fn damaged(&self, uid: &Uid, now: Timestamp) -> Result<Vec<DamagedPack>, StoreError> {
        let items = self.partition(&keys::damaged_partition(uid), Reading::Recent).await?;
        let alive = items.iter().filter(|i| i.optional_number(keys::TTL).is_none_or(|ttl| ttl > now.seconds()));
        alive
            .map(|item| {
                let key = keys::read_damaged(item.required_text(keys::SK)?).and_then(|key| keys::read_pack(uid, &key));
                Ok(DamagedPack { key, reason: item.required_text("reason")?.to_owned() })
            })
            .collect()
    }
}
