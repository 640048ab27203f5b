//! How many people have begun, stayed and left.

use serde::Serialize;

use super::scene::{Became, Scene, is_committer};
use crate::people::directory::Person;
use telemetry::activity::ledger::People;

/// People, by what became of them. `active` is the sum of `new`, `retained` and `returned`. Automation is not people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AdoptionFigures {
    /// Seats that are paid for. Always null: there is no directory of the company yet that says it.
    pub seats: Option<usize>,
    /// People whom Git knows, each once, programs not included. Null in lines and with filters, since Git knows neither teams nor models,
    /// and as long as no Git users were uploaded.
    pub committers: Option<usize>,
    /// Of `committers`, those who ever sent anything with Claude Code; the others never did. Null where that is.
    pub committers_with_claude: Option<usize>,
    /// Of `active`, those whom Git knows.
    pub committers_active: usize,
    /// People with activity in the range.
    pub active: usize,
    /// Of them, those whose first work arrived in the range.
    pub new: usize,
    /// Of them, those who were active in the range of equal length before as well, in whatever line.
    pub retained: usize,
    /// Of them, those who were there earlier, and not in the range before.
    pub returned: usize,
    /// People who were active in the range before, and in this one in no line.
    pub lapsed: usize,
    /// How many of `active` send with the newest generation of the settings.
    pub rollout: RolloutView,
    /// How many of `active` send with the newest version of Claude Code that anybody sends with.
    pub newest_version: NewestVersionView,
}

/// How far the newest settings have got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct RolloutView {
    /// The newest generation.
    pub generation: u32,
    /// How many send with it. Whose telemetry says nothing of its settings is taken to: health names what is wrong with it.
    pub on_it: usize,
    /// Of how many active people.
    pub of: usize,
}

/// How far the newest version has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct NewestVersionView {
    /// How many send with it, or say no version.
    pub on_it: usize,
    /// Of how many active people.
    pub of: usize,
}

/// Who commits, and who of them uses Claude Code.
#[derive(Debug, Clone, Copy)]
pub(super) struct Committers {
    pub(super) all: usize,
    pub(super) with_claude: usize,
}

impl Scene<'_> {
    /// The figures of these of them.
    pub(super) fn of(&self, active: &People, before: &People) -> AdoptionFigures {
        let known: Vec<&Person> = active.iter().filter_map(|id| self.directory.find(id)).collect();
        let count = |people: &People, what: Became| people.iter().filter(|id| self.became(id) == what).count();
        let without = |is_behind: &dyn Fn(&Person) -> bool| {
            active.len() - known.iter().filter(|person| is_behind(person)).count()
        };
        let of = active.len();
        AdoptionFigures {
            seats: None,
            committers: None,
            committers_with_claude: None,
            committers_active: known.iter().filter(|person| is_committer(self.directory, person)).count(),
            active: of,
            new: count(active, Became::New),
            retained: count(active, Became::Retained),
            returned: count(active, Became::Returned),
            lapsed: count(before, Became::Lapsed),
            rollout: RolloutView {
                generation: self.newest.generation,
                on_it: without(&|person| self.newest.has_older_settings(self.directory, person)),
                of,
            },
            newest_version: NewestVersionView {
                on_it: without(&|person| self.newest.has_older_version(self.directory, person)),
                of,
            },
        }
    }
}
