//! Deletes stretches of which something is to be forgotten. They are put anew from what is left.

use std::collections::BTreeSet;
use std::time::Instant;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::ToSpan;
use jiff::civil::Date;

use super::{KEPT, expires};
use crate::range::Reading;
use crate::{Item, Store, StoreError, keys};
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::{DAY, SignedDuration, Timestamp, from_days};
use telemetry::claude::source::SourceId;

/// For how long after they have expired DynamoDB may not have deleted them.
const LINGERS: SignedDuration = from_days(3);
/// How often something is tried because a stretch is being put meanwhile.
const ATTEMPTS: usize = 12;

/// The UTC days of which stretches may be stored at `now`.
fn dates(now: Timestamp) -> impl Iterator<Item = Date> {
    let first = keys::utc_date(Bucket::of(now.minus(KEPT + LINGERS + DAY).max(Timestamp(0))));
    let last = keys::utc_date(Bucket::of(now.plus(DAY)));
    first.series(1.day()).take_while(move |date| *date <= last)
}

impl Store {
    /// Deletes all stretches that may have something of these sources, of which the summaries that are to be forgotten are gone, until
    /// `deadline`; says whether nothing is left.
    pub async fn forget_stretches(
        &self,
        uid: &Uid,
        sources: &BTreeSet<SourceId>,
        now: Timestamp,
        deadline: Instant,
    ) -> Result<bool, StoreError> {
        let shards: BTreeSet<u8> = sources.iter().map(|source| keys::shard(*source)).collect();
        for date in dates(now) {
            for shard in &shards {
                if !self.waits_its_turn(deadline).await {
                    return Ok(false);
                }
                self.forget_stretches_of(uid, date, *shard).await?;
            }
        }
        Ok(true)
    }

    /// The same of a shard and of the UTC day of a bucket, if any may be stored at `now`.
    pub async fn forget_stretches_around(
        &self,
        uid: &Uid,
        shard: u8,
        bucket: Bucket,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let of = keys::utc_date(bucket);
        match dates(now).any(|date| date == of) {
            true => self.forget_stretches_of(uid, of, shard).await,
            false => Ok(()),
        }
    }

    /// First the head changes: nothing is put then of what was read before, and whatever was put before is found here.
    async fn forget_stretches_of(&self, uid: &Uid, date: Date, shard: u8) -> Result<(), StoreError> {
        let mut attempts = 1;
        while let Err(error) = self.begin_anew(uid, date, shard).await {
            if !error.is_conflict() || attempts == ATTEMPTS {
                return Err(error);
            }
            attempts += 1;
        }
        let (from, to) = keys::stretches_from(Bucket(0));
        let pk = keys::stretch_partition(uid, date, shard);
        let mut found = Vec::new();
        self.each_page(&pk, Some((&from, &to)), Reading::Latest, |page| {
            for item in page {
                let key = item.key()?;
                found.extend(key.sk.contains(keys::BLOCK).then_some(key));
            }
            Ok(())
        })
        .await?;
        self.remove_keys(found).await
    }

    /// Changes the head, so that everything is put anew.
    async fn begin_anew(&self, uid: &Uid, date: Date, shard: u8) -> Result<(), StoreError> {
        let midnight = date
            .to_zoned(jiff::tz::TimeZone::UTC)
            .map_or(Timestamp(0), |at| Timestamp(at.timestamp().as_millisecond()));
        let update = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::stretched_day(uid, date, shard)).into()))
            .update_expression("SET #ttl = :ttl ADD version :one REMOVE #until")
            .expression_attribute_names("#until", super::putting::UNTIL)
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":ttl", AttributeValue::N(expires(Bucket::of(midnight)).to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".into()));
        update.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }
}
