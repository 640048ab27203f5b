//! Ingest: an export in, packs in DynamoDB, and only then the answer.
//!
//! One strongly consistent read (the token) and, for nearly every export, one write (its pack). What can be refused without
//! either is refused first. See [`crate::pack`] for why storing twice counts once.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use crate::auth::writer::{Presented, Refused, Writer};
use crate::claude::read::{Export, Reader};
use crate::environment::{BadVariable, Environment};
use crate::organisations::uses::Uses;
use crate::otlp::{self, Encoding, Head, Limits, Payload, Rejection, RetryAfter, Signal, Size, Success};
use crate::pack::group::{Group, groups};
use crate::pack::{self, Header};
use crate::store::pack::Put;
use crate::store::{Store, StoreError, keys};
use crate::time::{DAY, Millis};

pub mod clock;
mod full;
pub mod minute;

use full::Kept;
use minute::Minutes;
pub use minute::{Minute, Taken};

/// Bodies up to this size, as sent, are decoded while the token is looked up: larger ones only for those who may write.
const EAGER: usize = 64 * 1024;
/// How many packs of one export are written at a time.
const PARALLEL_WRITES: usize = 8;
/// How long an export may take before its sender is asked to send it again. Below the client's own ten seconds, and below
/// the timeout of the Lambda function, whose answer no exporter could read.
pub const DEADLINE: Duration = Duration::from_secs(7);

/// The service that takes exports. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ingest {
    store: Store,
    uses: Uses,
    limits: Limits,
    deadline: Duration,
    minutes: Minutes,
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
type Outcome = Result<(Success, Taken), Rejection>;

impl Ingest {
    /// Ingest into `store`, with bodies up to `limits` and answers within `deadline`.
    #[must_use]
    pub fn new(store: Store, limits: Limits, deadline: Duration) -> Self {
        Self { store, uses: Uses::default(), limits, deadline, minutes: Minutes::default() }
    }

    /// This ingest, which tells `listener` at the end of a minute what it took and refused, in place of logging it.
    #[must_use]
    pub fn reporting_to(self, listener: fn(&Minute)) -> Self {
        Self { minutes: Minutes::told_to(listener), ..self }
    }

    /// Answers a request that arrived at `now`. Whatever goes wrong is an answer from the table of refusals.
    pub async fn answer(&self, request: Request<Bytes>, now: Millis) -> Response<Bytes> {
        let begun = Instant::now();
        let head = match Head::read(request.method(), request.uri().path(), request.headers(), &self.limits) {
            Ok(head) => head,
            Err((encoding, rejection)) => return self.refuse(encoding, rejection, now),
        };
        match self.guarded(head, request, now).await {
            Ok((success, taken)) => {
                tracing::debug!(signal = head.signal.path(), ?taken, "export stored");
                self.minutes.taken(&taken, begun.elapsed(), now);
                success.into_response(head.signal, head.encoding)
            }
            Err(rejection) => self.refuse(head.encoding, rejection, now),
        }
    }

    /// Refusals are logged one by one; what was taken once a minute, since a line of the log costs more than a pack.
    fn refuse(&self, encoding: Encoding, rejection: Rejection, now: Millis) -> Response<Bytes> {
        let (status, reason) = (rejection.status().as_u16(), rejection.name());
        match rejection.token() {
            // A metric filter counts these lines by the token: each is telemetry lost, and nobody is told.
            Some(token) => tracing::info!(status, reason, refused_token = token, "export refused"),
            None => tracing::info!(status, reason, "export refused"),
        }
        self.minutes.refused(reason, now);
        rejection.into_response(encoding)
    }

    /// Answers a request whose body was not taken: too large (413), or anything else that may pass.
    #[must_use]
    pub fn refuse_unread(&self, head: &Request<Bytes>, status: StatusCode) -> Response<Bytes> {
        let (limits, now) = (&self.limits, Millis::now());
        match Head::read(head.method(), head.uri().path(), head.headers(), limits) {
            Err((encoding, rejection)) => self.refuse(encoding, rejection, now),
            Ok(head) => {
                let rejection = match status {
                    StatusCode::PAYLOAD_TOO_LARGE => Rejection::TooLarge { size: Size::Sent, limit: limits.sent },
                    StatusCode::TOO_MANY_REQUESTS => Rejection::Throttled(RetryAfter::spread(now)),
                    _ => Rejection::Unavailable(RetryAfter::SHORTEST),
                };
                self.refuse(head.encoding, rejection, now)
            }
        }
    }

