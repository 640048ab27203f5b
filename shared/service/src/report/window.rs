//! The summaries of a range of time: closed days whole, everything else by buckets. They are given away part by part as they come,
//! so that a year of many people needs no more memory than what is added up.
//!
//! Where a range begins or ends within a day, the rest of that day is read and not shown, since what counts is decided by days. Points
//! of metrics count what was done before them: the buckets that they reach back to are read as well, and counters that began
//! before the range are followed back, so that only what they gained in the range is counted.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;

use jiff::civil::Date;

use dating::Dating;
pub use dating::Shown;
use queries::{read_days, read_runs, runs_of};
use runs::{Counters, Reaching, Runs, by_utc_date, reach_from};
pub use sum::{Adds, Sum};

use model::bucket::Bucket;
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::{SignedDuration, Timestamp, from_days};
use store::day::StoredDay;
use store::summary::LIFE;
use store::{Store, StoreError, keys};
use telemetry::activity::ledger::{Place, Role};
use telemetry::activity::summary::Part;
use telemetry::activity::wire;
use telemetry::activity::wire::block::Block;
use telemetry::claude::source::SourceId;
use tokio::task::JoinSet;

pub mod dating;
mod queries;
mod runs;
mod sum;

/// How far cumulative counters are followed back at most.
const LOOK_BACK: SignedDuration = from_days(31);

/// Buckets from the first, included, to the last, excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first one.
    pub from: Bucket,
    /// The first one after it.
    pub to: Bucket,
}

impl From<Span> for Asked {
    fn from(span: Span) -> Self {
        Self { span, by_hour: false, shown: Shown::AsItIs }
    }
}

/// What is read, and how it is dated.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Which buckets.
    pub span: Span,
    /// Whether hours are told apart; closed days have none.
    pub by_hour: bool,
    /// When it is shown.
    pub shown: Shown,
}

/// A summary of a range, and where it stands.
struct Piece<'a> {
    place: Place,
    held: Held<'a>,
    /// Whether its cumulative counters are given otherwise: with its day, or with what lies before the range.
    rows_only: bool,
}

/// A summary as it was read, decoded only when it is visited, one after another: those of a month, or of many people, are many.
enum Held<'a> {
    Day(StoredDay),
    InBlock(&'a Block, SourceId),
    Bucket(Vec<u8>),
}

