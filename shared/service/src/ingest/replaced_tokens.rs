//! Counting who uses a token after it was replaced, because such a client loses its telemetry and says nothing.
//!
//! At most `A_MINUTE` writes a minute per token and user (see `sums`): the count may be a little low after a process has ended,
//! who and when is not lost. A token that is not replaced never writes anything here.

use std::ops::AddAssign;

use bytes::Bytes;

use super::sums::Sums;
use crate::auth::ingest_token::{IngestPrincipal, TokenRefusal};
use model::organisation::Uid;
use model::time::Timestamp;
use otlp::{Head, body};
use store::Store;
use store::token::{TokenRecord, TokenState};
use store::token_use::{Claim, TokenUse};
use telemetry::claude::claim;
use telemetry::claude::source::SourceId;

/// Most writes a minute per token and user.
const A_MINUTE: u32 = 10;

/// Counts of one process. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Uses(Sums<Counted, Count>);

/// An organisation, the generation of its token, and who used it: nobody for those who cannot be told apart any more.
type Counted = (Uid, u32, SourceId);

/// What was counted of one token and user.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    accepted: u64,
    refused: u64,
    refused_at: Option<Timestamp>,
}

impl Count {
    /// That of one export, at `now`.
    fn of(outcome: Outcome, now: Timestamp) -> Self {
        match outcome {
            Outcome::Accepted => Self { accepted: 1, ..Self::default() },
            Outcome::Refused => Self { refused: 1, refused_at: Some(now), ..Self::default() },
        }
    }
}

impl AddAssign for Count {
    fn add_assign(&mut self, more: Self) {
        self.accepted += more.accepted;
        self.refused += more.refused;
        self.refused_at = self.refused_at.max(more.refused_at);
    }
}

impl Default for Uses {
    fn default() -> Self {
        Self(Sums::written(A_MINUTE))
    }
}

/// Whether an export was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Accepted,
    Refused,
}

impl Uses {
    /// Counts an export that was refused. `body` is as it was sent, whole or its beginning.
    pub(super) async fn refused(
        &self,
        store: &Store,
        refused: &TokenRefusal,
        head: Head,
        body: &Bytes,
        now: Timestamp,
    ) {
        // Nothing of an unknown token is stored: anybody can make them up. The log's line of the refusal is counted.
        if let TokenRefusal::Rotated { record, .. } | TokenRefusal::Revoked { record, .. } = refused {
            self.count(store, record, Outcome::Refused, head, body, now).await;
        }
    }

    /// Counts an export that was let in with a replaced token, during an overlap; any other is not counted here.
    pub(super) async fn accepted(
        &self,
        store: &Store,
        writer: &IngestPrincipal,
        head: Head,
        body: &Bytes,
        now: Timestamp,
    ) {
        if !matches!(writer.token().state, TokenState::Live) {
            self.count(store, writer.token(), Outcome::Accepted, head, body, now).await;
        }
    }

    async fn count(
        &self,
        store: &Store,
        token: &TokenRecord,
        outcome: Outcome,
        head: Head,
        body: &Bytes,
        now: Timestamp,
    ) {
        let sent = &body[..body.len().min(claim::LOOKED_AT)];
        let beginning = body::beginning(sent, head.coding, claim::LOOKED_AT);
        let claimed = claim::claimed(head.encoding, &beginning);
        let user = claimed.map_or_else(Claim::nobody, |(kind, value)| Claim { kind, value });
        let of = |source| (token.uid.clone(), token.generation, source);
        let (source, nobody) = (user.source(), Claim::nobody().source());
        let Some((counted, count)) = self.0.add(of(source), Some(of(nobody)), Count::of(outcome, now), now) else {
            return;
        };
        let user = (counted.2 == source).then_some(user);
        let Count { accepted, refused, refused_at } = count;
        let more = TokenUse { generation: token.generation, user, last_seen: now, accepted, refused, refused_at };
        if let Err(error) = store.add_token_use(&token.uid, &more).await {
            tracing::warn!(%error, token = token.generation, "the use of a replaced token could not be counted");
            self.0.put_back(counted, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_known_with_its_time_and_what_was_accepted_is_no_refusal() {
        let mut count = Count::of(Outcome::Refused, Timestamp(5));
        assert_eq!(count, Count { accepted: 0, refused: 1, refused_at: Some(Timestamp(5)) });
        count += Count::of(Outcome::Accepted, Timestamp(6));
        count += Count::of(Outcome::Refused, Timestamp(7));
        count += Count::of(Outcome::Accepted, Timestamp(8));
        assert_eq!(count, Count { accepted: 2, refused: 2, refused_at: Some(Timestamp(7)) });
    }
}
