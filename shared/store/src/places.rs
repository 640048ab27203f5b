//! Goes through the summaries of a shard, oldest first. Their keys name every bucket in which a source ever sent something, and thus every
//! partition of its packs, so that nobody else's events need to be read.
//!
//! What a partition has is read page by page (1 MB), and the place behind a page, or behind an item of it, can be stored: so it fits any
//! memory and any time limit, however much a shard has.

use std::collections::VecDeque;
use std::time::Instant;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::keys::SummaryPlace;
use super::queries::Queries;
use super::stamp::Stamp;
use super::{Item, Store, StoreError, keys};
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::{DAY, SignedDuration, Timestamp, from_days};

/// How long ago the oldest summary that has not expired may be shown.
const OLDEST: SignedDuration = from_days(401);
/// The most days whose first page is read at a time. Of each, a page (1 MB) is in memory several times while it is read.
const PARALLEL: usize = 16;

/// The UTC days on which summaries that have not expired at `now` may be shown.
pub fn dates(now: Timestamp) -> impl Iterator<Item = Date> {
    let first = keys::utc_date(Bucket::of(now.minus(OLDEST).max(Timestamp(0))));
    let last = keys::utc_date(Bucket::of(now.plus(2 * DAY)));
    // Records without a time are in the very first bucket.
    std::iter::once(keys::utc_date(Bucket(0))).chain(first.series(1.day()).take_while(move |date| *date <= last))
}

/// A place in the summaries of all shards, from which a walk goes on. The later one is the greater one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The shard.
    pub shard: u8,
    /// The UTC day on which what comes next is shown.
    date: Date,
    /// The sort key behind which that is; empty at the beginning of the day.
    after: String,
}

impl Place {
    /// The beginning of a shard.
    #[must_use]
    pub fn start(shard: u8) -> Self {
        Self::before(shard, Bucket(0))
    }

    /// Before everything that a shard shows in a bucket.
    #[must_use]
    pub fn before(shard: u8, bucket: Bucket) -> Self {
        // What is shown in the bucket before sorts before this, and what is shown in this one behind it.
        Self { shard, date: keys::utc_date(bucket), after: format!("{:08}", bucket.0) }
    }

    /// Behind this summary.
    #[must_use]
    pub fn behind(place: &SummaryPlace) -> Self {
        let key = keys::summary(place, 99);
        Self { shard: keys::shard(place.source), date: keys::utc_date(place.shown), after: key.sk }
    }

    /// The first bucket of the day that it is in.
    #[must_use]
    pub fn day(&self) -> Bucket {
        let midnight = self.date.to_zoned(TimeZone::UTC).map_or(i64::MAX, |at| at.timestamp().as_millisecond());
        Bucket::of(Timestamp(midnight))
    }

    /// As it is stored.
    #[must_use]
    pub fn write(&self) -> String {
        format!("{:02}#{}#{}", self.shard, self.date, self.after)
    }

    /// What was stored; `None` if it is nothing of the kind.
    #[must_use]
    pub fn read(stored: &str) -> Option<Self> {
        let mut fields = stored.splitn(3, '#');
        let mut next = || fields.next();
        Some(Self { shard: next()?.parse().ok()?, date: next()?.parse().ok()?, after: next()?.into() })
    }
}

/// A summary's place, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StandingSummary {
    /// The place.
    pub place: SummaryPlace,
    /// Whether it was made from no packs. Then it only marks the place, so that later cleanup finds the bucket.
    pub is_vacant: bool,
}

/// A walk through what is left of a shard's summaries.
#[derive(Debug)]
pub struct Walk {
    store: Store,
    uid: Uid,
    shard: u8,
    /// The days that are not through.
    dates: VecDeque<Date>,
    /// The sort key of the first of these days behind which it goes on.
    after: Option<String>,
    /// How many days are read at a time: one where a page does not hold one.
    width: usize,
}

impl Walk {
    /// Whether nothing is left.
    #[must_use]
    pub fn is_through(&self) -> bool {
        self.dates.is_empty()
    }

    /// Where it is; the beginning of the next shard if nothing is left.
    #[must_use]
    pub fn place(&self) -> Place {
        let Self { shard, after, .. } = self;
        let next = self.dates.front();
        next.map_or(Place::start(shard + 1), |date| Place {
            shard: *shard,
            date: *date,
            after: after.clone().unwrap_or_default(),
        })
    }

