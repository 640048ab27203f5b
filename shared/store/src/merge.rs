//! The history of merges: who was merged or separated, when, by whom and why.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::query::Range;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use identity::plan::Rule;
use model::organisation::Uid;
use model::time::Timestamp;

/// Name of the attribute that holds the merge.
const MERGE: &str = "m";

/// One entry of the history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MergeRecord {
    /// Its id; ids are in order of time.
    pub id: String,
    /// When it was done.
    #[serde(with = "model::time::stored")]
    pub at: Timestamp,
    /// Who did it: `merge` for an automatic run, otherwise the admin who decided.
    pub by: String,
    /// The id of the person.
    pub person: String,
    /// The e-mail address of the person at that time.
    pub email: Option<String>,
    /// The name of the person at that time.
    pub name: Option<String>,
    /// The identities that were added.
    pub joined: Vec<Joined>,
    /// The ids of the identities that were removed.
    pub released: Vec<String>,
    /// The people who were merged, each as the ids of their identities, for an undo.
    pub parts: Vec<Vec<String>>,
    /// The decision that led to it.
    pub decision: Option<String>,
    /// When it was undone, and by whom.
    pub undone: Option<Undone>,
}

/// When a merge was undone, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone(#[serde(with = "model::time::stored")] pub Timestamp, pub String);

/// An identity that was added to a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Joined {
    /// Its id.
    pub id: String,
    /// How it is shown to admins.
    pub shown: String,
    /// The rule that merged it.
    pub rule: Rule,
    /// The reason, as a sentence.
    pub reason: String,
    /// The confidence, from 0 to 1.
    pub score: f64,
}

impl Store {
    /// The history, newest first, starting after the entry `after`, at most `limit`.
    pub async fn merges(&self, uid: &Uid, after: Option<&str>, limit: usize) -> Result<Vec<MergeRecord>, StoreError> {
        let partition = keys::merge_partition(uid);
        let items = self.query(Range::after(&partition, after).newest_first().at_most(limit)).await?;
        items.iter().map(MergeRecord::read).collect()
    }

    /// One entry of the history.
    pub async fn merge(&self, uid: &Uid, id: &str) -> Result<Option<MergeRecord>, StoreError> {
        self.get(&keys::merge(uid, id)).await?.map(|item| MergeRecord::read(&item)).transpose()
    }
}

impl MergeRecord {
    /// The write that stores this entry.
    pub fn put(&self, uid: &Uid) -> Result<Write, StoreError> {
        let bytes = serde_json::to_vec(self).map_err(|_| StoreError::bug("merge"))?;
        Ok(Write::Put(Item::at(keys::merge(uid, &self.id)).bytes(MERGE, bytes), If::Always))
    }

    /// The identity added on the strongest evidence, shown where there is room for only one reason.
    #[must_use]
    pub fn strongest(&self) -> Option<&Joined> {
        self.joined.iter().min_by_key(|joined| joined.rule)
    }

    /// Whether any of these identities is involved.
    #[must_use]
    pub fn tells_of(&self, identities: &BTreeSet<String>) -> bool {
        self.identities().any(|id| identities.contains(id))
    }

    /// The ids of all identities involved.
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
        serde_json::from_slice(item.required_bytes(MERGE)?).map_err(|_| StoreError::unreadable("merge"))
    }
}
