//! Summaries of closed days in the Activity table. Each is stored only if its day has not changed since the summary was
//! made.

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use jiff::civil::Date;

use super::range::Reading;
use super::transaction::Write;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Timestamp;
use telemetry::activity::summary::{Part, Summary};
use telemetry::activity::wire;
use telemetry::claude::source::SourceId;

/// Name of the attribute that holds the summary; removed when the day changes.
const BYTES: &str = "b";
/// The update that invalidates a day.
const STALE: &str = "ADD version :one REMOVE #bytes";
/// Days with a larger summary, in bytes, are read by their buckets instead: DynamoDB limits items to 400 KB.
const LARGEST: usize = 350 * 1000;

/// The stored state of a source's day, or of a shard's day.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDay {
    /// The day.
    pub date: Date,
    /// The source; `None` for the mark that the day is closed.
    pub source: Option<SourceId>,
    /// The time zone of the day.
    pub zone: String,
    /// How often it has changed since it may have been closed.
    pub version: i64,
    /// The encoded summary, unless it has been invalidated.
    pub bytes: Option<Vec<u8>>,
}

impl StoredDay {
    /// Passes the parts of the summary, if there is one, to `take`.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if this release cannot read it.
    pub fn visit(&self, take: impl FnMut(Part<'_>)) -> Result<(), StoreError> {
        let visited = self.bytes.as_ref().map_or(Ok(()), |bytes| wire::visit(bytes, take));
        visited.map_err(|_| StoreError::unreadable("day"))
    }
}

/// How the days of an organisation are closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The time zone whose days they are.
    pub zone: String,
    /// Since when it is this zone.
    pub since: Timestamp,
    /// When all days were last looked at.
    pub looked_at: Option<Timestamp>,
}

impl Store {
    /// The stored state of a shard's days from `first` to `last`, which must be in the same month.
    pub async fn days(
        &self,
        uid: &Uid,
        shard: u8,
        (first, last): (Date, Date),
        reading: Reading,
    ) -> Result<Vec<StoredDay>, StoreError> {
        let pk = keys::day_partition(uid, first, shard);
        let ends = (format!("{:02}", first.day()), format!("{:02}#~", last.day()));
        let items = self.between(&pk, Some((&ends.0, &ends.1)), reading).await?;
        items.into_iter().map(|item| read(item, first)).collect()
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

    /// Invalidates a day that is stored or may be about to be stored.
    pub async fn stale_day(&self, uid: &Uid, date: Date, source: SourceId) -> Result<(), StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::day(uid, date, source)).into()))
            .update_expression(STALE)
            .expression_attribute_names("#bytes", BYTES)
            .expression_attribute_values(":one", AttributeValue::N("1".into()));
        update.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }

    /// The same as part of a transaction.
    pub(super) fn invalidation(&self, uid: &Uid, date: Date, source: SourceId) -> Result<Write, StoreError> {
        let update = Update::builder()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::day(uid, date, source)).into()))
            .update_expression(STALE)
            .expression_attribute_names("#bytes", BYTES)
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .build();
        Ok(Write::Update(Box::new(update.map_err(|_| StoreError::bug("day"))?)))
    }

    /// How the days of an organisation are closed.
    pub async fn closing(&self, uid: &Uid) -> Result<Option<Closing>, StoreError> {
        let Some(item) = self.get(&keys::closing(uid)).await? else { return Ok(None) };
        Ok(Some(Closing {
            zone: item.required_text("zone")?.to_owned(),
            since: Timestamp(item.required_number("since")?),
            looked_at: item.optional_number("looked_at").map(Timestamp),
        }))
    }

    /// Notes how the days of an organisation are closed.
    pub async fn put_closing(&self, uid: &Uid, closing: &Closing) -> Result<(), StoreError> {
        let item = Item::at(keys::closing(uid)).text("zone", &*closing.zone).number("since", closing.since.0);
        self.put(match closing.looked_at {
            Some(at) => item.number("looked_at", at.0),
            None => item,
        })
        .await
    }

    /// Marks a day of a shard as closed: a source without a summary either did nothing, or is marked as changed.
    pub async fn close_day(&self, uid: &Uid, date: Date, shard: u8, zone: &str) -> Result<(), StoreError> {
        self.put(Item::at(keys::closed_day(uid, date, shard)).text("zone", zone).number("version", 0)).await
    }
}

fn read(mut item: Item, month: Date) -> Result<StoredDay, StoreError> {
    let wrong = StoreError::unreadable("day key");
    let sk = item.required_text(keys::SK)?;
    let (day, source) = sk.split_once('#').map_or((sk, None), |(day, source)| (day, Some(source)));
    let date = day.parse().ok().and_then(|day| Date::new(month.year(), month.month(), day).ok());
    let source = source.map(|text| SourceId::parse(text).ok_or(wrong)).transpose()?;
    let bytes = item.take_bytes(BYTES);
    Ok(StoredDay {
        date: date.ok_or(StoreError::unreadable("day key"))?,
        source,
        zone: item.optional_text("zone").unwrap_or_default().to_owned(),
        version: item.required_number("version")?,
        bytes,
    })
}
