//! Summaries of closed days in the Activity table. Each is stored only if its day has not changed since the summary was
//! made. Those of a shard's day are put together in [`blocks`], so that a month of many people is few items; the item of a source is
//! then what has changed since, and comes before what a block says of it.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use jiff::civil::Date;

use super::range::Reading;
use super::transaction::Write;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use telemetry::activity::summary::Summary;
use telemetry::activity::wire;
use telemetry::claude::source::SourceId;

pub mod blocks;
pub mod closing;
mod forgetting;
mod item;

use blocks::StoredBlock;
pub use item::StoredDay;
use item::{BYTES, expires};

/// The update that invalidates a day.
const STALE: &str = "SET #ttl = :ttl ADD version :one REMOVE #bytes";
/// How often days are read anew because their blocks were put anew meanwhile.
const ATTEMPTS: usize = 12;
/// Days with a larger summary, in bytes, are read by their buckets instead: DynamoDB limits items to 400 KB.
const LARGEST: usize = 350 * 1000;

/// What is stored of a shard's days.
#[derive(Debug, Default)]
pub struct StoredDays {
    /// The marks of days that are closed, and the items of sources, which come before what a block says of them.
    pub days: Vec<StoredDay>,
    /// The blocks.
    pub blocks: Vec<StoredBlock>,
}

impl StoredDays {
    /// The days of sources that have an item, which comes before what a block says.
    #[must_use]
    pub fn own(&self) -> BTreeSet<(Date, SourceId)> {
        self.days.iter().filter_map(|day| Some((day.date, day.source?))).collect()
    }
}

impl Store {
    /// The stored state of a shard's `days`, the first and the last one of the same month, with the outlines of blocks: their
    /// summaries where there are no outlines.
    pub async fn days(
        &self,
        uid: &Uid,
        shard: u8,
        days: (Date, Date),
        reading: Reading,
    ) -> Result<StoredDays, StoreError> {
        self.days_with(uid, shard, days, reading, StoredBlock::lacks_content).await
    }

    /// The same with the summaries of blocks.
    pub async fn whole_days(
        &self,
        uid: &Uid,
        shard: u8,
        days: (Date, Date),
        reading: Reading,
    ) -> Result<StoredDays, StoreError> {
        self.days_with(uid, shard, days, reading, StoredBlock::lacks_summaries).await
    }

    async fn days_with(
        &self,
        uid: &Uid,
        shard: u8,
        days: (Date, Date),
        mut reading: Reading,
        is_wanted_whole: fn(&StoredBlock) -> bool,
    ) -> Result<StoredDays, StoreError> {
        let pk = keys::day_partition(uid, days.0, shard);
        for _ in 0..ATTEMPTS {
            let mut found = self.days_of(&pk, days, reading).await?;
            if self.read_whole(&pk, days, reading, &mut found.blocks, is_wanted_whole).await? {
                return Ok(found);
            }
            reading = Reading::Latest;
        }
        Err(StoreError::overtaken())
    }

    async fn days_of(&self, pk: &str, (first, last): (Date, Date), reading: Reading) -> Result<StoredDays, StoreError> {
        let ends = (format!("{:02}", first.day()), format!("{:02}#~", last.day()));
        let mut found = StoredDays::default();
        self.each_page(pk, Some((&ends.0, &ends.1)), reading, |page| {
            for item in page {
                match item.required_text(keys::SK)?.contains(keys::BLOCK) {
                    true => found.blocks.push(blocks::read(item, first)?),
                    false => found.days.push(item::read(item, first)?),
                }
            }
            Ok(())
        })
        .await?;
        Ok(found)
    }

    /// Stores the summary of a day unless the day has changed since `version`, and returns whether it did. If the
    /// summary is too large for an item, it stores a mark that the day is to be read by its buckets.
    pub async fn put_day(
        &self,
        uid: &Uid,
        date: Date,
        source: SourceId,
        zone: &str,
        version: i64,
        summary: &Summary,
    ) -> Result<bool, StoreError> {
        let bytes = wire::encode(summary);
        let item = Item::at(keys::day(uid, date, source)).text("zone", zone).number("version", version);
        let item = item.number(keys::TTL, expires(date));
        let item = if bytes.len() > LARGEST { item } else { item.bytes(BYTES, bytes) };
        let put = self.client.put_item().table_name(&self.activity).set_item(Some(item.into()));
        let put = if version == 0 {
            put.condition_expression("attribute_not_exists(pk) OR version = :version")
        } else {
            put.condition_expression("version = :version")
        };
        let sent = put.expression_attribute_values(":version", AttributeValue::N(version.to_string())).send().await;
        match sent.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(true),
            Err(error) if error.is_conflict() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Invalidates a day that is stored or may be about to be stored, as part of a transaction.
    pub(super) fn invalidation(&self, uid: &Uid, date: Date, source: SourceId) -> Result<Write, StoreError> {
        let update = Update::builder()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::day(uid, date, source)).into()))
            .update_expression(STALE)
            .expression_attribute_names("#bytes", BYTES)
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":ttl", AttributeValue::N(expires(date).to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .build();
        Ok(Write::Update(Box::new(update.map_err(|_| StoreError::bug("day"))?)))
    }

    /// Marks a day of a shard as closed: a source without a summary either did nothing, or is marked as changed.
    pub async fn close_day(&self, uid: &Uid, date: Date, shard: u8, zone: &str) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::closed_day(uid, date, shard)).into()))
            // Its version only grows: see `blocks`.
            .update_expression("SET #zone = :zone, #ttl = :ttl ADD version :nothing")
            .expression_attribute_names("#zone", "zone")
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":zone", AttributeValue::S(zone.into()))
            .expression_attribute_values(":ttl", AttributeValue::N(expires(date).to_string()))
            .expression_attribute_values(":nothing", AttributeValue::N("0".into()));
        update.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }
}
