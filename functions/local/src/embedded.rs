//! DynamoDB inside this process: the ordinary SDK client, whose requests go to an embedded database instead of a socket.
//!
//! No port is opened, since one without authentication would let every user of the machine write past the token gate. The
//! code above the client is the code that runs on AWS.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::{Database, DynoxideError};
use store::Store;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::blocking::blocking;
use crate::files;
use crate::journal::{Change, Journal};
use crate::packs::Packs;

mod operations;

use operations::{dispatch, parse, written};

/// Names of the two tables on one machine.
const TABLES: (&str, &str) = ("events", "activity");

/// Requests that are under way in the database: one that it works on, and others that are read or answered meanwhile.
const MAX_IN_FLIGHT: usize = 3;
/// How many times as long as a scrubbing took there is none.
const RESTS: u32 = 9;
/// Requests that are under way while expired items are removed. The database lets those in that wait inside of it, and then removes the next few.
const MAX_IN_FLIGHT_OF_A_SWEEP: usize = 64;

/// What scrubbing has come to.
#[derive(Debug, Default)]
struct Upkeep {
    /// How many of those who asked for it have been served.
    served: u64,
    /// Before when it is not done again.
    rests_until: Option<Instant>,
}

/// An embedded database.
#[derive(Clone)]
pub struct Embedded {
    database: Database,
    /// None if it is gone with the process.
    file: Option<PathBuf>,
    /// None if nothing is to be told which packs were put.
    packs: Option<Packs>,
    /// Requests take turns in the order in which they came: the database does one thing at a time, and whoever waits inside of it
    /// waits on a thread of its own, for as long as chance has it.
    in_flight: Arc<Semaphore>,
    /// Held by what lasts: removing expired items, and scrubbing.
    upkeep: Arc<Mutex<Upkeep>>,
    /// How many have asked for scrubbing.
    scrubs: Arc<AtomicU64>,
}

impl std::fmt::Debug for Embedded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Embedded")
    }
}

impl Embedded {
    /// Opens the database in `file`, making it if it is not there, for its owner alone. Every write that was answered is on disk.
    ///
    /// # Errors
    /// The file cannot be opened, or is no database.
    pub fn open(file: &Path) -> Result<Self, DynoxideError> {
        files::for_owner_alone(file).map_err(|error| DynoxideError::InternalServerError(error.to_string()))?;
        let database = Database::new(&file.to_string_lossy())?;
        Ok(Self { file: Some(file.to_owned()), ..Self::over(database) })
    }

    /// A database that is gone when the process ends.
    pub fn in_memory() -> Result<Self, DynoxideError> {
        Ok(Self::over(Database::memory()?))
    }

    fn over(database: Database) -> Self {
        let in_flight = Arc::new(Semaphore::new(MAX_IN_FLIGHT));
        Self { database, file: None, packs: None, in_flight, upkeep: Arc::default(), scrubs: Arc::default() }
    }

    /// This database with notes of every pack that is put through it, and what hands the packs on, those first that an earlier
    /// process left. `old` is the file that earlier releases kept notes in; what is in it is taken over, and it goes.
    ///
    /// # Errors
    /// The database failed, or the file cannot be read.
    pub fn with_journal(
        self,
        old: Option<&Path>,
    ) -> Result<(Self, Arc<Journal>, UnboundedReceiver<Change>), DynoxideError> {
        let (journal, changes) = Journal::open(&self.database, old)?;
        let journal = Arc::new(journal);
        let packs = Packs::new(self.database.clone(), journal.clone(), self.in_flight.clone());
        Ok((Self { packs: Some(packs), ..self }, journal, changes))
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
        let store = Store::new(aws_sdk_dynamodb::Client::from_conf(config.build()), TABLES.0, TABLES.1);
        let embedded = self.clone();
        store.scrubbed_by(move || {
            let embedded = embedded.clone();
            async move { embedded.scrub().await.map_err(|error| error.to_string()) }
        })
    }

