//! Whose an identity is, found when it is read. Nothing that is stored under an identity is ever rewritten.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use identity::decision::{Decision, kept_apart};
use model::organisation::Uid;
use store::decision::DecisionRecord;
use store::person::PersonRecord;
use store::{Store, StoreError};

/// Everybody who is more than one identity, and who is not whom.
#[derive(Debug, Clone, Default)]
pub struct Owners {
    people: BTreeMap<Arc<str>, PersonRecord>,
    of: HashMap<String, Arc<str>>,
    apart: HashSet<(String, String)>,
}

impl Owners {
    /// Of the people that are stored.
    #[must_use]
    pub fn new(people: Vec<PersonRecord>) -> Self {
        let mut owners = Self::default();
        for person in people {
            let id: Arc<str> = person.id.as_str().into();
            for identity in person.identities() {
                owners.of.insert(identity.to_owned(), Arc::clone(&id));
            }
            owners.people.insert(id, person);
        }
        owners
    }

    /// Reads them, and what admins decided.
    pub async fn read(store: &Store, uid: &Uid) -> Result<Self, StoreError> {
        let (people, decisions) = tokio::try_join!(store.people(uid), store.decisions(uid))?;
        let decisions: Vec<Decision> = decisions.into_iter().map(|DecisionRecord { decision, .. }| decision).collect();
        Ok(Self { apart: kept_apart(&decisions), ..Self::new(people) })
    }

    /// The id of the person that an identity belongs to: its own if it is alone.
    #[must_use]
    pub fn owner<'a>(&'a self, identity: &'a str) -> &'a str {
        self.of.get(identity).map_or(identity, |id| id)
    }

    /// The id of the person that an identity belongs to; none if it is alone.
    #[must_use]
    pub fn find(&self, identity: &str) -> Option<&Arc<str>> {
        self.of.get(identity)
    }

    /// The person with this id, or that an identity of this id belongs to; none if it is alone.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<&PersonRecord> {
        self.people.get(self.owner(id))
    }

    /// Whether an admin said that these identities are two people.
    #[must_use]
    pub fn are_apart(&self, one: &str, other: &str) -> bool {
        let (one, other) = (one.min(other), one.max(other));
        !self.apart.is_empty() && self.apart.contains(&(one.to_owned(), other.to_owned()))
    }

    /// Everybody, in order of id.
    pub fn people(&self) -> impl Iterator<Item = &PersonRecord> {
        self.people.values()
    }
}
