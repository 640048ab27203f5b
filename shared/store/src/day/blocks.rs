//! Blocks: the summaries of a shard's day in few items, which are read at a fraction of the cost of one item a source.
//!
//! A block never changes what a day says. It has only summaries of days that never changed since they were closed (version 0), and
//! whatever changes one later writes an item of the source, which comes first. The item that a block was made from goes when the block
//! has stood for long enough that no reader can have missed both; it never comes back, since an item of version 0 is put only where
//! nothing changed.
//!
//! A block is put only if the mark of its day is what it was when the items were read, and whoever takes a source out of the blocks
//! changes the mark first. So no block can be put that has what was taken out.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;

use super::item::{BYTES, StoredDay, day_of, expires};
use crate::organisation::REVISION;
use crate::places::dates;
use crate::queries::Queries;
use crate::range::Reading;
use crate::transaction::{If, Write};
use crate::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Timestamp;
use telemetry::activity::summary::{Part, Summary};
use telemetry::activity::wire::block::{self, Block};
use telemetry::claude::source::SourceId;

/// How large blocks are at most, in bytes: DynamoDB limits items to 400 KB.
const LARGEST: usize = 350 * 1000;
/// How many months are looked at at a time.
const PARALLEL: usize = 32;
/// How often a block is read anew because something else changed it meanwhile.
const ATTEMPTS: usize = 12;

/// A stored block.
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
    /// How often it has changed.
    revision: i64,
    block: Block,
}

impl StoredBlock {
    /// Whether a source has a summary here.
    #[must_use]
    pub fn has(&self, source: SourceId) -> bool {
        self.block.has(source)
    }

