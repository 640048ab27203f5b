//! How the service is started for a test.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use local::embedded::Embedded;
use local::gateway::{self, Terms};
use local::handlers::Handlers;
use model::time::Timestamp;
use otlp::Limits;
use service::auth::root_key::RootKey;
use service::ingest::{DEADLINE, Ingest};
use service::projection::limits::Bounds;
use store::Store;
use store::secrets::{Embedded as EmbeddedSecrets, Manager, Secrets};

use super::{BASE_URL, Door, Gateway, ROOT_KEY, START, Stack};
use crate::deployment::{self, Deployment};
use crate::secrets_manager::FakeSecretsManager;
use crate::stale::Stale;
use crate::tables;
use crate::tenant::Tenant;

/// What names of the organisations' secrets begin with.
pub(crate) const PREFIX: &str = "stack";

/// A stack that is not started yet. Await it.
#[derive(Debug)]
#[must_use = "a stack starts when it is awaited"]
pub struct Start {
    store: Option<Store>,
    secrets: Option<Secrets>,
    limits: Limits,
    deadline: Duration,
    patience: Option<Duration>,
    bounds: Bounds,
    now: Option<Timestamp>,
    terms: Option<Terms>,
    deployment: Option<Deployment>,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            store: None,
            secrets: None,
            limits: Limits::default(),
            deadline: DEADLINE,
            patience: None,
            bounds: Bounds::default(),
            now: Some(START),
            terms: None,
            deployment: None,
        }
    }
}

impl Start {
    /// Over these tables, which are created if they are not there.
    pub fn over(self, store: Store) -> Self {
        Self { store: Some(store), ..self }
    }

    /// Over a database in memory, whose requests pass through what `wrap` makes of the connection: faults, a meter, a recorder.
    ///
    /// # Panics
    /// There is no memory for a database.
    pub fn through(self, wrap: impl FnOnce(SharedHttpClient) -> SharedHttpClient) -> Self {
        self.over(Embedded::in_memory().unwrap().store_through(wrap))
    }

    /// Over a database whose reads without `ConsistentRead` see the state before the last write.
    pub fn stale_reads(self, stale: &Stale) -> Self {
        self.over(stale.store())
    }

    /// With tokens in this secret store.
    pub fn secrets(self, secrets: Secrets) -> Self {
        Self { secrets: Some(secrets), ..self }
    }

    /// With tokens in this Secrets Manager.
    pub fn secrets_manager(self, manager: &FakeSecretsManager) -> Self {
        self.secrets(Secrets::Manager(Manager::new(manager.client(|client| client), PREFIX)))
    }

    /// With these limits of exports.
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// With this long to take an export.
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// With requests that may take this long before they are answered as unfinished.
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience: Some(patience), ..self }
    }

    /// With no more added up of a bucket than is within `bounds`.
    pub fn bounds(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }

    /// At `now` instead of [`START`], for calls that do not say when they are made.
    pub fn at(self, now: Timestamp) -> Self {
        Self { now: Some(now), ..self }
    }

    /// Behind the gateway on a free port of this machine, with the clock of the machine.
    pub fn over_http(self) -> Self {
        self.behind(Terms::default())
    }

    /// Behind a gateway with these terms.
    pub fn behind(self, terms: Terms) -> Self {
        Self { terms: Some(terms), now: None, ..self }
    }

    /// As it is deployed, with the clock of the machine.
    pub fn on_lambda(self, deployment: Deployment) -> Self {
        let secrets = Secrets::Manager(Manager::new(deployment.secrets.clone(), deployment::STACK));
        let start = self.over(deployment.store.clone()).secrets(secrets);
        Self { deployment: Some(deployment), now: None, ..start }
    }

    /// Starts, and enables the organisation `org`.
    pub async fn tenant(self, org: &str) -> Tenant {
        self.await.tenant(org).await
    }

    async fn run(self) -> Stack {
        let store = match self.store {
            Some(store) => store,
            None => tables::fresh().await,
        };
        store.create_tables().await.unwrap();
        let secrets = self.secrets.unwrap_or_else(|| Secrets::Embedded(EmbeddedSecrets::in_memory()));
        let listener = match &self.terms {
            Some(_) => Some(tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap()),
            None => None,
        };
        let address = listener.as_ref().map(|listener| listener.local_addr().unwrap());
        let base_url = address.map_or_else(|| BASE_URL.to_owned(), |address| format!("http://{address}"));
        let root_key = self.deployment.as_ref().map_or(ROOT_KEY, |deployment| &deployment.root_key).to_owned();
        let known = RootKey::given(&root_key).unwrap();
        let mut handlers = Handlers::new(&store, &secrets, &known, base_url.parse().unwrap());
        handlers.ingest = Ingest::new(store.clone(), self.limits, self.deadline);
        handlers.limits = self.limits;
        handlers.app.patience = self.patience.unwrap_or(handlers.app.patience);
        let projection = project_activity::Projection::new(store.clone()).within(self.bounds);
        let door = match (listener.zip(address), self.deployment) {
            (Some((listener, address)), _) => {
                let terms = self.terms.unwrap_or_default();
                let served = gateway::serve(listener, handlers.clone(), terms, std::future::pending());
                Door::Gateway(Arc::new(Gateway { address, client: reqwest::Client::new(), task: tokio::spawn(served) }))
            }
            (None, Some(deployment)) => Door::Lambda(Arc::new(deployment)),
            (None, None) => Door::Open,
        };
        Stack { store, secrets, handlers, projection, root_key, now: self.now, door }
    }
}

impl IntoFuture for Start {
    type Output = Stack;
    type IntoFuture = Pin<Box<dyn Future<Output = Stack> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}
