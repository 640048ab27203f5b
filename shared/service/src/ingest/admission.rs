//! Who may send a body at all: judged from the head alone, so that nobody without a good token costs more than one read.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::Instant;

use super::{Ingest, unavailable};
use crate::auth::ingest_token::{IngestPrincipal, PresentedToken, TokenRefusal};
use model::time::{SECOND, SignedDuration, Timestamp};
use otlp::{Encoding, Head, Rejection, Size};
use telemetry::claude::claim;

/// How long an admission is good for. A body that takes longer to arrive has its token looked up once more, since
/// it may have been replaced or revoked meanwhile.
const FRESH: SignedDuration = SECOND;

/// What a head is worth.
#[derive(Debug)]
pub enum Admission {
    /// Its sender may write: the body is wanted.
    Granted(Box<Admitted>),
    /// Its token was good once: the beginning of the body says who has to get the new one.
    Outdated(Box<Outdated>),
    /// The answer, nearly always a refusal; nothing of the body is wanted.
    Answered(Response<Bytes>),
}

/// A request whose sender may write.
#[derive(Debug)]
pub struct Admitted {
    pub(super) head: Head,
    pub(super) spent: Duration,
    presented: PresentedToken,
    writer: IngestPrincipal,
    at: Timestamp,
}

/// A request with a token that was replaced or revoked.
#[derive(Debug)]
pub struct Outdated {
    head: Head,
    refused: TokenRefusal,
}

impl Outdated {
    /// How much of the body, as sent, is looked at, in bytes.
    pub const LOOKED_AT: usize = claim::LOOKED_AT;
}

impl Ingest {
    pub(super) async fn admit_until(&self, head: &Request<Bytes>, now: Timestamp, until: Instant) -> Admission {
        let begun = Instant::now();
        let refused = |encoding: Encoding, rejection| Admission::Answered(self.refuse(encoding, rejection, now));
        let (method, path, headers) = (head.method(), head.uri().path(), head.headers());
        let head = match Head::read(method, path, headers, &self.limits) {
            Ok(head) => head,
            Err((encoding, rejection)) => return refused(encoding, rejection),
        };
        let presented = match PresentedToken::read(headers) {
            Ok(presented) => presented,
            Err(why) => {
                self.count_stranger(&why, now, until).await;
                return refused(head.encoding, refusal(why));
            }
        };
        match self.look_up(presented, now, until).await {
            Ok((presented, Ok(writer))) => match within_limits(&writer, now) {
                Ok(()) => {
                    Admission::Granted(Box::new(Admitted { head, spent: begun.elapsed(), presented, writer, at: now }))
                }
                Err(limited) => refused(head.encoding, limited),
            },
            Ok((_, Err(known @ (TokenRefusal::Rotated { .. } | TokenRefusal::Revoked { .. })))) => {
                Admission::Outdated(Box::new(Outdated { head, refused: known }))
            }
            Ok((_, Err(unknown))) => {
                self.count_stranger(&unknown, now, until).await;
                refused(head.encoding, refusal(unknown))
            }
            Err(rejection) => refused(head.encoding, rejection),
        }
    }

    /// Counts an export whose token is nobody's, where that is written down.
    async fn count_stranger(&self, refused: &TokenRefusal, now: Timestamp, until: Instant) {
        if let Some(strangers) = &self.strangers {
            // The refusal does not depend on it, and is not kept waiting for long.
            let _ = tokio::time::timeout_at(until, strangers.count(&self.store, refused, now)).await;
        }
    }

    /// Whether a token is good at `now`.
    ///
    /// # Errors
    /// It was not known in time.
    pub(super) async fn look_up(
        &self,
        presented: PresentedToken,
        now: Timestamp,
        until: Instant,
    ) -> Result<(PresentedToken, Result<IngestPrincipal, TokenRefusal>), Rejection> {
        let store = self.store.clone();
        let looked_up = self.guarded(until, async move {
            let writer = presented.authenticate(&store, now).await;
            (presented, writer)
        });
        looked_up.await
    }

    /// Answers a request with a token that was replaced or revoked, and counts who sent it by the `beginning` of its body as sent.
    pub async fn turn_away(&self, outdated: Outdated, beginning: &Bytes, now: Timestamp) -> Response<Bytes> {
        let Outdated { head, refused } = outdated;
        let (ingest, beginning) = (self.clone(), beginning.clone());
        let counted = self.guarded(Instant::now() + self.deadline, async move {
            ingest.uses.refused(&ingest.store, &refused, head, &beginning, now).await;
            refusal(refused)
        });
        self.refuse(head.encoding, counted.await.unwrap_or_else(|rejection| rejection), now)
    }

    /// Who writes what was admitted and is here now.
    pub(super) async fn writer(
        &self,
        admitted: Admitted,
        body: &Bytes,
        now: Timestamp,
    ) -> Result<IngestPrincipal, Rejection> {
        let Admitted { head, presented, writer, at, .. } = admitted;
        if body.len() > self.limits.sent {
            return Err(Rejection::TooLarge { size: Size::Sent, limit: self.limits.sent });
        }
        let is_fresh = now.since(at) <= FRESH;
        let writer = if is_fresh { Ok(writer) } else { presented.authenticate(&self.store, now).await };
        match writer {
            Ok(writer) => {
                within_limits(&writer, now)?;
                self.uses.accepted(&self.store, &writer, head, body, now).await;
                Ok(writer)
            }
            Err(refused) => {
                self.uses.refused(&self.store, &refused, head, body, now).await;
                Err(refusal(refused))
            }
        }
    }
}

/// Whether the organisation has not had more of late than it may have.
pub(super) fn within_limits(writer: &IngestPrincipal, now: Timestamp) -> Result<(), Rejection> {
    let limited = writer.token().marks.limited(now);
    limited.map_or(Ok(()), |limited| Err(Rejection::Limited { message: limited.to_string() }))
}

pub(super) fn refusal(refused: TokenRefusal) -> Rejection {
    match refused {
        TokenRefusal::Unavailable(error) => unavailable(&error),
        other => Rejection::Unauthenticated { message: other.to_string(), token: other.token() },
    }
}