    /// Removes items whose time to live has passed, as DynamoDB does in the background.
    pub async fn sweep(&self) -> Result<usize, DynoxideError> {
        let _upkeep = self.upkeep.lock().await;
        let more = MAX_IN_FLIGHT_OF_A_SWEEP - MAX_IN_FLIGHT;
        self.in_flight.add_permits(more);
        let database = self.database.clone();
        let swept = blocking(move || database.sweep_ttl()).await;
        // Nobody closes the semaphore.
        if let Ok(turns) = self.in_flight.acquire_many(more as u32).await {
            turns.forget();
        }
        swept
    }

    /// Leaves nothing of what was deleted in the database's files. They are written anew, once for all who have asked for it until
    /// that begins, and whoever asks something of the database waits meanwhile.
    ///
    /// # Errors
    /// The database failed: something may be left.
    pub async fn scrub(&self) -> Result<(), DynoxideError> {
        let number = self.scrubs.fetch_add(1, Ordering::SeqCst) + 1;
        let mut upkeep = self.upkeep.lock().await;
        if upkeep.served >= number {
            return Ok(());
        }
        // Whoever asks one scrubbing after the other takes no more of the time of others than a tenth.
        if let Some(until) = upkeep.rests_until {
            tokio::time::sleep_until(until).await;
        }
        let asked = self.scrubs.load(Ordering::SeqCst);
        let turns = self.turn(MAX_IN_FLIGHT as u32).await;
        let (embedded, begun) = (self.clone(), Instant::now());
        blocking(move || {
            let _turns = turns;
            embedded.settle_notes()?;
            embedded.file.as_deref().map_or(Ok(()), files::scrub)
        })
        .await?;
        *upkeep = Upkeep { served: asked, rests_until: Some(Instant::now() + RESTS * begun.elapsed()) };
        Ok(())
    }

    /// Deletes the notes of packs that are projected, which would else go with the next pack.
    ///
    /// # Errors
    /// The database failed; what is left is projected once more at the next start.
    pub async fn settle(&self) -> Result<(), DynoxideError> {
        let (turn, embedded) = (self.turn(1).await, self.clone());
        blocking(move || {
            let _turn = turn;
            embedded.settle_notes()
        })
        .await
    }

    fn settle_notes(&self) -> Result<(), DynoxideError> {
        self.packs.as_ref().map_or(Ok(()), Packs::settle)
    }

    /// Nobody closes the semaphore.
    async fn turn(&self, turns: u32) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.in_flight).acquire_many_owned(turns).await.ok()
    }

    /// Performs an operation, which is named by what follows the last dot of `target`.
    async fn perform(&self, target: &str, body: SdkBody) -> Result<String, DynoxideError> {
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        if operation == "PutItem" {
            let put: PutItemRequest = parse(body.bytes().unwrap_or_default())?;
            if let Some(packs) = self.packs.as_ref().filter(|_| put.table_name == TABLES.0) {
                return packs.put(put).await.and_then(|answer| written(&answer));
            }
            return self.in_turn(move |database| database.put_item(put).and_then(|answer| written(&answer))).await;
        }
        self.in_turn(move |database| dispatch(database, &operation, body.bytes().unwrap_or_default())).await
    }

    /// The database works synchronously and waits for the disk.
    async fn in_turn(
        &self,
        work: impl FnOnce(&Database) -> Result<String, DynoxideError> + Send + 'static,
    ) -> Result<String, DynoxideError> {
        let (turn, database) = (self.turn(1).await, self.database.clone());
        blocking(move || {
            let _turn = turn;
            work(&database)
        })
        .await
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
            let answer = embedded.perform(&target, body).await;
            let (status, body) = match answer {
                Ok(body) => (200, body),
                Err(error) => (error.status_code(), error.to_json()),
            };
            let status =
                status.try_into().map_err(|_| ConnectorError::other("the status code is invalid".into(), None))?;
            let mut response = HttpResponse::new(status, SdkBody::from(body));
            response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
            Ok(response)
        })
    }
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
        assert_eq!(database.in_flight.available_permits(), MAX_IN_FLIGHT);
    }
}
