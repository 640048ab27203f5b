//! Which handler answers which path: the routes of `template.yaml`, on one machine.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use shared::ingest::Ingest;
use shared::otlp::Limits;
use shared::time::Millis;

/// The largest body of any other route, in bytes: an upload of Git users.
const LARGEST: usize = 64 * 1024 * 1024;

/// Every handler of the service.
#[derive(Debug, Clone)]
pub struct Handlers {
    /// Takes exports.
    pub ingest: Ingest,
    /// The limits of exports.
    pub limits: Limits,
}

/// Who answers.
enum Function {
    Ingest,
    Nobody,
}

impl Function {
    fn of(path: &str) -> Self {
        if path.starts_with("/v1/") || path.starts_with("/opentelemetry.") { Self::Ingest } else { Self::Nobody }
    }
}

impl Handlers {
    /// The answer to a request that arrived whole.
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        match Function::of(request.uri().path()) {
            Function::Ingest => self.ingest.answer(request, Millis::now()).await,
            Function::Nobody => status(StatusCode::NOT_FOUND),
        }
    }

    /// The largest body that the answering handler takes, in bytes.
    #[must_use]
    pub fn body_limit(&self, head: &Request<Bytes>) -> usize {
        match Function::of(head.uri().path()) {
            Function::Ingest => self.limits.sent,
            Function::Nobody => LARGEST,
        }
    }

    /// The answer to a request that cannot be taken whole: too large, too many, too slow. In the caller's own format.
    #[must_use]
    pub fn refuse(&self, head: &Request<Bytes>, refused: StatusCode) -> Response<Bytes> {
        match Function::of(head.uri().path()) {
            Function::Ingest => self.ingest.refuse_unread(head, refused),
            Function::Nobody => status(refused),
        }
    }
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
