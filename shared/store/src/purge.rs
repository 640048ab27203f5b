//! Organisations being purged, and their removal.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, WriteRequest};

use super::query::Range;
use super::{Item, Store, StoreError, keys};
use model::organisation::{OrgName, Uid};
use model::time::Millis;

/// The most items that one request removes.
const BATCH: usize = 25;
/// How often items that DynamoDB left unprocessed are requested again.
const ATTEMPTS: usize = 10;

/// An organisation being purged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purge {
    /// Its former name.
    pub org: OrgName,
    /// Its uid, as used in keys.
    pub uid: Uid,
    /// When an admin requested it.
    pub requested_at: Millis,
}

impl Store {
    /// The unfinished purges.
    pub async fn purges(&self) -> Result<Vec<Purge>, StoreError> {
        self.query(Range::all(keys::PURGES)).await?.iter().map(Purge::read).collect()
    }

    /// Removes the record of a finished purge.
    pub async fn finish_purge(&self, purge: &Purge) -> Result<(), StoreError> {
        self.remove(&self.activity, vec![keys::purge(&purge.uid)]).await
    }

    /// Removes everything whose key begins with `uid` from both tables, and returns how many items it found. It scans
    /// the tables: purges are rare, and only a scan finds everything, whatever the rest of the service stores. If
    /// interrupted, it starts over and finds less.
    pub async fn remove_everything_of(&self, uid: &Uid) -> Result<usize, StoreError> {
        let mut removed = 0;
        for table in [&self.events, &self.activity] {
            let mut from = None;
            loop {
                let page = self
                    .client
                    .scan()
                    .table_name(table)
                    .projection_expression("pk, sk")
                    .filter_expression("begins_with(pk, :prefix)")
                    .expression_attribute_values(":prefix", AttributeValue::S(keys::everything_of(uid)))
                    .consistent_read(true)
                    .set_exclusive_start_key(from)
                    .send()
                    .await
                    .map_err(StoreError::from_sdk)?;
                let found: Result<Vec<_>, _> =
                    page.items.unwrap_or_default().into_iter().map(|item| Item::from(item).key()).collect();
                let found = found?;
                removed += found.len();
                self.remove(table, found).await?;
                from = page.last_evaluated_key;
                if from.is_none() {
                    break;
                }
            }
        }
        Ok(removed)
    }

    /// Removes items from the Activity table. After an error, some may have been removed.
    pub async fn remove_keys(&self, keys: Vec<keys::Key>) -> Result<(), StoreError> {
        self.remove(&self.activity, keys).await
    }

    async fn remove(&self, table: &str, keys: Vec<keys::Key>) -> Result<(), StoreError> {
        for batch in keys.chunks(BATCH) {
            let mut left: Vec<_> = batch.iter().cloned().map(deletion).collect::<Result<_, _>>()?;
            for _ in 0..ATTEMPTS {
                let request = HashMap::from([(table.to_owned(), left)]);
                let answer = self.client.batch_write_item().set_request_items(Some(request)).send().await;
                let answer = answer.map_err(StoreError::from_sdk)?;
                left = answer.unprocessed_items.unwrap_or_default().remove(table).unwrap_or_default();
                if left.is_empty() {
                    break;
                }
            }
            if !left.is_empty() {
                return Err(StoreError::throttled());
            }
        }
        Ok(())
    }
}

fn deletion(key: keys::Key) -> Result<WriteRequest, StoreError> {
    let delete = DeleteRequest::builder().set_key(Some(Item::at(key).into())).build();
    Ok(WriteRequest::builder().delete_request(delete.map_err(|_| StoreError::unreadable("deletion"))?).build())
}

impl Purge {
    /// The item that records this purge.
    #[must_use]
    pub fn item(&self) -> Item {
        Item::at(keys::purge(&self.uid))
            .text("org", self.org.as_str())
            .text("uid", self.uid.as_str())
            .number("requested_at", self.requested_at.0)
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            org: item.get_text("org")?.parse().map_err(|_| StoreError::unreadable("org"))?,
            uid: Uid::parse(item.get_text("uid")?).ok_or(StoreError::unreadable("uid"))?,
            requested_at: Millis(item.get_number("requested_at")?),
        })
    }
}
