//! Noting what was rejected because its numbers cannot be or because it was damaged on its way, so that an admin learns of it: whoever sends it is told in the answer, which
//! nobody reads. An export without such records costs nothing here.
//!
//! At most one write a minute for each token and reason; what comes in between is summed here and carried by the next write. A process
//! that ends keeps the last sum to itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::auth::ingest_token::IngestPrincipal;
use model::organisation::Uid;
use model::time::{MINUTE, Millis};
use store::Store;
use store::rejection::{Reason, Rejection};
use telemetry::claude::bounds::Impossible;
use telemetry::claude::rejected::Rejected;
use telemetry::claude::source::{SourceId, SourceKind};

/// Most tokens and reasons that are counted apart in one process.
const COUNTED_APART: usize = 4_096;

/// Sums of one process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Rejections {
    sums: Arc<Mutex<HashMap<Counted, Sum>>>,
}

/// An organisation, the generation of its token, and why.
type Counted = (Uid, u32, Reason);

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    /// Of the last write, since the epoch.
    minute: Option<i64>,
    waiting: u64,
}

impl Rejections {
    /// Notes what of an export was rejected. That it cannot be noted is no reason to refuse the rest.
    pub async fn note(&self, store: &Store, writer: &IngestPrincipal, rejected: &Rejected, now: Millis) {
        let Some(source) = rejected.impossible_of else { return };
        for (what, count) in Impossible::ALL.into_iter().zip(rejected.impossible).filter(|(_, count)| *count > 0) {
            self.count(store, writer, (Reason::Impossible(what), count, source), now).await;
        }
    }

    /// Notes an export that was taken for text on its way. Nobody knows whose it was.
    pub async fn note_taken_for_text(&self, store: &Store, writer: &IngestPrincipal, now: Millis) {
        let nobody = SourceId::new(SourceKind::None, "");
        self.count(store, writer, (Reason::TakenForText, 1, nobody), now).await;
    }

    async fn count(
        &self,
        store: &Store,
        writer: &IngestPrincipal,
        (reason, count, source): (Reason, u64, SourceId),
        now: Millis,
    ) {
        let counted = (writer.uid().clone(), writer.generation(), reason);
        let Some(count) = self.add(counted.clone(), count, now) else { return };
        let more = Rejection { generation: writer.generation(), reason, count, last_seen: now, source };
        if let Err(error) = store.add_rejection(writer.uid(), &more).await {
            tracing::warn!(%error, "rejections could not be noted");
            self.put_back(counted, count);
        }
    }

    /// Adds to a sum, and gives what is to be written now.
    fn add(&self, counted: Counted, count: u64, now: Millis) -> Option<u64> {
        let minute = now.0.div_euclid(MINUTE);
        let mut sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        if sums.len() >= COUNTED_APART && !sums.contains_key(&counted) {
            sums.retain(|_, sum| sum.minute == Some(minute));
        }
        if sums.len() >= COUNTED_APART && !sums.contains_key(&counted) {
            return None;
        }
        let sum = sums.entry(counted).or_default();
        sum.waiting = sum.waiting.saturating_add(count);
        if sum.minute == Some(minute) {
            return None;
        }
        sum.minute = Some(minute);
        Some(std::mem::take(&mut sum.waiting))
    }

    /// What could not be written is carried by the next write.
    fn put_back(&self, counted: Counted, count: u64) {
        let mut sums = self.sums.lock().unwrap_or_else(PoisonError::into_inner);
        let sum = sums.entry(counted).or_default();
        sum.waiting = sum.waiting.saturating_add(count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(n: u32) -> Counted {
        (Uid::from_random([1; 12]), n, Reason::Impossible(Impossible::Cost))
    }

    #[test]
    fn one_write_a_minute_carries_what_came_meanwhile() {
        let rejections = Rejections::default();
        let written: Vec<_> =
            [0, 1, 59_999, 60_000, 60_001].into_iter().map(|at| rejections.add(counted(1), 2, Millis(at))).collect();
        assert_eq!(written, [Some(2), None, None, Some(6), None]);
        assert_eq!(rejections.add(counted(2), 1, Millis(60_002)), Some(1), "another token");
        rejections.put_back(counted(2), 5);
        assert_eq!(rejections.add(counted(2), 1, Millis(120_000)), Some(6), "what could not be written is not lost");
    }

    #[test]
    fn no_number_of_tokens_fills_the_memory() {
        let rejections = Rejections::default();
        for n in 0..COUNTED_APART as u32 + 100 {
            rejections.add(counted(n), 1, Millis(0));
        }
        assert_eq!(rejections.sums.lock().unwrap().len(), COUNTED_APART);
        assert_eq!(rejections.add(counted(9_999), 1, Millis(MINUTE)), Some(1));
    }
}
