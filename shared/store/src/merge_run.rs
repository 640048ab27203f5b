//! Merge runs requested by admins.

use serde::{Deserialize, Serialize};

use super::query::Range;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::{DAY, Timestamp};

/// Name of the attribute that holds the run.
const RUN: &str = "r";

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunRecord {
    /// Its id.
    pub id: String,
    /// When it was requested.
    #[serde(with = "model::time::stored")]
    pub started_at: Timestamp,
    /// Its result; `None` until it has finished.
    pub outcome: Option<RunOutcome>,
}

/// The result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunOutcome {
    /// People with several identities.
    pub merged: usize,
    /// People with a suggestion.
    pub suggested: usize,
    /// People with an e-mail address but nothing else known about them.
    pub unmatched: usize,
    /// Identities kept apart because they contradict each other.
    pub conflicts: usize,
    /// How long it took, in milliseconds.
    pub duration_ms: i64,
}

impl RunRecord {
    /// The id of a run requested at `now`.
    #[must_use]
    pub fn id_at(now: Timestamp) -> String {
        format!("{:014}", now.0.max(0))
    }

    fn is_remembered(&self, now: Timestamp) -> bool {
        self.started_at.plus(DAY) > now
    }
}

fn read(item: &Item) -> Result<RunRecord, StoreError> {
    serde_json::from_slice(item.required_bytes(RUN)?).map_err(|_| StoreError::unreadable("run"))
}

impl Store {
    /// A run requested within the last day.
    pub async fn merge_run(&self, uid: &Uid, id: &str, now: Timestamp) -> Result<Option<RunRecord>, StoreError> {
        let Some(item) = self.get(&keys::merge_run(uid, id)).await? else { return Ok(None) };
        Ok(Some(read(&item)?).filter(|run| run.is_remembered(now)))
    }

    /// All runs that were asked for in the last day.
    pub async fn merge_runs(&self, uid: &Uid, now: Timestamp) -> Result<Vec<RunRecord>, StoreError> {
        let items = self.query(Range::all(&keys::merge_runs(uid))).await?;
        let runs: Vec<RunRecord> = items.iter().map(read).collect::<Result<_, _>>()?;
        Ok(runs.into_iter().filter(|run| run.is_remembered(now)).collect())
    }

    /// Stores a run.
    pub async fn put_merge_run(&self, uid: &Uid, run: &RunRecord) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(run).map_err(|_| StoreError::bug("run"))?;
        let ttl = run.started_at.plus(DAY).seconds();
        self.put(Item::at(keys::merge_run(uid, &run.id)).bytes(RUN, bytes).number(keys::TTL, ttl)).await
    }
}
