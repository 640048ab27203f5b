//! Stretches: the summaries that all sources of a shard have in consecutive buckets of a UTC day, together in few items. What is not
//! closed yet is then read at a fraction of the cost of one item a source and bucket. Those items stay, since they are projected over.
//!
//! A stretch never changes what its buckets say, though it is put from what was read before and never corrected. From an hour after the
//! end of a bucket on (`PAST`), whatever changes or deletes a summary that is shown in it leaves a mark in the same transaction. Whoever
//! reads takes from stretches what has no mark, and the rest by bucket. That is right in every order:
//!
//! * A change that was done before the summaries were read is in the stretch.
//! * One that was done later left a mark. Summaries are read two hours after the end of a bucket at the earliest (`SETTLED`): a change
//!   that is done then without a mark had looked at the clock more than an hour before, and nothing that changes summaries takes that
//!   long between the two.
//! * A mark needs no stretch and has no version. It is put whether a stretch stands, is about to be put, or never will be, and stays for
//!   longer than any stretch is used, so it does not matter which of the two came first, nor which of several stretches it met. A repeated
//!   change puts the same mark.
//! * Whoever changes a summary without a transaction may not if it is to leave a mark.
//!
//! Reports read both by one query, which may be of a moment ago. A change whose mark is not seen yet is not told either: what is told is
//! what was told a moment ago. A stretch that is not seen, or of which a part is not, is read by bucket. Parts of two stretches that were
//! put one after the other are told apart by their revision, and of two that have a bucket in common one counts, so nothing is told twice.
//!
//! Three days after its day (`USED`) a stretch is used no more, and changes leave marks for a day longer than that, so that clocks may
//! differ. DynamoDB deletes both later, in any order.
//!
//! A stretch is put only if the head of its day is what it was before its summaries were read, and changes it. Whoever erases or removes
//! changes it too, after the summaries are gone, and then deletes all stretches of the shard's day. So none of them is left that has what
//! was erased, and none is put from what was read before. They are put anew from what is left.

use jiff::civil::Date;

use super::organisation::REVISION;
use super::range::Reading;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::{DAY, HOUR, SignedDuration, Timestamp, from_days};
use telemetry::activity::wire::stretch::Stretch;
use telemetry::claude::source::SourceId;

mod forgetting;
mod putting;

pub use putting::{Head, Stretched};

/// From how long after a bucket's end changes of it leave a mark.
const PAST: SignedDuration = HOUR;
/// How long after its end a bucket is put together at the earliest.
const SETTLED: SignedDuration = PAST.saturating_add(HOUR);
/// For how long after its UTC day a stretch is used: by then the day is closed in every time zone, but hours of it are asked for.
const USED: SignedDuration = from_days(3);
/// For how long after it changes leave a mark.
const MARKED: SignedDuration = USED.saturating_add(DAY);
/// For how long after it stretches and marks are kept.
const KEPT: SignedDuration = MARKED.saturating_add(DAY);

/// Name of the attribute that holds the summaries.
const BYTES: &str = "b";
/// Name of the attribute that holds the first bucket.
const FIRST: &str = "first";
/// Name of the attribute that holds the number of parts.
const PARTS: &str = "parts";
/// Name of the attribute that holds how many summaries all parts have.
const COUNT: &str = "count";

/// The first bucket that is too new to be put together at `now`; those of an hour are put together at once.
#[must_use]
pub fn settled(now: Timestamp) -> Bucket {
    Bucket::of(now.minus(SETTLED).floor(HOUR))
}

/// Whether stretches of the UTC day of this bucket are used at `now`.
#[must_use]
pub fn is_used(bucket: Bucket, now: Timestamp) -> bool {
    now < day_ends(bucket).plus(USED)
}

/// Whether a change at `now` of a summary that is shown in this bucket leaves a mark.
#[must_use]
pub fn is_marked(shown: Bucket, now: Timestamp) -> bool {
    Bucket(shown.0 + 1).start().plus(PAST) < now && now < day_ends(shown).plus(MARKED)
}

