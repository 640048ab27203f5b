//! Packs in the Events table: stored if absent, and read.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::query::{QueryError, QueryOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use aws_smithy_async::future::pagination_stream::PaginationStream;

use super::{Item, Store, StoreError, StoreErrorKind, keys};
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::{SECOND, Timestamp};
use telemetry::claude::source::SourceId;

/// Name of the attribute that holds the pack.
const PACK: &str = "p";

/// The result of storing a pack.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Put {
    /// It was stored before; nothing was written.
    pub duplicate: bool,
    /// Write units consumed, as reported by DynamoDB.
    pub write_units: f64,
}

/// A pack as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPack {
    /// Its key.
    pub key: keys::Key,
    /// Its bytes, for [`telemetry::pack::decode`].
    pub bytes: Vec<u8>,
    /// When DynamoDB may remove it.
    pub expires_at: Timestamp,
}

impl Store {
    /// Stores a pack, unless its key exists because an equal export was stored before. After an error, the pack may
    /// have been stored nevertheless.
    pub async fn put_pack(&self, key: &keys::Key, pack: Vec<u8>, expires_at: Timestamp) -> Result<Put, StoreError> {
        let item = Item::at(key.clone()).bytes(PACK, pack).number(keys::TTL, expires_at.seconds());
        let answer = self
            .client
            .put_item()
            .table_name(&self.events)
            .set_item(Some(item.into()))
            .condition_expression("attribute_not_exists(pk)")
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match answer {
            Ok(put) => {
                let write_units = put.consumed_capacity.and_then(|c| c.capacity_units).unwrap_or_default();
                Ok(Put { duplicate: false, write_units })
            }
            Err(error) => match StoreError::from_sdk(error) {
                // DynamoDB charges a failed condition like a write of the smallest item. Only a failed condition says that
                // the pack exists: if another transaction interfered, for example, nothing is stored.
                refused if refused.kind() == StoreErrorKind::ConditionFailed => {
                    Ok(Put { duplicate: true, write_units: 1.0 })
                }
                other => Err(other),
            },
        }
    }

    /// All packs of a source's bucket, read consistently, without those that have expired at `now`.
    pub async fn packs(
        &self,
        uid: &Uid,
        source: SourceId,
        bucket: Bucket,
        now: Timestamp,
    ) -> Result<Vec<StoredPack>, StoreError> {
        let mut pages = self.pack_pages(uid, source, bucket, now);
        let mut packs = Vec::new();
        while let Some(page) = pages.next().await? {
            packs.extend(page);
        }
        Ok(packs)
    }

    /// The same packs page by page, so that no more than a page (1 MB) of them is in memory.
    #[must_use]
    pub fn pack_pages(&self, uid: &Uid, source: SourceId, bucket: Bucket, now: Timestamp) -> PackPages {
        let query = self
            .client
            .query()
            .table_name(&self.events)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", AttributeValue::S(keys::pack_partition(uid, source, bucket)))
            .consistent_read(true);
        PackPages { pages: query.into_paginator().send(), now }
    }
}

/// The packs of a source's bucket, in the order of their keys.
#[derive(Debug)]
pub struct PackPages {
    pages: PaginationStream<Result<QueryOutput, SdkError<QueryError>>>,
    now: Timestamp,
}

impl PackPages {
    /// The next page; `None` after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<StoredPack>>, StoreError> {
        let Some(page) = self.pages.try_next().await.map_err(StoreError::from_sdk)? else { return Ok(None) };
        let packs = page.items.unwrap_or_default().into_iter().map(|item| stored(&item.into()));
        unexpired(packs, self.now).map(Some)
    }
}

/// The packs that have not expired at `now`: DynamoDB removes expired items late.
fn unexpired(
    packs: impl Iterator<Item = Result<StoredPack, StoreError>>,
    now: Timestamp,
) -> Result<Vec<StoredPack>, StoreError> {
    packs.filter(|pack| pack.as_ref().map_or(true, |pack| pack.expires_at > now)).collect()
}

fn stored(item: &Item) -> Result<StoredPack, StoreError> {
    Ok(StoredPack {
        key: item.key()?,
        bytes: item.required_bytes(PACK)?.to_vec(),
        expires_at: Timestamp::after(item.required_number(keys::TTL)?, SECOND),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &str) -> Item {
        Item::at(keys::Key { pk: "partition".into(), sk: name.into() })
    }

    fn pack(name: &str, ttl: i64) -> Result<StoredPack, StoreError> {
        stored(&at(name).bytes(PACK, vec![1]).number(keys::TTL, ttl))
    }

    #[test]
    fn a_pack_past_its_time_to_live_is_not_read_although_its_item_is_still_there() {
        let read = |now: i64| {
            let packs = unexpired([pack("early", 10), pack("late", 20)].into_iter(), Timestamp(now)).unwrap();
            packs.into_iter().map(|pack| pack.key.sk).collect::<Vec<_>>()
        };
        assert_eq!(read(9_999), ["early", "late"]);
        assert_eq!(read(10_000), ["late"]);
        assert_eq!(read(20_000), [] as [&str; 0]);
    }

    #[test]
    fn a_damaged_item_is_not_passed_over_as_expired() {
        assert!(unexpired([pack("early", 10), stored(&at("damaged"))].into_iter(), Timestamp(0)).is_err());
    }
}
