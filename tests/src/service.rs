//! The service on a free port of this machine, over an embedded database, with one organisation.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use local::gateway::{self, Terms};
use local::handlers::Handlers;
use model::organisation::Uid;
use model::time::Millis;
use model::token::{PlainToken, TokenKind};
use otlp::Limits;
use service::auth::root_key::RootKey;
use service::ingest::{DEADLINE, Ingest};
use store::Store;
use store::marks::Marks;
use store::pack::StoredPack;
use store::secrets::Secrets;
use store::token::{TokenRecord, TokenState};
use tokio::task::JoinHandle;

use crate::captures::Capture;

/// The root admin key of every service here.
pub const ADMIN_KEY: &str = "root-admin-key-of-the-tests-0123456789";

/// A running service.
#[derive(Debug)]
pub struct Service {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its ingest, to be called without HTTP.
    pub ingest: Ingest,
    /// Its database.
    pub store: Store,
    /// A token of its organisation.
    pub token: PlainToken,
    /// Its organisation.
    pub uid: Uid,
    /// A client that keeps connections alive, as the real one does.
    pub client: reqwest::Client,
    task: JoinHandle<()>,
}

impl Drop for Service {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Service {
    /// Starts a service over a database of its own.
    pub async fn start() -> Self {
        Self::start_over(crate::tables::fresh().await, Limits::default(), DEADLINE).await
    }

    /// Starts a service over `store`, with these limits of exports.
    ///
    /// # Panics
    /// It does not start.
    pub async fn start_over(store: Store, limits: Limits, deadline: Duration) -> Self {
        Self::start_within(Terms::default(), store, limits, deadline).await
    }

    /// Starts a service over `store` in a gateway with these terms.
    ///
    /// # Panics
    /// It does not start.
    pub async fn start_within(terms: Terms, store: Store, limits: Limits, deadline: Duration) -> Self {
        store.create_tables().await.unwrap();
        let token = PlainToken::generate(TokenKind::Ingest).unwrap();
        let uid = Uid::parse("AbCdEfGhIjKl").unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let root_key = RootKey::given(ADMIN_KEY).unwrap();
        let secrets = Secrets::Embedded(store::secrets::Embedded::in_memory());
        let mut handlers = Handlers::new(&store, &secrets, &root_key, format!("http://{address}").parse().unwrap());
        let ingest = Ingest::new(store.clone(), limits, deadline);
        handlers.ingest = ingest.clone();
        handlers.limits = limits;
        let task = tokio::spawn(gateway::serve(listener, handlers, terms, std::future::pending()));
        let service = Self { address, ingest, store, token, uid, client: reqwest::Client::new(), task };
        service.put_token(&service.token, &service.record(TokenState::Live)).await;
        service
    }

    /// What the database knows of this organisation's token in `state`.
    #[must_use]
    pub fn record(&self, state: TokenState) -> TokenRecord {
        TokenRecord {
            kind: TokenKind::Ingest,
            org: "default".parse().unwrap(),
            uid: self.uid.clone(),
            generation: 1,
            state,
            created_at: Millis(1_790_000_000_000),
            retention_days: 90,
            store_content: false,
            store_tool_names: false,
            // The captures are from another time.
            accept_late_days: 3_650,
            marks: Marks::default(),
        }
    }

    /// Makes a token known, or changes what is known of it.
    pub async fn put_token(&self, token: &PlainToken, record: &TokenRecord) {
        for item in record.items(&token.hash()) {
            let put = self.store.client().put_item().table_name(self.store.activity()).set_item(Some(item.into()));
            put.send().await.unwrap();
        }
    }

    /// The address of `path`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends `capture` with this organisation's token.
    ///
    /// # Panics
    /// There is no answer.
    pub async fn export(&self, capture: &Capture) -> Answer {
        let mut headers = vec![("content-type", capture.content_type.as_str())];
        headers.extend(capture.content_encoding.as_deref().map(|c| ("content-encoding", c)));
        self.post(&capture.path, &headers, capture.body.clone()).await
    }

    /// Sends `body` with this organisation's token.
    ///
    /// # Panics
    /// There is no answer.
    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
        let bearer = format!("Bearer {}", self.token.expose());
        let mut request = self.client.post(self.url(path)).header("authorization", bearer);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(request.body(body.into()).send().await.unwrap()).await
    }

    /// Everything that is stored of the organisation.
    pub async fn packs(&self) -> Vec<StoredPack> {
        let now = Millis::now();
        let mut packs = Vec::new();
        let mut partitions: Vec<_> = self
            .store
            .pack_keys(&self.uid, now)
            .await
            .unwrap()
            .into_iter()
            .map(|(_, k)| (k.bucket, k.source))
            .collect();
        partitions.dedup();
        for (bucket, source) in partitions {
            packs.extend(self.store.packs(&self.uid, source, bucket, now).await.unwrap());
        }
        packs
    }

    /// Everything that is stored of the organisation, decoded.
    ///
    /// # Panics
    /// The database failed, or a pack is damaged.
    pub async fn stored(&self) -> Vec<telemetry::pack::Pack> {
        self.packs().await.iter().map(|p| telemetry::pack::decode(&p.bytes).unwrap()).collect()
    }
}

/// An answer that was read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: http::HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl Answer {
    async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.unwrap() }
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// The body as JSON.
    #[must_use]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