/// The end of the UTC day of a bucket.
fn day_ends(bucket: Bucket) -> Timestamp {
    bucket.start().floor(DAY).plus(DAY)
}

/// When what is stored of the UTC day of a bucket expires, in seconds since the epoch.
fn expires(bucket: Bucket) -> i64 {
    day_ends(bucket).plus(KEPT).seconds()
}

/// A stored stretch, whole.
#[derive(Debug)]
pub struct StoredStretch {
    /// Its first bucket.
    pub first: Bucket,
    /// Its last bucket.
    pub last: Bucket,
    /// How many summaries it has.
    pub count: usize,
    revision: i64,
    parts: Vec<Vec<u8>>,
    /// How many parts it has when it is whole.
    whole: usize,
}

impl StoredStretch {
    /// Its parts, each in memory only as long as it is open.
    pub fn open(&self) -> impl Iterator<Item = Result<Stretch, StoreError>> {
        self.parts.iter().map(|bytes| Stretch::open(bytes).map_err(|_| unreadable()))
    }
}

/// What is stored of a shard's UTC day.
#[derive(Debug, Default)]
pub struct StoredStretches {
    /// Those of which all parts were found, in order. No two have a bucket in common.
    pub stretches: Vec<StoredStretch>,
    /// The summaries that changed since they may have been put together.
    pub marks: Vec<(Bucket, SourceId)>,
}

fn unreadable() -> StoreError {
    StoreError::unreadable("stretch")
}

impl Store {
    /// What is stored of a shard's UTC day from a bucket on, a stretch that began before it too.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if what is stored has another form.
    pub async fn stretches(
        &self,
        uid: &Uid,
        (date, shard): (Date, u8),
        first: Bucket,
        reading: Reading,
    ) -> Result<StoredStretches, StoreError> {
        let (from, to) = keys::stretches_from(first);
        let pk = keys::stretch_partition(uid, date, shard);
        let mut found = StoredStretches::default();
        self.each_page(&pk, Some((&from, &to)), reading, |page| page.into_iter().try_for_each(|item| found.add(item)))
            .await?;
        found.keep_whole();
        Ok(found)
    }

    /// The mark that a change of a source's summary leaves, as part of a transaction.
    pub(super) fn mark_of_change(uid: &Uid, shown: Bucket, source: SourceId) -> Write {
        let item = Item::at(keys::stretch_mark(uid, shown, source)).number(keys::TTL, expires(shown));
        Write::Put(item, If::Always)
    }
}

impl StoredStretches {
    /// Adds the next item, in the order of their keys: the parts of a stretch are next to each other.
    fn add(&mut self, mut item: Item) -> Result<(), StoreError> {
        let sk = item.required_text(keys::SK)?;
        let Some((last, part)) = sk.split_once(keys::BLOCK) else {
            let (shown, source) = sk.split_once('#').ok_or_else(unreadable)?;
            let shown = Bucket(shown.parse().map_err(|_| unreadable())?);
            self.marks.push((shown, SourceId::parse(source).ok_or_else(unreadable)?));
            return Ok(());
        };
        let last = Bucket(last.parse().map_err(|_| unreadable())?);
        let number: usize = part.parse().map_err(|_| unreadable())?;
        let (first, revision) = (Bucket(item.required_number(FIRST)?), item.required_number(REVISION)?);
        let size = |name| Ok::<_, StoreError>(usize::try_from(item.required_number(name)?).unwrap_or_default());
        let (whole, count) = (size(PARTS)?, size(COUNT)?);
        let bytes = item.take_bytes(BYTES).ok_or_else(unreadable)?;
        match self.stretches.last_mut() {
            _ if number == 0 => {
                self.stretches.push(StoredStretch { first, last, count, revision, parts: vec![bytes], whole });
            }
            // Whatever does not follow is of another stretch that stood here.
            Some(open) if (open.last, open.revision, open.parts.len()) == (last, revision, number) => {
                open.parts.push(bytes);
            }
            _ => {}
        }
        Ok(())
    }

