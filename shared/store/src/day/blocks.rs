//! Blocks: the summaries of a shard's day in few items, which are read at a fraction of the cost of one item a source.
//!
//! A block is two items with one revision: the summaries, and their [outlines](telemetry::activity::outline), which most questions are
//! answered from. In the first blocks they were one, of summaries, at the place of the outlines; it is read as both.
//!
//! A block never changes what a day says. It has only summaries of days that never changed since they were closed (version 0), and
//! whatever changes one later writes an item of the source, which comes first. The item that a block was made from goes when the block
//! has stood for long enough that no reader can have missed both; it never comes back, since an item of version 0 is put only where
//! nothing changed.
//!
//! A block is put only if the mark of its day is what it was when the items were read. Whoever takes a source out of the blocks changes
//! the mark first, and leaves an item without a summary: no block can be put that has what was taken out, and none lacks something
//! without an item that says so.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;

use super::item::{BYTES, StoredDay, day_of, expires};
use crate::organisation::REVISION;
use crate::range::Reading;
use crate::transaction::{If, Write};
use crate::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Timestamp;
use telemetry::activity::wire::block::{self, Block, Encoded};
use telemetry::claude::source::SourceId;

/// Name of the attribute that holds the outlines.
const OUTLINES: &str = "o";
/// How large blocks are at most, in bytes, in either form: DynamoDB limits items to 400 KB.
pub(super) const LARGEST: usize = 350 * 1000;

/// A stored block. Its outlines, or its summaries, are in memory only as long as it is [open](Self::open).
#[derive(Debug)]
pub struct StoredBlock {
    /// The day.
    pub date: Date,
    /// Which of the blocks of the day and shard it is.
    pub number: u32,
    /// The time zone of the day.
    pub zone: String,
    /// When it was put.
    pub put_at: Timestamp,
    /// Begins with the time, so that it never was that of another block with the same number.
    pub(super) revision: i64,
    content: Content,
}

/// What is at hand of a block.
#[derive(Debug)]
enum Content {
    Outlines(Vec<u8>),
    Whole(Vec<u8>),
    /// Its outlines are too large for an item, or its summaries are gone.
    None,
}

