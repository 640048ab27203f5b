//! The functions that admins call, over an embedded database and secret store, without a network in between.

use bytes::Bytes;
use http::Request;
use local::handlers::Handlers;
use model::time::Millis;
use serde_json::Value;
use service::auth::root_key::RootKey;
use service::auth::writer::{Presented, Refused, Writer};
use store::Store;
use store::aws::Aws;
use store::environment::Environment;
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};

use crate::captures::Capture;
use crate::tables;

/// The root admin key of the tests.
pub const ROOT_KEY: &str = "root-key-of-the-tests-0123456789_";

/// Where clients of the tests believe the service to be.
pub const BASE_URL: &str = "https://telemetry.example.com";

/// The moment at which tests begin.
pub const START: Millis = Millis(1_795_328_009_164);

/// The functions, and what they work with.
#[derive(Debug, Clone)]
pub struct Office {
    /// The tables.
    pub store: Store,
    /// Where tokens are.
    pub secrets: Secrets,
    /// Every function.
    pub handlers: Handlers,
}

/// A client of the Secrets Manager at `endpoint`.
///
/// # Panics
/// It is no address.
#[must_use]
pub fn secrets_manager(endpoint: &str) -> aws_sdk_secretsmanager::Client {
    let environment = Environment::from_lookup(|name| {
        Some(match name {
            "AWS_ENDPOINT_URL_SECRETS_MANAGER" => endpoint.to_owned(),
            "AWS_REGION" => "eu-west-1".into(),
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "test".into(),
            _ => return None,
        })
    });
    Aws::from_environment(&environment).unwrap().secrets_manager()
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: http::HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Reply {
    /// The body as JSON; null if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The text of a member of the body; empty if there is none.
    #[must_use]
    pub fn text(&self, member: &str) -> String {
        self.json()[member].as_str().unwrap_or_default().to_owned()
    }
}

impl Office {
    /// The functions over a database and a secret store of their own.
    pub async fn open() -> Self {
        Self::over(tables::fresh().await, Secrets::Embedded(EmbeddedSecrets::in_memory()))
    }

    /// The functions over these.
    #[must_use]
    pub fn over(store: Store, secrets: Secrets) -> Self {
        let root_key = RootKey::given(ROOT_KEY).unwrap();
        let handlers = Handlers::new(&store, &secrets, &root_key, BASE_URL.parse().unwrap());
        Self { store, secrets, handlers }
    }

    /// Asks with the root key, at the beginning.
    pub async fn ask(&self, call: &str, body: &str) -> Reply {
        self.ask_as(ROOT_KEY, call, body, START).await
    }

    /// Asks with the root key, at `now`.
    pub async fn ask_at(&self, call: &str, body: &str, now: Millis) -> Reply {
        self.ask_as(ROOT_KEY, call, body, now).await
    }

    /// Asks, for example for `PUT /api/orgs/acme`, with `key` at `now`.
    pub async fn ask_as(&self, key: &str, call: &str, body: &str, now: Millis) -> Reply {
        let (method, target) = call.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(target);
        if !key.is_empty() {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        self.send(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap(), now).await
    }

    /// Sends a request to the function that serves it.
    pub async fn send(&self, request: Request<Bytes>, now: Millis) -> Reply {
        let response = self.handlers.answer_at(request, now).await;
        let (parts, body) = response.into_parts();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Enables the organisation `org` and gives its token.
    ///
    /// # Panics
    /// It is enabled already.
    pub async fn enable(&self, org: &str) -> String {
        let reply = self.ask(&format!("PUT /api/orgs/{org}"), "").await;
        assert_eq!(reply.status, 201, "{reply:?}");
        reply.text("ingest_token")
    }

    /// Rotates the token of `org` at `now` and gives the new one.
    ///
    /// # Panics
    /// It is refused.
    pub async fn rotate(&self, org: &str, overlap_seconds: i64, now: Millis) -> String {
        let body = format!("{{\"overlap_seconds\":{overlap_seconds}}}");
        let reply = self.ask_at(&format!("POST /api/orgs/{org}/token/rotate"), &body, now).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.text("ingest_token")
    }

    /// Whether an export with `token` that begins at `now` is let in, as ingest decides it.
    ///
    /// # Errors
    /// It is not.
    ///
    /// # Panics
    /// The token cannot be written into a header.
    pub async fn authenticate(&self, token: &str, now: Millis) -> Result<Writer, Refused> {
        let value = format!("Bearer {token}").parse().unwrap();
        let headers = http::HeaderMap::from_iter([(http::header::AUTHORIZATION, value)]);
        Presented::read(&headers)?.authenticate(&self.store, now).await
    }

    /// Sends `capture` with `token` at `now`, and gives the status of the answer.
    ///
    /// # Panics
    /// The capture's head cannot be sent.
    pub async fn export(&self, token: &str, capture: &Capture, now: Millis) -> u16 {
        let mut request = Request::post(&capture.path)
            .header("content-type", &capture.content_type)
            .header("authorization", format!("Bearer {token}"));
        if let Some(coding) = &capture.content_encoding {
            request = request.header("content-encoding", coding);
        }
        let request = request.body(capture.body.clone()).unwrap();
        self.handlers.ingest.answer(request, now).await.status().as_u16()
    }

    /// Sends `body` as logs with `token` at `now`, and gives the status of the answer.
    ///
    /// # Panics
    /// The head cannot be sent.
    pub async fn post(&self, token: &str, content_type: &str, body: String, now: Millis) -> u16 {
        let request = Request::post("/v1/logs")
            .header("content-type", content_type)
            .header("authorization", format!("Bearer {token}"));
        self.handlers.ingest.answer(request.body(body.into()).unwrap(), now).await.status().as_u16()
    }

    /// The partition keys of both tables that begin with `prefix`.
    pub async fn items_with(&self, prefix: &str) -> Vec<String> {
        let mut found = Vec::new();
        for table in [self.store.events(), self.store.activity()] {
            let scan = self.store.client().scan().table_name(table).send().await.unwrap();
            let keys = scan.items().iter().map(|item| item["pk"].as_s().unwrap().clone());
            found.extend(keys.filter(|key| key.starts_with(prefix)));
        }
        found
    }
}
