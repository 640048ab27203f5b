//! How far the current token has got. A client takes it up when it is restarted with the new settings, so a rotation is followed by
//! days in which some have it and others do not, and nothing is wrong.

use super::people_at_work;
use crate::people::directory::{Directory, Person};
use model::organisation::{Organisation, State};
use model::time::{DAY, SignedDuration, Timestamp, from_days};
use store::issued::IssuedToken;
use store::token::TokenState;
use telemetry::sighting::{Fact, Seen};

/// The end of an overlap is near in its last quarter, and not earlier than this: a weekend and a day.
const NEAR: SignedDuration = from_days(3);
/// How long after the end of the token before nobody is missed yet: not everybody is at work at every hour.
const PATIENCE: SignedDuration = DAY;

/// How far the current token has got.
#[derive(Debug)]
pub struct Rollout<'a> {
    /// Its generation.
    pub generation: u32,
    /// How many people were seen of late.
    pub of: usize,
    /// Those of them whose telemetry came last with an earlier token.
    pub behind: Vec<&'a Person>,
    /// What has become of the token before.
    pub before: Before,
}

/// What has become of the token that the current one replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// There was none.
    Nothing,
    /// It is accepted until then, and whether that is near.
    Accepted {
        /// When it ends.
        until: Timestamp,
        /// Whether whoever still uses it has to hurry.
        is_near: bool,
    },
    /// It has been refused since then, and whether that is long enough to miss somebody.
    Refused {
        /// Since when.
        since: Timestamp,
        /// Whether whoever used it could have been seen since.
        is_long: bool,
    },
}

impl<'a> Rollout<'a> {
    /// How far it is at `now` with the newest of `tokens`, of which the newest comes first; `None` if no token is good.
    #[must_use]
    pub fn of(
        organisation: &Organisation,
        tokens: &[IssuedToken],
        directory: &'a Directory,
        now: Timestamp,
    ) -> Option<Self> {
        let current = tokens.first().filter(|token| token.state == TokenState::Live)?;
        if organisation.state != State::Enabled {
            return None;
        }
        let recent: Vec<&Person> = people_at_work(directory, now).collect();
        let is_behind =
            |person: &&&Person| newest_token(directory, person).is_some_and(|(used, _)| used < current.generation);
        Some(Self {
            generation: current.generation,
            of: recent.len(),
            behind: recent.iter().filter(is_behind).copied().collect(),
            before: Before::of(tokens.get(1), now),
        })
    }

    /// How many send with the current token.
    #[must_use]
    pub fn on_it(&self) -> usize {
        self.of - self.behind.len()
    }

    /// How many of how many that is: `12 of 40 people (30 %)`.
    #[must_use]
    pub fn progress(&self) -> String {
        let (on_it, of) = (self.on_it(), self.of);
        // Rounded down: nobody is left out of a hundred per cent.
        let percent = (on_it * 100).checked_div(of).unwrap_or_default();
        format!("{on_it} of {of} {} ({percent} %)", if of == 1 { "person" } else { "people" })
    }
}

impl Before {
    fn of(token: Option<&IssuedToken>, now: Timestamp) -> Self {
        let Some(token) = token else { return Self::Nothing };
        match (token.state, token.state.end()) {
            (TokenState::Overlapping { at, until }, _) if now < until => {
                Self::Accepted { until, is_near: until.since(now) <= NEAR.min(until.since(at) / 4) }
            }
            (_, Some((_, since))) => Self::Refused { since, is_long: now.since(since) > PATIENCE },
            (_, None) => Self::Nothing,
        }
    }
}

/// The generation of the token that a person's telemetry came with last, and when that was seen. Whoever has used the current one
/// since has two machines at most, and the list of those who use a replaced token names them.
#[must_use]
pub fn newest_token(directory: &Directory, person: &Person) -> Option<(u32, Seen)> {
    newest(directory, person, Fact::Generation)
}

/// The version of the settings that a person's newest telemetry came with; `None` if it says nothing, or nothing of ours.
#[must_use]
pub fn newest_settings(directory: &Directory, person: &Person) -> Option<u32> {
    let (_, came) = newest_token(directory, person)?;
    // Settings that are no longer named say nothing about those in force.
    newest(directory, person, Fact::Settings).filter(|(_, seen)| seen.last >= came.last).map(|(version, _)| version)
}

fn newest(directory: &Directory, person: &Person, fact: Fact) -> Option<(u32, Seen)> {
    let values = directory.sightings_of(person).flat_map(move |sighting| sighting.values(fact));
    let numbers = values.filter_map(|(value, seen)| Some((value.parse().ok()?, seen)));
    numbers.max_by_key(|(number, seen): &(u32, Seen)| (seen.last, *number))
}
