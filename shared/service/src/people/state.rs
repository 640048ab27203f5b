//! What is known of who a person is, and the groups that people are listed in.

use serde::Serialize;

use super::directory::{Directory, Person};
use store::person::PersonRecord;
use store::suggestion::SuggestionRecord;

/// What is known of who a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UserState {
    /// Known in Git, or under several names that are one person's.
    Merged,
    /// No Git author is known to be the same person.
    Unmatched,
    /// There is a suggestion which Git author it may be.
    Suggested,
    /// No e-mail address is known.
    Unattributed,
}

/// What lists divide people into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Those of a state who use Claude.
    User(UserState),
    /// Those who are known from Git only.
    GitOnly,
}

impl UserState {
    /// That of a person of the directory.
    #[must_use]
    pub fn of(directory: &Directory, person: &Person, suggestion: Option<&SuggestionRecord>) -> Self {
        let is_merged = |record: &PersonRecord| !record.git.is_empty() || person.united.len() > 1;
        let record = directory.record(person).filter(|record| is_merged(record));
        match (person.email.is_some(), record, suggestion) {
            (_, Some(record), _) if !record.git.is_empty() => Self::Merged,
            (true, _, Some(_)) => Self::Suggested,
            (true, Some(_), None) => Self::Merged,
            (true, None, None) => Self::Unmatched,
            (false, ..) => Self::Unattributed,
        }
    }
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::User(UserState::Merged),
        Self::User(UserState::Suggested),
        Self::User(UserState::Unmatched),
        Self::User(UserState::Unattributed),
        Self::GitOnly,
    ];

    /// As addresses and the database name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User(UserState::Merged) => "merged",
            Self::User(UserState::Suggested) => "suggested",
            Self::User(UserState::Unmatched) => "unmatched",
            Self::User(UserState::Unattributed) => "unattributed",
            Self::GitOnly => "git",
        }
    }

    /// The group with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.name() == name)
    }
}
