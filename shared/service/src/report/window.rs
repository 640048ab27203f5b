//! The summaries of a range of time: closed days whole, everything else by quarter hours. They are given away part by part as they come,
//! so that a year of many people needs no more memory than what is added up.
//!
//! Where a range begins or ends within a day, the rest of that day is read and not shown, since what counts is decided by days. Points
//! of metrics count what was done before them: the quarter hours that they reach back to are read as well, and counters that began
//! before the range are followed back, so that only what they gained in the range is counted.

use std::collections::{BTreeMap, BTreeSet, HashMap};
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
use telemetry::activity::ledger::{Place, Role};
use telemetry::activity::series::{Piece as SummaryPiece, Series};
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
    /// Whether its cumulative counters are given otherwise: with its day, or with what lies before the range.
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
    let mut reaching = Reaching::new();
    let mut counters = Counters::default();
    // On the heap: futures of readers lie within each other, and grow large.
    let runs = Box::pin(pieces(store, organisation, span, now, |piece| {
        piece.visit(|place, part| {
            match part {
                Part::Series(series, piece) => {
                    start = start.min(series.start);
                    counters.add(place, series, *piece);
                }
                Part::Unexplained(what, _) if what.reach > 0 && place.role != Role::Before => {
                    if let Some(bucket) = place.bucket {
                        reach_from(&mut reaching, place.source, bucket, what.reach);
                    }
                }
                _ => {}
            }
            take(place, part);
        })
    }))
    .await?;
    if start < from {
        let earliest = Bucket::of(start.max(from.plus(-LOOK_BACK)).0);
        Box::pin(pieces(store, organisation, Span { from: earliest, to: span.from }, now, |mut piece| {
            if piece.place.role == Role::Before {
                return Ok(());
            }
            piece.place.role = Role::Past;
            piece.visit(|place, part| {
                if let Part::Series(series, piece) = part {
                    counters.add(place, series, *piece);
                }
                take(place, part);
            })
        }))
        .await?;
    }
    counters.reach_back(&mut reaching);
    Box::pin(left_over(store, organisation, &reaching, &runs, now, &mut take)).await
}

/// Counters since the start of a client that report tokens or cost: between which quarter hours they gained something.
#[derive(Default)]
struct Counters(HashMap<(SourceId, Series), Vec<(SummaryPiece, Option<Bucket>)>>);

impl Counters {
    fn add(&mut self, place: &Place, series: &Series, piece: SummaryPiece) {
        if series.is_money() {
            // A closed day has what it gained until its last value.
            let bucket = place.bucket.filter(|_| matches!(place.role, Role::Shown | Role::Hidden));
            self.0.entry((place.source, series.clone())).or_default().push((piece, bucket));
        }
    }

    fn reach_back(self, reaching: &mut Reaching) {
        for ((source, series), mut pieces) in self.0 {
            pieces.sort_by_key(|(piece, _)| (piece.from, piece.to, piece.first));
            let mut before = None;
            for (piece, bucket) in pieces {
                if let Some(bucket) = bucket
                    && let Some((_, reach)) = series.gap(bucket, before.as_ref(), &piece)
                {
                    reach_from(reaching, source, bucket, reach);
                }
                before = Some(piece);
            }
        }
    }
}

fn reach_from(reaching: &mut Reaching, source: SourceId, bucket: Bucket, reach: u32) {
    let first = Bucket(bucket.0 - i64::from(reach));
    let run = reaching.entry(keys::shard(source)).or_insert((first, bucket));
    *run = (run.0.min(first), run.1.max(bucket));
}

/// For each shard, the quarter hours from the first that points reach back to.
type Reaching = BTreeMap<u8, (Bucket, Bucket)>;
/// The quarter hours of each shard and UTC day that were read, both ends included.
type Runs = BTreeMap<(u8, Date), (Bucket, Bucket)>;

fn is_read(runs: &Runs, place: &Place) -> bool {
    let was_read = |bucket: Bucket| {
        let run = runs.get(&(keys::shard(place.source), keys::utc_date(bucket)));
        run.is_some_and(|run| (run.0..=run.1).contains(&bucket))
    };
    place.bucket.is_some_and(was_read)
}

