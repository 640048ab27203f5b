//! Records rejected for impossible numbers, and exports damaged on their way: one item per token and reason, so that a flood of them
//! stays small.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;

use super::query::Range;
use super::token::small;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::{SignedDuration, Timestamp, from_days};
use telemetry::claude::limits::Impossible;
use telemetry::claude::source::SourceId;

/// How long a rejection is kept after the last one.
const KEPT: SignedDuration = from_days(30);

/// Why records or exports were rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// A record with a number that cannot be.
    Impossible(Impossible),
    /// An export that was compressed and taken for text on its way.
    TakenForText,
}

impl Reason {
    /// The name of [`Reason::TakenForText`].
    const TAKEN_FOR_TEXT: &str = "taken_for_text";

    /// The name under which it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Impossible(impossible) => impossible.name(),
            Self::TakenForText => Self::TAKEN_FOR_TEXT,
        }
    }

    /// The reason with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == Self::TAKEN_FOR_TEXT {
            Some(Self::TakenForText)
        } else {
            Impossible::parse(name).map(Self::Impossible)
        }
    }
}

/// Records, or whole exports, rejected for one reason, with one token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The generation of the token they came with.
    pub generation: u32,
    /// The reason.
    pub reason: Reason,
    /// How many. A retry after a failure counts again.
    pub count: u64,
    /// The time of the last one.
    pub last_seen: Timestamp,
    /// The source that the last one claims.
    pub source: SourceId,
}

impl Store {
    /// An organisation's rejected records.
    pub async fn rejections(&self, uid: &Uid) -> Result<Vec<Rejection>, StoreError> {
        let partition = keys::rejection_partition(uid);
        self.query(Range::all(&partition)).await?.iter().filter_map(|item| Rejection::read(item).transpose()).collect()
    }

    /// Forgets the rejected records that one of these sources was the last to claim, whatever the reason.
    pub async fn forget_rejections(&self, uid: &Uid, sources: &BTreeSet<SourceId>) -> Result<(), StoreError> {
        for item in self.query(Range::all(&keys::rejection_partition(uid))).await? {
            if item.optional_text("source").and_then(SourceId::parse).is_some_and(|source| sources.contains(&source)) {
                self.delete(item.key()?).await?;
            }
        }
        Ok(())
    }

    /// The keys of everything stored about an organisation's rejected records.
    pub async fn rejection_keys(&self, uid: &Uid) -> Result<Vec<keys::Key>, StoreError> {
        let partition = keys::rejection_partition(uid);
        self.query(Range::all(&partition)).await?.iter().map(Item::key).collect()
    }

    /// Adds `more` to the counts of its token and reason. After an error, it may have been added nevertheless.
    pub async fn add_rejection(&self, uid: &Uid, more: &Rejection) -> Result<(), StoreError> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let request = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::rejection(uid, more.generation, more.reason.name())).into()))
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
    /// `None` if the reason is one of a later release.
    fn read(item: &Item) -> Result<Option<Self>, StoreError> {
        let Some(reason) = Reason::parse(item.required_text("reason")?) else { return Ok(None) };
        Ok(Some(Self {
            generation: small(item, "generation")?,
            reason,
            count: u64::try_from(item.required_number("rejected")?).unwrap_or_default(),
            last_seen: Timestamp(item.required_number("last_seen")?),
            source: SourceId::parse(item.required_text("source")?).ok_or(StoreError::unreadable("source"))?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telemetry::claude::source::SourceKind;

    #[test]
    fn a_reason_of_a_later_release_is_passed_over() {
        let uid = Uid::parse("AbCdEfGhIjKl").unwrap();
        let source = SourceId::new(SourceKind::Client, "c").encoded();
        let item = |reason: &str| {
            let item = Item::at(keys::rejection(&uid, 1, reason)).text("reason", reason).text("source", source.clone());
            item.number("generation", 1).number("rejected", 1).number("last_seen", 1)
        };
        assert!(matches!(Rejection::read(&item("taken_for_text")), Ok(Some(_))));
        assert_eq!(Rejection::read(&item("moonlight")), Ok(None));
        assert!(Rejection::read(&Item::at(keys::rejection(&uid, 1, "x"))).is_err(), "what has none is damaged");
    }
}
