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
    /// A store that uses `client` and the tables with these names.
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

    /// Opens the connection before the first request needs it, by reading a key that never exists.
    pub async fn warm_up(&self) -> Result<(), StoreError> {
        self.get(&keys::nothing()).await.map(|_| ())
    }

    /// The item at `key` of the Activity table, read consistently.
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

/// A failed database operation.
///
/// Any operation of [`Store`] may fail because DynamoDB throttles ([`is_throttled`](Self::is_throttled)), or because it
/// cannot be reached, does not answer in time or fails internally; such a write may have been done nevertheless.
/// Whatever is not known to be permanent is treated as transient, so none of the other predicates holds for these. In
/// addition:
///
/// * Conditional writes and transactions fail with [`is_conflict`](Self::is_conflict) if a condition does not hold or
///   another transaction interferes. For a single write, [`is_refused_condition`](Self::is_refused_condition) says that
///   it was the condition.
/// * Reads fail with [`is_unreadable`](Self::is_unreadable) if an item is not what this release writes.
/// * A request that DynamoDB rejects as invalid fails with [`is_senseless`](Self::is_senseless). This is a defect of
///   the caller.
///
/// The `# Errors` sections of methods mention only what goes beyond this.
#[derive(Debug, thiserror::Error)]
#[error("the database request failed: {kind:?} ({detail})")]
pub struct StoreError {
    kind: Kind,
    detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A condition did not hold, or another transaction interfered.
    Conflict,
    /// Too many requests.
    Throttled,
    /// An item is not what this release writes.
    Unreadable,
    /// DynamoDB rejects the request and always will: a defect of the caller.
    InvalidRequest,
    /// Anything else: timeouts, resets, internal failures of DynamoDB.
    Unavailable,
}

impl StoreError {
    /// Whether a condition failed, which the caller's rule has to handle.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.kind == Kind::Conflict
    }

    /// Whether the condition of a single write did not hold.
    #[must_use]
    pub fn is_refused_condition(&self) -> bool {
        self.detail == "ConditionalCheckFailedException"
    }

    /// Whether the database is throttling.
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.kind == Kind::Throttled
    }

    /// Whether the stored data is at fault, so that retrying does not help.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        self.kind == Kind::Unreadable
    }

    /// Whether the request is at fault, so that retrying does not help.
    #[must_use]
    pub fn is_senseless(&self) -> bool {
        self.kind == Kind::InvalidRequest
    }

    /// For an item that lacks what every release has written; `what` names that, never its content.
    #[must_use]
    pub fn unreadable(what: &'static str) -> Self {
        Self { kind: Kind::Unreadable, detail: what.into() }
    }

    /// For files that may still contain deleted data.
    fn unscrubbed(detail: String) -> Self {
        Self { kind: Kind::Unavailable, detail }
    }

    /// Whether the table to be created already exists.
    fn is_existing(&self) -> bool {
        self.detail == "ResourceInUseException"
    }

    /// Converts an error of the SDK, using its code but not its message, which may quote an item.
    pub fn from_sdk<E: ProvideErrorMetadata, R>(error: SdkError<E, R>) -> Self {
        let detail = match &error {
            SdkError::ConstructionFailure(_) => "the request could not be built",
            SdkError::TimeoutError(_) => "it did not answer in time",
            SdkError::DispatchFailure(_) => "it could not be reached",
            SdkError::ResponseError(_) => "its response could not be read",
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
            Some("ValidationException") => Kind::InvalidRequest,
            _ => Kind::Unavailable,
        };
        Self { kind, detail: detail.into() }
    }

    /// Finds the reasons of a cancelled transaction, one per action, which are listed in the message.
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

/// The timeout of one attempt at a request, and of all attempts together. Clients spend two seconds on their telemetry
/// at exit and ten at other times, so nothing here may wait for long.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// See [`ATTEMPT_TIMEOUT`].
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(6);
