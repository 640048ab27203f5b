//! DynamoDB inside this process: the ordinary SDK client, whose requests go to an embedded database instead of a socket.
//!
//! No port is opened, since one without authentication would let every user of the machine write past the token gate. The
//! code above the client is the code that runs on AWS.

use std::path::Path;
use std::sync::Arc;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, HttpClient, Region, RuntimeComponents, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::store::Store;
use tokio::sync::Semaphore;

use crate::journal::{Change, Journal};

/// Names of the two tables on one machine.
const TABLES: (&str, &str) = ("events", "activity");

/// Requests that are under way in the database: one that it works on, and others that are read or answered meanwhile.
const TURNS: usize = 3;
/// Requests that are under way while expired items are removed. The database lets those in that wait inside of it, and then removes the next few.
const TURNS_OF_A_SWEEP: usize = 64;

/// An embedded database.
#[derive(Clone)]
pub struct Embedded {
    database: Database,
    journal: Option<Arc<Journal>>,
    /// Requests take turns in the order in which they came: the database does one thing at a time, and whoever waits inside of it
    /// waits on a thread of its own, for as long as chance has it.
    turns: Arc<Semaphore>,
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Embedded")
    }
}

impl Embedded {
    /// Opens the database in `file`, making it if it is not there. Every write that was answered is on disk.
    ///
    /// # Errors
    /// The file cannot be opened, or is no database.
    pub fn open(file: &Path) -> Result<Self, DynoxideError> {
        Ok(Self::over(Database::new(&file.to_string_lossy())?))
    }

    /// A database that is gone when the process ends.
    ///
    /// # Errors
    /// There is no memory for it.
    pub fn in_memory() -> Result<Self, DynoxideError> {
        Ok(Self::over(Database::memory()?))
    }

    fn over(database: Database) -> Self {
        Self { database, journal: None, turns: Arc::new(Semaphore::new(TURNS)) }
    }

    /// This database, noting in `journal` every pack that is put through it.
    #[must_use]
    pub fn with_journal(self, journal: Arc<Journal>) -> Self {
        Self { journal: Some(journal), ..self }
    }

    /// A store over this database.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store_through(|client| client)
    }

    /// A store whose requests pass through what `wrap` makes of this database's client, for observing and for injecting faults.
    pub fn store_through(&self, wrap: impl FnOnce(SharedHttpClient) -> SharedHttpClient) -> Store {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("local"))
            .endpoint_url("http://embedded")
            .retry_config(RetryConfig::disabled())
            // Within a process there is nobody to prove an identity to, and no connection that could stall.
            .allow_no_auth()
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .http_client(wrap(SharedHttpClient::new(self.clone())));
        Store::new(aws_sdk_dynamodb::Client::from_conf(config.build()), TABLES.0, TABLES.1)
    }

    /// Removes items whose time to live has passed, as DynamoDB does in the background.
    ///
    /// # Errors
    /// The database failed.
    pub async fn sweep(&self) -> Result<usize, DynoxideError> {
        let more = TURNS_OF_A_SWEEP - TURNS;
        self.turns.add_permits(more);
        let database = self.database.clone();
        let swept = tokio::task::spawn_blocking(move || database.sweep_ttl()).await;
        // Nobody closes the semaphore.
        if let Ok(turns) = self.turns.acquire_many(more as u32).await {
            turns.forget();
        }
        swept.map_err(|error| DynoxideError::InternalServerError(error.to_string()))?
    }
}

