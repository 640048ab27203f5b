//! Plans on their way. Planning many people can take longer than anybody may wait for an answer: who asks again waits for the same
//! plan, as long as nobody has decided anything since it was begun.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::snapshot::Snapshot;
use super::work::RunPlan;
use model::organisation::Uid;
use model::time::Timestamp;
use store::people_state::PeopleState;
use store::{Store, StoreError};

/// Plans that nobody waits for at the moment, of this process.
static LEFT: LazyLock<Mutex<HashMap<Uid, Planning>>> = LazyLock::new(Mutex::default);

/// How long a plan is worth going on with: people it does not know yet should not wait for the run after it.
const FRESH: Duration = Duration::from_secs(900);

/// A plan in the making.
#[derive(Debug)]
pub(super) struct Planning {
    begun: Instant,
    state: PeopleState,
    work: JoinHandle<RunPlan>,
}

impl Planning {
    /// Goes on with the plan that was left, or begins one with what is known now.
    pub(super) async fn of(store: &Store, uid: &Uid, now: Timestamp) -> Result<Self, StoreError> {
        let left = LEFT.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
        // A plan that has been overtaken may have nothing to write, which then nothing would refuse.
        if let Some(planning) = left.filter(|planning| planning.begun.elapsed() < FRESH)
            && planning.state == store.people_state(uid).await?
        {
            return Ok(planning);
        }
        let begun = Instant::now();
        let known = Snapshot::read(store, uid).await?;
        let state = known.state.clone();
        // Nothing else may wait for seconds of computing.
        Ok(Self { begun, state, work: tokio::task::spawn_blocking(move || RunPlan::of(&known, now)) })
    }

    /// The plan, and what it rests on, if it is made within `patience`. Otherwise it is left to whoever asks next.
    pub(super) async fn within(
        mut self,
        uid: &Uid,
        patience: Duration,
    ) -> Result<Option<(PeopleState, RunPlan)>, StoreError> {
        match tokio::time::timeout(patience, &mut self.work).await {
            Ok(work) => Ok(Some((self.state, work.map_err(|error| StoreError::of_task(&error))?))),
            Err(_) => {
                LEFT.lock().unwrap_or_else(PoisonError::into_inner).insert(uid.clone(), self);
                Ok(None)
            }
        }
    }
}