    /// The next items, in the order in which they are shown, possibly none, as soon as the [pace](super::pace) allows; `None` if it does
    /// not before `deadline`, or that has passed.
    pub async fn next(&mut self, deadline: Instant) -> Result<Option<Vec<Item>>, StoreError> {
        if !self.store.waits_its_turn(deadline).await {
            return Ok(None);
        }
        let queries = self.dates.iter().take(self.width).enumerate().map(|(number, date)| {
            let (store, pk) = (self.store.clone(), keys::summary_partition(&self.uid, *date, self.shard));
            let after = self.after.clone().filter(|_| number == 0);
            async move { Ok((number, store.page_of_partition(&pk, after).await?)) }
        });
        let mut reading = Queries::new(queries.collect(), PARALLEL);
        let mut pages = Vec::new();
        while let Some(page) = reading.next().await? {
            pages.push(page);
        }
        pages.sort_by_key(|(number, _)| *number);
        let mut items = Vec::new();
        for (_, (page, next)) in pages {
            items.extend(page);
            self.after = next;
            if self.after.is_some() {
                self.width = 1;
                return Ok(Some(items));
            }
            self.dates.pop_front();
        }
        self.width = (2 * self.width).min(PARALLEL);
        Ok(Some(items))
    }
}

/// The summary that begins with this item; `None` for the later parts of one.
///
/// # Errors
/// It is no item of a summary.
pub fn standing(uid: &Uid, item: &Item) -> Result<Option<StandingSummary>, StoreError> {
    let read = keys::read_summary(item.required_text(keys::SK)?).ok_or(StoreError::unreadable("summary key"))?;
    let (shown, source, claimed, 0) = read else { return Ok(None) };
    let place = SummaryPlace { uid: uid.clone(), source, claimed, shown };
    Ok(Some(StandingSummary { place, is_vacant: Stamp::read(item)?.packs == 0 }))
}

impl Store {
    /// Goes on from a place with what a shard has at `now`.
    #[must_use]
    pub fn walk(&self, uid: &Uid, place: &Place, now: Timestamp) -> Walk {
        let dates: VecDeque<Date> = dates(now).filter(|date| *date >= place.date).collect();
        let is_begun = dates.front() == Some(&place.date) && !place.after.is_empty();
        let after = is_begun.then(|| place.after.clone());
        Walk { store: self.clone(), uid: uid.clone(), shard: place.shard, dates, after, width: 1 }
    }

    /// A page of a partition of the Activity table, read consistently, and the sort key behind which the next one begins.
    async fn page_of_partition(
        &self,
        pk: &str,
        after: Option<String>,
    ) -> Result<(Vec<Item>, Option<String>), StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.activity)
            .expression_attribute_values(":pk", AttributeValue::S(pk.into()))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let query = match after {
            None => query.key_condition_expression("pk = :pk"),
            Some(after) => query
                .key_condition_expression("pk = :pk AND sk > :after")
                .expression_attribute_values(":after", AttributeValue::S(after)),
        };
        let page = query.send().await.map_err(StoreError::from_sdk)?;
        self.paces.read(page.consumed_capacity.and_then(|consumed| consumed.capacity_units).unwrap_or_default());
        let items = page.items.unwrap_or_default().into_iter().map(Item::from).collect();
        let next = page.last_evaluated_key.filter(|key| !key.is_empty()).map(|key| Item::from(key).key());
        Ok((items, next.transpose()?.map(|key| key.sk)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telemetry::claude::source::{SourceId, SourceKind};

    #[test]
    fn a_place_is_read_as_it_was_written_and_is_behind_what_it_is_behind() {
        let source = SourceId::new(SourceKind::Client, "c");
        let of =
            |bucket| SummaryPlace { uid: Uid::from_random([1; 12]), source, claimed: Bucket(7), shown: Bucket(bucket) };
        let shard = keys::shard(source);
        let in_order = [
            Place::start(shard),
            Place::behind(&of(0)),
            Place::before(shard, Bucket(5)),
            Place::behind(&of(5)),
            Place::before(shard, Bucket(6)),
            Place::before(shard, Bucket(2_000_000)),
            Place::start(shard + 1),
        ];
        assert!(in_order.is_sorted_by(|one, other| one < other), "{in_order:?}");
        assert_eq!(Place::before(shard, Bucket(96 * 20_000 + 40)).day(), Bucket(96 * 20_000));
        for place in in_order {
            assert_eq!(Place::read(&place.write()), Some(place));
        }
        for other in ["", "3", "03#c:abc", "03#yesterday#", "x#2026-11-22#"] {
            assert_eq!(Place::read(other), None, "{other}");
        }
    }
}
