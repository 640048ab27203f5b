//! Puts the roster together.

use std::collections::BTreeMap;
use std::time::Instant;

use super::PAGE;
use crate::people::directory::Directory;
use crate::people::lookup::{GitSide, Lookup};
use model::organisation::Uid;
use model::time::{DAY, SignedDuration, Timestamp};
use store::queries::Queries;
use store::roster::{Hold, Kept, Part, Stored};
use store::{Store, StoreError};

/// Of how many sources or authors a roster is kept: twice as many as an organisation is meant to have people. Those of more sources are
/// mostly invented, and change all the time.
const MOST: usize = 25_000;
/// The same of authors.
const MOST_AUTHORS: usize = 100_000;
/// When a roster is put together again though nothing changed: a function of an earlier release does not count what it changes.
const AGAIN: SignedDuration = DAY;
/// Entries put at a time.
const PARALLEL: usize = 32;

/// Puts the roster together at `now`, unless it is current; says whether it is then.
///
/// # Errors
/// The database failed; the roster is not read until it is put together.
pub async fn keep(store: &Store, uid: &Uid, now: Timestamp, deadline: Instant) -> Result<bool, StoreError> {
    keep_parts(store, uid, &[Part::Users, Part::Authors], now, deadline).await
}

/// Does the same for those whom telemetry knows: who is one person in Git takes long to work out.
///
/// # Errors
/// See [`keep`].
pub async fn keep_users(store: &Store, uid: &Uid, now: Timestamp, deadline: Instant) -> Result<bool, StoreError> {
    keep_parts(store, uid, &[Part::Users], now, deadline).await
}

async fn keep_parts(
    store: &Store,
    uid: &Uid,
    parts: &[Part],
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, StoreError> {
    // First: whatever changes after this makes the roster another one's.
    let state = store.roster_state(uid).await?;
    let is_fresh = |kept: Kept| kept.moves == state.moves && now < kept.at.plus(AGAIN);
    let due: Vec<Part> = parts.iter().filter(|part| !state.kept(**part).is_some_and(is_fresh)).copied().collect();
    if due.is_empty() {
        return Ok(true);
    }
    let Some(hold) = store.hold_roster(uid, now).await? else { return Ok(false) };
    let outcome = keep_due(store, uid, &due, (hold, deadline), (state.moves, now)).await;
    store.let_go_of_roster(uid, hold).await?;
    outcome
}

async fn keep_due(
    store: &Store,
    uid: &Uid,
    due: &[Part],
    time: (Hold, Instant),
    (moves, at): (i64, Timestamp),
) -> Result<bool, StoreError> {
    let directory = Directory::read(store, uid).await?;
    for part in due {
        let (of, entries) = match part {
            Part::Users => users(&directory)?,
            Part::Authors => authors(store, uid, &directory).await?,
        };
        let is_whole = entries.is_some();
        if !put(store, uid, *part, entries.unwrap_or_default(), time).await? {
            return Ok(false);
        }
        store.keep_roster(uid, time.0, *part, Kept { moves, at, of, is_whole }).await?;
    }
    Ok(true)
}

/// The entries of a part by id; none if there are too many, or one is too large.
type Entries = (usize, Option<BTreeMap<String, Stored>>);

fn users(directory: &Directory) -> Result<Entries, StoreError> {
    let sources = directory.sightings().count();
    if sources > MOST {
        return Ok((sources, None));
    }
    let entries = directory.people().map(|person| Stored::of_user(&directory.entry(person)));
    Ok((sources, storable(entries.collect::<Result<_, _>>()?)))
}

async fn authors(store: &Store, uid: &Uid, directory: &Directory) -> Result<Entries, StoreError> {
    let git = GitSide::read(store, uid).await?;
    let authors = git.users().len();
    if authors > MOST_AUTHORS {
        return Ok((authors, None));
    }
    let lookup = Lookup::new(directory, &git).await?;
    Ok((authors, storable(lookup.authors().iter().map(|(id, authors)| Stored::of_authors(id, authors)).collect())))
}

fn storable(entries: Vec<Stored>) -> Option<BTreeMap<String, Stored>> {
    let all = entries.iter().all(Stored::is_storable);
    all.then(|| entries.into_iter().map(|entry| (entry.id.clone(), entry)).collect())
}

/// Brings the entries of a part up to date; false if there was no time for all of it.
async fn put(
    store: &Store,
    uid: &Uid,
    part: Part,
    mut entries: BTreeMap<String, Stored>,
    (hold, deadline): (Hold, Instant),
) -> Result<bool, StoreError> {
    let mut gone = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let known = store.roster(uid, part, after.as_deref(), PAGE).await?;
        for entry in &known {
            match entries.get(&entry.id) {
                Some(right) if right == entry => drop(entries.remove(&entry.id)),
                Some(_) => {}
                None => gone.push(entry.id.clone()),
            }
        }
        let Some(last) = known.into_iter().last() else { break };
        after = Some(last.id);
    }
    let changes = entries.into_values().map(Ok).chain(gone.into_iter().map(Err));
    let writes = changes.map(|change| {
        let (store, uid) = (store.clone(), uid.clone());
        async move {
            if !hold.lasts() || Instant::now() >= deadline {
                return Ok(false);
            }
            match change {
                Ok(entry) => store.put_entry(&uid, part, entry).await?,
                Err(id) => store.delete_entry(&uid, part, &id).await?,
            }
            Ok(true)
        }
    });
    let mut writes = Queries::new(writes.collect(), PARALLEL);
    let mut are_all = true;
    while let Some(is_written) = writes.next().await? {
        are_all &= is_written;
    }
    Ok(are_all)
}
