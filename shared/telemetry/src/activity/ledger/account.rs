//! What was added up.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use ahash::RandomState;

use super::lines::Line;
use crate::activity::dimensions::Label;
use crate::activity::session::SessionKey;

/// People, by id.
pub type People = HashSet<Arc<str>, RandomState>;

/// Lines in the order of their keys, and their total.
#[derive(Debug, Default)]
pub struct Account {
    /// One line per group.
    pub lines: Vec<Line>,
    /// Everything in range.
    pub total: Line,
    /// Whether sources that were not read would change nothing, by any grouping of the ledger: nothing that is shown was left to be explained by others, no price hangs
    /// on metrics of others, and no session is left out, or taken for automation's, that others may tell otherwise of. A session that
    /// somebody else began as the agents' view, and that is seen to begin nowhere else, is the one thing that this does not see.
    pub stands_alone: bool,
    /// The ids of people, by their numbers.
    pub(super) people: Arc<Vec<Arc<str>>>,
    /// The keys of sessions, by their numbers.
    pub(super) sessions: Arc<Vec<SessionKey>>,
}

impl Account {
    /// The people of a line of this account.
    #[must_use]
    pub fn people(&self, line: &Line) -> People {
        line.people.numbers().filter_map(|number| self.people.get(number as usize).cloned()).collect()
    }

    /// The sessions of a line of this account.
    pub fn sessions(&self, line: &Line) -> impl Iterator<Item = SessionKey> {
        line.sessions.numbers().filter_map(|number| self.sessions.get(number as usize).copied())
    }

    /// The same by some of the groupings alone, as if it had been asked for by them: `places` says which ones they are, from 0. So one
    /// account tells several breakdowns.
    #[must_use]
    pub fn by(&self, places: &[usize]) -> Vec<Line> {
        let mut lines: BTreeMap<Vec<&Label>, Vec<&Line>> = BTreeMap::new();
        for line in &self.lines {
            let key: Vec<&Label> = places.iter().filter_map(|place| line.key.get(*place)).collect();
            lines.entry(key).or_default().push(line);
        }
        let line = |(key, lines): (Vec<&Label>, Vec<&Line>)| Line::of_all(key.into_iter().cloned().collect(), &lines);
        lines.into_iter().map(line).collect()
    }
}
