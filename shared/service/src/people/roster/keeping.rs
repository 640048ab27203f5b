//! Puts the roster together.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{PAGE, order};
use crate::people::directory::Directory;
use crate::people::lookup::{GitSide, Lookup};
use model::organisation::Uid;
use model::time::{DAY, SignedDuration, Timestamp};
use store::queries::Queries;
use store::roster::{Hold, Kept, Part, RosterState, Shelf, Stored};
use store::{Store, StoreError};

/// Of how many sources or authors a roster is kept: twice as many as an organisation is meant to have people. Those of more sources are
/// mostly invented, and change all the time.
const MOST: usize = 25_000;
/// The same of authors.
const MOST_AUTHORS: usize = 100_000;
/// When a roster is put together again though nothing changed: a function of an earlier release does not count what it changes.
const AGAIN: SignedDuration = DAY;
/// Entries put at a time.
const PARALLEL: usize = 8;

/// Puts the roster together at `now`, unless it is current and was looked at twice; says whether it is current then.
///
/// # Errors
/// The database failed; the roster is not read until it is put together.
pub async fn keep(store: &Store, uid: &Uid, now: Timestamp, deadline: Instant) -> Result<bool, StoreError> {
    keep_parts(store, uid, Scope::Everybody, now, deadline).await
}

/// Puts those together whom telemetry knows, unless they are current: who is one person in Git takes long to work out.
///
/// # Errors
/// See [`keep`].
pub async fn keep_users(store: &Store, uid: &Uid, now: Timestamp, deadline: Instant) -> Result<bool, StoreError> {
    keep_parts(store, uid, Scope::Users, now, deadline).await
}

/// Whose entries are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Those of everybody, until they were looked at twice.
    Everybody,
    /// Those of whom telemetry knows.
    Users,
}

impl Scope {
    /// The parts that are not current.
    fn due(self, state: RosterState, now: Timestamp) -> Vec<Part> {
        let parts = [Part::Users, Part::Authors].into_iter().take(if self == Self::Users { 1 } else { 2 });
        let is_due = |kept: Kept| {
            let is_other = kept.moves != state.moves || (self == Self::Everybody && !kept.is_sure);
            // Of too many it is looked once in so long whether they are fewer.
            (kept.is_whole && is_other) || now >= kept.at.plus(AGAIN)
        };
        parts.filter(|part| state.kept(*part).is_none_or(is_due)).collect()
    }
}

