//! People in the Activity table: one item for everyone who has several identities, to whom an admin assigned an e-mail
//! address, or whose match in Git an import took away. All others consist of one identity, whose id is theirs.

use serde::{Deserialize, Serialize};

use super::organisation::REVISION;
use super::queries::Queries;
use super::range::Reading;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use identity::ClaudeId;
use model::order;
use model::organisation::Uid;
use model::time::Timestamp;

/// Name of the attribute that holds the person.
const PERSON: &str = "p";

/// A person as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// The id of the identity from which the person's id is taken.
    pub id: String,
    /// The identities in telemetry, by id.
    pub claude: Vec<ClaudeId>,
    /// The identities in Git, by id.
    pub git: Vec<KnownAuthor>,
    /// The e-mail address of the person.
    pub email: Option<String>,
    /// The name of the person; of a lost match, the one that it gave.
    pub name: Option<String>,
    /// The match in Git that an import took away, unless there is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost: Option<LostMatch>,
    /// When an identity was last added.
    #[serde(with = "model::time::stored")]
    pub merged_at: Timestamp,
    /// The reason, as a sentence.
    pub reason: String,
    /// Grows with every change; 0 before the first. Stored in an attribute of its own.
    #[serde(skip)]
    pub revision: i64,
}

impl PersonRecord {
    /// The ids of all identities of this person.
    pub fn identities(&self) -> impl Iterator<Item = &str> {
        self.claude.iter().map(|id| id.0.as_str()).chain(self.git.iter().map(|git| git.id.as_str()))
    }
}

/// A match in Git that an import took away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LostMatch {
    /// Since when.
    #[serde(with = "model::time::stored")]
    pub since: Timestamp,
    /// The identities in Git that it was, by id.
    pub git: Vec<String>,
}

/// An author of commits, as shown with people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownAuthor {
    /// Its id.
    pub id: String,
    /// The author name.
    pub name: String,
    /// The author e-mail.
    pub email: String,
    /// The account name at the Git host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
}

impl Store {
    /// All people with an item, in order of id.
    pub async fn people(&self, uid: &Uid) -> Result<Vec<PersonRecord>, StoreError> {
        let shards = (0..keys::PERSON_SHARDS).map(|shard| {
            let (store, pk) = (self.clone(), keys::person_partition(uid, shard));
            async move { store.partition(&pk, Reading::Latest).await }
        });
        let mut reading = Queries::new(shards.collect(), keys::PERSON_SHARDS.into());
        let mut found = Vec::new();
        while let Some(items) = reading.next().await? {
            for item in items {
                found.push(PersonRecord::read(&item)?);
            }
        }
        order::sort_by(&mut found, |a: &PersonRecord, b| a.id.cmp(&b.id));
        Ok(found)
    }
}

impl PersonRecord {
    /// The write that stores this person, on condition that the stored one is unchanged since it was read.
    pub fn put(&self, uid: &Uid) -> Result<Write, StoreError> {
        let bytes = serde_json::to_vec(self).map_err(|_| StoreError::bug("person"))?;
        let item = Item::at(keys::person(uid, &self.id)).bytes(PERSON, bytes).number(REVISION, self.revision + 1);
        Ok(Write::Put(item, self.known()))
    }

    /// The write that removes this person, on condition that the stored one is unchanged since it was read.
    #[must_use]
    pub fn delete(&self, uid: &Uid) -> Write {
        Write::Delete(keys::person(uid, &self.id), self.known())
    }

    fn known(&self) -> If {
        if self.revision == 0 { If::Absent } else { If::Revision(self.revision) }
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        let person: Self =
            serde_json::from_slice(item.required_bytes(PERSON)?).map_err(|_| StoreError::unreadable("person"))?;
        Ok(Self { revision: item.required_number(REVISION)?, ..person })
    }
}
