//! The summaries of a range of time: closed days whole, everything else by quarter hours.
//!
//! Around what is read by quarter hours one more is read and not shown, since metrics are dated after what they count. Cumulative
//! counters that began before the range are followed back, so that only what they gained in the range is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::activity::ledger::{Ledger, Portion};
use crate::activity::summary::Summary;
use crate::calendar::Calendar;
use crate::claude::source::SourceId;
use crate::organisation::Organisation;
use crate::pack::group::Bucket;
use crate::store::range::Reading;
use crate::store::{Store, StoreError, keys};
use crate::time::{DAY, Millis};

/// Queries under way at a time.
const PARALLEL: usize = 64;
/// How far cumulative counters are followed back at most, in milliseconds.
const LOOK_BACK: i64 = 31 * DAY;

/// Quarter hours from the first, included, to the last, excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first one.
    pub from: Bucket,
    /// The first one after it.
    pub to: Bucket,
}

/// A summary of a range, and what it is a summary of.
#[derive(Debug, Clone)]
pub struct Piece {
    /// Whose.
    pub source: SourceId,
    /// The day.
    pub date: Date,
    /// The quarter hour; `None` for a whole day.
    pub bucket: Option<Bucket>,
    /// The numbers.
    pub summary: Summary,
    /// Whether it lies in the range.
    pub shown: bool,
}

/// The summaries of a range.
#[derive(Debug, Clone, Default)]
pub struct Window {
    pieces: Vec<Piece>,
}

impl Window {
    /// Reads the summaries of `span`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn read(store: &Store, organisation: &Organisation, span: Span, now: Millis) -> Result<Self, StoreError> {
        if span.from >= span.to {
            return Ok(Self::default());
        }
        let mut window = Self { pieces: read(store, organisation, span, now).await? };
        let starts = window.pieces.iter().flat_map(|p| p.summary.series.keys()).map(|series| series.start);
        let from = span.from.start();
        if let Some(start) = starts.min().filter(|start| *start < from) {
            let earliest = Bucket::of(start.max(from.plus(-LOOK_BACK)).0);
            let mut earlier = read(store, organisation, Span { from: earliest, to: span.from }, now).await?;
            // The quarter hour before the range may have been read already.
            earlier.retain(|piece| piece.shown && piece.bucket.is_none_or(|b| b.0 < span.from.0 - 1));
            earlier.iter_mut().for_each(|piece| piece.shown = false);
            window.pieces.append(&mut earlier);
        }
        Ok(window)
    }

    /// The summaries.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter()
    }

    /// Adds everything to a ledger.
    pub fn enter<W: Fn(SourceId, &crate::activity::dimensions::Label) -> Option<Arc<str>>>(
        &self,
        ledger: &mut Ledger<'_, W>,
    ) {
        let mut days: BTreeMap<Date, Arc<str>> = BTreeMap::new();
        for Piece { source, date, bucket, summary, shown } in &self.pieces {
            let day = days.entry(*date).or_insert_with(|| date.to_string().into()).clone();
            ledger.add(&Portion { source: *source, day, bucket: *bucket, summary, shown: *shown });
        }
    }
}

/// What of a day and shard has to be read by quarter hours.
#[derive(Debug, Clone)]
enum Quarterly {
    Everybody,
    Only(BTreeSet<SourceId>),
}

