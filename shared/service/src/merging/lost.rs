//! Whose match in Git an import takes away: what they were called stays, as a name that was once known.
//!
//! A match is lost if Git users that it is made of are not in the current import, and nobody else in Git is the person. What evidence or
//! an admin says against a match whose Git users are all there is no loss: then the name was somebody else's.

use std::collections::{HashMap, HashSet};

use super::snapshot::Snapshot;
use identity::decision::kept_apart;
use identity::{ClaudeId, GitId, Person};
use model::time::Timestamp;
use store::person::{LostMatch, PersonRecord};

/// The lost matches, by whose they were.
#[derive(Debug, Default)]
pub struct LostMatches<'a>(HashMap<&'a ClaudeId, Lost<'a>>);

/// A lost match, and the name that it gave.
#[derive(Debug, Clone)]
pub struct Lost<'a> {
    /// The name.
    pub name: Option<&'a String>,
    /// The match.
    pub lost: LostMatch,
}

impl<'a> LostMatches<'a> {
    /// Those of people as they stand, some of them lost `now`.
    #[must_use]
    pub fn of(known: &'a Snapshot, now: Timestamp) -> Self {
        let current: HashSet<&GitId> = known.input.git.iter().map(|git| &git.id).collect();
        let is_gone = |id: &str| !current.contains(&GitId(id.to_owned()));
        let lost = |person: &'a PersonRecord| match &person.lost {
            Some(lost) if person.git.is_empty() => {
                lost.git.iter().any(|id| is_gone(id)).then(|| (person, lost.clone()))
            }
            _ => person.git.iter().any(|git| is_gone(&git.id)).then(|| {
                let git = person.git.iter().map(|git| git.id.clone()).collect();
                (person, LostMatch { since: now, git })
            }),
        };
        let all: Vec<(&PersonRecord, LostMatch)> = known.standing.iter().filter_map(lost).collect();
        if all.is_empty() {
            return Self::default();
        }
        let apart = kept_apart(&known.input.decisions);
        let are_apart =
            |one: &str, other: &str| apart.contains(&(one.min(other).to_owned(), one.max(other).to_owned()));
        let mut found = HashMap::new();
        for (person, lost) in all {
            let kept = person.claude.iter().filter(|id| !lost.git.iter().any(|git| are_apart(&id.0, git)));
            found.extend(kept.map(|id| (id, Lost { name: person.name.as_ref(), lost: lost.clone() })));
        }
        Self(found)
    }

    /// The match that a person has lost; none of somebody who has one.
    #[must_use]
    pub fn by(&self, person: &Person) -> Option<&Lost<'a>> {
        if self.0.is_empty() || !person.git.is_empty() {
            return None;
        }
        let own = person.claude.iter().find(|id| id.0 == person.primary.id());
        own.into_iter().chain(&person.claude).find_map(|id| self.0.get(id))
    }
}
