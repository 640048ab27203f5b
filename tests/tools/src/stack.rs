//! The whole service as a test starts it: every function over tables and secrets of its own, called directly, through the gateway
//! over HTTP, or as it is deployed on Lambda.
//!
//! `Stack::start().await` is all that most tests need. [`Start`] has what can be different, and [`Stack::tenant`] gives an
//! organisation that telemetry goes into.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request};
use local::handlers::Handlers;
use model::time::Timestamp;
use service::auth::ingest_token::{IngestPrincipal, PresentedToken, TokenRefusal};
use store::Store;
use store::secrets::Secrets;
use tokio::task::JoinHandle;

use crate::captures::Capture;
use crate::deployment::Deployment;
use crate::reply::Reply;
use crate::tenant::Tenant;

mod start;

pub(crate) use start::PREFIX;
pub use start::Start;

/// The root admin key of the tests.
pub const ROOT_KEY: &str = "root-key-of-the-tests-0123456789_";

/// Where clients of the tests believe the service to be.
pub const BASE_URL: &str = "https://telemetry.example.com";

/// The moment at which tests begin.
pub const START: Timestamp = Timestamp(1_795_328_009_164);

/// The running service. Clones are the same one.
#[derive(Debug, Clone)]
pub struct Stack {
    /// The tables.
    pub store: Store,
    /// Where tokens are.
    pub secrets: Secrets,
    /// Every function.
    pub handlers: Handlers,
    /// What follows the stream of the Events table.
    pub projection: project_activity::Projection,
    /// The root admin key.
    pub root_key: String,
    now: Option<Timestamp>,
    door: Door,
}

/// What calls pass on their way to a function.
#[derive(Debug, Clone)]
enum Door {
    /// Nothing.
    Open,
    /// The gateway of one machine.
    Gateway(Arc<Gateway>),
    /// API Gateway and Lambda.
    Lambda(Arc<Deployment>),
}

/// The gateway in front of the functions.
#[derive(Debug)]
struct Gateway {
    address: SocketAddr,
    client: reqwest::Client,
    task: JoinHandle<()>,
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Stack {
    /// Starts the service: await it, after saying what is to be different.
    pub fn start() -> Start {
        Start::default()
    }

    /// The present of calls that do not say when they are made.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now.unwrap_or_else(Timestamp::now)
    }

    /// Asks, for example for `PUT /api/orgs/acme`, with the root key.
    pub async fn ask(&self, call: &str, body: &str) -> Reply {
        self.ask_as(&self.root_key, call, body, self.now()).await
    }

    /// Asks with the root key, at `now`.
    pub async fn ask_at(&self, call: &str, body: &str, now: Timestamp) -> Reply {
        self.ask_as(&self.root_key, call, body, now).await
    }

    /// Asks with `key`, which goes into both headers that take one, at `now`; with no key if it is empty.
    ///
    /// # Panics
    /// The call is not a method and a target.
    pub async fn ask_as(&self, key: &str, call: &str, body: &str, now: Timestamp) -> Reply {
        let (method, target) = call.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(target);
        if !key.is_empty() {
            request = request.header("authorization", format!("Bearer {key}")).header("x-api-key", key);
        }
        self.request(request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap(), now).await
    }

