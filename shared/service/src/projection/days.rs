//! Closing days that are over: one summary a source and day, so that a month is read at little cost.
//!
//! A day is put only if nothing of it changed since its buckets were read. Whatever changes a day that is over leaves a mark
//! in the same transaction (see [`super::DAY_IS_PAST`]), and days are closed later than that, so a stale day never stands. After a
//! change of the time zone nothing is closed for as long as a projection may still go by the old one.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use jiff::ToSpan;
use jiff::civil::Date;

use super::DAY_IS_PAST;
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::organisation::{Organisation, Uid};
use model::time::{DAY, HOUR, SignedDuration, Timestamp};
use store::day::closing::Closing;
use store::day::{StoredDay, StoredDays};
use store::range::Reading;
use store::{Store, StoreError, keys};
use telemetry::activity::day;
use telemetry::activity::summary::Summary;
use telemetry::claude::source::SourceId;

mod blocks;

/// How long after its end a day is closed at the earliest.
const SETTLED: SignedDuration = DAY_IS_PAST.saturating_add(SignedDuration::from_hours(2));
/// For how long a time zone must have been the organisation's before days of it are closed.
const ZONE_IS_KNOWN: SignedDuration = HOUR;
/// How far back days are closed, and closed again, in days.
const BACK: i64 = 35;
/// How far back they are closed at first, in days: a month is compared with the one before it, and days on which nothing was sent are read
/// at a glance once they are closed.
const BACK_AT_FIRST: i64 = 66;
/// For how long that is done: until what blocks were made from has gone.
const AT_FIRST: SignedDuration = DAY.saturating_mul(2);

/// What closing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Closed {
    /// Summaries of days written.
    pub written: usize,
    /// Days of a shard that were looked at because something was open.
    pub opened: usize,
    /// Whether the deadline left no day to the next time.
    pub is_complete: bool,
}

/// How long after days were closed they are looked at again.
const PAUSE: SignedDuration = HOUR;

/// Whether the days of an organisation were not looked at lately.
pub async fn are_due(store: &Store, uid: &Uid, now: Timestamp) -> Result<bool, StoreError> {
    let looked_at = store.closing(uid).await?.and_then(|closing| closing.looked_at);
    Ok(looked_at.is_none_or(|at| at.plus(PAUSE) <= now))
}

/// Closes the days of an organisation that are over at `now` and not closed, until `deadline`. To be called every day, or more often.
///
/// # Errors
/// The database failed; what was closed is right.
pub async fn close_days(
    store: &Store,
    organisation: &Organisation,
    now: Timestamp,
    deadline: Instant,
) -> Result<Closed, StoreError> {
    let mut closed = Closed { is_complete: true, ..Closed::default() };
    let zone = organisation.settings.timezone.as_str();
    let closing = match store.closing(&organisation.uid).await? {
        Some(closing) if closing.zone == zone && now < closing.since.plus(ZONE_IS_KNOWN) => return Ok(closed),
        Some(closing) if closing.zone == zone => closing,
        _ => {
            let closing = Closing { zone: zone.to_owned(), since: now, looked_at: None };
            store.put_closing(&organisation.uid, &closing).await?;
            return Ok(closed);
        }
    };
    let calendar = Calendar::of(organisation);
    let today = calendar.date(Bucket::of(now));
    let is_new = closing.looked_at.is_none() || now < closing.since.plus(AT_FIRST);
    let back = if is_new { BACK_AT_FIRST } else { BACK };
    let first = today.saturating_sub(back.days());
    for date in first.series(1.day()).take_while(|date| calendar.end(*date).plus(SETTLED) < now) {
        for shard in 0..keys::SHARDS {
            if Instant::now() >= deadline {
                return Ok(Closed { is_complete: false, ..closed });
            }
            if let Some(written) = close_shard(store, organisation, &calendar, date, shard, now).await? {
                closed.opened += 1;
                closed.written += written;
            }
        }
    }
    store.put_closing(&organisation.uid, &Closing { looked_at: Some(now), ..closing }).await?;
    Ok(closed)
}

