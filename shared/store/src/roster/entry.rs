//! Who stands on the roster.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::git_set::{read_rows, row};
use crate::person::PersonRecord;
use identity::git_users::GitUser;

/// The largest entry, in bytes: DynamoDB limits items to 400 KB.
const LARGEST: usize = 350 * 1000;

/// Somebody whom telemetry knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The id.
    pub id: String,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// All addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// Whom telemetry names otherwise than by an e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The ids of the people that this one would be without any merge.
    pub united: Vec<String>,
    /// The sources, encoded.
    pub sources: Vec<String>,
    /// What the merge made of the person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<PersonRecord>,
}

/// Something of the roster as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The id.
    pub id: String,
    pub(super) bytes: Vec<u8>,
}

impl Stored {
    /// Somebody whom telemetry knows.
    pub fn of_user(entry: &Entry) -> Result<Self, StoreError> {
        let bytes = serde_json::to_vec(entry).map_err(|_| StoreError::bug("roster"))?;
        Ok(Self { id: entry.id.clone(), bytes })
    }

    /// Somebody who is known from Git only, under this id.
    #[must_use]
    pub fn of_authors(id: &str, authors: &[&GitUser]) -> Self {
        let rows: Vec<Vec<u8>> = authors.iter().map(|author| row((*author).clone())).collect();
        Self { id: id.to_owned(), bytes: rows.join(&b'\n') }
    }

    /// Whether an item has room for it.
    #[must_use]
    pub fn is_storable(&self) -> bool {
        self.bytes.len() <= LARGEST
    }

    /// Whoever telemetry knows.
    pub fn user(&self) -> Result<Entry, StoreError> {
        serde_json::from_slice(&self.bytes).map_err(|_| StoreError::unreadable("roster"))
    }

    /// Whoever is known from Git only.
    pub fn authors(&self) -> Result<Vec<GitUser>, StoreError> {
        let mut authors = Vec::new();
        read_rows(&self.bytes, |author| authors.push(author))?;
        Ok(authors)
    }
}

impl Entry {
    /// Whether any of these identities is the person's, or may have left a name with the person when a match was lost.
    #[must_use]
    pub fn tells_of(&self, identities: &BTreeSet<String>) -> bool {
        let own = std::iter::once(&self.id).chain(&self.united).chain(&self.sources);
        let merged = self.record.iter().flat_map(|record| &record.claude).map(|id| &id.0);
        own.chain(merged).any(|id| identities.contains(id))
            || self.record.as_ref().is_some_and(|record| record.lost.is_some())
    }
}
