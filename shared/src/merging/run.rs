//! One run of the merge for one organisation: read, plan, take the steps.
//!
//! A run may end between any two steps, by its deadline or by a crash, and another may be on its way at the same time: every step
//! holds on condition that nothing it rests on has changed. Whoever is overtaken reads again.

use std::time::Instant;

use super::planning::Planning;
use super::sides::{Told, claude_side, git_identity};
use crate::identity::ids::identity_ref;
use crate::identity::plan::PlanInput;
use crate::identity::{GitId, Person};
use crate::organisation::Uid;
use crate::store::decision::DecisionRecord;
use crate::store::merge_run::RunOutcome;
use crate::store::people_state::PeopleState;
use crate::store::person::PersonRecord;
use crate::store::sighting::StoredSighting;
use crate::store::{Store, StoreError};
use crate::time::Millis;

/// How often a run that is overtaken begins again before it leaves the rest to the next one.
const ATTEMPTS: usize = 5;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    /// People are as planned. The duration is left to whoever has a clock.
    Done(RunOutcome),
    /// The deadline passed, or others were faster all the time: the next run goes on from here.
    Unfinished,
}

/// What the next step of people rests on.
#[derive(Debug, Clone)]
pub struct Known {
    /// How far people are.
    pub state: PeopleState,
    /// All of it as the planner takes it.
    pub input: PlanInput,
    /// What admins decided, and who did.
    pub decisions: Vec<DecisionRecord>,
    /// People as they stand.
    pub standing: Vec<PersonRecord>,
}

impl Known {
    /// Reads all of it. How far people are is read first, so that whatever changes meanwhile is noticed: who is forgotten after
    /// that is never put together again from what was read before.
    ///
    /// # Errors
    /// The database failed.
    pub async fn read(store: &Store, uid: &Uid) -> Result<Self, StoreError> {
        let state = store.people_state(uid).await?;
        let seen = |source, StoredSighting { sighting, .. }: StoredSighting| {
            sighting.seen.map(|_| Told::by(source, &sighting))
        };
        let ((_, git), decisions, standing, told) = tokio::try_join!(
            store.git_users_as(uid, git_identity),
            store.decisions(uid),
            store.people(uid),
            store.sightings_as(uid, seen)
        )?;
        let input = PlanInput {
            claude: claude_side(told),
            git,
            decisions: decisions.iter().map(|record| record.decision.clone()).collect(),
            persons: standing.iter().map(planned).collect(),
        };
        Ok(Self { state, input, decisions, standing })
    }
}

/// A person as the planner takes it.
fn planned(person: &PersonRecord) -> Person {
    Person {
        primary: identity_ref(&person.id),
        claude: person.claude.clone(),
        git: person.git.iter().map(|git| GitId(git.id.clone())).collect(),
    }
}

/// Makes people of all that is known, at `now`, until `deadline`.
///
/// # Errors
/// The database failed. What was done stays done, and the next run goes on from there.
pub async fn run(store: &Store, uid: &Uid, now: Millis, deadline: Instant) -> Result<Ran, StoreError> {
    let left = || deadline.saturating_duration_since(Instant::now());
    for _ in 0..ATTEMPTS {
        if left().is_zero() {
            return Ok(Ran::Unfinished);
        }
        let planning = Planning::of(store, uid, now).await?;
        let Some((state, work)) = planning.within(uid, left()).await? else { return Ok(Ran::Unfinished) };
        match work.apply(store, uid, &state, deadline).await {
            Ok(true) => return Ok(Ran::Done(work.outcome)),
            Ok(false) => return Ok(Ran::Unfinished),
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Ran::Unfinished)
}
