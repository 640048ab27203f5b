//! A person, as every answer that names one shows it.

use serde::Serialize;

use super::directory::{Directory, Person};
use store::person::PersonRecord;

/// A person. Names and addresses were cleaned when they were stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[schema(as = PersonName)]
pub struct PersonView {
    /// The id.
    pub id: String,
    /// The e-mail address; null if none is known.
    pub email: Option<String>,
    /// The name; null if none is known.
    pub name: Option<String>,
}

impl PersonView {
    /// The person with this id.
    #[must_use]
    pub fn of(directory: &Directory, id: &str) -> Self {
        directory.find(id).map_or_else(|| Self { id: id.to_owned(), email: None, name: None }, Self::from)
    }
}

impl From<&Person> for PersonView {
    fn from(person: &Person) -> Self {
        Self { id: person.id.to_string(), email: person.email.clone(), name: person.name.clone() }
    }
}

impl From<&PersonRecord> for PersonView {
    fn from(person: &PersonRecord) -> Self {
        Self { id: person.id.clone(), email: person.email.clone(), name: person.name.clone() }
    }
}