    /// Leaves the stretches of which all parts were found, and of those that have a bucket in common the first.
    fn keep_whole(&mut self) {
        let mut end = Bucket(i64::MIN);
        self.stretches.retain(|stretch| {
            let is_kept = stretch.parts.len() == stretch.whole && end < stretch.first;
            end = if is_kept { stretch.last } else { end };
            is_kept
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telemetry::claude::source::SourceKind;

    fn part(last: i64, number: usize, (first, revision, parts): (i64, i64, i64)) -> Item {
        let uid = Uid::from_random([1; 12]);
        let item = Item::at(keys::stretch(&uid, 0, Bucket(last), number)).bytes(BYTES, vec![number as u8]);
        item.number(FIRST, first).number(REVISION, revision).number(PARTS, parts).number(COUNT, 3)
    }

    fn read(items: Vec<Item>) -> StoredStretches {
        let mut found = StoredStretches::default();
        items.into_iter().for_each(|item| found.add(item).unwrap());
        found.keep_whole();
        found
    }

    fn ends(items: Vec<Item>) -> Vec<(i64, i64, usize)> {
        read(items).stretches.iter().map(|found| (found.first.0, found.last.0, found.count)).collect()
    }

    #[test]
    fn only_whole_stretches_are_read() {
        let whole = || vec![part(7, 0, (4, 1, 2)), part(7, 1, (4, 1, 2)), part(9, 0, (8, 2, 1))];
        assert_eq!(ends(whole()), [(4, 7, 3), (8, 9, 3)]);
        assert_eq!(ends(whole()[1..].to_vec()), [(8, 9, 3)], "the first part is missing");
        assert_eq!(ends([&whole()[..1], &whole()[2..]].concat()), [(8, 9, 3)], "the second part is missing");
    }

    #[test]
    fn parts_of_two_stretches_that_stood_in_one_place_are_not_one() {
        assert_eq!(ends(vec![part(7, 0, (4, 1, 2)), part(7, 1, (4, 2, 2))]), []);
        assert_eq!(ends(vec![part(7, 0, (4, 2, 1)), part(7, 1, (4, 1, 2))]), [(4, 7, 3)], "what is left of another");
    }

    #[test]
    fn of_stretches_that_have_a_bucket_in_common_one_counts() {
        assert_eq!(
            ends(vec![part(3, 0, (0, 1, 1)), part(7, 0, (0, 2, 1)), part(9, 0, (8, 1, 1))]),
            [(0, 3, 3), (8, 9, 3)]
        );
    }

    #[test]
    fn marks_are_read_beside_stretches() {
        let (uid, source) = (Uid::from_random([1; 12]), SourceId::new(SourceKind::Client, "c"));
        let mark = |bucket| Item::at(keys::stretch_mark(&uid, Bucket(bucket), source));
        let found = read(vec![mark(5), part(7, 0, (4, 1, 1)), mark(7)]);
        assert_eq!((found.stretches.len(), found.marks), (1, vec![(Bucket(5), source), (Bucket(7), source)]));
    }

    #[test]
    fn changes_leave_marks_from_before_a_bucket_is_put_together_until_after_it_is_used() {
        let bucket = Bucket(96 * 20_000 + 40);
        let end = Bucket(bucket.0 + 1).start();
        let marked = |after: SignedDuration| is_marked(bucket, end.plus(after));
        assert_eq!([marked(PAST), marked(PAST + HOUR), marked(from_days(4))], [false, true, true]);
        for minutes in 0..24 * 60 {
            let now = end.plus(SignedDuration::from_mins(minutes));
            let (is_put, margin) = (bucket < settled(now), now.minus(HOUR));
            assert!(!is_put || is_marked(bucket, margin.plus(SignedDuration::from_millis(1))), "{minutes}");
        }
        let last = (0..10 * 24).map(|hours| end.plus(HOUR * hours)).filter(|now| is_used(bucket, *now)).max().unwrap();
        assert!(is_marked(bucket, last.plus(DAY - HOUR)) && !is_marked(bucket, last.plus(DAY + HOUR)));
        assert!(last.plus(DAY).seconds() < expires(bucket));
        assert!(!is_marked(Bucket(0), end), "records without a time");
    }
}
