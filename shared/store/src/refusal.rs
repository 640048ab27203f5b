//! Exports that were refused because of their token, where nobody can tell which organisation they were meant for: one item per day
//! and reason, so that a flood of them stays small.

use aws_sdk_dynamodb::types::AttributeValue;

use super::query::Range;
use super::{Item, Store, StoreError, keys};
use model::time::{SignedDuration, Timestamp, from_days};

/// How long a day's refusals are kept after the last one.
const KEPT: SignedDuration = from_days(30);

/// Why a token is nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// There was none.
    Missing,
    /// It is cut, mistyped, or none at all.
    Malformed,
    /// It is an admin key.
    AdminKey,
    /// It is well-formed and not known: of another service, or of an organisation that was purged.
    Unknown,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 4] = [Self::Missing, Self::Malformed, Self::AdminKey, Self::Unknown];

    /// The name under which it is stored.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::AdminKey => "admin",
            Self::Unknown => "unknown",
        }
    }

    /// The reason with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.name() == name)
    }
}

/// Exports refused for one reason on one UTC day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refusals {
    /// The reason.
    pub reason: Reason,
    /// How many.
    pub count: u64,
    /// The time of the last one.
    pub last_seen: Timestamp,
}

impl Store {
    /// The refusals since the day of `since`.
    pub async fn refusals(&self, since: Timestamp) -> Result<Vec<Refusals>, StoreError> {
        let found = self.query(Range::after(keys::REFUSALS, Some(&keys::refusals_of_day(since)))).await?;
        found.iter().filter_map(|item| Refusals::read(item).transpose()).collect()
    }

    /// Adds `more` to the counts of its day and reason. After an error, it may have been added nevertheless.
    pub async fn add_refusals(&self, more: &Refusals) -> Result<(), StoreError> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let request = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::refusals(more.last_seen, more.reason.name())).into()))
            .update_expression("ADD refused :n SET reason = :r, last_seen = :t, #ttl = :ttl")
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":n", AttributeValue::N(more.count.to_string()))
            .expression_attribute_values(":r", AttributeValue::S(more.reason.name().into()))
            .expression_attribute_values(":t", number(more.last_seen.0))
            .expression_attribute_values(":ttl", number(more.last_seen.plus(KEPT).seconds()));
        request.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }
}

impl Refusals {
    /// `None` if the reason is one of a later release.
    fn read(item: &Item) -> Result<Option<Self>, StoreError> {
        let Some(reason) = Reason::parse(item.required_text("reason")?) else { return Ok(None) };
        Ok(Some(Self {
            reason,
            count: u64::try_from(item.required_number("refused")?).unwrap_or_default(),
            last_seen: Timestamp(item.required_number("last_seen")?),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_of_a_later_release_is_passed_over() {
        let item = |reason: &str| {
            Item::at(keys::refusals(Timestamp(0), "x"))
                .text("reason", reason)
                .number("refused", 1)
                .number("last_seen", 1)
        };
        assert!(matches!(Refusals::read(&item("unknown")), Ok(Some(_))));
        assert_eq!(Refusals::read(&item("moonlight")), Ok(None));
        assert!(Refusals::read(&Item::at(keys::refusals(Timestamp(0), "x"))).is_err(), "what has none is damaged");
    }
}
