//! Ingest: an export in, packs in DynamoDB, and only then the answer.
//!
//! One strongly consistent read (the token) and, for nearly every export, one write (its pack). What can be refused without
//! either is refused first, and nothing of a body is read before the token is known to be good (`admission`); only then it is
//! decoded and stored (`storing`). See [`telemetry::pack`] for why storing twice counts once.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tokio::time::Instant;

use crate::ingest::replaced_tokens::Uses;
use model::time::Timestamp;
use otlp::{Encoding, Head, Limits, Rejection, RetryAfter, Size, Success};
use store::environment::{BadVariable, Environment};
use store::{Store, StoreError, StoreErrorKind};

mod admission;
pub mod check;
mod full;
pub mod metrics;
pub mod packing;
pub mod rejections;
mod replaced_tokens;
mod storing;
mod strangers;
mod sums;
mod times;
mod turns;

pub use admission::{Admission, Admitted, Outdated};
use metrics::Minutes;
pub use metrics::{Minute, Stored};
use rejections::Rejections;
use strangers::Strangers;
use turns::Turns;

/// How long an export may take before its sender is asked to send it again. Below the client's own ten seconds, and below
/// the timeout of the Lambda function, whose answer no exporter could read.
pub const DEADLINE: Duration = Duration::from_secs(7);

/// The service that takes exports. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ingest {
    store: Store,
    uses: Uses,
    /// Counts of exports that are nobody's, where they are written down.
    strangers: Option<Strangers>,
    rejections: Rejections,
    limits: Limits,
    deadline: Duration,
    minutes: Minutes,
    turns: Turns,
}

/// Reads `INGEST_MAX_SENT_BYTES` and `INGEST_MAX_INFLATED_BYTES`, which lower the limits of a body but never raise them, and
/// `INGEST_DEADLINE_MS`.
///
/// # Errors
/// A value is no number.
pub fn limits(environment: &Environment<'_>) -> Result<(Limits, Duration), BadVariable> {
    let standard = Limits::default();
    let limits = Limits {
        sent: environment.parsed("INGEST_MAX_SENT_BYTES", standard.sent)?.min(standard.sent),
        inflated: environment.parsed("INGEST_MAX_INFLATED_BYTES", standard.inflated)?.min(standard.inflated),
    };
    let deadline = environment.parsed("INGEST_DEADLINE_MS", DEADLINE.as_millis() as u64)?;
    Ok((limits, Duration::from_millis(deadline)))
}

/// An answer, and what it was.
type Outcome = Result<(Success, Stored), Rejection>;

impl Ingest {
    /// Ingest into `store`, with bodies up to `limits` and answers within `deadline`.
    #[must_use]
    pub fn new(store: Store, limits: Limits, deadline: Duration) -> Self {
        Self {
            store,
            uses: Uses::default(),
            strangers: None,
            rejections: Rejections::default(),
            limits,
            deadline,
            minutes: Minutes::default(),
            turns: Turns::default(),
        }
    }

    /// This ingest, which tells `listener` at the end of a minute what it took and refused, in place of logging it.
    #[must_use]
    pub fn reporting_to(self, listener: fn(&Minute)) -> Self {
        Self { minutes: Minutes::flush_to(listener), ..self }
    }

    /// This ingest, which also writes down how many exports came whose token is nobody's. Where several processes would write, a metric
    /// of each has to do.
    #[must_use]
    pub fn counting_strangers(self) -> Self {
        Self { strangers: Some(Strangers::default()), ..self }
    }

    /// Answers a request that arrived whole at `now`. Whatever goes wrong is an answer from the table of refusals.
    pub async fn answer(&self, request: Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let until = Instant::now() + self.deadline;
        match self.judge(&request, now, until).await {
            Admission::Granted(admitted) => self.take_until(*admitted, request.into_body(), (), now, until).await,
            Admission::Outdated(outdated) => self.turn_away(*outdated, request.body(), now).await,
            Admission::Answered(response) => response,
        }
    }

    /// Judges the head of a request that arrived at `now`: method, path, types and the shape of the token first, then whether the
    /// token is good. Nothing of its body is looked at.
    pub async fn admit(&self, head: &Request<Bytes>, now: Timestamp) -> Admission {
        self.judge(head, now, Instant::now() + self.deadline).await
    }

    async fn judge(&self, head: &Request<Bytes>, now: Timestamp, until: Instant) -> Admission {
        if check::is_asked(head) {
            return Admission::Answered(self.check(head, now, until).await);
        }
        self.admit_until(head, now, until).await
    }

