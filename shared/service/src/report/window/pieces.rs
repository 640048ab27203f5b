//! The summaries of a span, one after another: closed days, and buckets where no day is closed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::asked::{Asked, Share};
use super::dating::Dating;
use super::queries::{read_days, read_runs, runs_of};
use super::runs::{Runs, runs_before};
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::day::StoredDay;
use store::summary::LIFE;
use store::{Store, StoreError, keys};
use telemetry::activity::ledger::{Place, Role};
use telemetry::activity::summary::Part;
use telemetry::activity::wire;
use telemetry::activity::wire::block::Block;
use telemetry::claude::source::SourceId;

/// Queries of buckets that are under way while closed days are read.
const AHEAD: usize = 4;

/// Takes the parts of summaries. By reference, so that the program has the reading once, however many kinds of sums there are.
pub(super) type Take<'a> = dyn FnMut(&Place, &Part<'_>) + Send + 'a;

/// A summary of a range, and where it stands.
pub(super) struct Piece<'a> {
    pub(super) place: Place,
    pub(super) held: Held<'a>,
    /// Whether its cumulative counters are given otherwise: with its day, or with what lies before the range.
    pub(super) rows_only: bool,
}

/// A summary as it was read, decoded only when it is visited, one after another: those of a month, or of many people, are many.
pub(super) enum Held<'a> {
    Day(StoredDay),
    InBlock(&'a Block, SourceId),
    Bucket(&'a [u8]),
}

impl Piece<'_> {
    /// Passes its parts to `take`.
    pub(super) fn visit(&self, take: &mut Take<'_>) -> Result<(), StoreError> {
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

/// What of a day and shard has to be read by buckets.
#[derive(Debug, Clone)]
enum ByBucket {
    Everybody,
    Only(BTreeSet<SourceId>),
}

/// Gives each summary of a span to `each`, and says which buckets were read.
pub(super) async fn pieces(
    store: &Store,
    organisation: &Organisation,
    Share { asked: Asked { span, by_hour, shown, shards: asked }, names_sessions, part: (part, parts) }: Share,
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
    let shards: Vec<u8> =
        (0..keys::SHARDS).filter(|shard| asked.has(*shard) && usize::from(*shard) % parts == part).collect();
    for shard in &shards {
        for date in &dates {
            by_bucket.insert((*shard, *date), ByBucket::Everybody);
        }
    }
    // A day that is not over is not closed: what there is of it is asked for now, and taken when it is its turn.
    let today = calendar.date(Bucket::of(now));
    let mut open = runs_of(&calendar, by_bucket.keys().filter(|(_, date)| *date >= today));
    // The bucket before it is read with its own day.
    open.retain(|_, (_, last)| *last >= calendar.buckets(today).0);
    let mut unfinished = read_runs(store, organisation, &open, now);
    unfinished.begin(AHEAD);
    // A day of which something has expired is told by what is left of it.
    let is_whole = |date: &Date| whole(date) && calendar.start(*date).plus(LIFE) > now;
    let mut reading = read_days(store, organisation, &shards, if by_hour { &[] } else { &dates }, names_sessions);
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
    let mut others = read_runs(store, organisation, &runs_before(&runs, &open), now);
    others.begin(AHEAD);
    for mut reading in [unfinished, others] {
        while let Some(found) = reading.next().await? {
            found.each(&mut |bucket, source, bytes| {
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
                each(Piece { place, held: Held::Bucket(bytes), rows_only: !ours })
            })?;
        }
    }
    Ok(runs)
}
