//! Blocks: the summaries of a shard's day in few items, which are read at a fraction of the cost of one item a source.
//!
//! A block never changes what a day says. It has only summaries of days that never changed since they were closed (version 0), and
//! whatever changes one later writes an item of the source, which comes first. The item that a block was made from goes when the block
//! has stood for long enough that no reader can have missed both; it never comes back, since an item of version 0 is put only where
//! nothing changed.
//!
//! A block is put only if the mark of its day is what it was when the items were read. Whoever takes a source out of the blocks changes
//! the mark first, and leaves an item without a summary: no block can be put that has what was taken out, and none lacks something
//! without an item that says so.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use aws_sdk_dynamodb::types::{AttributeValue, Update};
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
use telemetry::activity::wire::block::{self, Block};
use telemetry::claude::source::SourceId;

/// How large blocks are at most, in bytes: DynamoDB limits items to 400 KB.
const LARGEST: usize = 350 * 1000;
/// How many months are looked at at a time.
const PARALLEL: usize = 32;
/// How many sources are invalidated in one transaction, which has at most 100 writes.
const SOURCES: usize = 50;
/// How often a block is read anew because something else changed it meanwhile.
const ATTEMPTS: usize = 12;

/// A stored block. Its summaries are in memory only as long as it is [open](Self::open).
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
    revision: i64,
    bytes: Vec<u8>,
}

impl StoredBlock {
    /// Its summaries.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if it is damaged.
    pub fn open(&self) -> Result<Block, StoreError> {
        Block::open(&self.bytes).map_err(|_| unreadable())
    }
}

