//! What an import of Git users would change: looked at before anything is replaced.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use super::digest;
use super::snapshot::Snapshot;
use crate::people::view::PersonView;
use identity::git_users::GitUser;
use identity::plan::{PlanInput, Rules, plan};
use identity::{ClaudeId, GitId, GitIdentity};
use model::order;
use model::organisation::Uid;
use store::git_set::{Chunks, InPlaceOf};
use store::person::PersonRecord;
use store::{Store, StoreError, StoreErrorKind};

/// A set of fewer Git users is replaced without a question.
const FEW: usize = 10;
/// An import that takes away more than one in so many of them is asked about.
const SHARE: usize = 5;
/// Most people that are named.
const NAMED: usize = 100;

/// What becomes of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent<'a> {
    /// It is only looked at.
    Preview,
    /// It replaces the Git users. One that takes away many of them needs the id of the preview that said so.
    Replace {
        /// That id.
        confirm: Option<&'a str>,
    },
}

/// How a set differs from the current one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The id of the preview: of this set in place of the current one.
    pub id: String,
    /// Git users that the current set has not.
    pub added: usize,
    /// Git users that only the current set has.
    pub removed: usize,
    /// Git users of the current set.
    pub known: usize,
    /// The current set.
    pub current: InPlaceOf,
}

impl Change {
    /// Compares a set, given by its users and the digest of what they were read from, with the current one. Of a current one that
    /// cannot be read nothing is known: an import is what mends it.
    pub async fn of(store: &Store, uid: &Uid, keys: &HashSet<u64>, read_from: &str) -> Result<Self, StoreError> {
        let (state, known) = match store.git_users_as(uid, |user| key(&user)).await {
            Err(error) if error.kind() == StoreErrorKind::Unreadable => (store.people_state(uid).await?, Vec::new()),
            read => read?,
        };
        let removed = known.iter().filter(|key| !keys.contains(key)).count();
        let current = state.git.as_ref().map_or("", |git| &git.set);
        Ok(Self {
            id: digest(&[current, read_from]),
            added: (keys.len() + removed).saturating_sub(known.len()),
            removed,
            known: known.len(),
            current: InPlaceOf(state.git),
        })
    }

    /// True if it takes away so many that somebody should look first.
    #[must_use]
    pub fn needs_confirmation(&self) -> bool {
        self.known >= FEW && self.removed * SHARE > self.known
    }
}

/// What tells a Git user from others.
pub(super) fn key(user: &GitUser) -> u64 {
    let mut hasher = DefaultHasher::new();
    user.key().hash(&mut hasher);
    hasher.finish()
}

/// Whose match an import would change.
#[derive(Debug, Clone, Default)]
pub struct Matches {
    /// People who would have none any more.
    pub losing: Vec<PersonView>,
    /// People who would have one.
    pub gaining: Vec<PersonView>,
}

impl Matches {
    /// Plans with a set in place of the current one.
    pub async fn with(store: &Store, uid: &Uid, chunks: &Chunks) -> Result<Self, StoreError> {
        let git = chunks.users()?.into_iter().map(GitIdentity::from).collect();
        let Snapshot { input, standing, .. } = Snapshot::with_git(store, uid, git).await?;
        // Planning many people takes seconds of computing, which nothing else may wait for.
        let planned = tokio::task::spawn_blocking(move || Self::between(&input, &standing));
        planned.await.map_err(|error| StoreError::of_task(&error))
    }

    fn between(input: &PlanInput, standing: &[PersonRecord]) -> Self {
        let matched = |person: &&identity::Person| !person.claude.is_empty() && !person.git.is_empty();
        let persons = plan(input, &Rules::default()).persons;
        let after: HashSet<&ClaudeId> = persons.iter().filter(matched).flat_map(|person| &person.claude).collect();
        let had_one = || standing.iter().filter(|person| !person.git.is_empty());
        let before: HashSet<&ClaudeId> = had_one().flat_map(|person| &person.claude).collect();
        let names: HashMap<&GitId, &str> = input.git.iter().map(|git| (&git.id, git.name.as_str())).collect();
        let emails: HashMap<&ClaudeId, Option<&String>> =
            input.claude.iter().map(|claude| (&claude.id, claude.emails.first())).collect();
        let losing =
            had_one().filter(|person| !person.claude.is_empty() && person.claude.iter().all(|id| !after.contains(id)));
        let gaining =
            persons.iter().filter(matched).filter(|person| person.claude.iter().all(|id| !before.contains(id)));
        Self {
            losing: losing.map(PersonView::from).collect(),
            gaining: gaining
                .map(|person| PersonView {
                    id: person.primary.id().to_owned(),
                    email: person.claude.iter().find_map(|id| emails.get(id).copied().flatten().cloned()),
                    name: person.git.first().and_then(|id| names.get(id)).map(|&name| name.to_owned()),
                })
                .collect(),
        }
    }

    /// The first of them, in order of their addresses.
    #[must_use]
    pub fn named(mut people: Vec<PersonView>) -> Vec<PersonView> {
        order::sort_by(&mut people, |a, b| (&a.email, &a.id).cmp(&(&b.email, &b.id)));
        people.truncate(NAMED);
        people
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_a_fifth_of_ten_or_more_is_asked_about() {
        let change = |removed, known| Change { id: String::new(), added: 0, removed, known, current: InPlaceOf(None) };
        for (removed, known, expected) in [(3, 10, true), (2, 10, false), (40, 42, true), (9, 9, false), (0, 0, false)]
        {
            assert_eq!(change(removed, known).needs_confirmation(), expected, "{removed} of {known}");
        }
    }
}
