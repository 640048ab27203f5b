//! Admin keys of organisations: by digest for authentication, by id for lists.

use super::query::Range;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use model::organisation::{OrgName, Uid};
use model::time::Timestamp;
use model::token::TokenHash;

/// An admin key as stored in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminKey {
    /// Its public name.
    pub id: String,
    /// Its digest.
    pub hash: TokenHash,
    /// The organisation it administers.
    pub org: OrgName,
    /// The uid of that organisation, as used in keys.
    pub uid: Uid,
    /// The name given by an admin.
    pub name: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Store {
    /// The admin key with this digest.
    pub async fn admin_key(&self, hash: &TokenHash) -> Result<Option<AdminKey>, StoreError> {
        self.get(&keys::admin_key(hash)).await?.map(|item| AdminKey::read(&item)).transpose()
    }

    /// The admin key of an organisation with this id.
    pub async fn admin_key_by_id(&self, uid: &Uid, id: &str) -> Result<Option<AdminKey>, StoreError> {
        self.get(&keys::admin_key_in_list(uid, id)).await?.map(|item| AdminKey::read(&item)).transpose()
    }

    /// An organisation's admin keys in order of id, starting after `after`, at most `limit`.
    pub async fn admin_keys(&self, uid: &Uid, after: Option<&str>, limit: usize) -> Result<Vec<AdminKey>, StoreError> {
        let partition = keys::admin_key_partition(uid);
        let found = self.query(Range::after(&partition, after).at_most(limit)).await?;
        found.iter().map(AdminKey::read).collect()
    }

    /// Stores a new admin key.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if its id is taken.
    pub async fn create_admin_key(&self, key: &AdminKey) -> Result<(), StoreError> {
        let [by_digest, in_list] = key.keys();
        self.transact(vec![Write::Put(key.item(by_digest), If::Absent), Write::Put(key.item(in_list), If::Absent)])
            .await
    }

    /// Removes an admin key, which is refused from then on.
    pub async fn delete_admin_key(&self, key: &AdminKey) -> Result<(), StoreError> {
        self.transact(key.keys().map(|key| Write::Delete(key, If::Always)).into()).await
    }
}

impl AdminKey {
    fn keys(&self) -> [keys::Key; 2] {
        [keys::admin_key(&self.hash), keys::admin_key_in_list(&self.uid, &self.id)]
    }

    fn item(&self, key: keys::Key) -> Item {
        let item = Item::at(key)
            .text("id", &*self.id)
            .text("digest", self.hash.encoded())
            .text("org", self.org.as_str())
            .text("uid", self.uid.as_str())
            .number("created_at", self.created_at.0);
        match &self.name {
            Some(name) => item.text("name", &**name),
            None => item,
        }
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            id: item.required_text("id")?.into(),
            hash: TokenHash::parse(item.required_text("digest")?).ok_or(StoreError::unreadable("digest"))?,
            org: item.required_text("org")?.parse().map_err(|_| StoreError::unreadable("org"))?,
            uid: Uid::parse(item.required_text("uid")?).ok_or(StoreError::unreadable("uid"))?,
            name: item.optional_text("name").map(Into::into),
            created_at: Timestamp(item.required_number("created_at")?),
        })
    }
}
