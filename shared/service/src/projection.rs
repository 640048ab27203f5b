//! What was stored becomes summaries and sightings: recomputed from all packs of a bucket, never added to.
//!
//! A repeated or reordered notice of a change therefore changes nothing, and whatever was wrong is put right by projecting again.
//! A summary is put only over the one that was read, and only if it was made from as much: of two projections at once one sees
//! the other and begins anew. The days that are not right any more change in the same transaction, and so do marks of what stands in a
//! [`stretch`] and the sighting, unless the bounds are [`thrifty`](limits::Bounds::thrifty) and nothing is to be marked.
//!
//! Packs are read one by one and no more of them than [`limits`] allows, so that nobody can send what cannot be added up.
//!
//! * [`stream`] reads the events of the stream.
//! * [`growth`] counts what came within an hour and ends what is over the limits of the organisation.
//! * [`tries`] remembers what failed, [`poison`] notes what is set aside.
//! * [`stretches`] puts buckets together that are over, [`days`] closes days, [`rebuild`] does everything again.

use std::collections::BTreeSet;

use jiff::civil::Date;

use growth::Growth;
use limits::Bounds;
pub use outcome::{ProjectError, Projected};
use reading::Reader;

use model::bucket::Bucket;
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::{HOUR, SignedDuration, Timestamp};
use store::keys::{Key, SummaryPlace};
use store::rebuild::RebuildState;
use store::sighting::{SightingChange, StoredSighting};
use store::stamp::Stamp;
use store::summary::{Stale, StoredSummary, SummaryChange};
use store::{Store, StoreError, stretch};
use telemetry::activity::summary::Summary;
use telemetry::claude::source::SourceId;
use telemetry::sighting::{Full, Sighting};

pub mod days;
pub mod growth;
pub mod limits;
mod outcome;
pub mod poison;
mod reading;
pub mod rebuild;
pub mod stream;
pub mod stretches;
pub mod tries;

/// How often a projection begins anew because another one changed the same things.
const ATTEMPTS: usize = 12;
/// How many days after a bucket points may still reach back to it: over a weekend, a laptop sleeps between two exports.
const REACHED_BACK_FROM: usize = 3;
/// From how long after a day's end changes of it leave a mark. Days are closed later than that.
pub const DAY_IS_PAST: SignedDuration = HOUR;

/// Brings summaries and the sighting up to date with the packs that `source` sent of the bucket claimed as `claimed`.
///
/// # Errors
/// See [`ProjectError`]; whatever was written until then is right.
pub async fn project(
    store: &Store,
    organisation: &Organisation,
    source: SourceId,
    claimed: Bucket,
    now: Timestamp,
) -> Result<Projected, ProjectError> {
    project_within(&Bounds::default(), store, organisation, source, claimed, now).await
}

/// The same, of no more than what is within `bounds`.
///
/// # Errors
/// See [`project`].
pub async fn project_within(
    bounds: &Bounds,
    store: &Store,
    organisation: &Organisation,
    source: SourceId,
    claimed: Bucket,
    now: Timestamp,
) -> Result<Projected, ProjectError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match Box::pin(attempt(bounds, store, organisation, (source, claimed), now)).await {
            Err(ProjectError::Store(error)) if error.is_conflict() && attempts < ATTEMPTS => {}
            outcome => return outcome,
        }
    }
}

