//! A database that answers every read without `ConsistentRead` with the state before the last write, which DynamoDB may do at any time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use local::embedded::Embedded;
use serde_json::Value;
use store::Store;
use tokio::sync::Mutex as AsyncMutex;

/// Two databases: one as it is, and one that every write reaches only when the next one is made.
#[derive(Debug, Clone)]
pub struct Stale {
    store: Store,
    seen: Arc<Seen>,
}

/// What passed through.
#[derive(Debug, Default)]
struct Seen {
    /// The write that the late database has not seen yet.
    last: AsyncMutex<Option<HttpRequest>>,
    /// The partitions that were read without `ConsistentRead`, without what tells organisations and times apart.
    eventual: Mutex<BTreeSet<String>>,
}

impl Stale {
    /// Two empty databases.
    #[must_use]
    pub fn open() -> Self {
        let seen = Arc::new(Seen::default());
        let late = SharedHttpClient::new(Embedded::in_memory().unwrap());
        let store = Embedded::in_memory()
            .unwrap()
            .store_through(|latest| SharedHttpClient::new(Both { latest, late, seen: seen.clone() }));
        Self { store, seen }
    }

    /// The store over them.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store.clone()
    }

    /// What was read without `ConsistentRead` until now.
    #[must_use]
    pub fn eventual_reads(&self) -> BTreeSet<String> {
        self.seen.eventual.lock().unwrap().clone()
    }
}

#[derive(Debug)]
struct Both<C> {
    latest: C,
    late: C,
    seen: Arc<Seen>,
}

impl HttpClient for Both<SharedHttpClient> {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Both {
            latest: self.latest.http_connector(settings, components),
            late: self.late.http_connector(settings, components),
            seen: self.seen.clone(),
        })
    }
}

impl HttpConnector for Both<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (latest, late, seen) = (self.latest.clone(), self.late.clone(), self.seen.clone());
        HttpConnectorFuture::new(async move {
            let target = request.headers().get("x-amz-target").unwrap_or_default();
            let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
            let body: Value = serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
            match operation.as_str() {
                "GetItem" | "Query" | "Scan" => {
                    if body["ConsistentRead"] == true {
                        return latest.call(request).await;
                    }
                    seen.eventual.lock().unwrap().insert(partition(&operation, &body));
                    late.call(request).await
                }
                "CreateTable" | "DescribeTable" | "UpdateTimeToLive" => {
                    late.call(request.try_clone().unwrap()).await?;
                    latest.call(request).await
                }
                _ => {
                    // One write at a time, so that both databases see the same order.
                    let mut last = seen.last.lock().await;
                    if let Some(before) = last.replace(request.try_clone().unwrap()) {
                        late.call(before).await?;
                    }
                    latest.call(request).await
                }
            }
        })
    }
}

/// What kind of partition is read.
fn partition(operation: &str, body: &Value) -> String {
    let values = &body["ExpressionAttributeValues"];
    match values[":pk"]["S"].as_str() {
        Some(key) => key.split('#').nth(1).unwrap_or(key).to_owned(),
        None => format!("{operation} of {}", body["TableName"].as_str().unwrap_or_default()),
    }
}
