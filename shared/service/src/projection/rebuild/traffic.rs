//! What the headers of packs sum up to, from the summaries. A projection only adds differences to it, which are wrong where a summary
//! was lost or damaged.
//!
//! A shard is read bucket after bucket, for as long as there is time, and then each sighting takes over what was read, and up to where.
//! So the next run goes on from there. What is counted of a source meanwhile is counted in what was taken over, too; what may be of
//! before such a change is read again.

use std::collections::HashMap;
use std::time::Instant;

use crate::share::for_reading;
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::{DAY, Timestamp};
use store::places::{Place as Position, standing};
use store::queries::Queries;
use store::sighting::{Erasure, SightingChange, StoredSighting};
use store::{Store, StoreError};
use telemetry::activity::summary::Traffic;
use telemetry::claude::source::SourceId;
use telemetry::sighting::{Counted, Place, Reading};

/// Sightings written at a time.
const PARALLEL: usize = 8;
/// How often summaries are read again because exports of their sources were projected meanwhile.
const ATTEMPTS: usize = 5;
/// Behind the last bucket that there may be.
const END: Bucket = Bucket(99_999_999);
/// How many summaries are read at most together with those of yesterday and today: these change while they are read, and then all that
/// was read with them is read again.
const TOGETHER: usize = 20_000;

/// A source whose traffic is counted.
struct Base {
    /// The revision of its sighting before anything was read.
    revision: i64,
    /// What had been erased of it by then.
    erasure: Erasure,
    /// Up to which bucket it had been counted by then, if that had begun.
    until: Option<Bucket>,
    /// The summaries that its sighting remembers.
    remembered: Vec<Place>,
}

type Bases = HashMap<SourceId, Base>;

/// What was read of the summaries: the sum of each source, and each summary that a sighting remembers.
#[derive(Debug, Default)]
struct Read {
    sums: HashMap<SourceId, Traffic>,
    remembered: HashMap<(SourceId, Place), Traffic>,
}

