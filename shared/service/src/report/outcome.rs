//! What comes of the work: commits, pull requests, lines and accepted edits, by who and what, and beside the range before. Each range is
//! read once.
//!
//! Before somebody's first day nothing is known: Git users say who commits, and not what. So people who were at work in both ranges are
//! compared with themselves, and those who began stand beside them.

use std::collections::HashMap;

use super::activity::Question;
use super::filters::Filters;
use super::range::Range;
use super::window::Shown;
use crate::people::directory::Directory;
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::{Store, StoreError};
use telemetry::activity::ledger::{Account, Line};

/// What lines are by, as groupings name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The person.
    User,
    /// The team.
    Team,
    /// The repository.
    Repository,
    /// The programming language of edits.
    Language,
}

impl By {
    /// As groupings and filters name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Team => "team",
            Self::Repository => "repository",
            Self::Language => "language",
        }
    }

    const ALL: [Self; 4] = [Self::User, Self::Team, Self::Repository, Self::Language];
}

/// What came of a range.
#[derive(Debug)]
pub struct Outcome {
    account: Account,
    /// What of the range is of people who were at work in the range before as well.
    pub stayed: Line,
    /// What those people did in the range before.
    pub stayed_before: Line,
    /// What of the range is of people whose first work arrived in it, and who were not at work in the range before.
    pub began: Line,
}

impl Outcome {
    /// Reads a range, and the one of equal length before.
    pub async fn read(
        store: &Store,
        organisation: &Organisation,
        directory: &Directory,
        (range, filters): (Range, &Filters),
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let (before, _) = range.before(&Calendar::of(organisation));
        let question = |range, by: &[By]| {
            let names: Vec<&str> = by.iter().map(|by| by.name()).collect();
            Question::by(range, &names, filters, organisation)
        };
        let (asked, before) = (question(range, &By::ALL), question(before, &[By::User]));
        let (account, earlier) = tokio::try_join!(
            asked.account(store, organisation, directory, Shown::AsItIs, now),
            before.account(store, organisation, directory, Shown::AsItIs, now),
        )?;
        let mut outcome =
            Self { account, stayed: Line::default(), stayed_before: Line::default(), began: Line::default() };
        let earlier: HashMap<String, Line> = earlier.lines.into_iter().filter_map(at_work).collect();
        for (id, line) in outcome.by(By::User).into_iter().filter_map(at_work) {
            if let Some(known) = earlier.get(&id) {
                outcome.stayed.absorb(&line);
                outcome.stayed_before.absorb(known);
            } else if directory
                .find(&id)
                .and_then(|person| directory.at_work(person))
                .is_some_and(|s| s.first >= range.from)
            {
                outcome.began.absorb(&line);
            }
        }
        Ok(outcome)
    }

    /// Everything in range.
    #[must_use]
    pub fn total(&self) -> &Line {
        &self.account.total
    }

    /// A line for each of what there is, and one for what does not say it.
    #[must_use]
    pub fn by(&self, by: By) -> Vec<Line> {
        self.account.by(&[by as usize])
    }
}

/// The line of somebody who was at work, by their id.
fn at_work(line: Line) -> Option<(String, Line)> {
    let id = line.key.first()?.as_deref()?.to_owned();
    (!line.people.is_empty()).then_some((id, line))
}