async fn read(store: &Store, organisation: &Organisation, span: Span, now: Millis) -> Result<Vec<Piece>, StoreError> {
    let calendar = Calendar::of(organisation);
    let (first, last) = (calendar.date(span.from), calendar.date(Bucket(span.to.0 - 1)));
    let dates: Vec<Date> = first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last).collect();
    let mut pieces = Vec::new();
    let mut quarterly: BTreeMap<(u8, Date), Quarterly> = BTreeMap::new();
    let whole = |date: &Date| {
        let (from, to) = calendar.quarters(*date);
        from >= span.from && to < span.to
    };
    for shard in 0..keys::SHARDS {
        for date in &dates {
            quarterly.insert((shard, *date), Quarterly::Everybody);
        }
    }
    for (shard, days) in read_days(store, organisation, &dates).await? {
        let mut changed: BTreeMap<Date, BTreeSet<SourceId>> = BTreeMap::new();
        let ours = |zone: &str| zone == organisation.settings.timezone;
        let closed: BTreeSet<Date> =
            days.iter().filter(|d| d.source.is_none() && ours(&d.zone) && whole(&d.date)).map(|d| d.date).collect();
        for day in days.iter().filter(|day| closed.contains(&day.date)) {
            let Some(source) = day.source else { continue };
            match day.summary()?.filter(|_| ours(&day.zone)) {
                Some(summary) => {
                    pieces.push(Piece { source, date: day.date, bucket: None, summary, shown: true });
                }
                None => {
                    changed.entry(day.date).or_default().insert(source);
                }
            }
        }
        for date in closed {
            match changed.remove(&date) {
                Some(sources) => quarterly.insert((shard, date), Quarterly::Only(sources)),
                None => quarterly.remove(&(shard, date)),
            };
        }
    }
    pieces.extend(read_quarters(store, organisation, &calendar, span, quarterly, now).await?);
    Ok(pieces)
}

type Days = Vec<(u8, Vec<crate::store::day::StoredDay>)>;

async fn read_days(store: &Store, organisation: &Organisation, dates: &[Date]) -> Result<Days, StoreError> {
    let mut months: BTreeMap<Date, (Date, Date)> = BTreeMap::new();
    for date in dates {
        months.entry(date.first_of_month()).and_modify(|ends| ends.1 = *date).or_insert((*date, *date));
    }
    let mut reading = JoinSet::new();
    for shard in 0..keys::SHARDS {
        let (store, uid) = (store.clone(), organisation.uid.clone());
        let months: Vec<(Date, Date)> = months.values().copied().collect();
        reading.spawn(async move {
            let mut days = Vec::new();
            for ends in months {
                days.extend(store.days(&uid, shard, ends, Reading::Recent).await?);
            }
            Ok::<_, StoreError>((shard, days))
        });
    }
    join(reading).await
}

async fn read_quarters(
    store: &Store,
    organisation: &Organisation,
    calendar: &Calendar,
    span: Span,
    quarterly: BTreeMap<(u8, Date), Quarterly>,
    now: Millis,
) -> Result<Vec<Piece>, StoreError> {
    // The quarter hours of each shard and UTC day that are read, one more before and after what is shown.
    let mut runs: BTreeMap<(u8, Date), (Bucket, Bucket)> = BTreeMap::new();
    for (shard, date) in quarterly.keys() {
        let (first, last) = calendar.quarters(*date);
        let first = Bucket(first.0.max(span.from.0) - 1);
        let last = Bucket((last.0 + 1).min(span.to.0));
        let mut from = first;
        while from <= last {
            let utc = keys::utc_date(from);
            let end = Bucket(Calendar::named("UTC").quarters(utc).1.0.min(last.0));
            let run = runs.entry((*shard, utc)).or_insert((from, end));
            *run = (run.0.min(from), run.1.max(end));
            from = Bucket(end.0 + 1);
        }
    }
    let mut reading = JoinSet::new();
    let permits = Arc::new(Semaphore::new(PARALLEL));
    for ((shard, utc), run) in runs {
        let (store, uid, permits) = (store.clone(), organisation.uid.clone(), permits.clone());
        reading.spawn(async move {
            let _permit = permits.acquire_owned().await.map_err(|_| StoreError::unreadable("permit"))?;
            store.summaries(&uid, utc, shard, run, Reading::Recent, now).await
        });
    }
    let found = join(reading).await?.into_iter().flatten().map(|(bucket, source, summary)| {
        let date = calendar.date(bucket);
        let ours = match quarterly.get(&(keys::shard(source), date)) {
            Some(Quarterly::Everybody) => true,
            Some(Quarterly::Only(sources)) => sources.contains(&source),
            None => false,
        };
        let shown = ours && bucket >= span.from && bucket < span.to;
        Piece { source, date, bucket: Some(bucket), summary, shown }
    });
    Ok(found.collect())
}

async fn join<T: Send + 'static>(mut reading: JoinSet<Result<T, StoreError>>) -> Result<Vec<T>, StoreError> {
    let mut found = Vec::new();
    while let Some(done) = reading.join_next().await {
        found.push(done.map_err(|_| StoreError::unreadable("reading"))??);
    }
    Ok(found)
}
