//! One run of the merge for one organisation: read, plan, take the steps.
//!
//! A run may end between any two steps, by its deadline or by a crash, and another may be on its way at the same time: every step
//! holds on condition that nothing it rests on has changed. Whoever is overtaken reads again.

use std::time::Instant;

use super::planning::Planning;
use model::organisation::Uid;
use model::time::Millis;
use store::merge_run::RunOutcome;
use store::{Store, StoreError};

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