fn unreadable() -> StoreError {
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
        for (number, bytes) in (0..).filter(is_free).zip(encoded) {
            // What cannot be read is not put in the place of what can.
            Block::open(&bytes).map_err(|_| StoreError::bug("block of days"))?;
            let known = blocks.iter().find(|block| block.number == number);
            let revision = known.map_or(now.0, |block| now.0.max(block.revision + 1));
            let item = Item::at(keys::day_block(uid, date, shard, number)).text("zone", zone).number("put_at", now.0);
            let item = item.number(keys::TTL, expires(date)).number(REVISION, revision).bytes(BYTES, bytes);
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

    /// Forgets what the days of these sources are said to have been, all that there may be at `now`, until `deadline`; says whether
    /// nothing is left. Those of which something is left to add up are closed again.
    pub async fn forget_days(
        &self,
        uid: &Uid,
        sources: &BTreeSet<SourceId>,
        now: Timestamp,
        deadline: Instant,
    ) -> Result<bool, StoreError> {
        let shards: BTreeSet<u8> = sources.iter().map(|source| keys::shard(*source)).collect();
        let months: BTreeSet<Date> = dates(now).map(|date| date.first_of_month()).collect();
        let months = months.iter().flat_map(|month| shards.iter().map(|shard| (*month, *shard)));
        let all = months.map(|(month, shard)| {
            let (store, uid) = (self.clone(), uid.clone());
            let own = sources.iter().copied().filter(|source| keys::shard(*source) == shard);
            let sources: BTreeSet<SourceId> = own.collect();
            async move {
                let days = (month, month.last_of_month());
                store.forget_days_of(&uid, shard, days, &sources, Some(deadline)).await
            }
        });
        let all = all.collect();
        let (mut running, mut is_complete) = (Queries::new(all, PARALLEL), true);
        while let Some(is_done) = running.next().await? {
            is_complete &= is_done;
        }
        Ok(is_complete)
    }

    /// The same of sources of one shard and of days of one month, whose `deadline` may be none.
    pub async fn forget_days_of(
        &self,
        uid: &Uid,
        shard: u8,
        days: (Date, Date),
        sources: &BTreeSet<SourceId>,
        deadline: Option<Instant>,
    ) -> Result<bool, StoreError> {
        let stored = self.days(uid, shard, days, Reading::Latest).await?;
        let mut found: BTreeSet<(Date, SourceId)> = BTreeSet::new();
        // Whoever is about to put a summary into a block has found its item.
        let own = stored.days.iter().filter_map(|day| Some((day.date, day.source?)));
        found.extend(own.filter(|(_, source)| sources.contains(source)));
        for block in &stored.blocks {
            let open = block.open()?;
            found.extend(sources.iter().filter(|source| open.has(**source)).map(|source| (block.date, *source)));
        }
        let mut dates: BTreeMap<Date, BTreeSet<SourceId>> = BTreeMap::new();
        for (date, source) in found {
            dates.entry(date).or_default().insert(source);
        }
        for (date, sources) in dates {
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(false);
            }
            self.forget_day(uid, date, shard, &sources).await?;
        }
        Ok(true)
    }

    /// Takes the summaries of these sources out of the blocks of a day, which is then told by what is left of it. First their items are
    /// invalidated together with the change of the mark: so no block can be put that has them, and none lacks what no item tells of.
    async fn forget_day(
        &self,
        uid: &Uid,
        date: Date,
        shard: u8,
        sources: &BTreeSet<SourceId>,
    ) -> Result<(), StoreError> {
        for some in sources.iter().collect::<Vec<_>>().chunks(SOURCES) {
            let mark = self.change_of_mark(uid, date, shard);
            let invalid = some.iter().map(|source| self.invalidation(uid, date, **source));
            let writes = invalid.chain([mark]).collect::<Result<Vec<Write>, _>>()?;
            let mut attempts = 1;
            while let Err(error) = self.transact(writes.clone()).await {
                attempts = again(attempts, error)?;
            }
        }
        let mut attempts = 1;
        while let Err(error) = self.take_out(uid, date, shard, sources).await {
            attempts = again(attempts, error)?;
        }
        Ok(())
    }

    async fn take_out(&self, uid: &Uid, date: Date, shard: u8, sources: &BTreeSet<SourceId>) -> Result<(), StoreError> {
        for block in self.blocks(uid, date, shard).await? {
            let open = block.open()?;
            if !sources.iter().any(|source| open.has(*source)) {
                continue;
            }
            let mut left = open.summaries().map_err(|_| unreadable())?;
            left.retain(|(source, _)| !sources.contains(source));
            let bytes = block::encode_one(&left).map_err(|_| StoreError::bug("block of days"))?;
            let item = Item::at(keys::day_block(uid, date, shard, block.number)).text("zone", &*block.zone);
            let item = item.number("put_at", block.put_at.0).number(keys::TTL, expires(date)).bytes(BYTES, bytes);
            let item = item.number(REVISION, block.revision + 1);
            self.write(vec![Write::Put(item, If::Revision(block.revision))]).await?;
        }
        Ok(())
    }

    /// Changes the mark of a day. One that is not closed has a mark of no time zone then, which closes nothing.
    fn change_of_mark(&self, uid: &Uid, date: Date, shard: u8) -> Result<Write, StoreError> {
        let update = Update::builder()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::closed_day(uid, date, shard)).into()))
            .update_expression("SET #ttl = :ttl ADD version :one")
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":ttl", AttributeValue::N(expires(date).to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .build();
        Ok(Write::Update(Box::new(update.map_err(|_| StoreError::bug("mark of a day"))?)))
    }

    async fn blocks(&self, uid: &Uid, date: Date, shard: u8) -> Result<Vec<StoredBlock>, StoreError> {
        let pk = keys::day_partition(uid, date, shard);
        let (first, last) = keys::blocks_of_day(date);
        let items = self.between(&pk, Some((&first, &last)), Reading::Latest).await?;
        items.into_iter().map(|item| read(item, date)).collect()
    }
}

/// The number of the next attempt at what something else was in the way of.
fn again(attempt: usize, error: StoreError) -> Result<usize, StoreError> {
    if error.is_conflict() && attempt < ATTEMPTS { Ok(attempt + 1) } else { Err(error) }
}

/// Reads a block of a month.
pub(super) fn read(mut item: Item, month: Date) -> Result<StoredBlock, StoreError> {
    let (day, number) = item.required_text(keys::SK)?.split_once(keys::BLOCK).ok_or_else(unreadable)?;
    let (date, number) = (day_of(day, month)?, number.parse().map_err(|_| unreadable())?);
    let bytes = item.take_bytes(BYTES).ok_or_else(unreadable)?;
    Ok(StoredBlock {
        date,
        number,
        zone: item.required_text("zone")?.to_owned(),
        put_at: Timestamp(item.required_number("put_at")?),
        revision: item.required_number(REVISION)?,
        bytes,
    })
}
