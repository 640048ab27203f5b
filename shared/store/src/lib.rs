#![doc = include_str!("../README.md")]

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::AttributeValue;

pub mod admin_key;
pub mod attempts;
pub mod aws;
pub mod damaged;
pub mod day;
pub mod decision;
pub mod ended_session;
pub mod environment;
pub mod erasure;
pub mod git_import;
pub mod git_set;
pub mod hours;
pub mod issued;
pub mod item;
pub mod keys;
pub mod marks;
pub mod merge;
pub mod merge_run;
pub mod organisation;
pub mod pack;
pub mod people_state;
pub mod person;
pub mod places;
pub mod purge;
pub mod query;
pub mod range;
pub mod rebuild;
pub mod rejection;
pub mod removal;
pub mod rotation;
pub mod schema;
mod scrubbing;
pub mod secrets;
pub mod sighting;
pub mod sign_in_code;
pub mod suggestion;
pub mod summary;
pub mod token;
pub mod token_quota;
pub mod token_use;
pub mod transaction;

pub use item::Item;

/// A client and the names of the two tables. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    events: String,
    activity: String,
    scrubbing: scrubbing::Scrubbing,
}

impl Store {
    /// A store over `client`, in the tables of these names.
    #[must_use]
    pub fn new(client: Client, events: impl Into<String>, activity: impl Into<String>) -> Self {
        Self { client, events: events.into(), activity: activity.into(), scrubbing: scrubbing::Scrubbing::default() }
    }

    /// The SDK's client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Name of the Events table.
    #[must_use]
    pub fn events(&self) -> &str {
        &self.events
    }

    /// Name of the Activity table.
    #[must_use]
    pub fn activity(&self) -> &str {
        &self.activity
    }

    /// Opens the connection before the first request needs it: a read of a key that never exists.
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn warm_up(&self) -> Result<(), StoreError> {
        self.get(&keys::nothing()).await.map(|_| ())
    }

    /// The item of the Activity table at `key`, as it is after every write that was answered.
    async fn get(&self, key: &keys::Key) -> Result<Option<Item>, StoreError> {
        if !key.is_possible() {
            return Ok(None);
        }
        let found = self
            .client
            .get_item()
            .table_name(&self.activity)
            .key(keys::PK, AttributeValue::S(key.pk.clone()))
            .key(keys::SK, AttributeValue::S(key.sk.clone()))
            .consistent_read(true)
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(found.item.map(Item::from))
    }
}

/// What went wrong with the database. Permanence must be asked for: whatever is not known to be final may pass.
#[derive(Debug, thiserror::Error)]
#[error("the database failed: {kind:?} ({detail})")]
pub struct StoreError {
    kind: Kind,
    detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A condition did not hold, or a transaction met another one.
    Conflict,
    /// Too many requests.
    Throttled,
    /// An item is not what this release writes.
    Unreadable,
    /// DynamoDB can do nothing with the request, now or ever: a defect of whoever built it.
    Senseless,
    /// Anything else: timeouts, resets, trouble inside DynamoDB.
    Unavailable,
}

impl StoreError {
    /// Whether a condition failed, so that the caller's rule decides.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.kind == Kind::Conflict
    }

    /// Whether the condition of a single write failed: what it spoke of is as the condition says it must not be.
    #[must_use]
    pub fn is_refused_condition(&self) -> bool {
        self.detail == "ConditionalCheckFailedException"
    }

    /// Whether the database asks for less.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.kind == Kind::Throttled
    }

    /// Whether what is stored is the trouble: asking again gives the same.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.kind == Kind::Unreadable
    }

    /// Whether the request is the trouble: asking again gives the same.
    #[must_use]
    pub fn is_senseless(&self) -> bool {
        self.kind == Kind::Senseless
    }

    /// An item that lacks what every release has written; `what` names it, never its content.
    #[must_use]
    pub fn unreadable(what: &'static str) -> Self {
        Self { kind: Kind::Unreadable, detail: what.into() }
    }

    /// A request of which something was left undone again and again.
    fn throttled() -> Self {
        Self { kind: Kind::Throttled, detail: "unprocessed items".into() }
    }

    /// Files that something may be left in of what was deleted.
    fn unscrubbed(detail: String) -> Self {
        Self { kind: Kind::Unavailable, detail }
    }

    /// Whether a table that was to be made exists already.
    fn is_existing(&self) -> bool {
        self.detail == "ResourceInUseException"
    }

    /// From an error of the SDK. Codes, not messages: a message may quote an item.
    pub fn from_sdk<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> Self {
        let detail = match &error {
            SdkError::ConstructionFailure(_) => "the request could not be built",
            SdkError::TimeoutError(_) => "it did not answer in time",
            SdkError::DispatchFailure(_) => "it could not be reached",
            SdkError::ResponseError(_) => "its answer could not be read",
            other => other.code().unwrap_or("unknown"),
        };
        let kind = match error.code() {
            Some("ConditionalCheckFailedException" | "TransactionConflictException") => Kind::Conflict,
            Some("TransactionCanceledException") => Self::of_cancelled(error.message()),
            Some(
                "ProvisionedThroughputExceededException"
                | "ThrottlingException"
                | "RequestLimitExceeded"
                | "ThrottledException",
            ) => Kind::Throttled,
            Some("ValidationException") => Kind::Senseless,
            _ => Kind::Unavailable,
        };
        Self { kind, detail: detail.into() }
    }

    /// A cancelled transaction lists its reasons in the message, one an action.
    fn of_cancelled(message: Option<&str>) -> Kind {
        let reasons = message.unwrap_or_default();
        if reasons.contains("ConditionalCheckFailed") || reasons.contains("TransactionConflict") {
            Kind::Conflict
        } else if reasons.contains("Throttl") || reasons.contains("ThroughputExceeded") {
            Kind::Throttled
        } else {
            Kind::Unavailable
        }
    }
}

/// How long one attempt at the database may take before it is tried again, and how long all attempts together. The client gives
/// its telemetry two seconds at exit and ten at other times, so nothing here may wait for long.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// See [`ATTEMPT_TIMEOUT`].
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(6);