/// Puts right what the sightings of a shard say of the traffic, from the bucket `from` on and until `deadline`, and leaves in `from` where
/// it ended; says whether that is the end. In memory are how far each sighting of the shard is, and a few pages of summaries.
///
/// # Errors
/// The database failed, or exports of a source arrive all the time: the next time goes on.
pub(super) async fn recount(
    store: &Store,
    (uid, epoch): (&Uid, i64),
    (shard, from): (u8, &mut Bucket),
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, StoreError> {
    while *from < END {
        // Before the summaries: whatever is changed in one of them later is counted by whoever changes it.
        let mut bases = bases(store, (uid, epoch), shard, *from).await?;
        let (mut until, mut attempts) = (END, 0);
        while !bases.is_empty() {
            if attempts == ATTEMPTS {
                return Err(StoreError::overtaken());
            }
            attempts += 1;
            let read;
            (read, until) = self::read(store, (uid, shard), &bases, (*from, until), now, for_reading(deadline)).await?;
            if until <= *from {
                return Ok(false);
            }
            let taken = take_over(store, (uid, epoch), bases, (&read, until), deadline).await?;
            let Some(changed) = taken else { return Ok(false) };
            bases = watch(store, (uid, epoch), changed).await?;
        }
        *from = until;
    }
    Ok(true)
}

/// The sources of a shard that are counted from a bucket on. One that has not begun by then is new, or was erased: its traffic has been
/// counted from its beginning.
async fn bases(store: &Store, (uid, epoch): (&Uid, i64), shard: u8, from: Bucket) -> Result<Bases, StoreError> {
    let base = |source, stored: StoredSighting| {
        let base = Base::of(&stored, epoch);
        (from == Bucket(0) || base.until.is_some()).then_some((source, base))
    };
    Ok(store.sightings_of_shard(uid, shard, base).await?.into_iter().collect())
}

impl Base {
    fn of(stored: &StoredSighting, epoch: i64) -> Self {
        let sighting = &stored.sighting;
        Self {
            revision: stored.revision,
            erasure: stored.erasure,
            until: sighting.recounted_until(epoch),
            remembered: sighting.counted.iter().map(Counted::place).collect(),
        }
    }

    /// The first bucket that is to be counted.
    fn from(&self) -> Bucket {
        self.until.unwrap_or(Bucket(0))
    }
}

/// Reads what the summaries say of these sources that a shard shows in the buckets from the first to before the second of `ends`, until
/// `deadline`. Gives the bucket before which all has been read.
async fn read(
    store: &Store,
    (uid, shard): (&Uid, u8),
    bases: &Bases,
    (from, end): (Bucket, Bucket),
    now: Timestamp,
    deadline: Instant,
) -> Result<(Read, Bucket), StoreError> {
    let recent = Bucket::of(now.minus(DAY).floor(DAY));
    let mut walk = store.walk(uid, &Position::before(shard, from), now);
    let (mut read, mut open, mut current, mut count) = (Read::default(), Vec::new(), from, 0);
    while !walk.is_through() {
        let Some(items) = walk.next(deadline).await? else {
            // Of the current bucket something may be left, unless its day is over.
            let day = walk.place().day();
            if day > current {
                read.close(bases, &mut open);
            }
            return Ok((read, current.max(day).min(end)));
        };
        for item in items {
            let Some(standing) = standing(uid, &item)? else { continue };
            let place = standing.place;
            if place.shown > current {
                read.close(bases, &mut open);
                current = place.shown;
                let is_enough = count > TOGETHER && from < recent && current >= recent;
                if current >= end || is_enough {
                    return Ok((read, current.min(end)));
                }
            }
            count += 1;
            if bases.get(&place.source).is_some_and(|base| place.shown >= base.from()) {
                let traffic = store.traffic(&place, &item).await?;
                open.push((place.source, (place.claimed, place.shown), traffic));
            }
        }
    }
    read.close(bases, &mut open);
    Ok((read, end))
}

impl Read {
    /// Adds the summaries of a bucket of which nothing is left.
    fn close(&mut self, bases: &Bases, open: &mut Vec<(SourceId, Place, Traffic)>) {
        for (source, place, traffic) in open.drain(..) {
            self.sums.entry(source).or_default().replace(&Traffic::default(), &traffic);
            if bases.get(&source).is_some_and(|base| base.remembered.contains(&place)) {
                self.remembered.insert((source, place), traffic);
            }
        }
    }
}

/// Has the sightings take over what was read up to a bucket. Gives the sources of which something may have been counted after it was
/// read; `None` if the deadline left some.
async fn take_over(
    store: &Store,
    (uid, epoch): (&Uid, i64),
    bases: Bases,
    (read, until): (&Read, Bucket),
    deadline: Instant,
) -> Result<Option<Vec<SourceId>>, StoreError> {
    let all = bases.into_iter().map(|(source, base)| {
        let (store, uid) = (store.clone(), uid.clone());
        let of = |place: &Place| Some((*place, *read.remembered.get(&(source, *place))?));
        let remembered: HashMap<Place, Traffic> = base.remembered.iter().filter_map(of).collect();
        let sum = read.sums.get(&source).copied().unwrap_or_default();
        let reading = Reading { from: base.from(), until, sum };
        async move {
            // Without waiting for a turn: it is part of what was read in one.
            if Instant::now() >= deadline {
                return Ok(None);
            }
            let of = |place| remembered.get(&place).copied().unwrap_or_default();
            match correct(&store, (&uid, epoch), (source, &base), reading, of).await {
                Err(error) if error.is_conflict() => Ok(Some((source, false))),
                outcome => outcome.map(|is_done| Some((source, is_done))),
            }
        }
    });
    let mut writing = Queries::new(all.collect(), PARALLEL);
    let (mut changed, mut is_left) = (Vec::new(), false);
    while let Some(written) = writing.next().await? {
        match written {
            Some((source, is_done)) => changed.extend((!is_done).then_some(source)),
            None => is_left = true,
        }
    }
    Ok((!is_left).then_some(changed))
}

/// False if something of what was read may have been counted since.
async fn correct(
    store: &Store,
    (uid, epoch): (&Uid, i64),
    (source, base): (SourceId, &Base),
    reading: Reading,
    of: impl Fn(Place) -> Traffic,
) -> Result<bool, StoreError> {
    let known = store.sighting(uid, source).await?;
    // Who has been erased meanwhile has no traffic, and what another run took over is right.
    let is_gone = known.revision == 0 || known.erasure != base.erasure;
    if is_gone || known.sighting.recounted_until(epoch) != base.until {
        return Ok(true);
    }
    if known.revision != base.revision && !known.sighting.is_settled_before(reading.until) {
        return Ok(false);
    }
    let mut right = known.clone();
    right.sighting.recount(epoch, reading, of);
    if reading.until == END {
        right.sighting.end_recount();
    }
    if right != known {
        right.revision += 1;
        store.replace_sighting(uid, source, SightingChange { known: &known, after: &right }).await?;
    }
    Ok(true)
}

/// Has what is counted from now on of these sources noted, before their summaries are read again.
async fn watch(store: &Store, (uid, epoch): (&Uid, i64), sources: Vec<SourceId>) -> Result<Bases, StoreError> {
    let mut bases = Bases::new();
    for source in sources {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let known = store.sighting(uid, source).await?;
            if known.revision == 0 {
                break;
            }
            let mut watched = known.clone();
            watched.sighting.watch(epoch);
            watched.revision += 1;
            match store.replace_sighting(uid, source, SightingChange { known: &known, after: &watched }).await {
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
                outcome => {
                    outcome?;
                    bases.insert(source, Base::of(&watched, epoch));
                    break;
                }
            }
        }
    }
    Ok(bases)
}
