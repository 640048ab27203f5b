//! Requests that fail: they are tried again and again, and given up.
//!
//! As with the real client, nothing tells of a try that was not the last one, a request that was tried to the end is told twice, and
//! a network that fails has no status.

use model::time::SignedDuration;

use super::Session;
use super::turn::PERSON;
use crate::attribute::{flag, int, text};
use crate::models::Model;
use crate::random::{self, happens, weighted};

/// How often the client tries a request, unless that is of no use.
const ATTEMPTS: i64 = 11;

/// Why a request fails.
#[derive(Debug, Clone, Copy)]
struct Failure {
    error: &'static str,
    status: Option<i64>,
    /// Whether it is tried again.
    is_tried_again: bool,
}

/// The reasons, and how often there is each.
const FAILURES: [(Failure, u32); 6] = [
    (Failure { error: "Overloaded", status: Some(529), is_tried_again: true }, 7),
    (Failure { error: "Repeated 529 Overloaded errors", status: None, is_tried_again: true }, 2),
    (
        Failure {
            error: r#"429 {"type":"error","error":{"type":"rate_limit_error","message":"Too many requests"}}"#,
            status: Some(429),
            is_tried_again: true,
        },
        6,
    ),
    (Failure { error: "Connection error.", status: None, is_tried_again: true }, 2),
    (Failure { error: "Request timed out.", status: None, is_tried_again: true }, 2),
    (
        Failure {
            error: "prompt is too long: 204311 tokens > 200000 maximum",
            status: Some(400),
            is_tried_again: false,
        },
        1,
    ),
];

impl Session<'_> {
    /// A request that is given up.
    pub(super) fn fail(&mut self, model: &Model) {
        let Some(Failure { error, status, is_tried_again }) = weighted(&mut self.rng, &FAILURES).copied() else {
            return;
        };
        let (last, attempts) = (self.rng.i64(2_000..9_000), if is_tried_again { ATTEMPTS } else { 1 });
        // Between two tries is a pause that becomes longer.
        let waited = if is_tried_again { self.rng.i64(90_000..180_000) } else { 0 };
        self.pass(SignedDuration::from_millis(last + waited));
        let request = format!("req_{}", random::hex(&mut self.rng, 24));
        let name = self.name_of(model);
        let about = || {
            let status = status.map(|status| int("status_code", status));
            [text("model", name), text("error", error)].into_iter().chain(status)
        };
        let asked = || [text("speed", "normal"), text("query_source", PERSON), text("effort", "medium")];
        let tried = [int("duration_ms", last), int("attempt", attempts), text("request_id", request)];
        let purpose = self.purpose;
        self.event("api_error", about().chain(tried).chain(asked()).chain(purpose.attributes()));
        if is_tried_again {
            let tried = [int("total_attempts", attempts), int("total_retry_duration_ms", waited)];
            self.event("api_retries_exhausted", about().chain(tried).chain(asked()));
        }
    }

    /// A model declines a request, now and then.
    pub(super) fn decline(&mut self, model: &Model, request: &str) {
        if !happens(&mut self.rng, 0.0005) {
            return;
        }
        self.event(
            "api_refusal",
            [
                text("model", self.name_of(model)),
                text("request_id", request),
                text("query_source", PERSON),
                text("speed", "normal"),
                int("attempt", 1),
                text("effort", "medium"),
                flag("server_fallback_hop", false),
                flag("has_category", true),
                flag("has_explanation", false),
            ],
        );
    }
}