async fn keep_parts(
    store: &Store,
    uid: &Uid,
    scope: Scope,
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, StoreError> {
    if scope.due(store.roster_state(uid).await?, now).is_empty() {
        return Ok(true);
    }
    let Some(hold) = store.hold_roster(uid, Timestamp::now()).await? else { return Ok(false) };
    // Whatever changes after this makes the roster another one's.
    let state = store.roster_state(uid).await?;
    // What was begun has ended by now, whatever came of it: nobody else may write before that.
    let outcome = keep_due(store, uid, &scope.due(state, now), (hold, deadline), (state, now)).await;
    store.let_go_of_roster(uid, hold).await?;
    outcome
}

async fn keep_due(
    store: &Store,
    uid: &Uid,
    due: &[Part],
    time: (Hold, Instant),
    (state, at): (RosterState, Timestamp),
) -> Result<bool, StoreError> {
    if due.is_empty() {
        return Ok(true);
    }
    let directory = Directory::read(store, uid).await?;
    for part in due {
        let (of, right) = match part {
            Part::Users => users(store, uid, &directory).await?,
            Part::Authors => authors(store, uid, &directory).await?,
        };
        let kept = Kept { moves: state.moves, at, of, is_whole: right.is_some(), is_sure: false };
        let (entries, order) = right.unwrap_or_default();
        let mut changes = Vec::new();
        for (shelf, right) in [(Shelf::Entries(*part), entries), (Shelf::Order(*part), order)] {
            changes.extend(differences(store, uid, shelf, right).await?);
        }
        let before = state.kept(*part).filter(|before| before.moves == state.moves);
        if let Some(before) = before.filter(|_| !changes.is_empty()) {
            // It was thought to be current, and is not while it changes.
            store.keep_roster(uid, time.0, *part, Kept { moves: -1, ..before }).await?;
        }
        if !put(store, uid, changes, time).await? {
            return Ok(false);
        }
        store.keep_roster(uid, time.0, *part, Kept { is_sure: before.is_some(), ..kept }).await?;
    }
    Ok(true)
}

/// What is to lie on a shelf, by id.
type Right = BTreeMap<String, Stored>;
/// The entries of a part and its order; none if there are too many, or one is too large.
type Shelves = (usize, Option<(Right, Right)>);

async fn users(store: &Store, uid: &Uid, directory: &Directory) -> Result<Shelves, StoreError> {
    let sources = directory.sightings().count();
    if sources > MOST {
        return Ok((sources, None));
    }
    let suggestions = store.suggestions(uid, None, usize::MAX).await?;
    let entries = directory.people().map(|person| Stored::of_user(&directory.entry(person)));
    Ok((sources, storable(entries.collect::<Result<_, _>>()?, order::of_users(directory, &suggestions))))
}

async fn authors(store: &Store, uid: &Uid, directory: &Directory) -> Result<Shelves, StoreError> {
    let git = GitSide::read(store, uid).await?;
    let authors = git.users().len();
    if authors > MOST_AUTHORS {
        return Ok((authors, None));
    }
    let lookup = Lookup::new(directory, &git).await?;
    let entries = lookup.authors().iter().map(|(id, authors)| Stored::of_authors(id, authors)).collect();
    Ok((authors, storable(entries, order::of_authors(lookup.authors()))))
}

fn storable(entries: Vec<Stored>, order: Vec<Stored>) -> Option<(Right, Right)> {
    let by_id = |stored: Vec<Stored>| stored.into_iter().map(|stored| (stored.id.clone(), stored)).collect();
    entries.iter().chain(&order).all(Stored::is_storable).then(|| (by_id(entries), by_id(order)))
}

/// What is to be put on a shelf, or taken from it by its id.
type Change = (Shelf, Result<Stored, String>);

/// What differs between what lies on a shelf and what is right.
async fn differences(store: &Store, uid: &Uid, shelf: Shelf, mut right: Right) -> Result<Vec<Change>, StoreError> {
    let mut gone = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let known = store.roster(uid, shelf, after.as_deref(), PAGE).await?;
        for entry in &known {
            match right.get(&entry.id) {
                Some(same) if same == entry => drop(right.remove(&entry.id)),
                Some(_) => {}
                None => gone.push(entry.id.clone()),
            }
        }
        let Some(last) = known.into_iter().last() else { break };
        after = Some(last.id);
    }
    Ok(right.into_values().map(Ok).chain(gone.into_iter().map(Err)).map(|change| (shelf, change)).collect())
}

/// Makes changes; false if there was no time for all of them. All that it began has ended when it ends, also if one fails.
async fn put(
    store: &Store,
    uid: &Uid,
    changes: Vec<Change>,
    (hold, deadline): (Hold, Instant),
) -> Result<bool, StoreError> {
    let writes = changes.into_iter().map(|(shelf, change)| {
        let (store, uid) = (store.clone(), uid.clone());
        async move {
            if !store.waits_its_turn(deadline).await || !hold.lasts() {
                return Ok(false);
            }
            match change {
                Ok(entry) => store.put_entry(&uid, shelf, entry).await?,
                Err(id) => store.delete_entry(&uid, shelf, &id).await?,
            }
            Ok(true)
        }
    });
    let mut writes = Queries::new(writes.collect(), PARALLEL);
    let (mut are_all, mut failed) = (true, None);
    loop {
        match writes.next().await {
            Ok(Some(is_written)) => are_all &= is_written,
            Ok(None) => return failed.map_or(Ok(are_all), Err),
            Err(error) => failed = failed.or(Some(error)),
        }
    }
}
