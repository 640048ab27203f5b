//! Counting exports whose token is nobody's: their senders lose telemetry and are told nothing, and no organisation can be told.
//!
//! Anybody can send such exports, so what they make this service write is bounded: one write a minute and reason. What comes in between
//! is summed here and carried by the next write; a process that ends keeps the last sums to itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::auth::ingest_token::TokenRefusal;
use model::time::{MINUTE, Millis};
use store::Store;
use store::refusal::{Reason, Refusals};

/// Counts of one process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Strangers(Arc<Mutex<HashMap<Reason, Counter>>>);

/// What was counted for one reason.
#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    /// The minute of the last write.
    written: Option<i64>,
    /// How many came since.
    count: u64,
}

impl Strangers {
    /// Counts an export that was refused at `now`, if its token is nobody's.
    pub(super) async fn count(&self, store: &Store, refused: &TokenRefusal, now: Millis) {
        let Some(more) = reason(refused).and_then(|reason| self.note(reason, now)) else { return };
        if let Err(error) = store.add_refusals(&more).await {
            tracing::warn!(%error, reason = more.reason.name(), "refused exports could not be counted");
            self.put_back(&more);
        }
    }

    /// Counts one, and gives what is to be written now.
    fn note(&self, reason: Reason, now: Millis) -> Option<Refusals> {
        let minute = now.0.div_euclid(MINUTE);
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = counters.entry(reason).or_default();
        counter.count += 1;
        if counter.written == Some(minute) {
            return None;
        }
        counter.written = Some(minute);
        Some(Refusals { reason, count: std::mem::take(&mut counter.count), last_seen: now })
    }

    /// What could not be written is carried by the next write.
    fn put_back(&self, more: &Refusals) {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counters.entry(more.reason).or_default().count += more.count;
    }
}

/// Why a token is nobody's; `None` if it is somebody's, or nobody knows.
fn reason(refused: &TokenRefusal) -> Option<Reason> {
    match refused {
        TokenRefusal::Missing => Some(Reason::Missing),
        TokenRefusal::Several | TokenRefusal::Malformed(_) => Some(Reason::Malformed),
        TokenRefusal::AdminKey => Some(Reason::AdminKey),
        TokenRefusal::Unknown => Some(Reason::Unknown),
        TokenRefusal::Rotated { .. } | TokenRefusal::Revoked { .. } | TokenRefusal::Unavailable(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_one_write_a_minute_and_reason_and_none_of_it_is_lost() {
        let strangers = Strangers::default();
        let written = |at: i64, reason| strangers.note(reason, Millis(at)).map(|more| (more.count, more.last_seen));
        let first: Vec<_> = (0..10_000).filter_map(|at| written(at, Reason::Unknown)).collect();
        assert_eq!(first, [(1, Millis(0))]);
        assert_eq!(written(10_000, Reason::Missing), Some((1, Millis(10_000))), "another reason");
        assert_eq!(written(MINUTE, Reason::Unknown), Some((10_000, Millis(MINUTE))));
    }

    #[test]
    fn what_could_not_be_written_is_carried_by_the_next_write() {
        let strangers = Strangers::default();
        let lost = strangers.note(Reason::Malformed, Millis(0)).unwrap();
        strangers.put_back(&lost);
        assert_eq!(strangers.note(Reason::Malformed, Millis(1)), None, "still one write a minute");
        assert_eq!(strangers.note(Reason::Malformed, Millis(MINUTE)).unwrap().count, 3);
    }
}
