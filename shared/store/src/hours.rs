//! How much an organisation sent within an hour: one item per hour and token, updated by the projection.

use std::ops::AddAssign;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use super::query::Range;
use super::token::small;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::{HOUR, SignedDuration, Timestamp, from_days};

/// How long an hour is kept: a day longer than health reports it.
const KEPT: SignedDuration = from_days(8);

/// An hour and a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct HourKey {
    /// Hours since the epoch.
    pub hour: i64,
    /// The generation of the token.
    pub generation: u32,
}

impl HourKey {
    /// The start of the hour.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp::after(self.hour, HOUR)
    }
}

/// What was added within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grown {
    /// People seen for the first time.
    pub people: u64,
    /// Records.
    pub records: u64,
}

impl AddAssign for Grown {
    fn add_assign(&mut self, more: Self) {
        self.people = self.people.saturating_add(more.people);
        self.records = self.records.saturating_add(more.records);
    }
}

impl Store {
    /// Adds to an hour and returns its new totals. After an error, it may have been added nevertheless.
    pub async fn grow_hour(&self, uid: &Uid, hour: HourKey, more: Grown) -> Result<Grown, StoreError> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let expires = hour.start().plus(HOUR + KEPT).seconds();
        let grown = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::hour(uid, hour)).into()))
            .update_expression("ADD people :people, #records :records SET generation = :generation, #ttl = :ttl")
            .expression_attribute_names("#records", "records")
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":people", AttributeValue::N(more.people.to_string()))
            .expression_attribute_values(":records", AttributeValue::N(more.records.to_string()))
            .expression_attribute_values(":generation", number(hour.generation.into()))
            .expression_attribute_values(":ttl", number(expires))
            .return_values(ReturnValue::AllNew)
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        grown.attributes.map_or(Ok(more), |attributes| read(&Item::from(attributes)))
    }

    /// The recorded hours of an organisation since `since`, oldest first. Hours in which little arrived may be missing.
    pub async fn grown_hours(&self, uid: &Uid, since: Timestamp) -> Result<Vec<(HourKey, Grown)>, StoreError> {
        let (partition, after) = (keys::hour_partition(uid), keys::hours_since(since.count(HOUR)));
        let items = self.query(Range::after(&partition, Some(&after))).await?;
        items
            .iter()
            .map(|item| {
                let hour = item.required_text(keys::SK)?.split('#').next().and_then(|hour| hour.parse().ok());
                let hour = hour.ok_or(StoreError::unreadable("hour"))?;
                Ok((HourKey { hour, generation: small(item, "generation")? }, read(item)?))
            })
            .collect()
    }
}

fn read(item: &Item) -> Result<Grown, StoreError> {
    let count = |name| Ok(u64::try_from(item.required_number(name)?).unwrap_or_default());
    Ok(Grown { people: count("people")?, records: count("records")? })
}
