//! The summaries of a range of time: closed days whole, everything else by quarter hours. They are given away part by part as they come,
//! so that a year of many people needs no more memory than what is added up.
//!
//! Around what is read by quarter hours one more is read and not shown, since metrics are dated after what they count. Cumulative
//! counters that began before the range are followed back, so that only what they gained in the range is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::civil::Date;
use tokio::task::JoinSet;

use model::bucket::Bucket;
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::{DAY, Millis};
use store::day::StoredDay;
use store::range::Reading;
use store::{Store, StoreError, keys};
use telemetry::activity::ledger::Place;
use telemetry::activity::summary::Part;
use telemetry::activity::wire;
use telemetry::claude::source::SourceId;

/// Queries under way at a time.
const PARALLEL: usize = 32;
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
    /// Whether it only says which rows count twice: a whole day that has its cumulative counters was given as well.
    rows_only: bool,
}

/// A summary as it was read, decoded only when it is visited, one after another: those of a month, or of many people, are many.
enum Held {
    Day(StoredDay),
    Quarter(Vec<u8>),
}

impl Piece {
    fn visit(&self, mut take: impl FnMut(&Place, &Part<'_>)) -> Result<(), StoreError> {
        match &self.held {
            Held::Day(day) => day.visit(|part| take(&self.place, &part)),
            Held::Quarter(bytes) => {
                let visited = wire::visit(bytes, |part| {
                    if !(self.rows_only && matches!(part, Part::Series(..))) {
                        take(&self.place, &part);
                    }
                });
                visited.map_err(|_| StoreError::unreadable("summary"))
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
    // The shards of which the quarter hour before the range was read.
    let mut before = BTreeSet::new();
    // On the heap: futures of readers lie within each other, and grow large.
    Box::pin(pieces(store, organisation, span, now, |piece| {
        if piece.place.bucket.is_some_and(|bucket| bucket < span.from) {
            before.insert(keys::shard(piece.place.source));
        }
        piece.visit(|place, part| {
            if let Part::Series(series, _) = part {
                start = start.min(series.start);
            }
            take(place, part);
        })
    }))
    .await?;
    if start < from {
        let earliest = Bucket::of(start.max(from.plus(-LOOK_BACK)).0);
        Box::pin(pieces(store, organisation, Span { from: earliest, to: span.from }, now, |mut piece| {
            let place = &piece.place;
            let was_read = |bucket: Bucket| bucket.0 >= span.from.0 - 1 && before.contains(&keys::shard(place.source));
            if !place.shown || place.bucket.is_some_and(was_read) {
                return Ok(());
            }
            piece.place.shown = false;
            piece.visit(&mut take)
        }))
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
    while let Some((shard, days)) = reading.next().await? {
        let mut changed: BTreeMap<Date, BTreeSet<SourceId>> = BTreeMap::new();
        let ours = |zone: &str| zone == organisation.settings.timezone;
        let closed: BTreeSet<Date> =
            days.iter().filter(|d| d.source.is_none() && ours(&d.zone) && whole(&d.date)).map(|d| d.date).collect();
        for day in days.into_iter().filter(|day| closed.contains(&day.date)) {
            let Some(source) = day.source else { continue };
            if day.bytes.is_some() && ours(&day.zone) {
                let place = Place { source, day: labels.of(day.date), bucket: None, shown: true };
                each(Piece { place, held: Held::Day(day), rows_only: false })?;
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
    while let Some(found) = reading.next().await? {
        for (bucket, source, bytes) in found {
            let date = calendar.date(bucket);
            let ours = match quarterly.get(&(keys::shard(source), date)) {
                Some(Quarterly::Everybody) => true,
                Some(Quarterly::Only(sources)) => sources.contains(&source),
                None => false,
            };
            let shown = ours && bucket >= span.from && bucket < span.to;
            let place = Place { source, day: labels.of(date), bucket: Some(bucket), shown };
            let rows_only = !ours && (first..=last).contains(&date);
            each(Piece { place, held: Held::Quarter(bytes), rows_only })?;
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

/// Queries, of which some are under way at a time. One is begun when another's answer is taken, so that answers do not pile up.
struct Queries<F: Future> {
    waiting: std::vec::IntoIter<F>,
    running: JoinSet<F::Output>,
}

impl<T: Send + 'static, F: Future<Output = Result<T, StoreError>> + Send + 'static> Queries<F> {
    fn new(queries: Vec<F>) -> Self {
        Self { waiting: queries.into_iter(), running: JoinSet::new() }
    }

    /// The answer of one of them, or that there are no more.
    async fn next(&mut self) -> Result<Option<T>, StoreError> {
        let free = PARALLEL - self.running.len();
        for query in self.waiting.by_ref().take(free) {
            self.running.spawn(query);
        }
        let Some(done) = self.running.join_next().await else { return Ok(None) };
        done.map_err(|error| StoreError::of_task(&error))?.map(Some)
    }
}

type Days = (u8, Vec<StoredDay>);

fn read_days(
    store: &Store,
    organisation: &Organisation,
    dates: &[Date],
) -> Queries<impl Future<Output = Result<Days, StoreError>> + Send + use<>> {
    let mut months: BTreeMap<Date, (Date, Date)> = BTreeMap::new();
    for date in dates {
        months.entry(date.first_of_month()).and_modify(|ends| ends.1 = *date).or_insert((*date, *date));
    }
    let mut queries = Vec::new();
    for ends in months.into_values() {
        for shard in 0..keys::SHARDS {
            let (store, uid) = (store.clone(), organisation.uid.clone());
            queries.push(async move { Ok((shard, store.days(&uid, shard, ends, Reading::Recent).await?)) });
        }
    }
    Queries::new(queries)
}

type Quarters = Vec<(Bucket, SourceId, Vec<u8>)>;

fn read_quarters(
    store: &Store,
    organisation: &Organisation,
    calendar: &Calendar,
    span: Span,
    quarterly: &BTreeMap<(u8, Date), Quarterly>,
    now: Millis,
) -> Queries<impl Future<Output = Result<Quarters, StoreError>> + Send + use<>> {
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
    let queries = runs.into_iter().map(|((shard, utc), run)| {
        let (store, uid) = (store.clone(), organisation.uid.clone());
        async move { store.encoded_summaries(&uid, utc, shard, run, Reading::Recent, now).await }
    });
    Queries::new(queries.collect())
}
