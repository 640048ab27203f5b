//! Counting exports whose token is nobody's: their senders lose telemetry and are told nothing, and no organisation can be told.
//!
//! Anybody can send such exports, so what they make this service write is bounded: one write a minute and reason (see `sums`).

use super::sums::Sums;
use crate::auth::ingest_token::TokenRefusal;
use model::time::Timestamp;
use store::Store;
use store::refusal::{Reason, Refusals};

/// Counts of one process. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Strangers(Sums<Reason, u64>);

impl Default for Strangers {
    fn default() -> Self {
        Self(Sums::written(1))
    }
}

impl Strangers {
    /// Counts an export that was refused at `now`, if its token is nobody's.
    pub(super) async fn count(&self, store: &Store, refused: &TokenRefusal, now: Timestamp) {
        let Some(reason) = reason(refused) else { return };
        let Some((reason, count)) = self.0.add(reason, None, 1, now) else { return };
        if let Err(error) = store.add_refusals(&Refusals { reason, count, last_seen: now }).await {
            tracing::warn!(%error, reason = reason.name(), "refused exports could not be counted");
            self.0.put_back(reason, count);
        }
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