/// Closes a day of a shard; `None` if it is closed.
async fn close_shard(
    store: &Store,
    organisation: &Organisation,
    calendar: &Calendar,
    date: Date,
    shard: u8,
    now: Timestamp,
) -> Result<Option<usize>, StoreError> {
    let (uid, zone) = (&organisation.uid, organisation.settings.timezone.as_str());
    // Versions first: whatever changes after this is seen when the day is put.
    let stored = store.days(uid, shard, (date, date), Reading::Latest).await?;
    if is_closed(&stored, zone) {
        blocks::put_together(store, (uid, date, shard, zone), &stored, now).await?;
        return Ok(None);
    }
    let mut written = 0;
    let mut found = read_buckets(store, organisation, calendar, date, shard, now).await?;
    // A source of which nothing is there has a day of nothing: otherwise its mark would open the day again and again.
    for source in stored.days.iter().filter(|day| !is_right(day, zone)).filter_map(|day| day.source) {
        found.entry(source).or_default();
    }
    let mut in_blocks: BTreeSet<SourceId> = BTreeSet::new();
    for block in stored.blocks.iter().filter(|block| block.zone == zone) {
        in_blocks.extend(block.open()?.sources());
    }
    for (source, Buckets { before, buckets }) in found {
        let own = stored.days.iter().find(|day| day.source == Some(source));
        if own.map_or(in_blocks.contains(&source), |day| is_right(day, zone)) {
            continue;
        }
        let version = own.map_or(0, |day| day.version);
        let summary = day::summary(&before, &buckets);
        written += usize::from(store.put_day(uid, date, source, zone, version, &summary).await?);
    }
    store.close_day(uid, date, shard, zone).await?;
    let closed = store.days(uid, shard, (date, date), Reading::Latest).await?;
    blocks::put_together(store, (uid, date, shard, zone), &closed, now).await?;
    Ok(Some(written))
}

/// Whether a day is of the time zone, and has a summary unless it is a mark.
fn is_right(day: &StoredDay, zone: &str) -> bool {
    day.zone == zone && (day.source.is_none() || day.bytes.is_some())
}

/// Whether a day of a shard is closed in the time zone, and nothing of it changed since.
fn is_closed(stored: &StoredDays, zone: &str) -> bool {
    let is_marked = stored.days.iter().any(|day| day.source.is_none() && day.zone == zone);
    is_marked && stored.days.iter().all(|day| is_right(day, zone))
}

/// The buckets of a source.
#[derive(Default)]
struct Buckets {
    /// Those before the day that are looked at for its points.
    before: Vec<(Bucket, Summary)>,
    /// Those of the day.
    buckets: Vec<(Bucket, Summary)>,
}

/// The buckets of a day by source.
async fn read_buckets(
    store: &Store,
    organisation: &Organisation,
    calendar: &Calendar,
    date: Date,
    shard: u8,
    now: Timestamp,
) -> Result<BTreeMap<SourceId, Buckets>, StoreError> {
    let (first, last) = calendar.buckets(date);
    let mut found: BTreeMap<SourceId, Buckets> = BTreeMap::new();
    let mut looks_to = first;
    for (bucket, source, summary) in read_run(store, organisation, shard, (first, last), now).await? {
        looks_to = looks_to.min(summary.looks_back_to(bucket));
        found.entry(source).or_default().buckets.push((bucket, summary));
    }
    if looks_to < first {
        let run = (looks_to, Bucket(first.0 - 1));
        for (bucket, source, summary) in read_run(store, organisation, shard, run, now).await? {
            if let Some(buckets) = found.get_mut(&source) {
                buckets.before.push((bucket, summary));
            }
        }
    }
    Ok(found)
}

async fn read_run(
    store: &Store,
    organisation: &Organisation,
    shard: u8,
    (first, last): (Bucket, Bucket),
    now: Timestamp,
) -> Result<Vec<(Bucket, SourceId, Summary)>, StoreError> {
    let mut found = Vec::new();
    let mut utc = keys::utc_date(first);
    while utc <= keys::utc_date(last) {
        found.extend(store.summaries(&organisation.uid, utc, shard, (first, last), Reading::Latest, now).await?);
        utc = utc.saturating_add(1.day());
    }
    Ok(found)
}
