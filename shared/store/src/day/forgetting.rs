//! Takes sources out of what is stored of days.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use aws_sdk_dynamodb::types::{AttributeValue, Update};
use jiff::civil::Date;

use super::blocks::{Blocked, LARGEST, StoredBlock, items, unreadable};
use super::item::expires;
use crate::places::dates;
use crate::queries::Queries;
use crate::range::Reading;
use crate::transaction::{If, Write};
use crate::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Timestamp;
use telemetry::activity::wire::block;
use telemetry::claude::source::SourceId;

/// How many months are looked at at a time: what is stored of each shard's month is in memory.
const PARALLEL: usize = 4;
/// How many sources are invalidated in one transaction, which has at most 100 writes.
const SOURCES: usize = 50;
/// How often a block is read anew because something else changed it meanwhile.
const ATTEMPTS: usize = 12;

impl Store {
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
                if !store.waits_its_turn(deadline).await {
                    return Ok(false);
                }
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
            if self.is_gone(uid, shard, block).await? {
                continue;
            }
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
        for block in self.whole_days(uid, shard, (date, date), Reading::Latest).await?.blocks {
            if self.is_gone(uid, shard, &block).await? {
                continue;
            }
            let open = block.open()?;
            if !sources.iter().any(|source| open.has(*source)) {
                continue;
            }
            let mut left = open.summaries().map_err(|_| unreadable())?;
            left.retain(|(source, _)| !sources.contains(source));
            let encoded = block::encode_one(&left, LARGEST).map_err(|_| StoreError::bug("block of days"))?;
            let of = Blocked { uid, date, shard, zone: &block.zone };
            let [outlines, whole] = items(of, block.number, (block.put_at, block.revision + 1), encoded);
            let over = If::Revision(block.revision);
            self.write(vec![Write::Put(outlines, over), Write::Put(whole, If::Always)]).await?;
        }
        Ok(())
    }

    /// Deletes what is left of a block whose summaries have expired already: DynamoDB deletes the two items of one block days apart.
    async fn is_gone(&self, uid: &Uid, shard: u8, block: &StoredBlock) -> Result<bool, StoreError> {
        if block.lacks_content() {
            self.delete_block(uid, shard, block).await?;
        }
        Ok(block.lacks_content())
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
}

/// The number of the next attempt at what something else was in the way of.
fn again(attempt: usize, error: StoreError) -> Result<usize, StoreError> {
    if error.is_conflict() && attempt < ATTEMPTS { Ok(attempt + 1) } else { Err(error) }
}
