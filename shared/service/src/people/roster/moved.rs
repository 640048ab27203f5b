//! Rosters that a projection has moved on, put together again soon after.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::keep_users;
use model::organisation::Uid;
use model::time::{MINUTE, SignedDuration, Timestamp};
use store::{Store, StoreError};

/// How long after a process has put a roster together it does so again at the earliest: it reads everybody.
const EVERY: SignedDuration = MINUTE;

/// The rosters that one process has moved on. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Moved {
    known: Arc<Mutex<BTreeMap<Uid, Known>>>,
}

/// What is known of a roster.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    is_waiting: bool,
    /// When it was put together last, or that was tried.
    tried_at: Option<Timestamp>,
}

impl Moved {
    /// Puts the rosters together that wait for it at `now`, those of `more` too, unless that was done a short while ago: then they wait
    /// for the next time, or for the schedule.
    ///
    /// # Errors
    /// The database failed for one of them, of several the first. Those wait for the next time.
    pub async fn keep(
        &self,
        store: &Store,
        more: BTreeSet<Uid>,
        now: Timestamp,
        deadline: Instant,
    ) -> Result<(), StoreError> {
        let mut failed = None;
        for uid in self.due(more, now) {
            let kept = match Instant::now() < deadline {
                true => again(store, &uid, now, deadline).await,
                false => Ok(false),
            };
            if !matches!(kept, Ok(true)) {
                self.lock().entry(uid).or_default().is_waiting = true;
            }
            failed = failed.or(kept.err());
        }
        failed.map_or(Ok(()), Err)
    }

    fn due(&self, more: BTreeSet<Uid>, now: Timestamp) -> Vec<Uid> {
        let mut known = self.lock();
        for uid in more {
            known.entry(uid).or_default().is_waiting = true;
        }
        let is_due = |known: &Known| known.is_waiting && known.tried_at.is_none_or(|at| at.plus(EVERY) <= now);
        let due = known.iter_mut().filter(|(_, known)| is_due(known));
        due.map(|(uid, known)| {
            *known = Known { is_waiting: false, tried_at: Some(now) };
            uid.clone()
        })
        .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Uid, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Puts a roster together again. What was never put together, or is of too many, is left to the schedule; what another process has just put
/// together waits.
async fn again(store: &Store, uid: &Uid, now: Timestamp, deadline: Instant) -> Result<bool, StoreError> {
    match store.roster_state(uid).await?.users {
        Some(kept) if kept.is_whole && now < kept.at.plus(EVERY) => Ok(false),
        Some(kept) if kept.is_whole => keep_users(store, uid, now, deadline).await,
        _ => Ok(true),
    }
}