impl StoredBlock {
    /// What was read of it.
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`](crate::StoreErrorKind::Conflict) if it was deleted meanwhile,
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if it is damaged.
    pub fn open(&self) -> Result<Block, StoreError> {
        let (Content::Outlines(bytes) | Content::Whole(bytes)) = &self.content else {
            return Err(StoreError::overtaken());
        };
        Block::open(bytes).map_err(|_| unreadable())
    }

    /// Whether nothing is at hand of it.
    pub(super) fn lacks_content(&self) -> bool {
        matches!(self.content, Content::None)
    }

    /// Whether its summaries are not at hand.
    pub(super) fn lacks_summaries(&self) -> bool {
        !matches!(self.content, Content::Whole(_))
    }
}

pub(super) fn unreadable() -> StoreError {
    StoreError::unreadable("block of days")
}

/// The day and shard that blocks are of.
#[derive(Debug, Clone, Copy)]
pub struct Blocked<'a> {
    /// The organisation.
    pub uid: &'a Uid,
    /// The day.
    pub date: Date,
    /// The shard.
    pub shard: u8,
    /// The time zone of the day.
    pub zone: &'a str,
}

impl Store {
    /// Puts the summaries of `days` into blocks with numbers that none of `blocks` of the same zone has, unless the mark of the day has
    /// changed since it had the version `mark`; returns whether it did.
    pub async fn put_blocks(
        &self,
        Blocked { uid, date, shard, zone }: Blocked<'_>,
        (days, mark): (&[&StoredDay], i64),
        blocks: &[StoredBlock],
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut summaries = Vec::with_capacity(days.len());
        for day in days {
            summaries.extend(day.source.map(|source| Ok((source, day.summary()?))).transpose()?);
        }
        let encoded = block::encode(&summaries, LARGEST).map_err(|_| StoreError::bug("block of days"))?;
        let is_free = |number: &u32| !blocks.iter().any(|block| block.number == *number && block.zone == zone);
        for (number, encoded) in (0..).filter(is_free).zip(encoded) {
            // What cannot be read is not put in the place of what can.
            Block::open(&encoded.whole).map_err(|_| StoreError::bug("block of days"))?;
            let outlines = encoded.outlines.filter(|outlines| Block::open(outlines).is_ok());
            let encoded = Encoded { outlines, ..encoded };
            let known = blocks.iter().find(|block| block.number == number);
            let revision = known.map_or(now.0, |block| now.0.max(block.revision + 1));
            let over = known.map_or(If::Absent, |block| If::Revision(block.revision));
            let check = Write::Check(keys::closed_day(uid, date, shard), If::Version(mark));
            let [outlines, whole] = items(Blocked { uid, date, shard, zone }, number, (now, revision), encoded);
            match self.transact(vec![Write::Put(outlines, over), Write::Put(whole, If::Always), check]).await {
                Ok(()) => {}
                Err(error) if error.is_conflict() => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// Deletes the item of a source's day whose summary a block has, unless it changed.
    pub async fn delete_blocked_day(
        &self,
        uid: &Uid,
        date: Date,
        source: SourceId,
        zone: &str,
    ) -> Result<(), StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::day(uid, date, source)).into()))
            .condition_expression("version = :unchanged AND #zone = :zone")
            .expression_attribute_names("#zone", "zone")
            .expression_attribute_values(":unchanged", AttributeValue::N("0".into()))
            .expression_attribute_values(":zone", AttributeValue::S(zone.into()));
        match delete.send().await.map_err(StoreError::from_sdk) {
            Err(error) if !error.is_conflict() => Err(error),
            _ => Ok(()),
        }
    }

    /// Deletes a block, unless it changed.
    pub async fn delete_block(&self, uid: &Uid, shard: u8, block: &StoredBlock) -> Result<(), StoreError> {
        let outlines = keys::day_block(uid, block.date, shard, block.number);
        let whole = keys::whole_block(uid, block.date, shard, block.number);
        let deletes = [Write::Delete(outlines, If::Revision(block.revision)), Write::Delete(whole, If::Always)];
        match self.transact(deletes.into()).await {
            Err(error) if !error.is_conflict() => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads the summaries of those blocks of which `is_wanted`, in place of their outlines. Says whether they are those of the same
    /// blocks: in between, they may have been put anew.
    pub(super) async fn read_whole(
        &self,
        partition: &str,
        days: (Date, Date),
        reading: Reading,
        blocks: &mut [StoredBlock],
        is_wanted: impl Fn(&StoredBlock) -> bool,
    ) -> Result<bool, StoreError> {
        if !blocks.iter().any(&is_wanted) {
            return Ok(true);
        }
        let (first, last) = keys::whole_blocks(days);
        let mut found: HashMap<(Date, u32), (i64, Vec<u8>)> = HashMap::new();
        for mut item in self.between(partition, Some((&first, &last)), reading).await? {
            let (date, number) = place_of(item.required_text(keys::SK)?.trim_start_matches(keys::BLOCK), days.0)?;
            let bytes = item.take_bytes(BYTES).ok_or_else(unreadable)?;
            found.insert((date, number), (item.required_number(REVISION)?, bytes));
        }
        for block in blocks.iter_mut().filter(|block| is_wanted(block)) {
            match found.remove(&(block.date, block.number)) {
                Some((revision, bytes)) if revision == block.revision => block.content = Content::Whole(bytes),
                // It has expired, or was deleted.
                None if reading == Reading::Latest => block.content = Content::None,
                _ => return Ok(false),
            }
        }
        Ok(true)
    }
}

/// The two items of a block, put at a time under a revision.
pub(super) fn items(
    Blocked { uid, date, shard, zone }: Blocked<'_>,
    number: u32,
    (put_at, revision): (Timestamp, i64),
    encoded: Encoded,
) -> [Item; 2] {
    let common = |key: keys::Key| Item::at(key).number(keys::TTL, expires(date)).number(REVISION, revision);
    let outlines = common(keys::day_block(uid, date, shard, number)).text("zone", zone).number("put_at", put_at.0);
    let outlines = match encoded.outlines {
        Some(bytes) => outlines.bytes(OUTLINES, bytes),
        None => outlines,
    };
    [outlines, common(keys::whole_block(uid, date, shard, number)).bytes(BYTES, encoded.whole)]
}

/// Reads a block of a month.
pub(super) fn read(mut item: Item, month: Date) -> Result<StoredBlock, StoreError> {
    let (date, number) = place_of(item.required_text(keys::SK)?, month)?;
    let content = match (item.take_bytes(OUTLINES), item.take_bytes(BYTES)) {
        (Some(bytes), _) => Content::Outlines(bytes),
        (None, Some(bytes)) => Content::Whole(bytes),
        (None, None) => Content::None,
    };
    Ok(StoredBlock {
        date,
        number,
        zone: item.required_text("zone")?.to_owned(),
        put_at: Timestamp(item.required_number("put_at")?),
        revision: item.required_number(REVISION)?,
        content,
    })
}

/// The day and the number of a block.
fn place_of(sk: &str, month: Date) -> Result<(Date, u32), StoreError> {
    let (day, number) = sk.split_once(keys::BLOCK).ok_or_else(unreadable)?;
    Ok((day_of(day, month)?, number.parse().map_err(|_| unreadable())?))
}
