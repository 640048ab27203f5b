//! Counting who uses a token after it was replaced, because such a client loses its telemetry and says nothing.
//!
//! At most `A_MINUTE` writes a minute per token and user; what comes in between is summed here and carried by the next write. A
//! process that ends keeps the last sums to itself: the count may then be a little low, who and when is not lost. A token that is
//! not replaced never writes anything here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::auth::ingest_token::{IngestPrincipal, TokenRefusal};
use model::organisation::Uid;
use model::time::{MINUTE, Millis};
use otlp::{Head, body};
use store::Store;
use store::token::{TokenRecord, TokenState};
use store::token_use::{Claim, TokenUse};
use telemetry::claude::claim;
use telemetry::claude::source::SourceId;

/// Most writes a minute per token and user.
const A_MINUTE: u32 = 10;
/// Most tokens and users that are counted apart in one process: about a megabyte.
const COUNTED_APART: usize = 4_096;

/// Counts of one process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Uses {
    counters: Arc<Mutex<HashMap<Counted, Counter>>>,
}

/// An organisation, the generation of its token, and who used it.
type Counted = (Uid, u32, SourceId);

/// What was counted of one token and user.
#[derive(Debug, Clone, Copy, Default)]
struct Counter {
    minute: i64,
    writes: u32,
    accepted: u64,
    refused: u64,
    refused_at: Option<Millis>,
}

/// Whether an export was let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Accepted,
    Refused,
}

impl Uses {
    /// Counts an export that was refused. `body` is as it was sent, whole or its beginning.
    pub(super) async fn refused(&self, store: &Store, refused: &TokenRefusal, head: Head, body: &Bytes, now: Millis) {
        // Nothing of an unknown token is stored: anybody can make them up. The log's line of the refusal is counted.
        if let TokenRefusal::Rotated { record, .. } | TokenRefusal::Revoked { record, .. } = refused {
            self.count(store, record, Outcome::Refused, head, body, now).await;
        }
    }

    /// Counts an export that was let in with a replaced token, during an overlap; any other is none of its business.
    pub(super) async fn accepted(
        &self,
        store: &Store,
        writer: &IngestPrincipal,
        head: Head,
        body: &Bytes,
        now: Millis,
    ) {
        if !matches!(writer.token().state, TokenState::Live) {
            self.count(store, writer.token(), Outcome::Accepted, head, body, now).await;
        }
    }

    async fn count(&self, store: &Store, token: &TokenRecord, outcome: Outcome, head: Head, body: &Bytes, now: Millis) {
        let sent = &body[..body.len().min(claim::LOOKED_AT)];
        let beginning = body::beginning(sent, head.coding, claim::LOOKED_AT);
        let claimed = claim::claimed(head.encoding, &beginning);
        let user = claimed.map_or_else(Claim::nobody, |(kind, value)| Claim { kind, value });
        let Some(more) = self.note(token, user, outcome, now) else { return };
        if let Err(error) = store.add_token_use(&token.uid, &more).await {
            tracing::warn!(%error, token = token.generation, "the use of a replaced token could not be counted");
            self.put_back(&token.uid, &more);
        }
    }

    /// Counts one export, and gives what is to be written now.
    fn note(&self, token: &TokenRecord, user: Claim, outcome: Outcome, now: Millis) -> Option<TokenUse> {
        let minute = now.0.div_euclid(MINUTE);
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (token.uid.clone(), token.generation, user.source());
        if counters.len() >= COUNTED_APART && !counters.contains_key(&key) {
            counters.retain(|_, counter| counter.minute == minute || counter.accepted + counter.refused > 0);
        }
        let crowded = counters.len() >= COUNTED_APART && !counters.contains_key(&key);
        // Those who cannot be told apart any more are counted together.
        let (key, user) = if crowded { ((key.0, key.1, Claim::nobody().source()), None) } else { (key, Some(user)) };
        let counter = counters.entry(key).or_default();
        if counter.minute != minute {
            (counter.minute, counter.writes) = (minute, 0);
        }
        match outcome {
            Outcome::Accepted => counter.accepted += 1,
            Outcome::Refused => (counter.refused, counter.refused_at) = (counter.refused + 1, Some(now)),
        }
        if counter.writes >= A_MINUTE {
            return None;
        }
        counter.writes += 1;
        let (accepted, refused) = (std::mem::take(&mut counter.accepted), std::mem::take(&mut counter.refused));
        let refused_at = counter.refused_at.take();
        Some(TokenUse { generation: token.generation, user, last_seen: now, accepted, refused, refused_at })
    }

    /// What could not be written is carried by the next write.
    fn put_back(&self, uid: &Uid, more: &TokenUse) {
        let source = more.user.clone().unwrap_or_else(Claim::nobody).source();
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = counters.entry((uid.clone(), more.generation, source)).or_default();
        counter.accepted += more.accepted;
        counter.refused += more.refused;
        counter.refused_at = counter.refused_at.max(more.refused_at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::token::TokenKind;
    use store::marks::Marks;
    use telemetry::claude::source::SourceKind;

    fn token() -> TokenRecord {
        TokenRecord {
            kind: TokenKind::Ingest,
            org: "acme".parse().unwrap(),
            uid: Uid::from_random([1; 12]),
            generation: 3,
            state: TokenState::Retired { at: Millis(0), until: Millis(0) },
            created_at: Millis(0),
            retention_days: 90,
            store_content: false,
            store_tool_names: false,
            accept_late_days: 7,
            marks: Marks::default(),
        }
    }

    fn user(n: usize) -> Claim {
        Claim { kind: SourceKind::Email, value: format!("user{n}@example.com") }
    }

    #[test]
    fn ten_writes_a_minute_and_then_the_sum() {
        let uses = Uses::default();
        let written = |at: i64| uses.note(&token(), user(1), Outcome::Refused, Millis(at));
        let first: Vec<_> = (0..25).filter_map(&written).collect();
        assert_eq!(first.len(), 10);
        assert!(first.iter().all(|more| more.refused == 1));
        let next = written(MINUTE).unwrap();
        assert_eq!((next.refused, next.accepted, next.last_seen), (16, 0, Millis(MINUTE)));
        assert_eq!(next.refused_at, Some(Millis(MINUTE)));
        let accepted = uses.note(&token(), user(1), Outcome::Accepted, Millis(2 * MINUTE)).unwrap();
        assert_eq!(accepted.refused_at, None, "what is accepted later is no refusal");
        assert_eq!(uses.note(&token(), user(2), Outcome::Accepted, Millis(5)).unwrap().accepted, 1, "another user");
    }

    #[test]
    fn what_could_not_be_written_is_not_lost() {
        let uses = Uses::default();
        let lost = uses.note(&token(), user(1), Outcome::Refused, Millis(0)).unwrap();
        uses.put_back(&token().uid, &lost);
        let next = uses.note(&token(), user(1), Outcome::Accepted, Millis(1)).unwrap();
        assert_eq!((next.accepted, next.refused, next.refused_at), (1, 1, Some(Millis(0))));
    }

    #[test]
    fn made_up_names_do_not_fill_the_memory() {
        let uses = Uses::default();
        for n in 0..COUNTED_APART + 100 {
            uses.note(&token(), user(n), Outcome::Refused, Millis(0));
        }
        assert!(uses.counters.lock().unwrap().len() <= COUNTED_APART + 1);
        assert_eq!(uses.note(&token(), user(9_999), Outcome::Refused, Millis(0)), None, "the crowd has had its ten");
        assert!(uses.note(&token(), user(9_999), Outcome::Refused, Millis(MINUTE)).unwrap().user.is_some());
    }
}
