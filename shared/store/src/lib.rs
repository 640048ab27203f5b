#![doc = include_str!("../README.md")]

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

pub mod admin_key;
pub mod attempts;
pub mod aws;
pub mod damaged;
pub mod day;
pub mod decision;
mod denied;
pub mod ended_session;
pub mod environment;
pub mod erasure;
mod error;
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
pub mod pace;
pub mod pack;
pub mod people_state;
pub mod person;
pub mod places;
pub mod private_file;
pub mod purge;
pub mod queries;
pub mod query;
pub mod range;
pub mod rebuild;
pub mod refusal;
pub mod rejection;
pub mod removal;
pub mod roster;
pub mod rotation;
pub mod schema;
mod scrubbing;
pub mod secrets;
pub mod sighting;
pub mod sign_in_code;
pub mod stamp;
pub mod stretch;
pub mod suggestion;
pub mod summary;
pub mod sweep;
pub mod token;
pub mod token_quota;
pub mod token_use;
pub mod transaction;

pub use error::{StoreError, StoreErrorKind};
pub use item::Item;

/// A client and the names of the two tables. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    client: Client,
    events: String,
    activity: String,
    scrubbing: scrubbing::Scrubbing,
    paces: pace::Paces,
}

impl Store {
    /// A store that uses `client` and the tables with these names.
    #[must_use]
    pub fn new(client: Client, events: impl Into<String>, activity: impl Into<String>) -> Self {
        let (scrubbing, paces) = Default::default();
        Self { client, events: events.into(), activity: activity.into(), scrubbing, paces }
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

/// The timeout of one attempt at a request, and of all attempts together. Clients spend two seconds on their telemetry
/// at exit and ten at other times, so nothing here may wait for long.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// See [`ATTEMPT_TIMEOUT`].
pub const OPERATION_TIMEOUT: Duration = Duration::from_secs(6);
