//! Everything again, from the events: after a repair of the projection, a change of an organisation's identity attributes, or a loss of
//! the derived items. In pieces, so that it fits any time limit; the outcome is what projecting one by one would have made.
//!
//! Summaries whose packs have expired stay as they are.

use std::collections::BTreeSet;
use std::time::Instant;

use super::{ProjectError, poison, project};
use model::bucket::Bucket;
use model::organisation::{Organisation, Uid};
use model::time::Millis;
use store::rebuild::RebuildState;
use store::{Store, StoreError};
use telemetry::claude::source::SourceId;

mod traffic;
pub mod view;

/// Quarter hours after which it is noted how far a rebuild is.
const NOTED: usize = 50;

/// What was done of a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Quarter hours projected.
    pub projected: usize,
    /// Whether nothing is left to do.
    pub is_complete: bool,
}

/// Asks for a rebuild at `now`; one that is on its way is not begun anew.
pub async fn begin(store: &Store, uid: &Uid, now: Millis) -> Result<RebuildState, StoreError> {
    let known = store.rebuild_state(uid).await?;
    if known.after.is_some() {
        return Ok(known);
    }
    let begun = RebuildState {
        epoch: known.epoch + 1,
        after: Some(String::new()),
        projected: 0,
        started_at: Some(now),
        finished_at: None,
        removed: Vec::new(),
    };
    match store.put_rebuild_state(uid, &begun, known.epoch).await {
        // Somebody else asked for it in the same moment.
        Err(error) if error.is_conflict() => store.rebuild_state(uid).await,
        outcome => {
            outcome?;
            // What was damaged then is found again if it still is.
            store.forget_damaged(uid).await?;
            Ok(begun)
        }
    }
}

/// Goes on with the rebuild of an organisation, if one is on its way, by at most `most` quarter hours and until `deadline`.
///
/// # Errors
/// See [`ProjectError`]; the next time goes on where this one ended.
pub async fn carry_on(
    store: &Store,
    organisation: &Organisation,
    now: Millis,
    most: usize,
    deadline: Instant,
) -> Result<Progress, ProjectError> {
    let uid = &organisation.uid;
    let mut state = store.rebuild_state(uid).await?;
    let Some(after) = state.after.clone() else { return Ok(Progress { projected: 0, is_complete: true }) };
    let keys = store.pack_keys(uid, now).await?;
    let all: BTreeSet<(Bucket, SourceId)> = keys.iter().map(|(_, key)| (key.bucket, key.source)).collect();
    let mut left = all.into_iter().filter(|place| name(*place) > after).peekable();
    let mut projected = 0;
    while projected < most && Instant::now() < deadline {
        let Some((bucket, source)) = left.next() else { break };
        again(store, organisation, (source, bucket), now).await?;
        projected += 1;
        state.projected += 1;
        state.after = Some(name((bucket, source)));
        if projected % NOTED == 0 && !note(store, uid, &state).await? {
            return Ok(Progress { projected, is_complete: false });
        }
    }
    let is_complete = left.peek().is_none();
    if is_complete {
        traffic::recount(store, uid, now).await?;
        (state.after, state.finished_at) = (None, Some(now));
    }
    let is_noted = note(store, uid, &state).await?;
    Ok(Progress { projected, is_complete: is_complete && is_noted })
}

/// Projects a quarter hour again. One that no repetition will project is named in health and holds up no other. A task of its own, so
/// that a panic ends that task alone.
async fn again(
    store: &Store,
    organisation: &Organisation,
    (source, bucket): (SourceId, Bucket),
    now: Millis,
) -> Result<(), ProjectError> {
    let (own, whose) = (store.clone(), organisation.clone());
    let task = tokio::spawn(async move { project(&own, &whose, source, bucket, now).await });
    let reason = match task.await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) if error.is_hopeless() => error.to_string(),
        Ok(Err(error)) => return Err(error),
        Err(_panicked) => poison::DEFECT.to_owned(),
    };
    tracing::error!(reason, "a quarter hour cannot be projected");
    poison::quarter(store, organisation, (source, bucket), &reason, now).await?;
    Ok(())
}

/// Notes how far it is; false if a later rebuild was begun meanwhile.
async fn note(store: &Store, uid: &Uid, state: &RebuildState) -> Result<bool, StoreError> {
    match store.put_rebuild_state(uid, state, state.epoch).await {
        Err(error) if error.is_conflict() => Ok(false),
        outcome => outcome.map(|()| true),
    }
}

/// The place of a quarter hour in the order of the rebuild.
fn name((bucket, source): (Bucket, SourceId)) -> String {
    let hex: String = source.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{:08}#{hex}", bucket.0)
}
