//! Going through a whole table, for what has no other way: purging an organisation, and finding events of which nothing derived tells.
//!
//! Page after page, each at most 1 MB of what is stored and a thousand items, and with a place to go on from, so that it fits any memory
//! and any time limit.

use std::time::Instant;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use super::range::Reading;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Timestamp;

/// Items of a page. DynamoDB ends a page at 1 MB, which is about as much of what clients send; the embedded database reads all items
/// that it was asked for before it looks how large they are.
const PAGE: i32 = 1_000;

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// The Events table.
    Events,
    /// The Activity table.
    Activity,
}

/// What a table is gone through for.
#[derive(Debug, Clone, Copy)]
pub struct Sweep<'a> {
    /// The table.
    pub table: Table,
    /// Whose items are looked for.
    pub uid: &'a Uid,
    /// How fresh what is found has to be.
    pub reading: Reading,
    /// Leaves out what had expired then.
    pub alive_at: Option<Timestamp>,
}

/// Keys of an organisation that a page of a table holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPage {
    /// The keys, in the order of the table: those of one partition are beside each other.
    pub keys: Vec<keys::Key>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<keys::Key>,
}

impl Store {
    /// The keys of everything that belongs to the organisation in the page after the key `after`, as soon as the [pace](super::pace)
    /// allows; `None` if it does not before `deadline`, or that has passed.
    pub async fn sweep(
        &self,
        sweep: &Sweep<'_>,
        after: Option<keys::Key>,
        deadline: Instant,
    ) -> Result<Option<KeyPage>, StoreError> {
        let Sweep { table, uid, reading, alive_at } = *sweep;
        if Instant::now() >= deadline || !self.paces.page(table, deadline.into()).await {
            return Ok(None);
        }
        let scan = self
            .client
            .scan()
            .table_name(self.name_of(table))
            .projection_expression("pk, sk")
            .expression_attribute_values(":prefix", AttributeValue::S(keys::everything_of(uid)))
            .set_exclusive_start_key(after.map(|key| Item::at(key).into()))
            .limit(PAGE)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .consistent_read(reading == Reading::Latest);
        let scan = match alive_at {
            None => scan.filter_expression("begins_with(pk, :prefix)"),
            Some(now) => scan
                .filter_expression("begins_with(pk, :prefix) AND #ttl > :now")
                .expression_attribute_names("#ttl", keys::TTL)
                .expression_attribute_values(":now", AttributeValue::N(now.seconds().to_string())),
        };
        let page = scan.send().await.map_err(StoreError::from_sdk)?;
        self.paces.paged(table, page.consumed_capacity.as_ref());
        let keys = page.items.unwrap_or_default().into_iter().map(|item| Item::from(item).key());
        let next = page.last_evaluated_key.filter(|key| !key.is_empty()).map(|key| Item::from(key).key());
        Ok(Some(KeyPage { keys: keys.collect::<Result<_, _>>()?, next: next.transpose()? }))
    }

    pub(super) fn name_of(&self, table: Table) -> &str {
        match table {
            Table::Events => &self.events,
            Table::Activity => &self.activity,
        }
    }
}
