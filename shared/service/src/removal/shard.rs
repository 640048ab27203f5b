//! What was sent is taken out of the activity of a shard's sources, from one place in its summaries to another.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use jiff::ToSpan;
use jiff::civil::Date;
use tokio::task::JoinSet;

use super::bucket::{Forgotten, Work};
use super::sighting::{self, Known, Outcome, Told};
use crate::projection::ProjectError;
use crate::share::for_reading;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::places::{Place, StandingSummary, standing};
use store::queries::Queries;
use store::removal::{Haul, RemovalRecord};
use store::sighting::StoredSighting;
use store::{Store, StoreError, keys};
use telemetry::claude::source::SourceId;
use telemetry::sighting::{Fact, Sighting};

/// Sources worked on at a time.
const SOURCES: usize = 8;

/// The sources that may have sent something that is removed, each with the place up to which its packs have been read, and what is told
/// by those that were read since.
type Users = BTreeMap<SourceId, (Option<Place>, Sighting)>;

/// Takes out what the sources of a shard sent, from a place on and until `deadline`, and notes in the removal where it goes on; false if
/// something is left. In memory are a few pages of summaries, and what is told of each of the sources.
pub(super) async fn clear(
    store: &Store,
    organisation: &Organisation,
    removal: &mut RemovalRecord,
    from: Place,
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let (uid, end) = (&organisation.uid, Place::start(from.shard + 1));
    let mut users = users(store, organisation, (removal, &from)).await?;
    if users.is_empty() {
        removal.after = end.write();
        return Ok(true);
    }
    let reading = for_reading(deadline);
    let until = go_through(store, organisation, (removal, &mut users), from.clone(), now, reading).await?;
    if until > from {
        let noted = note(store, organisation, (removal, users), &until, deadline).await?;
        removal.after = noted.unwrap_or(from).write();
        store.put_removal(uid, removal).await?;
    }
    Ok(removal.after == end.write())
}

/// The sources of a shard that may have sent some of it, by what their sightings say of the token. One whose packs have not begun to be
/// read when others have is done.
async fn users(
    store: &Store,
    organisation: &Organisation,
    (removal, from): (&RemovalRecord, &Place),
) -> Result<Users, StoreError> {
    let Haul { generation, from: first, to } = removal.haul;
    let (generation, name, is_start) =
        (generation.to_string(), sighting::name(removal), *from == Place::start(from.shard));
    let used = move |source, StoredSighting { sighting, retold, .. }: StoredSighting| {
        let seen = sighting.facts.find(Fact::Generation, &generation);
        let overlaps = seen.is_some_and(|seen| seen.first < to && seen.last >= first);
        // Of too many tokens, a sighting knows the last ones.
        let may_have = overlaps || (seen.is_none() && sighting.is_full(Fact::Generation));
        let until = retold.get(&name).map(|retold| retold.until.clone());
        (may_have && (is_start || until.is_some())).then_some((source, (until, Sighting::default())))
    };
    Ok(store.sightings_of_shard(&organisation.uid, from.shard, used).await?.into_iter().collect())
}

/// Goes through what the shard shows behind a place until `deadline`; gives the place where it ended.
async fn go_through(
    store: &Store,
    organisation: &Organisation,
    (removal, users): (&mut RemovalRecord, &mut Users),
    from: Place,
    now: Timestamp,
    deadline: Instant,
) -> Result<Place, ProjectError> {
    let uid = &organisation.uid;
    let mut walk = store.walk(uid, &from, now);
    let (mut until, forgotten) = (from, Forgotten::default());
    while !walk.is_through() {
        let Some(items) = walk.next(deadline).await? else { return Ok(until) };
        let mut waiting = VecDeque::new();
        for item in &items {
            let standing = standing(uid, item)?;
            waiting.extend(standing.filter(|standing| is_left(users, &standing.place)));
        }
        drop(items);
        while let Some(first) = waiting.front() {
            if !store.waits_its_turn(deadline).await {
                return Ok(until);
            }
            forget_forgotten(&forgotten, keys::utc_date(first.place.shown)).await;
            let wave = wave(&mut waiting);
            until = wave.last().map_or(until, |last| Place::behind(&last.place));
            let mut running = JoinSet::new();
            for standing in wave {
                let (store, organisation, forgotten) = (store.clone(), organisation.clone(), Arc::clone(&forgotten));
                let (source, haul) = (standing.place.source, removal.haul);
                let work = Work { store, organisation, haul, standing, forgotten, now };
                running.spawn(async move { work.clear().await.map(|packs| (source, packs)) });
            }
            while let Some(cleared) = running.join_next().await {
                let (source, packs) = cleared.map_err(|error| StoreError::of_task(&error))??;
                removal.packs += packs.removed.len() as i64;
                if let Some((_, told)) = users.get_mut(&source) {
                    told.merge(packs.told);
                }
            }
        }
        until = walk.place();
    }
    Ok(until)
}

/// Whether the packs that a summary leads to have not been read.
fn is_left(users: &Users, place: &keys::SummaryPlace) -> bool {
    let until = users.get(&place.source).map(|(until, _)| until);
    until.is_some_and(|until| until.as_ref().is_none_or(|until| *until < Place::behind(place)))
}

/// The next summaries that are worked on at once: no two of the same source, since these wait for each other.
fn wave(waiting: &mut VecDeque<StandingSummary>) -> Vec<StandingSummary> {
    let mut sources = BTreeSet::new();
    let count = waiting.iter().take(SOURCES).take_while(|standing| sources.insert(standing.place.source)).count();
    waiting.drain(..count).collect()
}

/// Drops what was forgotten of days that are long before the one that is gone through.
async fn forget_forgotten(forgotten: &Forgotten, date: Date) {
    let first = date.saturating_sub(2.days());
    forgotten.lock().await.retain(|(date, _)| *date >= first);
}

/// Keeps what was told of the sources up to a place. Gives the place from which it is to go on, if the deadline left none of them.
async fn note(
    store: &Store,
    organisation: &Organisation,
    (removal, users): (&mut RemovalRecord, Users),
    until: &Place,
    deadline: Instant,
) -> Result<Option<Place>, ProjectError> {
    let uid = &organisation.uid;
    let known = Arc::new(Known::read(store, uid).await?);
    let (name, haul) = (sighting::name(removal), removal.haul);
    let all = users.into_iter().map(|(source, (from, sighting))| {
        let (store, uid, name, known) = (store.clone(), uid.clone(), name.clone(), Arc::clone(&known));
        let until = from.clone().filter(|from| from > until).unwrap_or(until.clone());
        let told = Told { source, from, until, sighting };
        async move {
            // Without waiting for a turn: it is part of what was read in one.
            if Instant::now() >= deadline {
                return Ok(None);
            }
            told.take_over(&store, &uid, (&name, haul), &known).await.map(Some)
        }
    });
    let mut noting = Queries::new(all.collect(), SOURCES);
    let (mut next, mut is_left) = (until.clone(), false);
    while let Some(noted) = noting.next().await? {
        match noted {
            Some(Outcome::Noted) => {}
            Some(Outcome::Gone) => removal.sources += 1,
            Some(Outcome::Behind(place)) => next = next.min(place),
            None => is_left = true,
        }
    }
    Ok((!is_left).then_some(next))
}