/// Reads what events of earlier quarter hours left over, where points reach back to them and they were not read yet.
async fn left_over(
    store: &Store,
    organisation: &Organisation,
    reaching: &Reaching,
    read: &Runs,
    now: Millis,
    mut take: impl FnMut(&Place, &Part<'_>) + Send,
) -> Result<(), StoreError> {
    let calendar = Calendar::of(organisation);
    let mut runs = Runs::new();
    for (shard, (first, last)) in reaching {
        for (date, run) in by_utc_date(*first, *last) {
            if !read.get(&(*shard, date)).is_some_and(|read| read.0 <= run.0 && run.1 <= read.1) {
                runs.insert((*shard, date), run);
            }
        }
    }
    let mut labels = Labels::default();
    let mut reading = read_runs(store, organisation, &runs, now);
    while let Some(found) = reading.next().await? {
        for (bucket, source, bytes) in found {
            let day = labels.of(calendar.date(bucket));
            let ends = calendar.quarters(calendar.date(bucket)).1;
            let place = Place { source, day, ends, bucket: Some(bucket), role: Role::Before };
            if !is_read(read, &place) {
                Piece { place, held: Held::Quarter(bytes), rows_only: true }
                    .visit(&mut |place: &Place, part: &Part<'_>| take(place, part))?;
            }
        }
    }
    Ok(())
}

/// The quarter hours of each UTC day from `first` to `last`, both ends included.
fn by_utc_date(first: Bucket, last: Bucket) -> impl Iterator<Item = (Date, (Bucket, Bucket))> {
    let mut from = first;
    std::iter::from_fn(move || {
        let date = (from <= last).then(|| keys::utc_date(from))?;
        let end = Bucket(Calendar::named("UTC").quarters(date).1.0.min(last.0));
        let run = (from, end);
        from = Bucket(end.0 + 1);
        Some((date, run))
    })
}

/// What of a day and shard has to be read by quarter hours.
#[derive(Debug, Clone)]
enum Quarterly {
    Everybody,
    Only(BTreeSet<SourceId>),
}

/// Gives each summary of a span to `each`, and says which quarter hours were read.
async fn pieces(
    store: &Store,
    organisation: &Organisation,
    span: Span,
    now: Millis,
    mut each: impl FnMut(Piece) -> Result<(), StoreError> + Send,
) -> Result<Runs, StoreError> {
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
                let ends = calendar.quarters(day.date).1;
                let place = Place { source, day: labels.of(day.date), ends, bucket: None, role: Role::Shown };
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
    let runs = runs_of(&calendar, &quarterly);
    let mut reading = read_runs(store, organisation, &runs, now);
    while let Some(found) = reading.next().await? {
        for (bucket, source, bytes) in found {
            let date = calendar.date(bucket);
            let ours = match quarterly.get(&(keys::shard(source), date)) {
                Some(Quarterly::Everybody) => true,
                Some(Quarterly::Only(sources)) => sources.contains(&source),
                None => false,
            };
            let role = match ours {
                true if bucket >= span.from && bucket < span.to => Role::Shown,
                true => Role::Hidden,
                false => Role::Before,
            };
            let ends = calendar.quarters(date).1;
            let place = Place { source, day: labels.of(date), ends, bucket: Some(bucket), role };
            each(Piece { place, held: Held::Quarter(bytes), rows_only: !ours })?;
        }
    }
    Ok(runs)
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

/// The quarter hours that are read: those of whole days, and one before each, which most points at its beginning reach back to.
fn runs_of(calendar: &Calendar, quarterly: &BTreeMap<(u8, Date), Quarterly>) -> Runs {
    let mut runs = Runs::new();
    for (shard, date) in quarterly.keys() {
        let (first, last) = calendar.quarters(*date);
        for (utc, (from, to)) in by_utc_date(Bucket(first.0 - 1), last) {
            let run = runs.entry((*shard, utc)).or_insert((from, to));
            *run = (run.0.min(from), run.1.max(to));
        }
    }
    runs
}

fn read_runs(
    store: &Store,
    organisation: &Organisation,
    runs: &Runs,
    now: Millis,
) -> Queries<impl Future<Output = Result<Quarters, StoreError>> + Send + use<>> {
    let queries = runs.iter().map(|((shard, utc), run)| {
        let (store, uid, shard, utc, run) = (store.clone(), organisation.uid.clone(), *shard, *utc, *run);
        async move { store.encoded_summaries(&uid, utc, shard, run, Reading::Recent, now).await }
    });
    Queries::new(queries.collect())
}
