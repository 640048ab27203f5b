//! Noting what was rejected because its numbers cannot be or because it was damaged on its way, so that an admin learns of it: whoever
//! sends it is told in the answer, which nobody reads. An export without such records costs nothing here.
//!
//! At most one write a minute for each token and reason: see `sums`.

use super::sums::Sums;
use crate::auth::ingest_token::IngestPrincipal;
use model::organisation::Uid;
use model::time::Timestamp;
use store::Store;
use store::rejection::{Reason, Rejection};
use telemetry::claude::limits::Impossible;
use telemetry::claude::rejected::Rejected;
use telemetry::claude::source::{SourceId, SourceKind};

/// Counts of one process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Rejections(Sums<Counted, u64>);

/// An organisation, the generation of its token, and why.
type Counted = (Uid, u32, Reason);

impl Default for Rejections {
    fn default() -> Self {
        Self(Sums::written(1))
    }
}

impl Rejections {
    /// Notes what of an export was rejected. That it cannot be noted is no reason to refuse the rest.
    pub async fn note(&self, store: &Store, writer: &IngestPrincipal, rejected: &Rejected, now: Timestamp) {
        let Some(source) = rejected.impossible_of else { return };
        for (what, count) in Impossible::ALL.into_iter().zip(rejected.impossible).filter(|(_, count)| *count > 0) {
            self.count(store, writer, (Reason::Impossible(what), count, source), now).await;
        }
    }

    /// Notes an export that was taken for text on its way. Nobody knows whose it was.
    pub async fn note_taken_for_text(&self, store: &Store, writer: &IngestPrincipal, now: Timestamp) {
        let nobody = SourceId::new(SourceKind::None, "");
        self.count(store, writer, (Reason::TakenForText, 1, nobody), now).await;
    }

    async fn count(
        &self,
        store: &Store,
        writer: &IngestPrincipal,
        (reason, count, source): (Reason, u64, SourceId),
        now: Timestamp,
    ) {
        let counted = (writer.uid().clone(), writer.generation(), reason);
        let Some((counted, count)) = self.0.add(counted, None, count, now) else { return };
        let more = Rejection { generation: writer.generation(), reason, count, last_seen: now, source };
        if let Err(error) = store.add_rejection(writer.uid(), &more).await {
            tracing::warn!(%error, "could not record rejections");
            self.0.put_back(counted, count);
        }
    }
}