    /// Stores the body of a request that was admitted, and answers it; the body was whole at `now`. What is `held` for it is let go
    /// when that is done, even if nobody waits for the answer any more.
    pub async fn take(
        &self,
        admitted: Admitted,
        body: Bytes,
        held: impl Send + 'static,
        now: Timestamp,
    ) -> Response<Bytes> {
        self.take_until(admitted, body, held, now, Instant::now() + self.deadline).await
    }

    async fn take_until(
        &self,
        admitted: Admitted,
        body: Bytes,
        held: impl Send + 'static,
        now: Timestamp,
        until: Instant,
    ) -> Response<Bytes> {
        let begun = Instant::now();
        let (head, ingest) = (admitted.head, self.clone());
        let spent = admitted.spent;
        let stored = self.guarded(until, async move {
            let _held = held;
            ingest.store(admitted, body, now).await
        });
        match stored.await.flatten() {
            Ok((success, stored)) => {
                tracing::debug!(signal = head.signal.path(), ?stored, "export stored");
                self.minutes.stored(&stored, spent + begun.elapsed(), now);
                success.into_response(head.signal, head.encoding)
            }
            Err(rejection) => self.refuse(head.encoding, rejection, now),
        }
    }

    /// Refusals are logged one by one; what was taken once a minute, since a line of the log costs more than a pack.
    fn refuse(&self, encoding: Encoding, rejection: Rejection, now: Timestamp) -> Response<Bytes> {
        let (status, reason) = (rejection.status().as_u16(), rejection.name());
        match rejection.token() {
            // A metric filter counts these lines by the token: each is telemetry lost, and nobody is told.
            Some(token) => tracing::info!(status, reason, refused_token = token, "export refused"),
            None => tracing::info!(status, reason, "export refused"),
        }
        self.minutes.refused(counted_as(&rejection), now);
        rejection.into_response(encoding)
    }

    /// Answers a request whose body was not taken: too large (413), broken (400), or anything else that may pass.
    #[must_use]
    pub fn refuse_unread(&self, head: &Request<Bytes>, status: StatusCode) -> Response<Bytes> {
        let (limits, now) = (&self.limits, Timestamp::now());
        let rejection = match status {
            StatusCode::PAYLOAD_TOO_LARGE => Rejection::TooLarge { size: Size::Sent, limit: limits.sent },
            StatusCode::BAD_REQUEST => {
                let description = "its chunked transfer coding is broken".into();
                Rejection::Undecodable { field: "body".into(), description }
            }
            StatusCode::TOO_MANY_REQUESTS => Rejection::Throttled(RetryAfter::spread(now)),
            _ => Rejection::Unavailable(RetryAfter::SHORTEST),
        };
        if check::is_asked(head) {
            return rejection.into_response(Encoding::Json);
        }
        match Head::read(head.method(), head.uri().path(), head.headers(), limits) {
            Err((encoding, rejection)) => self.refuse(encoding, rejection, now),
            Ok(head) => self.refuse(head.encoding, rejection, now),
        }
    }

    /// A task of its own, so that a panic ends that task alone, and a deadline, so that the answer is ours: both may pass.
    async fn guarded<T: Send + 'static>(
        &self,
        until: Instant,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Rejection> {
        let task = tokio::spawn(tokio::time::timeout_at(until, work));
        match task.await {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(_elapsed)) => {
                tracing::warn!("an export was not stored before the deadline");
                Err(Rejection::Unavailable(RetryAfter::SHORTEST))
            }
            Err(ended) => {
                // A task that was cancelled belongs to a process that ends.
                if ended.is_panic() {
                    tracing::error!("a panic while an export was taken");
                }
                Err(Rejection::Unavailable(RetryAfter::SHORTEST))
            }
        }
    }
}

/// The name under which a refusal is counted. Those because of a token are counted by what was presented: each kind has a cause of its
/// own, and where nobody can be told, a count is all there is.
fn counted_as(rejection: &Rejection) -> &'static str {
    match rejection.token() {
        Some("missing") => "MissingToken",
        Some("malformed") => "MalformedToken",
        Some("admin") => "AdminKey",
        Some("unknown") => "UnknownToken",
        Some("retired") => "RetiredToken",
        Some("revoked") => "RevokedToken",
        _ => rejection.name(),
    }
}

/// Trouble with the database may pass, whatever it is.
fn unavailable(error: &StoreError) -> Rejection {
    tracing::warn!(%error, "an export could not be stored");
    if error.kind() == StoreErrorKind::Throttled {
        Rejection::Throttled(RetryAfter::seconds(2))
    } else {
        Rejection::Unavailable(RetryAfter::SHORTEST)
    }
}
