//! The history of merges: what was put together or came apart, when, by whom and why.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::query::Range;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use identity::plan::Rule;
use model::organisation::Uid;

/// Name of the attribute that holds the merge.
const MERGE: &str = "m";

/// One entry of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergeRecord {
    /// Its id, in order of time.
    pub id: String,
    /// When it was done, in milliseconds since the epoch.
    pub at: i64,
    /// Who did it: `merge` for a run, else the admin who decided.
    pub by: String,
    /// The person, by its id.
    pub person: String,
    /// The e-mail address that the person then went by.
    pub email: Option<String>,
    /// The name that the person then went by.
    pub name: Option<String>,
    /// Who joined.
    pub joined: Vec<Joined>,
    /// Who left, by id.
    pub released: Vec<String>,
    /// The people that became one, each by the ids of its identities: what an undo restores.
    pub parts: Vec<Vec<String>>,
    /// The decision that it was done for.
    pub decision: Option<String>,
    /// When it was undone, and by whom.
    pub undone: Option<(i64, String)>,
}

/// An identity that became part of a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Joined {
    /// Its id.
    pub id: String,
    /// How an admin is shown it.
    pub shown: String,
    /// The rule that says so.
    pub rule: Rule,
    /// Why, in a sentence.
    pub reason: String,
    /// How sure, from 0 to 1.
    pub score: f64,
}

impl Store {
    /// The history, newest first, what is older than the entry `after`, at most `limit`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn merges(&self, uid: &Uid, after: Option<&str>, limit: usize) -> Result<Vec<MergeRecord>, StoreError> {
        let partition = keys::merge_partition(uid);
        let items = self.query(Range::after(&partition, after).newest_first().at_most(limit)).await?;
        items.iter().map(MergeRecord::read).collect()
    }

    /// One entry of the history.
    ///
    /// # Errors
    /// The database failed.
    pub async fn merge(&self, uid: &Uid, id: &str) -> Result<Option<MergeRecord>, StoreError> {
        self.get(&keys::merge(uid, id)).await?.map(|item| MergeRecord::read(&item)).transpose()
    }
}

impl MergeRecord {
    /// The write that puts this entry.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn put(&self, uid: &Uid) -> Result<Write, StoreError> {
        let bytes = serde_json::to_vec(self).map_err(|_| StoreError::unreadable("merge"))?;
        Ok(Write::Put(Item::at(keys::merge(uid, &self.id)).bytes(MERGE, bytes), If::Always))
    }

    /// Who joined on the strongest evidence, which stands for the whole where one reason is shown.
    #[must_use]
    pub fn strongest(&self) -> Option<&Joined> {
        self.joined.iter().min_by_key(|joined| joined.rule)
    }

    /// Whether any of these identities took part in it.
    #[must_use]
    pub fn tells_of(&self, identities: &BTreeSet<String>) -> bool {
        self.identities().any(|id| identities.contains(id))
    }

    /// The ids of all identities that took part in it.
    pub fn identities(&self) -> impl Iterator<Item = &String> {
        let joined = self.joined.iter().map(|joined| &joined.id);
        joined.chain(&self.released).chain(self.parts.iter().flatten()).chain([&self.person])
    }

    /// The write that removes this entry.
    #[must_use]
    pub fn delete(&self, uid: &Uid) -> Write {
        Write::Delete(keys::merge(uid, &self.id), If::Always)
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        serde_json::from_slice(item.get_bytes(MERGE)?).map_err(|_| StoreError::unreadable("merge"))
    }
}
