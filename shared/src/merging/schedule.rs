//! The merge of all organisations, by the clock.

use std::time::Instant;

use super::run::{Ran, run};
use crate::organisation::{Organisation, State};
use crate::store::{Store, StoreError};
use crate::time::{HOUR, Millis};

/// Organisations read at a time.
const PAGE: usize = 100;
/// Chunks of Git users that never came into force are removed after this many milliseconds.
const LEFT_BEHIND: i64 = 24 * HOUR;

/// What came of a scheduled run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Organisations whose people are as planned.
    pub done: usize,
    /// Organisations that failed; the next run tries them again.
    pub failed: usize,
    /// Organisations that the deadline left for the next run.
    pub left: usize,
}

/// Runs the merge of every enabled organisation, at `now`, until `deadline`. One that fails stops no other.
///
/// The order turns with the time, so that organisations at the end of the list are not the ones that never get their turn.
///
/// # Errors
/// The list of organisations cannot be read.
pub async fn run_all(store: &Store, now: Millis, deadline: Instant) -> Result<Tally, StoreError> {
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.organisations(after.as_deref(), PAGE).await?;
        let ended = page.len() < PAGE;
        after = page.last().map(|organisation| organisation.org.to_string());
        all.extend(page.into_iter().filter(|organisation| organisation.state == State::Enabled));
        if ended {
            break;
        }
    }
    let turns = usize::try_from(now.0.div_euclid(HOUR)).unwrap_or_default();
    let first = turns.checked_rem(all.len()).unwrap_or_default();
    all.rotate_left(first);
    let mut tally = Tally::default();
    for organisation in &all {
        if Instant::now() >= deadline {
            tally.left += 1;
            continue;
        }
        match one(store, organisation, now, deadline).await {
            Ok(Ran::Done(outcome)) => {
                tracing::info!(org = %organisation.org, merged = outcome.merged, conflicts = outcome.conflicts, "people merged");
                tally.done += 1;
            }
            Ok(Ran::Unfinished) => tally.left += 1,
            Err(error) => {
                tracing::error!(org = %organisation.org, %error, "people could not be merged");
                tally.failed += 1;
            }
        }
    }
    Ok(tally)
}

async fn one(store: &Store, organisation: &Organisation, now: Millis, deadline: Instant) -> Result<Ran, StoreError> {
    let uid = &organisation.uid;
    store.sweep_git_sets(uid, &format!("{:014}", now.plus(-LEFT_BEHIND).0.max(0))).await?;
    run(store, uid, now, deadline).await
}
