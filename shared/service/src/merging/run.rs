//! One run of the merge for one organisation: read, plan, take the steps.
//!
//! A run may end between any two steps, by its deadline or by a crash, and another may be on its way at the same time: every step
//! holds on condition that nothing it rests on has changed. Whoever is overtaken reads again.

use std::time::Instant;

use super::planning::Planning;
use model::organisation::Uid;
use model::time::{Timestamp, millis};
use store::merge_run::{RunOutcome, RunRecord};
use store::{Store, StoreError};

/// How often a run that is overtaken begins again before it leaves the rest to the next one.
const ATTEMPTS: usize = 5;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// The merge is finished. The duration is left to whoever has a clock.
    Done(RunOutcome),
    /// The deadline passed, or others were faster all the time: the next run continues from here.
    Unfinished,
}

/// Makes people of all that is known, at `now`, until `deadline`.
///
/// # Errors
/// The database failed. What was done stays done, and the next run continues from there.
pub async fn run(store: &Store, uid: &Uid, now: Timestamp, deadline: Instant) -> Result<RunStatus, StoreError> {
    let left = || deadline.saturating_duration_since(Instant::now());
    for _ in 0..ATTEMPTS {
        if left().is_zero() {
            return Ok(RunStatus::Unfinished);
        }
        let planning = Planning::of(store, uid, now).await?;
        let Some((state, work)) = planning.within(uid, left()).await? else { return Ok(RunStatus::Unfinished) };
        match work.apply(store, uid, &state, deadline).await {
            Ok(true) => return Ok(RunStatus::Done(work.outcome)),
            Ok(false) => return Ok(RunStatus::Unfinished),
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error),
        }
    }
    Ok(RunStatus::Unfinished)
}

/// Begins a run that an admin asks for at `now`, and works on it until `deadline`. What does not end by then is written down, for
/// [`finish`].
pub async fn begin(store: &Store, uid: &Uid, now: Timestamp, deadline: Instant) -> Result<RunRecord, StoreError> {
    let asked = RunRecord { id: RunRecord::id_at(now), started_at: now, outcome: None };
    let record = go_on(store, uid, asked, now, deadline).await?;
    if record.outcome.is_none() {
        store.put_merge_run(uid, &record).await?;
    }
    Ok(record)
}

/// Finishes the runs that requests left unfinished, until `deadline`; says whether nothing is left.
pub async fn finish(store: &Store, uid: &Uid, now: Timestamp, deadline: Instant) -> Result<bool, StoreError> {
    let mut is_complete = true;
    for asked in store.merge_runs(uid, now).await?.into_iter().filter(|asked| asked.outcome.is_none()) {
        let record = go_on(store, uid, asked, now, deadline).await?;
        match record.outcome {
            Some(_) => store.put_merge_run(uid, &record).await?,
            None => is_complete = false,
        }
    }
    Ok(is_complete)
}

async fn go_on(
    store: &Store,
    uid: &Uid,
    mut asked: RunRecord,
    now: Timestamp,
    deadline: Instant,
) -> Result<RunRecord, StoreError> {
    let begun = Instant::now();
    if let RunStatus::Done(mut outcome) = run(store, uid, now, deadline).await? {
        let earlier = millis(now.since(asked.started_at));
        outcome.duration_ms = earlier + i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        asked.outcome = Some(outcome);
    }
    Ok(asked)
}
