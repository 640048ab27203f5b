//! Who was active in a range and in the one before, and what became of each of them.

use crate::people::clients::Newest;
use crate::people::directory::{Directory, Person};
use model::time::Timestamp;
use telemetry::activity::ledger::People;

/// What became of somebody in a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Became {
    /// They were active in the range of equal length before, and not in this one.
    Lapsed,
    /// Their first work arrived in the range.
    New,
    /// They were active in both ranges.
    Retained,
    /// They were there earlier, and not in the range before.
    Returned,
}

impl Became {
    /// As figures and addresses name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lapsed => "lapsed",
            Self::New => "new",
            Self::Retained => "retained",
            Self::Returned => "returned",
        }
    }
}

/// The people of both ranges, and who they are.
pub(super) struct Scene<'a> {
    pub(super) directory: &'a Directory,
    pub(super) newest: Newest,
    /// When the range begins.
    pub(super) since: Timestamp,
    /// Everybody who was active in the range, and in the one before.
    pub(super) active: &'a People,
    pub(super) before: &'a People,
}

impl Scene<'_> {
    /// What became of somebody who was active in the range or in the one before.
    pub(super) fn became(&self, id: &str) -> Became {
        match (self.active.contains(id), self.before.contains(id)) {
            (false, _) => Became::Lapsed,
            (true, true) => Became::Retained,
            (true, false) if self.began(id) => Became::New,
            (true, false) => Became::Returned,
        }
    }

    fn began(&self, id: &str) -> bool {
        let first = self.directory.find(id).and_then(|person| first_work(self.directory, person));
        first.is_some_and(|at| at >= self.since)
    }
}

/// Whether Git knows somebody whom telemetry knows.
pub(super) fn is_committer(directory: &Directory, person: &Person) -> bool {
    directory.record(person).is_some_and(|record| !record.git.is_empty())
}

/// When somebody's first work arrived.
pub(super) fn first_work(directory: &Directory, person: &Person) -> Option<Timestamp> {
    directory.at_work(person).map(|seen| seen.first)
}