    /// A task of its own, so that a panic ends that task alone, and a deadline, so that the answer is ours: both may pass.
    async fn guarded(&self, head: Head, request: Request<Bytes>, now: Millis) -> Outcome {
        let ingest = self.clone();
        let task = tokio::spawn(async move {
            let deadline = ingest.deadline;
            tokio::time::timeout(deadline, ingest.take(head, request, now)).await
        });
        match task.await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_elapsed)) => {
                tracing::warn!("an export was not stored before the deadline");
                Err(Rejection::Unavailable(RetryAfter::SHORTEST))
            }
            Err(_panicked) => {
                tracing::error!("a panic while an export was taken");
                Err(Rejection::Unavailable(RetryAfter::SHORTEST))
            }
        }
    }

    async fn take(&self, head: Head, request: Request<Bytes>, now: Millis) -> Outcome {
        let (parts, body) = request.into_parts();
        if body.len() > self.limits.sent {
            return Err(Rejection::TooLarge { size: Size::Sent, limit: self.limits.sent });
        }
        let presented = Presented::read(&parts.headers).map_err(refusal)?;
        // The read is under way before decoding begins, and a bad token wins over a bad body.
        let (writer, decoded) = if body.len() <= EAGER {
            let (writer, decoded) =
                tokio::join!(presented.authenticate(&self.store, now), async { self.decode(head, body.clone()) });
            (writer, Some(decoded))
        } else {
            (presented.authenticate(&self.store, now).await, None)
        };
        let writer = match writer {
            Ok(writer) => writer,
            Err(refused) => {
                self.uses.refused(&self.store, &refused, head, &body, now).await;
                return Err(refusal(refused));
            }
        };
        if let Some(limited) = writer.token().marks.limited(now) {
            return Err(Rejection::Limited { message: limited.to_string() });
        }
        self.uses.accepted(&self.store, &writer, head, &body, now).await;
        let decoded = match decoded {
            Some(decoded) => decoded?,
            None => {
                let ingest = self.clone();
                let decoded = tokio::task::spawn_blocking(move || ingest.decode(head, body)).await;
                decoded.map_err(|_| Rejection::Unavailable(RetryAfter::SHORTEST))??
            }
        };
        let reader = Reader::new(writer.store_content());
        let export = match &decoded.payload {
            Payload::Logs(request) => reader.logs(request),
            Payload::Metrics(request) => reader.metrics(request),
            Payload::Traces(request) => reader.traces(request),
        };
        self.store_export(head.signal, &writer, export, decoded.warning.map(|w| w.to_string()), now).await
    }

    fn decode(&self, head: Head, body: Bytes) -> Result<otlp::Decoded, Rejection> {
        let plain = otlp::inflate(body, head.coding, &self.limits)?;
        Ok(otlp::decode(head.signal, head.encoding, &plain)?)
    }

    async fn store_export(
        &self,
        signal: Signal,
        writer: &Writer,
        mut export: Export,
        warning: Option<String>,
        now: Millis,
    ) -> Outcome {
        let rejected = export.rejected.count;
        if export.entries.is_empty() && rejected > 0 {
            let description = format!("nothing in it can be counted. {}", export.rejected.sentence());
            return Err(Rejection::Undecodable { field: "body".into(), description });
        }
        let mut remarks: Vec<String> = warning.into_iter().collect();
        if rejected > 0 {
            remarks.push(export.rejected.sentence());
        }
        remarks.extend(clock::remark(&export, now));
        if export.cut > 0 {
            remarks.push(format!("{} values were cut at 60 KiB or left out of records over 256 KiB.", export.cut));
        }
        let kept = Kept::of(groups(&mut export), &writer.token().marks, now);
        remarks.extend(kept.remark());
        let rejected = rejected.saturating_add(kept.left_out);
        let packs = self.packs(signal, writer, (&export, &kept.groups), rejected, now);
        let accepted = packs.iter().map(|p| u64::from(p.accepted)).sum();
        let expires_at = now.plus(i64::from(writer.retention_days()) * DAY);
        let mut taken = Taken { accepted, rejected, ..Taken::default() };
        for put in self.put_all(packs, expires_at).await? {
            taken.duplicates += u32::from(put.duplicate);
            taken.write_units += put.write_units;
        }
        Ok((Success { rejected: i64::try_from(rejected).unwrap_or(i64::MAX), message: remarks.join(" ") }, taken))
    }

    fn packs(
        &self,
        signal: Signal,
        writer: &Writer,
        (export, groups): (&Export, &[Group]),
        rejected: u64,
        now: Millis,
    ) -> Vec<Packed> {
        let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        groups
            .iter()
            .enumerate()
            .map(|(index, group)| {
                // What belongs to the export as a whole is noted once, in its first pack.
                let whole = index == 0;
                let header = Header {
                    received_at: now,
                    generation: writer.generation(),
                    accepted: group.accepted,
                    rejected: if whole { count(rejected) } else { 0 },
                    reclocked: count(group.records.iter().filter(|r| !clock::is_credible(r.time, now)).count() as u64),
                    cut: if whole { export.cut } else { 0 },
                    dropped: group.dropped,
                };
                Packed {
                    key: keys::pack(writer.uid(), signal, group.source, group.bucket, group.first, &group.digest),
                    bytes: pack::encode(&header, &group.contexts(&export.contexts), &group.records),
                    accepted: group.accepted,
                }
            })
            .collect()
    }

    async fn put_all(&self, packs: Vec<Packed>, expires_at: Millis) -> Result<Vec<Put>, Rejection> {
        let mut done = Vec::with_capacity(packs.len());
        let mut waiting = packs.into_iter();
        let mut running = tokio::task::JoinSet::new();
        loop {
            while running.len() < PARALLEL_WRITES
                && let Some(pack) = waiting.next()
            {
                let store = self.store.clone();
                running.spawn(async move { store.put_pack(&pack.key, pack.bytes, expires_at).await });
            }
            match running.join_next().await {
                None => return Ok(done),
                Some(Ok(put)) => done.push(put.map_err(|e| unavailable(&e))?),
                Some(Err(_)) => return Err(Rejection::Unavailable(RetryAfter::SHORTEST)),
            }
        }
    }
}

/// A pack that is ready to be written.
struct Packed {
    key: keys::Key,
    bytes: Vec<u8>,
    accepted: u32,
}

fn refusal(refused: Refused) -> Rejection {
    match refused {
        Refused::Unavailable(error) => unavailable(&error),
        other => Rejection::Unauthenticated { message: other.to_string(), token: other.token() },
    }
}

/// Trouble with the database may pass, whatever it is.
fn unavailable(error: &StoreError) -> Rejection {
    tracing::warn!(%error, "an export could not be stored");
    if error.is_throttled() {
        Rejection::Throttled(RetryAfter::seconds(2))
    } else {
        Rejection::Unavailable(RetryAfter::SHORTEST)
    }
}
