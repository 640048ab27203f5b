//! Everything again, from the events: after a repair of the projection, a change of an organisation's identity attributes, or a loss of
//! the derived items. In steps, so that it fits any time limit; the outcome is what projecting one by one would have made.
//!
//! Summaries whose packs have expired stay as they are.

use std::collections::BTreeSet;

use super::{ProjectError, project};
use crate::claude::source::SourceId;
use crate::organisation::Organisation;
use crate::pack::group::Bucket;
use crate::store::Store;
use crate::store::rebuild::RebuildState;
use crate::time::Millis;

/// What a step of a rebuild did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Quarter hours projected.
    pub projected: usize,
    /// Whether that was all.
    pub is_complete: bool,
}

/// Goes on with the rebuild of an organisation, or begins one, by at most `most` quarter hours.
///
/// # Errors
/// See [`ProjectError`]; the next step goes on where this one ended.
pub async fn step(store: &Store, organisation: &Organisation, most: usize, now: Millis) -> Result<Step, ProjectError> {
    let uid = &organisation.uid;
    let mut state = store.rebuild_state(uid).await?;
    if state.after.is_none() {
        state = RebuildState { epoch: state.epoch + 1, after: Some(String::new()) };
        store.put_rebuild_state(uid, &state).await?;
        store.forget_damaged(uid).await?;
    }
    let after = state.after.clone().unwrap_or_default();
    let keys = store.pack_keys(uid, now).await?;
    let all: BTreeSet<(Bucket, SourceId)> = keys.iter().map(|(_, key)| (key.bucket, key.source)).collect();
    let left: Vec<(Bucket, SourceId)> = all.into_iter().filter(|place| name(*place) > after).collect();
    for (bucket, source) in left.iter().take(most) {
        project(store, organisation, *source, *bucket, now).await?;
        state.after = Some(name((*bucket, *source)));
    }
    let is_complete = left.len() <= most;
    if is_complete {
        state.after = None;
    }
    store.put_rebuild_state(uid, &state).await?;
    Ok(Step { projected: left.len().min(most), is_complete })
}

/// The place of a quarter hour in the order of the rebuild.
fn name((bucket, source): (Bucket, SourceId)) -> String {
    let hex: String = source.bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{:08}#{hex}", bucket.0)
}