    /// Whose summaries they are.
    pub fn sources(&self) -> impl Iterator<Item = SourceId> + '_ {
        self.block.sources()
    }

    /// Passes the parts of a source's summary, if it has one, to `take`.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if it is damaged.
    pub fn visit(&self, source: SourceId, take: impl FnMut(Part<'_>)) -> Result<(), StoreError> {
        self.block.visit(source, take).map_err(|_| StoreError::unreadable("block of days"))
    }

    fn summaries(&self) -> Result<Vec<(SourceId, Summary)>, StoreError> {
        self.block.summaries().map_err(|_| StoreError::unreadable("block of days"))
    }
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
        for (number, bytes) in (0..).filter(is_free).zip(encoded) {
            let known = blocks.iter().find(|block| block.number == number);
            let revision = known.map_or(0, |block| block.revision);
            let item = Item::at(keys::day_block(uid, date, shard, number)).text("zone", zone).number("put_at", now.0);
            let item = item.number(keys::TTL, expires(date)).number(REVISION, revision + 1).bytes(BYTES, bytes);
            let over = known.map_or(If::Absent, |block| If::Revision(block.revision));
            let check = Write::Check(keys::closed_day(uid, date, shard), If::Version(mark));
            match self.transact(vec![Write::Put(item, over), check]).await {
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
        let key = keys::day_block(uid, block.date, shard, block.number);
        match self.transact(vec![Write::Delete(key, If::Revision(block.revision))]).await {
            Err(error) if !error.is_conflict() => Err(error),
            _ => Ok(()),
        }
    }

    /// Takes the summaries of these sources out of the blocks of all days that there may be at `now`. Their items must not be of version 0
    /// any more, or they could be put into blocks again.
    pub async fn take_out_of_all_blocks(
        &self,
        uid: &Uid,
        sources: &BTreeSet<SourceId>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let shards: BTreeSet<u8> = sources.iter().map(|source| keys::shard(*source)).collect();
        let months: BTreeSet<Date> = dates(now).map(|date| date.first_of_month()).collect();
        let months = months.iter().flat_map(|month| shards.iter().map(|shard| (*month, *shard)));
        let all = months.map(|(month, shard)| {
            let (store, uid) = (self.clone(), uid.clone());
            let sources: Vec<SourceId> =
                sources.iter().copied().filter(|source| keys::shard(*source) == shard).collect();
            async move { store.take_out_of_month(&uid, (month, shard), &sources).await }
        });
        let all = all.collect();
        let mut running = Queries::new(all, PARALLEL);
        while running.next().await?.is_some() {}
        Ok(())
    }

    async fn take_out_of_month(
        &self,
        uid: &Uid,
        (month, shard): (Date, u8),
        sources: &[SourceId],
    ) -> Result<(), StoreError> {
        let stored = self.days(uid, shard, (month, month.last_of_month()), Reading::Latest).await?;
        for source in sources {
            // Whoever is about to put it into a block has found its item.
            let own = stored.days.iter().filter(|day| day.source == Some(*source)).map(|day| day.date);
            let blocks = stored.blocks.iter().filter(|block| block.has(*source)).map(|block| block.date);
            for date in own.chain(blocks).collect::<BTreeSet<Date>>() {
                self.take_out_of_blocks(uid, date, *source).await?;
            }
        }
        Ok(())
    }

    /// Takes the summary of a source out of the blocks of a day. The item of the source must not be of version 0 any more, or it could
    /// be put into a block again.
    ///
    /// # Errors
    /// The database failed, or something kept changing the block: then it may still be there.
    pub async fn take_out_of_blocks(&self, uid: &Uid, date: Date, source: SourceId) -> Result<(), StoreError> {
        let shard = keys::shard(source);
        if !self.touch_mark(uid, date, shard).await? {
            return Ok(());
        }
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.take_out(uid, date, (shard, source)).await {
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
                outcome => return outcome,
            }
        }
    }

    async fn take_out(&self, uid: &Uid, date: Date, (shard, source): (u8, SourceId)) -> Result<(), StoreError> {
        for block in self.blocks(uid, date, shard).await?.iter().filter(|block| block.has(source)) {
            let mut left = block.summaries()?;
            left.retain(|(other, _)| *other != source);
            let bytes = block::encode_one(&left).map_err(|_| StoreError::bug("block of days"))?;
            let item = Item::at(keys::day_block(uid, date, shard, block.number)).text("zone", &*block.zone);
            let item = item.number("put_at", block.put_at.0).number(keys::TTL, expires(date)).bytes(BYTES, bytes);
            let item = item.number(REVISION, block.revision + 1);
            self.write(vec![Write::Put(item, If::Revision(block.revision))]).await?;
        }
        Ok(())
    }

    /// Changes the mark of a day that is closed, and returns whether it is.
    async fn touch_mark(&self, uid: &Uid, date: Date, shard: u8) -> Result<bool, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::closed_day(uid, date, shard)).into()))
            .condition_expression("attribute_exists(pk)")
            .update_expression("ADD version :one")
            .expression_attribute_values(":one", AttributeValue::N("1".into()));
        match update.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(true),
            Err(error) if error.is_conflict() => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn blocks(&self, uid: &Uid, date: Date, shard: u8) -> Result<Vec<StoredBlock>, StoreError> {
        let pk = keys::day_partition(uid, date, shard);
        let (first, last) = keys::blocks_of_day(date);
        let items = self.between(&pk, Some((&first, &last)), Reading::Latest).await?;
        items.into_iter().map(|item| read(item, date)).collect()
    }
}

/// Reads a block of a month.
pub(super) fn read(mut item: Item, month: Date) -> Result<StoredBlock, StoreError> {
    let wrong = StoreError::unreadable("block of days");
    let (day, number) = item.required_text(keys::SK)?.split_once(keys::BLOCK).ok_or(wrong.clone())?;
    let (date, number) = (day_of(day, month)?, number.parse().map_err(|_| wrong.clone())?);
    let bytes = item.take_bytes(BYTES).ok_or(wrong.clone())?;
    Ok(StoredBlock {
        date,
        number,
        zone: item.required_text("zone")?.to_owned(),
        put_at: Timestamp(item.required_number("put_at")?),
        revision: item.required_number(REVISION)?,
        block: Block::open(&bytes).map_err(|_| wrong)?,
    })
}