    /// Sends a request to the function that serves it. Over HTTP and on Lambda it arrives when it arrives, whatever `now` is.
    ///
    /// # Panics
    /// The gateway does not answer, or the function fails.
    pub async fn request(&self, request: Request<Bytes>, now: Timestamp) -> Reply {
        match &self.door {
            // On the heap: in a build for debugging, every await of it takes as much of a test's small stack.
            Door::Open => Box::pin(self.handlers.answer_at(request, now)).await.into(),
            Door::Gateway(gateway) => {
                let (parts, body) = request.into_parts();
                let url = self.url(&parts.uri.to_string());
                let sent = gateway.client.request(parts.method, url).headers(parts.headers).body(body).send();
                Reply::read(sent.await.unwrap()).await
            }
            Door::Lambda(deployment) => {
                let (mut parts, body) = request.into_parts();
                if !body.is_empty() {
                    // As API Gateway's clients do; whoever says what it sends has said so.
                    let json = HeaderValue::from_static("application/json");
                    parts.headers.entry(CONTENT_TYPE).or_insert(json);
                }
                deployment.request(&Request::from_parts(parts, body)).await
            }
        }
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

    /// Enables the organisation `org`, past the gateway if there is one. Over HTTP its token takes records of any age, since the
    /// captures are from another time.
    ///
    /// # Panics
    /// It cannot be enabled.
    pub async fn tenant(&self, org: &str) -> Tenant {
        let functions = Self { door: Door::Open, ..self.clone() };
        let token = functions.enable(org).await;
        let uid = self.store.organisation(&org.parse().unwrap()).await.unwrap().unwrap().uid;
        let tenant = Tenant { stack: self.clone(), org: org.into(), uid, token };
        if matches!(self.door, Door::Gateway(_)) {
            tenant.accept_any_age().await;
        }
        tenant
    }

    /// Rotates the token of `org` at `now` and gives the new one.
    ///
    /// # Panics
    /// It is refused.
    pub async fn rotate(&self, org: &str, overlap_seconds: i64, now: Timestamp) -> String {
        let body = format!("{{\"overlap_seconds\":{overlap_seconds}}}");
        let reply = self.ask_at(&format!("POST /api/orgs/{org}/token/rotate"), &body, now).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.text("ingest_token")
    }

    /// Whether an export with `token` that begins at `now` is let in, as ingest decides it.
    ///
    /// # Errors
    /// It is refused.
    ///
    /// # Panics
    /// The token cannot be written into a header.
    pub async fn authenticate(&self, token: &str, now: Timestamp) -> Result<IngestPrincipal, TokenRefusal> {
        let value = format!("Bearer {token}").parse().unwrap();
        let headers = http::HeaderMap::from_iter([(http::header::AUTHORIZATION, value)]);
        PresentedToken::read(&headers)?.authenticate(&self.store, now).await
    }

    /// Sends `capture` with `token` at `now`.
    ///
    /// # Panics
    /// The capture's head cannot be sent.
    pub async fn export_as(&self, token: &str, capture: &Capture, now: Timestamp) -> Reply {
        let headers = capture.headers();
        self.post_as(token, &capture.path, &headers, capture.body.clone(), now).await
    }

    /// Sends `body` to `path` with `token` at `now`.
    ///
    /// # Panics
    /// The head cannot be sent.
    pub async fn post_as(
        &self,
        token: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
        now: Timestamp,
    ) -> Reply {
        let mut request = Request::post(path).header("authorization", format!("Bearer {token}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.request(request.body(body.into()).unwrap(), now).await
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

    /// Where the gateway listens.
    ///
    /// # Panics
    /// The stack was not started [over HTTP](Start::over_http).
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.gateway().address
    }

    /// The address of `path` at the gateway.
    ///
    /// # Panics
    /// The stack was not started [over HTTP](Start::over_http).
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// A client that keeps connections alive, as the real one does.
    ///
    /// # Panics
    /// The stack was not started [over HTTP](Start::over_http).
    #[must_use]
    pub fn client(&self) -> &reqwest::Client {
        &self.gateway().client
    }

    fn gateway(&self) -> &Gateway {
        match &self.door {
            Door::Gateway(gateway) => gateway,
            Door::Open | Door::Lambda(_) => panic!("the stack was not started over HTTP"),
        }
    }

    /// The deployment that the stack was started on.
    ///
    /// # Panics
    /// The stack was not started [on Lambda](Start::on_lambda).
    #[must_use]
    pub fn deployment(&self) -> &Deployment {
        match &self.door {
            Door::Lambda(deployment) => deployment,
            Door::Open | Door::Gateway(_) => panic!("the stack was not started on Lambda"),
        }
    }
}
