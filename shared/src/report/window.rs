//! The summaries of a range of time: closed days whole, everything else by quarter hours. They are given away part by part as they come,
//! so that a year of many people needs no more memory than what is added up.
//!
//! Around what is read by quarter hours one more is read and not shown, since metrics are dated after what they count. Cumulative
//! counters that began before the range are followed back, so that only what they gained in the range is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::activity::ledger::Place;
use crate::activity::summary::{Part, Summary};
use crate::calendar::Calendar;
use crate::claude::source::SourceId;
use crate::organisation::Organisation;
use crate::pack::group::Bucket;
use crate::store::day::StoredDay;
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

/// A summary of a range, and where it stands.
struct Piece {
    place: Place,
    held: Held,
}

/// A summary as it was read. Days are decoded when they are visited, one after another, since those of a month are many.
enum Held {
    Day(StoredDay),
    Quarter(Summary),
}

impl Piece {
    fn visit(&self, mut take: impl FnMut(&Place, &Part<'_>)) -> Result<(), StoreError> {
        match &self.held {
            Held::Day(day) => day.visit(|part| take(&self.place, &part)),
            Held::Quarter(summary) => {
                summary.parts(|part| take(&self.place, &part));
                Ok(())
            }
        }
    }
}

/// Reads the summaries of `span`, and gives each part of them to `take` as it comes, in any order.
///
/// # Errors
/// The database failed: then what was given is not everything.
pub async fn read(
    store: &Store,
    organisation: &Organisation,
    span: Span,
    now: Millis,
    mut take: impl FnMut(&Place, &Part<'_>) + Send,
) -> Result<(), StoreError> {
    if span.from >= span.to {
        return Ok(());
    }
    let from = span.from.start();
    let mut start = from;
    pieces(store, organisation, span, now, |piece| {
        piece.visit(|place, part| {
            if let Part::Series(series, _) = part {
                start = start.min(series.start);
            }
            take(place, part);
        })
    })
    .await?;
    if start < from {
        let earliest = Bucket::of(start.max(from.plus(-LOOK_BACK)).0);
        pieces(store, organisation, Span { from: earliest, to: span.from }, now, |mut piece| {
            // The quarter hour before the range was read already.
            if !piece.place.shown || piece.place.bucket.is_some_and(|bucket| bucket.0 >= span.from.0 - 1) {
                return Ok(());
            }
            piece.place.shown = false;
            piece.visit(&mut take)
        })
        .await?;
    }
    Ok(())
}

/// What of a day and shard has to be read by quarter hours.
#[derive(Debug, Clone)]
enum Quarterly {
    Everybody,
    Only(BTreeSet<SourceId>),
}

/// Gives each summary of a span to `each`.
async fn pieces(
    store: &Store,
    organisation: &Organisation,
    span: Span,
    now: Millis,
    mut each: impl FnMut(Piece) -> Result<(), StoreError> + Send,
) -> Result<(), StoreError> {
    let calendar = Calendar::of(organisation);
    let (first, last) = (calendar.date(span.from), calendar.date(Bucket(span.to.0 - 1)));
    let dates: Vec<Date> = first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last).collect();
    let mut labels = Labels::default();
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
    let mut reading = read_days(store, organisation, &dates);
    while let Some((shard, days)) = next(&mut reading).await? {
        let mut changed: BTreeMap<Date, BTreeSet<SourceId>> = BTreeMap::new();
        let ours = |zone: &str| zone == organisation.settings.timezone;
        let closed: BTreeSet<Date> =
            days.iter().filter(|d| d.source.is_none() && ours(&d.zone) && whole(&d.date)).map(|d| d.date).collect();
        for day in days.into_iter().filter(|day| closed.contains(&day.date)) {
            let Some(source) = day.source else { continue };
            if day.bytes.is_some() && ours(&day.zone) {
                let place = Place { source, day: labels.of(day.date), bucket: None, shown: true };
                each(Piece { place, held: Held::Day(day) })?;
            } else {
                changed.entry(day.date).or_default().insert(source);
            }
        }
        for date in closed {
            match changed.remove(&date) {
                Some(sources) => quarterly.insert((shard, date), Quarterly::Only(sources)),
                None => quarterly.remove(&(shard, date)),
            };
        }
    }
    let mut reading = read_quarters(store, organisation, &calendar, span, &quarterly, now);
    while let Some(found) = next(&mut reading).await? {
        for (bucket, source, summary) in found {
            let date = calendar.date(bucket);
            let ours = match quarterly.get(&(keys::shard(source), date)) {
                Some(Quarterly::Everybody) => true,
                Some(Quarterly::Only(sources)) => sources.contains(&source),
                None => false,
            };
            let shown = ours && bucket >= span.from && bucket < span.to;
            let place = Place { source, day: labels.of(date), bucket: Some(bucket), shown };
            each(Piece { place, held: Held::Quarter(summary) })?;
        }
    }
    Ok(())
}

/// Days as lines show them, each written once.
#[derive(Default)]
struct Labels(BTreeMap<Date, Arc<str>>);

impl Labels {
    fn of(&mut self, date: Date) -> Arc<str> {
        self.0.entry(date).or_insert_with(|| date.to_string().into()).clone()
    }
}

type Queries<T> = JoinSet<Result<T, StoreError>>;

fn read_days(store: &Store, organisation: &Organisation, dates: &[Date]) -> Queries<(u8, Vec<StoredDay>)> {
    let mut months: BTreeMap<Date, (Date, Date)> = BTreeMap::new();
    for date in dates {
        months.entry(date.first_of_month()).and_modify(|ends| ends.1 = *date).or_insert((*date, *date));
    }
    let mut reading = JoinSet::new();
    for shard in 0..keys::SHARDS {
        for ends in months.values().copied() {
            let (store, uid) = (store.clone(), organisation.uid.clone());
            reading.spawn(async move { Ok((shard, store.days(&uid, shard, ends, Reading::Recent).await?)) });
        }
    }
    reading
}

fn read_quarters(
    store: &Store,
    organisation: &Organisation,
    calendar: &Calendar,
    span: Span,
    quarterly: &BTreeMap<(u8, Date), Quarterly>,
    now: Millis,
) -> Queries<Vec<(Bucket, SourceId, Summary)>> {
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
    reading
}

async fn next<T: 'static>(reading: &mut Queries<T>) -> Result<Option<T>, StoreError> {
    let Some(done) = reading.join_next().await else { return Ok(None) };
    done.map_err(|_| StoreError::unreadable("reading"))?.map(Some)
}