async fn attempt(
    bounds: &Bounds,
    store: &Store,
    organisation: &Organisation,
    (source, claimed): (SourceId, Bucket),
    now: Timestamp,
) -> Result<Projected, ProjectError> {
    let uid = &organisation.uid;
    // Read first: whatever changes it later, an erasure too, makes the writing below fail.
    let mut known = store.sighting(uid, source).await?;
    // After it: whoever removes something says so before it changes a sighting.
    let state = store.rebuild_state(uid).await?;
    let RebuildState { epoch, removed, .. } = &state;
    let epoch = *epoch;
    let erasure = known.erasure;
    let made = (erasure.times, epoch);
    if let Some(full) = known.sighting.full(claimed, made) {
        // Whatever else came does not count, so that it is not worth reading all of it again.
        return Ok(Projected { full: Some(full), ..Projected::default() });
    }
    let sum = Reader { store, organisation, source, claimed, erasure, removed, bounds, now }.sum().await?;
    let mut projected = sum.projected;
    let mut facts = sum.facts;
    let mut growth = sum.newest.map(|(at, generation)| Growth::new(at, generation, known.revision == 0));
    if let Some((at, generation)) = sum.newest.filter(|_| sum.is_full) {
        let full = Full { claimed, made, generation };
        facts.fill(full, at);
        projected.full = Some(full);
    }
    let mut facts = Some(facts);
    let stamp = Stamp { erasures: erasure.times, packs: sum.count, epoch };
    for (shown, summary) in sum.summaries {
        let place = SummaryPlace { uid: uid.clone(), source, claimed, shown };
        let before = store.summary(&place).await?;
        if !is_news(before.as_ref(), stamp, &summary) {
            continue;
        }
        let changed = before.as_ref().is_none_or(|before| before.summary != summary);
        let after = sighted(bounds, (&known, facts.take()), (&place, before.as_ref()), &summary, now);
        let mut change = SummaryChange {
            place: &place,
            before: before.as_ref(),
            stamp,
            summary: &summary,
            sighting: None,
            stale: if changed { stale(organisation, shown, now) } else { Stale::default() },
        };
        let is_remembered = known.revision > 0 && after.sighting.has_counted((claimed, shown));
        let after = match bounds.seen_again {
            Some(every) if is_remembered && change.stale.is_nothing() => {
                apart(store, &change, (&known, &state), after, every, now).await?
            }
            _ => {
                let after = settled(store, &place, after, now).await?;
                change.sighting = Some(SightingChange { known: &known, after: &after });
                store.change_summary(&change).await?;
                after
            }
        };
        if let Some(growth) = &mut growth {
            growth.add(before.as_ref().map(|before| &before.summary.traffic), &summary.traffic);
        }
        projected.names_others |= !after.sighting.names_whom(&known.sighting);
        known = after;
        projected.written += 1;
    }
    if let Some(facts) = facts.filter(|_| projected.full.is_some()) {
        // The summaries were made from more than what counts in the order of today; that it is full is noted all the same.
        let mut after = known.clone();
        after.revision += 1;
        after.sighting.merge(facts);
        let change = SightingChange { known: &known, after: &after };
        store.replace_sighting(uid, source, change).await?;
        projected.names_others |= change.names_others();
    }
    if !sum.removed.is_empty() && !is_told_of(store, organisation, (source, claimed), &sum.removed, sum.count).await? {
        projected.erased += sum.removed.len();
        store.remove_packs(sum.removed.into_iter().map(|(key, _)| key).collect()).await?;
    }
    projected.growth = growth.filter(|_| projected.written > 0);
    Ok(projected)
}

