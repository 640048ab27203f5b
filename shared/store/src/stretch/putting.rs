//! Puts stretches, and notes how far that is.

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use jiff::civil::Date;

use super::{BYTES, COUNT, FIRST, PARTS, expires};
use crate::organisation::REVISION;
use crate::transaction::{If, Write};
use crate::{Item, Store, StoreError, keys};
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::Timestamp;
use telemetry::activity::wire::stretch::{self, Stored};

/// How large a part is at most, in bytes: DynamoDB limits items to 400 KB.
const LARGEST: usize = 350 * 1000;
/// How many parts a stretch has at most: a transaction is limited to 4 MB.
const MOST: usize = 10;
/// Name of the attribute that holds the first bucket that was not looked at.
pub(super) const UNTIL: &str = "until";

/// How far the stretches of a shard's UTC day are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head {
    /// How often it has changed.
    version: i64,
    /// The first bucket that is in no stretch yet; `None` if none was put.
    pub until: Option<Bucket>,
}

/// How far the stretches of an organisation are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretched {
    /// When somebody first looked at them.
    pub since: Timestamp,
    /// The first bucket that was not looked at; `None` if none was.
    pub until: Option<Bucket>,
}

impl Store {
    /// How far the stretches of a shard's UTC day are.
    pub async fn stretch_head(&self, uid: &Uid, date: Date, shard: u8) -> Result<Head, StoreError> {
        let Some(item) = self.get(&keys::stretched_day(uid, date, shard)).await? else { return Ok(Head::default()) };
        Ok(Head { version: item.required_number("version")?, until: item.optional_number(UNTIL).map(Bucket) })
    }

    /// Puts the summaries of the buckets from the first to the last one together, all of the same UTC day, and gives the head after it;
    /// `None` if it has changed since it was read. What cannot be read, or is too large, is put in no stretch: it stays by bucket.
    pub async fn put_stretch(
        &self,
        uid: &Uid,
        shard: u8,
        (first, last): (Bucket, Bucket),
        head: Head,
        summaries: &[Stored],
    ) -> Result<Option<Head>, StoreError> {
        let after = Head { version: head.version + 1, until: Some(Bucket(last.0 + 1)) };
        let parts = stretch::encode(summaries, LARGEST).filter(|parts| parts.len() <= MOST).unwrap_or_default();
        let whole = parts.len() as i64;
        let mut writes = vec![self.advance(uid, shard, last, head)?];
        for (number, bytes) in parts.into_iter().enumerate() {
            let item = Item::at(keys::stretch(uid, shard, last, number)).number(keys::TTL, expires(last));
            let item = item.number(FIRST, first.0).number(REVISION, after.version).number(PARTS, whole);
            writes.push(Write::Put(item.number(COUNT, summaries.len() as i64).bytes(BYTES, bytes), If::Always));
        }
        match self.transact(writes).await {
            Ok(()) => Ok(Some(after)),
            Err(error) if error.is_conflict() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// How far the stretches of an organisation are; `None` if nobody has looked at them.
    pub async fn stretched(&self, uid: &Uid) -> Result<Option<Stretched>, StoreError> {
        let Some(item) = self.get(&keys::stretched(uid)).await? else { return Ok(None) };
        let since = Timestamp(item.required_number("since")?);
        Ok(Some(Stretched { since, until: item.optional_number(UNTIL).map(Bucket) }))
    }

    /// Notes it.
    pub async fn put_stretched(&self, uid: &Uid, Stretched { since, until }: Stretched) -> Result<(), StoreError> {
        let item = Item::at(keys::stretched(uid)).number("since", since.0);
        self.put(until.iter().fold(item, |item, until| item.number(UNTIL, until.0))).await
    }

    /// The change of a head that says that its stretches reach to the bucket `last`.
    fn advance(&self, uid: &Uid, shard: u8, last: Bucket, Head { version, .. }: Head) -> Result<Write, StoreError> {
        let number = |number: i64| AttributeValue::N(number.to_string());
        let update = Update::builder()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::stretched_day(uid, keys::utc_date(last), shard)).into()))
            .update_expression("SET version = :after, #until = :until, #ttl = :ttl")
            .expression_attribute_names("#until", UNTIL)
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":after", number(version + 1))
            .expression_attribute_values(":until", number(last.0 + 1))
            .expression_attribute_values(":ttl", number(expires(last)));
        let update = match version {
            0 => update.condition_expression("attribute_not_exists(pk)"),
            _ => {
                update.condition_expression("version = :before").expression_attribute_values(":before", number(version))
            }
        };
        Ok(Write::Update(Box::new(update.build().map_err(|_| StoreError::bug("head of stretches"))?)))
    }
}
