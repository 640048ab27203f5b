//! What a user's machine can ask before it sends anything: whether an export with its token would be taken. It is answered by the
//! gate that exports pass, in the same words, and leaves no trace.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use super::Ingest;
use super::admission::{refusal, within_limits};
use crate::auth::ingest_token::{IngestPrincipal, PresentedToken};
use crate::http::query::Query;
use crate::http::reply;
use model::time::Timestamp;
use otlp::{Encoding, Rejection};

/// Where it is asked.
pub const PATH: &str = "/v1/check";

/// What an ingest token is good for at present.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Check)]
pub struct CheckView {
    /// The organisation that exports with the token go to.
    pub org: String,
    /// The token.
    pub token: CheckedToken,
    /// The present, by the clock of the service.
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    /// The version of the service.
    pub version: &'static str,
}

/// The token that was presented.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckedToken {
    /// Which of the organisation's tokens it is, from 1.
    pub generation: u32,
    /// Whether it is the newest one.
    pub current: bool,
    /// From when on it is refused, if it was replaced.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_until: Option<Timestamp>,
}

impl CheckView {
    fn of(writer: &IngestPrincipal, now: Timestamp) -> Self {
        let end = writer.token().state.end();
        let valid_until = end.map(|(_, until)| until);
        let token = CheckedToken { generation: writer.generation(), current: end.is_none(), valid_until };
        Self { org: writer.org().to_string(), token, now, version: model::VERSION }
    }
}

/// Whether a request asks for this.
pub(super) fn is_asked<B>(head: &Request<B>) -> bool {
    head.uri().path() == PATH
}

impl Ingest {
    /// Answers a check, with one strongly consistent read and without a write. It is no export, so nothing counts it as one.
    pub(super) async fn check<B>(&self, head: &Request<B>, now: Timestamp, until: Instant) -> Response<Bytes> {
        match self.checked(head, now, until).await {
            Ok(view) => reply::json(StatusCode::OK, &view),
            Err(rejection) => rejection.into_response(Encoding::Json),
        }
    }

    async fn checked<B>(&self, head: &Request<B>, now: Timestamp, until: Instant) -> Result<CheckView, Rejection> {
        if head.method() != Method::GET {
            return Err(Rejection::NotGet);
        }
        if let Some((name, _)) = Query::read(head.uri().query()).pairs().next() {
            let field: String = name.chars().take(64).collect();
            return Err(Rejection::Undecodable { field, description: "there is no such parameter".into() });
        }
        let presented = PresentedToken::read(head.headers()).map_err(refusal)?;
        let (_, writer) = self.look_up(presented, now, until).await?;
        let writer = writer.map_err(refusal)?;
        within_limits(&writer, now)?;
        Ok(CheckView::of(&writer, now))
    }
}