/// Whether a summary may still tell of packs that were removed. Then they stay until the removal has taken it away: it is by the packs
/// that it finds out.
async fn is_told_of(
    store: &Store,
    organisation: &Organisation,
    (source, claimed): (SourceId, Bucket),
    removed: &[(Key, Timestamp)],
    left: i64,
) -> Result<bool, StoreError> {
    let arrivals = removed.iter().map(|(_, received_at)| Bucket::of(*received_at));
    let shown: BTreeSet<Bucket> = arrivals.chain([claimed]).collect();
    for shown in shown {
        let place = SummaryPlace { uid: organisation.uid.clone(), source, claimed, shown };
        if store.summary(&place).await?.is_some_and(|stored| stored.stamp.packs > left) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether `summary` is to be put over what stands there. What was made from more is right already.
fn is_news(before: Option<&StoredSummary>, stamp: Stamp, summary: &Summary) -> bool {
    match before {
        // Nothing is put where nothing stands.
        None => *summary != Summary::default(),
        Some(before) => before.stamp < stamp || (before.stamp == stamp && before.summary != *summary),
    }
}

/// Changes a summary without a transaction, and the sighting before it if that says something new: what it lacks would be lost with the
/// process, while a summary that is missing is made when the change is delivered again. Gives the sighting that is stored then.
///
/// Nothing but the summary's own stamp says that it may be put. Whoever erases or removes something says so first, then changes the
/// sighting: whoever finds it changed afterwards looks whether that is why, takes the summary back, and all is done anew.
async fn apart(
    store: &Store,
    change: &SummaryChange<'_>,
    (known, state): (&StoredSighting, &RebuildState),
    after: StoredSighting,
    every: SignedDuration,
    now: Timestamp,
) -> Result<StoredSighting, StoreError> {
    let SummaryPlace { uid, source, claimed, shown } = change.place;
    let is_new = !known.sighting.is_open((*claimed, *shown)) || after.sighting.is_news(&known.sighting, every);
    let stored = if is_new {
        let after = settled(store, change.place, after, now).await?;
        store.replace_sighting(uid, *source, SightingChange { known, after: &after }).await?;
        after
    } else {
        known.clone()
    };
    store.change_summary(change).await?;
    let found = store.sighting(uid, *source).await?;
    if found.revision == stored.revision {
        return Ok(stored);
    }
    if found.revision > stored.revision && found.erasure == stored.erasure {
        let later = store.rebuild_state(uid).await?;
        if (later.epoch, &later.removed) == (state.epoch, &state.removed) {
            // Another bucket of the same source was projected. What it remembers of this one, if anything, was not settled: that
            // takes longer than has passed since `known` was read.
            return Ok(found);
        }
    }
    if let Some(put) = store.summary(change.place).await?.filter(|put| put.stamp == change.stamp) {
        store.delete_summary(change.place, &put, &change.stale).await?;
    }
    Err(StoreError::overtaken())
}

/// The sighting that goes with a change of a summary.
fn sighted(
    bounds: &Bounds,
    (known, facts): (&StoredSighting, Option<Sighting>),
    (place, before): (&SummaryPlace, Option<&StoredSummary>),
    after: &Summary,
    now: Timestamp,
) -> StoredSighting {
    let mut stored = known.clone();
    stored.revision += 1;
    let nothing = Default::default();
    let before = before.map_or(&nothing, |b| &b.summary.traffic);
    let counted = (place.claimed, place.shown);
    if bounds.seen_again.is_some() {
        stored.sighting.remember(counted, before);
    }
    stored.sighting.count(counted, before, &after.traffic);
    stored.sighting.close(now);
    if let Some(facts) = facts {
        stored.sighting.merge(facts);
    }
    stored
}

/// A sighting of the source of `place` that is about to be written, without the summaries that can be settled.
async fn settled(
    store: &Store,
    place: &SummaryPlace,
    mut stored: StoredSighting,
    now: Timestamp,
) -> Result<StoredSighting, StoreError> {
    while let Some(old) = stored.sighting.to_be_settled(now) {
        let summary = store.summary(&SummaryPlace { claimed: old.0, shown: old.1, ..place.clone() }).await?;
        stored.sighting.settle(old, summary.as_ref().map(|summary| &summary.summary.traffic));
    }
    Ok(stored)
}

/// What a change of a bucket at `now` makes wrong: the stretch that it is in, and days, if they may be closed already.
pub(crate) fn stale(organisation: &Organisation, shown: Bucket, now: Timestamp) -> Stale {
    Stale { days: stale_days(organisation, shown, now), is_in_stretch: stretch::is_marked(shown, now) }
}

/// The day of a bucket, and those whose points of metrics may reach back to it.
fn stale_days(organisation: &Organisation, shown: Bucket, now: Timestamp) -> Vec<Date> {
    let calendar = Calendar::of(organisation);
    let days = calendar.date(shown).series(jiff::Span::new().days(1)).take(1 + REACHED_BACK_FROM);
    days.take_while(|date| calendar.end(*date).plus(DAY_IS_PAST) < now).collect()
}
