//! The demo's organisation, and the calls that an admin would make of it.

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use model::time::{SignedDuration, Timestamp};
use model::token::{PlainToken, TokenKind};
use serde_json::{Value, json};
use service::auth::root_key::{BadRootKey, RootKey};

use crate::handlers::Handlers;
use demo_data::cast::ORGANIZATION;
use demo_data::export::Export;

/// Its name in URLs.
pub(super) const ORG: &str = "demo";
/// Its name for people. An organisation of another name is not the demo's.
const NAME: &str = "Demo of invented people";

/// Why there is no demo, in a sentence for the person at the terminal.
#[derive(Debug, thiserror::Error)]
pub(super) enum StageError {
    /// Somebody's own organisation has the name.
    #[error(
        "an organisation `{ORG}` is there that the demo did not make; it is left alone. Choose another data folder with --data"
    )]
    Foreign,
    /// A call was refused.
    #[error("{call} was answered with {status}: {body}")]
    Refused { call: String, status: StatusCode, body: String },
    /// A request that cannot be made.
    #[error("a request could not be made: {0}")]
    Request(#[from] http::Error),
    /// The random source.
    #[error("the random source of the operating system failed: {0}")]
    Random(#[from] getrandom::Error),
    /// A key.
    #[error(transparent)]
    Key(#[from] BadRootKey),
    /// A part of the work broke off.
    #[error("a task ended early: {0}")]
    Task(#[from] tokio::task::JoinError),
}

/// What is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing.
    Nothing,
    /// A month that broke off.
    Unfinished,
    /// A month.
    Filled,
    /// Somebody's own organisation.
    Foreign,
}

/// The handlers, with a root key that only the demo knows. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    handlers: Handlers,
    bearer: String,
}

impl Stage {
    /// The demo's stage over these handlers.
    pub(super) fn new(mut handlers: Handlers) -> Result<Self, StageError> {
        let key = PlainToken::generate(TokenKind::Admin)?;
        let root_key = RootKey::given(key.expose())?;
        handlers.app.root_key = root_key;
        Ok(Self { handlers, bearer: format!("Bearer {}", key.expose()) })
    }

    /// What is there.
    pub(super) async fn look(&self, now: Timestamp) -> Result<Found, StageError> {
        let known = match self.ask(Method::GET, "", Value::Null, now).await {
            Err(StageError::Refused { status: StatusCode::NOT_FOUND, .. }) => return Ok(Found::Nothing),
            known => known?,
        };
        if known["name"] != NAME {
            return Ok(Found::Foreign);
        }
        // Merging comes last.
        let merges = self.ask(Method::GET, "/merges?limit=1", Value::Null, now).await?;
        Ok(if merges["items"].as_array().is_some_and(|items| !items.is_empty()) {
            Found::Filled
        } else {
            Found::Unfinished
        })
    }

    /// Erases a month that broke off.
    pub(super) async fn clear(&self, now: Timestamp) -> Result<(), StageError> {
        self.ask(Method::DELETE, "?purge=true", Value::Null, now).await.map(drop)
    }

    /// Enables the organisation. Returns its token.
    pub(super) async fn enable(&self, now: Timestamp) -> Result<String, StageError> {
        let settings = json!({
            "name": NAME,
            "timezone": "Europe/Berlin",
            "anthropic_organization_ids": [ORGANIZATION],
        });
        self.ask(Method::PUT, "", settings, now).await.map(|answer| token(&answer))
    }

    /// Rotates the token. Returns the new one.
    pub(super) async fn rotate(&self, overlap: SignedDuration, now: Timestamp) -> Result<String, StageError> {
        let wanted = json!({"overlap_seconds": overlap.as_secs()});
        self.ask(Method::POST, "/token/rotate", wanted, now).await.map(|answer| token(&answer))
    }

    /// The token that a client gets that starts now, and its generation.
    pub(super) async fn deployed(&self, now: Timestamp) -> Result<(String, u32), StageError> {
        let settings = self.ask(Method::GET, "/settings/managed.json", Value::Null, now).await?;
        let known = self.ask(Method::GET, "/token", Value::Null, now).await?;
        let header = settings["env"]["OTEL_EXPORTER_OTLP_HEADERS"].as_str().unwrap_or_default();
        let generation = known["generation"].as_u64().and_then(|g| u32::try_from(g).ok()).unwrap_or_default();
        Ok((header.trim_start_matches("Authorization=Bearer ").to_owned(), generation))
    }

    /// Uploads Git users and merges.
    pub(super) async fn merge(&self, git_users: Value, now: Timestamp) -> Result<(), StageError> {
        self.ask(Method::PUT, "/git-users", git_users, now).await?;
        self.ask(Method::POST, "/merge/run", Value::Null, now).await.map(drop)
    }

    /// Sends an export with `token` at its time, again while it is asked to. Returns the status of the answer.
    pub(super) async fn send(&self, export: &Export, token: &str) -> Result<StatusCode, StageError> {
        loop {
            let request = Request::post(export.signal.path())
                .header("content-type", export.content_type)
                .header("authorization", format!("Bearer {token}"))
                .body(export.body.clone())?;
            let answer = self.handlers.answer_at(request, export.at).await;
            if !matches!(answer.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
                return Ok(answer.status());
            }
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }

    /// Asks as an admin; `path` is what follows the organisation.
    async fn ask(&self, method: Method, path: &str, body: Value, now: Timestamp) -> Result<Value, StageError> {
        let call = format!("{method} /api/orgs/{ORG}{path}");
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/orgs/{ORG}{path}"))
            .header("authorization", &self.bearer)
            .header("content-type", "application/json")
            .body(body)?;
        let answer = self.handlers.answer_at(request, now).await;
        if answer.status().is_success() {
            return Ok(serde_json::from_slice(answer.body()).unwrap_or_default());
        }
        let body = String::from_utf8_lossy(answer.body()).into_owned();
        Err(StageError::Refused { call, status: answer.status(), body })
    }
}

fn token(answer: &Value) -> String {
    answer["ingest_token"].as_str().unwrap_or_default().to_owned()
}
