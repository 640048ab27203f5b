//! The summaries of a range of time: closed days whole, everything else by buckets, of which those of many sources may stand together. They
//! are given away part by part as they come, so that a year of many people needs no more memory than what is added up.
//!
//! Where a range begins or ends within a day, the rest of that day is read and not shown, since what counts is decided by days. Points
//! of metrics count what was done before them: the buckets that they reach back to are read as well, and counters that began
//! before the range are followed back, so that only what they gained in the range is counted.

use std::any::Any;
use std::num::NonZero;

use asked::Share;
pub use asked::{Asked, Shards, Span};
use dating::Dating;
pub use dating::Shown;
use pieces::{Held, Piece, Take, pieces};
use queries::read_runs;
use runs::{Counters, Reaching, Runs, by_utc_date, reach_from};
pub use sum::{Adds, Sum};

use model::bucket::Bucket;
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::{SignedDuration, Timestamp, from_days};
use store::{Store, StoreError, keys};
use telemetry::activity::ledger::{Place, Role};
use telemetry::activity::summary::Part;
use tokio::task::JoinSet;

mod asked;
pub mod dating;
mod pieces;
mod queries;
mod runs;
mod stretches;
mod sum;

/// How far cumulative counters are followed back at most.
const LOOK_BACK: SignedDuration = from_days(31);

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
    let first = Share { asked, names_sessions: sum.names_sessions(), part: (0, parts) };
    for (part, mut fork) in (1..).zip(forks) {
        let (store, organisation) = (store.clone(), organisation.clone());
        reading.spawn(async move {
            let take = &mut |place: &Place, part: &Part<'_>| fork.add(place, part);
            read_share(&store, &organisation, Share { part: (part, parts), ..first }, now, take).await?;
            Ok(fork)
        });
    }
    read_share(store, organisation, first, now, &mut |place, part| sum.add(place, part)).await?;
    while let Some(fork) = reading.join_next().await {
        read.push(fork.map_err(|error| StoreError::of_task(&error))??);
    }
    Ok(read)
}

/// On how many processors a range is added up.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get).min(keys::SHARDS.into())
}

async fn read_share(
    store: &Store,
    organisation: &Organisation,
    share: Share,
    now: Timestamp,
    take: &mut Take<'_>,
) -> Result<(), StoreError> {
    let span = share.asked.span;
    if span.from >= span.to {
        return Ok(());
    }
    let from = span.from.start();
    let mut start = from;
    let mut reaching = Reaching::new();
    let mut counters = Counters::default();
    // On the heap: futures of readers lie within each other, and grow large.
    let runs = Box::pin(pieces(store, organisation, share, now, &mut |piece| {
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
        let past = Asked { span: Span { from: earliest, to: span.from }, ..share.asked };
        let past = Share { asked: past, ..share };
        Box::pin(pieces(store, organisation, past, now, &mut |mut piece| {
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
        found.each(&mut |bucket, source, bytes| {
            let dates = dating.of_bucket(bucket);
            let ends = calendar.buckets(calendar.date(bucket)).1;
            let place = Place { source, dates, ends, bucket: Some(bucket), role: Role::Before };
            match is_read(read, &place) {
                true => Ok(()),
                false => Piece { place, held: Held::Bucket(bytes), rows_only: true }.visit(take),
            }
        })?;
    }
    Ok(())
}
