//! `DELETE …/activity?token_generation=&from=&to=`: takes out what came with one token, so that numbers and people are as if it had never
//! come. A stolen token is rotated first; as long as it is good, what is removed can be sent again.
//!
//! `from` and `to` are times of arrival, for a thief chooses the times that records claim. What arrived with other tokens, or at other times,
//! stays. What expired as events has no token any more, and stays as it was added up.
//!
//! * A removal is written down, then told to every projection: whatever is projected from then on leaves out what is removed, also what
//!   comes late.
//! * `source` takes it out of the activity of one source after the other; how far it is is noted, and the next request or the schedule
//!   continues from there.
//! * In the end people are merged anew. The schedule looks once more, for what was being projected when it was asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinSet;

use crate::merging::forget::forget;
use crate::merging::run::{RunStatus, run};
use crate::projection::ProjectError;
use model::organisation::Organisation;
use model::time::{SignedDuration, Timestamp};
use store::keys;
use store::removal::{Haul, RemovalRecord};
use store::sighting::StoredSighting;
use store::summary::StandingSummary;
use store::{Store, StoreError};
use telemetry::claude::source::SourceId;
use telemetry::sighting::Fact;

pub mod ask;
pub mod view;

mod source;

/// Sources worked on at a time.
const SOURCES: usize = 8;
/// Sources after which it is noted how far a removal is, and looked whether there is time left.
const NOTED: usize = 16;
/// How often everybody is looked at.
const ROUNDS: i64 = 2;
/// After how long nothing is under way any more that did not know of a removal when it began.
const SETTLED: SignedDuration = SignedDuration::from_secs(60);

/// Goes on with a removal until `deadline`, and gives it as it then is.
///
/// # Errors
/// See [`ProjectError`]; the next time continues where this one ended.
pub async fn go_on(
    store: &Store,
    organisation: &Organisation,
    mut removal: RemovalRecord,
    now: Timestamp,
    deadline: Instant,
) -> Result<RemovalRecord, ProjectError> {
    let uid = &organisation.uid;
    store.leave_out(uid, removal.haul).await?;
    for shard in 0..keys::SHARDS {
        if !clear_shard(store, organisation, &mut removal, shard, now, deadline).await? {
            return Ok(removal);
        }
    }
    // Whoever is about to make people of what is gone begins anew, and whoever was made of it is nobody.
    forget(store, uid, &BTreeSet::new()).await?;
    if run(store, uid, now, deadline).await? == RunStatus::Unfinished {
        return Ok(removal);
    }
    (removal.after, removal.rounds) = (String::new(), removal.rounds + 1);
    removal.finished_at.get_or_insert(now);
    store.put_removal(uid, &removal).await?;
    Ok(removal)
}

/// Goes on with the removals of an organisation until `deadline`; says whether nothing is left to do.
///
/// # Errors
/// See [`ProjectError`]; the next time continues where this one ended.
pub async fn carry_on(
    store: &Store,
    organisation: &Organisation,
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let mut is_complete = true;
    for removal in store.removals(&organisation.uid).await? {
        let is_due = match removal.finished_at {
            None => true,
            Some(finished) => removal.rounds < ROUNDS && finished.plus(SETTLED) <= now,
        };
        if is_due {
            let rounds = removal.rounds;
            is_complete &= go_on(store, organisation, removal, now, deadline).await?.rounds > rounds;
        }
    }
    Ok(is_complete)
}

/// Takes out what the sources of a shard sent; false if the deadline left some of them.
async fn clear_shard(
    store: &Store,
    organisation: &Organisation,
    removal: &mut RemovalRecord,
    shard: u8,
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let uid = &organisation.uid;
    let name = |source: &SourceId| format!("{shard:02}#{}", source.encoded());
    if format!("{shard:02}#~") < removal.after {
        return Ok(true);
    }
    let mut users = users(store, organisation, removal.haul, shard).await?;
    users.retain(|source| name(source) > removal.after);
    if users.is_empty() {
        return Ok(true);
    }
    users.sort_by_cached_key(SourceId::encoded);
    let mut places: BTreeMap<SourceId, Vec<StandingSummary>> = BTreeMap::new();
    for standing in store.places_of(uid, &users.iter().copied().collect(), now).await? {
        places.entry(standing.place.source).or_default().push(standing);
    }
    let known = Arc::new(source::Known::read(store, uid).await?);
    let marks = Arc::new(Mutex::new(()));
    for some in users.chunks(NOTED) {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        let mut running = JoinSet::new();
        let permits = Arc::new(Semaphore::new(SOURCES));
        for source in some {
            let work = source::Work {
                store: store.clone(),
                organisation: organisation.clone(),
                haul: removal.haul,
                source: *source,
                standing: places.remove(source).unwrap_or_default(),
                known: Arc::clone(&known),
                marks: Arc::clone(&marks),
                now,
                deadline,
            };
            let permits = Arc::clone(&permits);
            running.spawn(async move {
                let _permit = permits.acquire_owned().await.map_err(|_| StoreError::bug("permit"))?;
                work.clear().await
            });
        }
        let mut is_left = false;
        while let Some(cleared) = running.join_next().await {
            let cleared = cleared.map_err(|error| StoreError::of_task(&error))??;
            removal.packs += cleared.packs;
            removal.sources += i64::from(cleared.is_gone);
            is_left |= cleared.is_left;
        }
        if !is_left {
            removal.after = some.last().map(name).unwrap_or_default();
        }
        store.put_removal(uid, removal).await?;
        if is_left {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The sources of a shard that may have sent some of it, by what their sightings say of the token.
async fn users(store: &Store, organisation: &Organisation, haul: Haul, shard: u8) -> Result<Vec<SourceId>, StoreError> {
    let generation = haul.generation.to_string();
    let used = move |source, StoredSighting { sighting, .. }: StoredSighting| {
        let seen = sighting.facts.find(Fact::Generation, &generation);
        let overlaps = seen.is_some_and(|seen| seen.first < haul.to && seen.last >= haul.from);
        // Of too many tokens, a sighting knows the last ones.
        (overlaps || (seen.is_none() && sighting.is_full(Fact::Generation))).then_some(source)
    };
    store.sightings_of_shard(&organisation.uid, shard, used).await
}
