//! Whose an identity is, found when it is read. Nothing that is stored under an identity is ever rewritten.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::store::person::PersonRecord;

/// Everybody who is more than one identity.
#[derive(Debug, Clone, Default)]
pub struct Owners {
    people: BTreeMap<Arc<str>, PersonRecord>,
    of: HashMap<String, Arc<str>>,
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

    /// The id of the person that an identity belongs to: its own if it is alone.
    #[must_use]
    pub fn owner<'a>(&'a self, identity: &'a str) -> &'a str {
        self.of.get(identity).map_or(identity, |id| id)
    }

    /// The person with this id, or that an identity of this id belongs to; none if it is alone.
    #[must_use]
    pub fn person(&self, id: &str) -> Option<&PersonRecord> {
        self.people.get(self.owner(id))
    }

    /// Everybody, in order of id.
    pub fn people(&self) -> impl Iterator<Item = &PersonRecord> {
        self.people.values()
    }
}

impl PersonRecord {
    /// The ids of all that is this person's.
    pub fn identities(&self) -> impl Iterator<Item = &str> {
        self.claude.iter().map(|id| id.0.as_str()).chain(self.git.iter().map(|git| git.id.as_str()))
    }
}