impl HttpClient for Embedded {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Embedded {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let embedded = self.clone();
        let target = request.headers().get("x-amz-target").unwrap_or_default().to_owned();
        let body = request.into_body();
        HttpConnectorFuture::new(async move {
            let turn = Arc::clone(&embedded.turns).acquire_owned().await;
            // The database works synchronously and waits for the disk.
            let work = tokio::task::spawn_blocking(move || {
                let _turn = turn;
                let operation = target.rsplit('.').next().unwrap_or_default();
                embedded.perform(operation, body.bytes().unwrap_or_default())
            });
            let answer = match work.await {
                // The process ends, and with it whoever asks: nothing is wrong with the database.
                Err(ended) if ended.is_cancelled() => std::future::pending().await,
                answer => answer.map_err(|e| ConnectorError::other(e.into(), None))?,
            };
            let (status, body) = match answer {
                Ok(body) => (200, body),
                Err(error) => (error.status_code(), error.to_json()),
            };
            let status = status.try_into().map_err(|_| ConnectorError::other("a status that is none".into(), None))?;
            let mut response = HttpResponse::new(status, SdkBody::from(body));
            response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
            Ok(response)
        })
    }
}

impl Embedded {
    /// Performs an operation. A pack is noted before it is put, and handed on whatever became of it.
    fn perform(&self, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
        let pack = match &self.journal {
            Some(journal) if operation == "PutItem" => Change::of_put(body, TABLES.0).map(|change| (journal, change)),
            _ => None,
        };
        if let Some((journal, change)) = &pack {
            journal.note(change).map_err(|e| DynoxideError::InternalServerError(e.to_string()))?;
        }
        let answer = dispatch(&self.database, operation, body);
        if let Some((journal, change)) = pack {
            journal.hand_on(change);
        }
        answer
    }
}

fn dispatch(database: &Database, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
    match operation {
        "GetItem" => run(body, |r| database.get_item(r)),
        "PutItem" => run(body, |r| database.put_item(r)),
        "UpdateItem" => run(body, |r| database.update_item(r)),
        "DeleteItem" => run(body, |r| database.delete_item(r)),
        "Query" => run(body, |r| database.query(r)),
        "Scan" => run(body, |r| database.scan(r)),
        "BatchGetItem" => run(body, |r| database.batch_get_item(r)),
        "BatchWriteItem" => run(body, |r| database.batch_write_item(r)),
        "TransactWriteItems" => run(body, |mut r: TransactWriteItemsRequest| {
            // The client above sends nothing twice; with a token, the database would keep each answer for ten minutes to give it again.
            r.client_request_token = None;
            database.transact_write_items(r)
        }),
        "TransactGetItems" => run(body, |r| database.transact_get_items(r)),
        "CreateTable" => run(body, |r| database.create_table(r)),
        "DescribeTable" => run(body, |r| database.describe_table(r)),
        "UpdateTimeToLive" => run(body, |r| database.update_time_to_live(r)),
        other => Err(DynoxideError::ValidationException(format!("{other} is not used by this service"))),
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    let request = serde_json::from_slice(body).map_err(|e| DynoxideError::SerializationException(e.to_string()))?;
    serde_json::to_string(&operation(request)?).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;

    #[tokio::test]
    async fn expired_items_are_removed_while_others_are_asked_for_and_then_turns_are_as_before() {
        let database = Embedded::in_memory().unwrap();
        let store = database.store();
        store.create_tables().await.unwrap();
        let table = || store.client().get_item().table_name(store.activity());
        for number in 0..60 {
            let text = |text: String| AttributeValue::S(text);
            let expires = if number % 2 == 0 { 1 } else { 4_102_444_800_u64 };
            let put = store.client().put_item().table_name(store.activity());
            let put = put.item("pk", text(number.to_string())).item("sk", text("x".into()));
            put.item("ttl", AttributeValue::N(expires.to_string())).send().await.unwrap();
        }
        let key = |number: u32| {
            table().key("pk", AttributeValue::S(number.to_string())).key("sk", AttributeValue::S("x".into()))
        };
        let asked = futures::future::join_all((0..200).map(|n| key((n % 60) | 1).send()));
        let (removed, answers) = tokio::join!(database.sweep(), asked);
        assert_eq!(removed.unwrap(), 30);
        assert!(answers.iter().all(|answer| answer.as_ref().unwrap().item.is_some()), "what has not expired is there");
        assert!(key(0).send().await.unwrap().item.is_none());
        assert_eq!(database.turns.available_permits(), TURNS);
    }
}
