//! Where people stand in a list.

use super::directory::Person;
use identity::git_users::GitUser;

/// Where somebody stands in a list: by name or address, whatever its case, and after all others who has neither.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place<'a> {
    has_no_name: bool,
    title: String,
    /// The id.
    pub id: &'a str,
}

impl<'a> Place<'a> {
    /// That of somebody whom telemetry knows.
    #[must_use]
    pub fn of_user(person: &'a Person) -> Self {
        let named = person.name.as_ref().or(person.email.as_ref());
        let title = named.or(person.label.as_ref()).map_or_else(String::new, |title| title.to_lowercase());
        Self { has_no_name: named.is_none(), title, id: &person.id }
    }

    /// That of somebody who is known from Git only.
    #[must_use]
    pub fn of_author(id: &'a str, authors: &[&GitUser]) -> Self {
        let named = name_in_git(authors).or_else(|| Some(&authors.first()?.email));
        Self { has_no_name: false, title: named.map_or_else(String::new, |title| title.to_lowercase()), id }
    }
}

/// The name of somebody who is known from Git only: one of several words rather than a handle.
#[must_use]
pub fn name_in_git<'a>(authors: &[&'a GitUser]) -> Option<&'a String> {
    let names = authors.iter().map(|author| &author.name);
    names.max_by_key(|name| name.contains(' ')).filter(|name| !name.is_empty())
}
