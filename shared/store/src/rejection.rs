//! What was rejected because its numbers cannot be: one item for each token and reason, so that a flood of it stays small.

use aws_sdk_dynamodb::types::AttributeValue;

use super::query::Range;
use super::token::small;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::{DAY, Millis};
use telemetry::claude::bounds::Impossible;
use telemetry::claude::source::SourceId;

/// How long a rejection is remembered after the last one, in milliseconds.
const KEPT: i64 = 30 * DAY;

/// Records that were rejected for one reason, with one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// Which of the organisation's tokens they came with.
    pub generation: u32,
    /// Why.
    pub reason: Impossible,
    /// How many; what is sent again after a fault counts again.
    pub count: u64,
    /// When last.
    pub last_seen: Millis,
    /// Whom the last one claimed to be from.
    pub source: SourceId,
}

impl Store {
    /// What was rejected of an organisation's records.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rejections(&self, uid: &Uid) -> Result<Vec<Rejection>, StoreError> {
        let partition = keys::rejection_partition(uid);
        self.query(Range::all(&partition)).await?.iter().map(Rejection::read).collect()
    }

    /// The keys of all that is stored of an organisation's rejected records.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rejection_keys(&self, uid: &Uid) -> Result<Vec<keys::Key>, StoreError> {
        let partition = keys::rejection_partition(uid);
        self.query(Range::all(&partition)).await?.iter().map(Item::key).collect()
    }

    /// Adds `more` to what is stored of its token and reason.
    ///
    /// # Errors
    /// The database failed; it may have been added all the same.
    pub async fn add_rejection(&self, uid: &Uid, more: &Rejection) -> Result<(), StoreError> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let request = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::rejection(uid, more.generation, more.reason)).into()))
            .update_expression(
                "ADD rejected :n SET generation = :g, reason = :r, last_seen = :t, #source = :s, #ttl = :ttl",
            )
            .expression_attribute_names("#source", "source")
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":n", AttributeValue::N(more.count.to_string()))
            .expression_attribute_values(":g", number(more.generation.into()))
            .expression_attribute_values(":r", AttributeValue::S(more.reason.name().into()))
            .expression_attribute_values(":t", number(more.last_seen.0))
            .expression_attribute_values(":s", AttributeValue::S(more.source.encoded()))
            .expression_attribute_values(":ttl", number(more.last_seen.plus(KEPT).seconds()));
        request.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }
}

impl Rejection {
    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            generation: small(item, "generation")?,
            reason: Impossible::parse(item.get_text("reason")?).ok_or(StoreError::unreadable("reason"))?,
            count: u64::try_from(item.get_number("rejected")?).unwrap_or_default(),
            last_seen: Millis(item.get_number("last_seen")?),
            source: SourceId::parse(item.get_text("source")?).ok_or(StoreError::unreadable("source"))?,
        })
    }
}