impl Piece<'_> {
    fn visit(&self, take: &mut Take<'_>) -> Result<(), StoreError> {
        match &self.held {
            Held::Day(day) => day.visit(|part| take(&self.place, &part)),
            Held::InBlock(block, source) => block
                .visit(*source, |part| take(&self.place, &part))
                .map_err(|_| StoreError::unreadable("block of days")),
            Held::Bucket(bytes) => {
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

/// Takes the parts of summaries. By reference, so that the program has the reading once, however many kinds of sums there are.
type Take<'a> = dyn FnMut(&Place, &Part<'_>) + Send + 'a;

/// Reads the summaries of a range into `sum`, each part of them as it comes, in any order.
///
/// Sources of different shards have nothing to do with each other before everything is added up, so each processor has some of the
/// shards.
///
/// # Errors
/// The database failed.
pub async fn read<S: Sum>(
    store: &Store,
    organisation: &Organisation,
    asked: impl Into<Asked>,
    now: Timestamp,
    mut sum: S,
) -> Result<S, StoreError> {
    let forks = (1..processors()).map(|_| Box::new(sum.fork()) as Box<dyn Adds>).collect();
    for fork in read_into(store, organisation, asked.into(), now, &mut sum, forks).await? {
        let fork: Box<dyn Any> = fork;
        sum.absorb(*fork.downcast().map_err(|_| StoreError::bug("fork of a sum"))?);
    }
    Ok(sum)
}

/// Reads a part of the shards into `sum`, and as large a part into each of the forks.
async fn read_into(
    store: &Store,
    organisation: &Organisation,
    asked: Asked,
    now: Timestamp,
    sum: &mut dyn Adds,
    forks: Vec<Box<dyn Adds>>,
) -> Result<Vec<Box<dyn Adds>>, StoreError> {
    let (mut reading, mut read, parts) = (JoinSet::new(), Vec::new(), 1 + forks.len());
    for (part, mut fork) in (1..).zip(forks) {
        let (store, organisation) = (store.clone(), organisation.clone());
        reading.spawn(async move {
            let take = &mut |place: &Place, part: &Part<'_>| fork.add(place, part);
            read_shards(&store, &organisation, asked, (part, parts), now, take).await?;
            Ok(fork)
        });
    }
    read_shards(store, organisation, asked, (0, parts), now, &mut |place, part| sum.add(place, part)).await?;
    while let Some(fork) = reading.join_next().await {
        read.push(fork.map_err(|error| StoreError::of_task(&error))??);
    }
    Ok(read)
}

/// On how many processors a range is added up.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get).min(keys::SHARDS.into())
}

/// Reads the shards of which the remainder of their number is the first of `(part, parts)`.
async fn read_shards(
    store: &Store,
    organisation: &Organisation,
    asked: Asked,
    part: (usize, usize),
    now: Timestamp,
    take: &mut Take<'_>,
) -> Result<(), StoreError> {
    let span = asked.span;
    if span.from >= span.to {
        return Ok(());
    }
    let from = span.from.start();
    let mut start = from;
    let mut reaching = Reaching::new();
    let mut counters = Counters::default();
    // On the heap: futures of readers lie within each other, and grow large.
    let runs = Box::pin(pieces(store, organisation, asked, part, now, &mut |piece| {
        piece.visit(&mut |place, part| {
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
        let earliest = Bucket::of(start.max(from.minus(LOOK_BACK)));
        let past = Asked { span: Span { from: earliest, to: span.from }, ..asked };
        Box::pin(pieces(store, organisation, past, part, now, &mut |mut piece| {
            if piece.place.role == Role::Before {
                return Ok(());
            }
            piece.place.role = Role::Past;
            piece.visit(&mut |place, part| {
                if let Part::Series(series, piece) = part {
                    counters.add(place, series, *piece);
                }
                take(place, part);
            })
        }))
        .await?;
    }
    counters.reach_back(&mut reaching);
    Box::pin(left_over(store, organisation, &reaching, &runs, now, take)).await
}

fn is_read(runs: &Runs, place: &Place) -> bool {
    let was_read = |bucket: Bucket| {
        let run = runs.get(&(keys::shard(place.source), keys::utc_date(bucket)));
        run.is_some_and(|run| (run.0..=run.1).contains(&bucket))
    };
    place.bucket.is_some_and(was_read)
}

/// Reads what events of earlier buckets left over, where points reach back to them and they were not read yet.
async fn left_over(
    store: &Store,
    organisation: &Organisation,
    reaching: &Reaching,
    read: &Runs,
    now: Timestamp,
    take: &mut Take<'_>,
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
    let mut dating = Dating::new(calendar.clone(), false, Shown::AsItIs);
    let mut reading = read_runs(store, organisation, &runs, now);
    while let Some(found) = reading.next().await? {
        for (bucket, source, bytes) in found {
            let dates = dating.of_bucket(bucket);
            let ends = calendar.buckets(calendar.date(bucket)).1;
            let place = Place { source, dates, ends, bucket: Some(bucket), role: Role::Before };
            if !is_read(read, &place) {
                Piece { place, held: Held::Bucket(bytes), rows_only: true }.visit(take)?;
            }
        }
    }
    Ok(())
}

/// What of a day and shard has to be read by buckets.
#[derive(Debug, Clone)]
enum ByBucket {
    Everybody,
    Only(BTreeSet<SourceId>),
}

/// Gives each summary of a span to `each`, and says which buckets were read.
async fn pieces(
    store: &Store,
    organisation: &Organisation,
    Asked { span, by_hour, shown }: Asked,
    (part, parts): (usize, usize),
    now: Timestamp,
    each: &mut (dyn FnMut(Piece<'_>) -> Result<(), StoreError> + Send),
) -> Result<Runs, StoreError> {
    let calendar = Calendar::of(organisation);
    let (first, last) = (calendar.date(span.from), calendar.date(Bucket(span.to.0 - 1)));
    let dates: Vec<Date> = first.series(jiff::Span::new().days(1)).take_while(|date| *date <= last).collect();
    let mut dating = Dating::new(calendar.clone(), by_hour, shown);
    let mut by_bucket: BTreeMap<(u8, Date), ByBucket> = BTreeMap::new();
    let whole = |date: &Date| {
        let (from, to) = calendar.buckets(*date);
        from >= span.from && to < span.to
    };
    let shards: Vec<u8> = (0..keys::SHARDS).filter(|shard| usize::from(*shard) % parts == part).collect();
    for shard in &shards {
        for date in &dates {
            by_bucket.insert((*shard, *date), ByBucket::Everybody);
        }
    }
    // A day of which something has expired is told by what is left of it.
    let is_whole = |date: &Date| whole(date) && calendar.start(*date).plus(LIFE) > now;
    let mut reading = read_days(store, organisation, &shards, if by_hour { &[] } else { &dates });
    let zone = &organisation.settings.timezone;
    while let Some((shard, stored)) = reading.next().await? {
        let mut changed: BTreeMap<Date, BTreeSet<SourceId>> = BTreeMap::new();
        let marks = stored.days.iter().filter(|day| day.source.is_none() && day.zone == *zone);
        let closed: BTreeSet<Date> = marks.map(|day| day.date).filter(is_whole).collect();
        let mut place = |date: Date, source: SourceId| {
            let ends = calendar.buckets(date).1;
            Place { source, dates: dating.of_day(date), ends, bucket: None, role: Role::Shown }
        };
        let own = stored.own();
        for block in stored.blocks.iter().filter(|block| block.zone == *zone && closed.contains(&block.date)) {
            let open = block.open()?;
            for source in open.sources().filter(|source| !own.contains(&(block.date, *source))) {
                let place = place(block.date, source);
                each(Piece { place, held: Held::InBlock(&open, source), rows_only: false })?;
            }
        }
        for day in stored.days.into_iter().filter(|day| closed.contains(&day.date)) {
            let Some(source) = day.source else { continue };
            if day.bytes.is_some() && day.zone == *zone {
                let place = place(day.date, source);
                each(Piece { place, held: Held::Day(day), rows_only: false })?;
            } else {
                changed.entry(day.date).or_default().insert(source);
            }
        }
        for date in closed {
            match changed.remove(&date) {
                Some(sources) => by_bucket.insert((shard, date), ByBucket::Only(sources)),
                None => by_bucket.remove(&(shard, date)),
            };
        }
    }
    let runs = runs_of(&calendar, by_bucket.keys());
    let mut reading = read_runs(store, organisation, &runs, now);
    while let Some(found) = reading.next().await? {
        for (bucket, source, bytes) in found {
            let date = calendar.date(bucket);
            let ours = match by_bucket.get(&(keys::shard(source), date)) {
                Some(ByBucket::Everybody) => true,
                Some(ByBucket::Only(sources)) => sources.contains(&source),
                None => false,
            };
            let role = match ours {
                true if bucket >= span.from && bucket < span.to => Role::Shown,
                true => Role::Hidden,
                false => Role::Before,
            };
            let ends = calendar.buckets(date).1;
            let place = Place { source, dates: dating.of_bucket(bucket), ends, bucket: Some(bucket), role };
            each(Piece { place, held: Held::Bucket(bytes), rows_only: !ours })?;
        }
    }
    Ok(runs)
}
