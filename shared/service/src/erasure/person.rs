//! Erases what something leads to of a person.
//!
//! First the sightings say what is erased, so that a projection under way cannot put back what it read before. Then the summaries are gone
//! through, and how far that is is noted. All packs that a summary names go before it does, since it is by the summary that a later attempt
//! finds them.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::bucket;
use crate::merging::forget::forget;
use crate::people::roster;
use crate::projection::ProjectError;
use model::organisation::{Organisation, Uid};
use model::time::Timestamp;
use store::erasure::{PendingErasure, Stage};
use store::keys;
use store::keys::SummaryPlace;
use store::places::{Place, standing};
use store::summary::Stale;
use store::{Store, StoreError, stretch};
use telemetry::claude::source::SourceId;

/// How often something is read anew because an export of the person was projected meanwhile.
const ATTEMPTS: usize = 12;
/// After how long it is noted how far it is.
const NOTED: Duration = Duration::from_secs(30);

/// Erases until `deadline`, and notes in the erasure how far it is; says whether nothing is left that something leads to.
pub(super) async fn erase(
    store: &Store,
    organisation: &Organisation,
    erasure: &mut PendingErasure,
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let stage = erasure.stage.clone();
    if stage == Stage::Strays {
        return Ok(true);
    }
    let sources = sources_of(erasure);
    let outcome = go_on(store, organisation, (erasure, &sources), now, deadline).await;
    if erasure.stage == stage {
        return outcome;
    }
    // After an error too: what was done is not to be done again.
    let is_noted = store.note_erasure(&organisation.uid, erasure).await;
    let is_done = outcome?;
    Ok(is_noted? && is_done)
}

/// The sources of telemetry that the person is known by.
pub(super) fn sources_of(erasure: &PendingErasure) -> BTreeSet<SourceId> {
    erasure.identities.iter().filter_map(|id| SourceId::parse(id)).collect()
}

async fn go_on(
    store: &Store,
    organisation: &Organisation,
    (erasure, sources): (&mut PendingErasure, &BTreeSet<SourceId>),
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let uid = &organisation.uid;
    for source in sources {
        mark(store, uid, *source, erasure.before).await?;
    }
    let shards: BTreeSet<u8> = sources.iter().map(|source| keys::shard(*source)).collect();
    for shard in shards {
        if !erase_shard(store, organisation, (erasure, sources), shard, now, deadline).await? {
            return Ok(false);
        }
        erasure.stage = Stage::Summaries(Some(Place::start(shard + 1)));
    }
    if !erase_rest(store, organisation, (erasure, sources), now, deadline).await? {
        return Ok(false);
    }
    erasure.stage = Stage::Strays;
    Ok(true)
}

/// Erases what the summaries of a shard lead to, from where the erasure is, and leaves in it where it ended; false if the deadline left
/// some.
async fn erase_shard(
    store: &Store,
    organisation: &Organisation,
    (erasure, sources): (&mut PendingErasure, &BTreeSet<SourceId>),
    shard: u8,
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let (uid, start) = (&organisation.uid, Place::start(shard));
    let from = match &erasure.stage {
        Stage::Summaries(Some(place)) if *place > start => place.clone(),
        _ => start,
    };
    if from.shard > shard {
        return Ok(true);
    }
    let (mut walk, mut noted) = (store.walk(uid, &from, now), Instant::now());
    while !walk.is_through() {
        let Some(items) = walk.next(deadline).await? else { return Ok(false) };
        for item in &items {
            let Some(place) = standing(uid, item)?.map(|standing| standing.place) else { continue };
            if !sources.contains(&place.source) {
                continue;
            }
            if !store.waits_its_turn(deadline).await {
                return Ok(false);
            }
            bucket::erase(store, organisation, (place.source, place.claimed), erasure.before, now).await?;
            forget_summary(store, organisation, &place, now).await?;
            erasure.stage = Stage::Summaries(Some(Place::behind(&place)));
        }
        erasure.stage = Stage::Summaries(Some(walk.place()));
        if noted.elapsed() >= NOTED {
            if !store.note_erasure(uid, erasure).await? {
                return Ok(false);
            }
            noted = Instant::now();
        }
    }
    Ok(true)
}

/// Erases what is not by day.
async fn erase_rest(
    store: &Store,
    organisation: &Organisation,
    (erasure, sources): (&PendingErasure, &BTreeSet<SourceId>),
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let uid = &organisation.uid;
    for (note, source, claimed) in store.damaged_of(uid, sources).await? {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        // First, since what arrived later and cannot be added up is noted again.
        store.delete(note).await?;
        bucket::erase(store, organisation, (source, claimed), erasure.before, now).await?;
    }
    for token_use in store.token_uses(uid).await? {
        if let Some(user) = token_use.user.map(|claim| claim.source()).filter(|user| sources.contains(user)) {
            store.delete(keys::token_use(uid, token_use.generation, user)).await?;
        }
    }
    store.forget_rejections(uid, sources).await?;
    let is_forgotten = store.forget_stretches(uid, sources, now, deadline).await?
        && store.forget_days(uid, sources, now, deadline).await?;
    if !is_forgotten {
        return Ok(false);
    }
    // Last: until then the identities of one person are known to be one.
    let identities = erasure.identities.iter().cloned().collect();
    forget(store, uid, &identities).await?;
    Ok(roster::forget(store, uid, &identities).await?)
}

/// Forgets a summary and the days that it may be in, in any time zone: one that is about to be closed is not put then.
async fn forget_summary(
    store: &Store,
    organisation: &Organisation,
    place: &SummaryPlace,
    now: Timestamp,
) -> Result<(), StoreError> {
    let stale =
        Stale { days: keys::around(keys::utc_date(place.shown)), is_in_stretch: stretch::is_marked(place.shown, now) };
    let mut attempts = 0;
    loop {
        attempts += 1;
        let Some(known) = store.summary(place).await? else { return Ok(()) };
        let erasures = store.sighting(&organisation.uid, place.source).await?.erasure.times;
        // What was projected since was made from what is left.
        if known.stamp.erasures >= erasures {
            return Ok(());
        }
        match store.delete_summary(place, &known, &stale).await {
            // It changed, or another transaction was only in the way: another look tells.
            Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
            outcome => return outcome,
        }
    }
}

/// Says in the sighting of a source what is erased, unless it says so already.
async fn mark(store: &Store, uid: &Uid, source: SourceId, before: Timestamp) -> Result<(), StoreError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let known = store.sighting(uid, source).await?;
        if known.erasure.before >= before {
            return Ok(());
        }
        match store.erase_sighting(uid, source, &known, before).await {
            Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
            outcome => return outcome,
        }
    }
}
