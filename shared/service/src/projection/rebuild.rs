//! Everything again, from the events: after a repair of the projection, a change of an organisation's identity attributes, or a loss of
//! the derived items. The outcome is what projecting one by one would have made.
//!
//! It goes through the Events table and not by the keys of the summaries, for it is also the remedy where a summary is missing: after
//! records of the stream were given up, or a summary was lost, nothing but the table tells that there are packs. That reads what is of
//! other organisations, too, and so it is done in pieces, each a page of the table, with a place to go on from, at the pace of the
//! [background](store::pace), and after all that others wait for: it fits any memory and any time limit. In the end what the headers of
//! packs sum up to is counted anew, in pieces as well.
//!
//! Summaries whose packs have expired stay as they are.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::{ProjectError, poison};
use model::bucket::Bucket;
use model::organisation::{Organisation, Uid};
use model::time::Timestamp;
use store::keys::{Key, SHARDS, read_pack};
use store::range::Reading;
use store::rebuild::RebuildState;
use store::sweep::{Sweep, Table};
use store::{Store, StoreError};
use telemetry::claude::source::SourceId;
use tokio::task::JoinSet;

mod traffic;
pub mod view;

/// Buckets projected at a time: as many of the largest that may be as fit the functions that do it.
const PARALLEL: usize = 8;
/// After how long it is noted how far a rebuild is, within a page.
const NOTED: Duration = Duration::from_secs(30);

/// What was done of a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Buckets projected.
    pub projected: usize,
    /// Whether nothing is left to do.
    pub is_complete: bool,
}

/// Asks for a rebuild at `now`; one that is on its way is not begun anew.
pub async fn begin(store: &Store, uid: &Uid, now: Timestamp) -> Result<RebuildState, StoreError> {
    let known = store.rebuild_state(uid).await?;
    if known.after.is_some() {
        return Ok(known);
    }
    let begun = RebuildState {
        epoch: known.epoch + 1,
        after: Some(String::new()),
        projected: 0,
        started_at: Some(now),
        finished_at: None,
        removed: Vec::new(),
    };
    match store.put_rebuild_state(uid, &begun, known.epoch).await {
        // Somebody else asked for it in the same moment.
        Err(error) if error.is_conflict() => store.rebuild_state(uid).await,
        outcome => {
            outcome?;
            // What was damaged then is found again if it still is.
            store.forget_damaged(uid).await?;
            Ok(begun)
        }
    }
}

/// Goes on with the rebuild of an organisation, if one is on its way, by at most `most` buckets and until `deadline`.
///
/// # Errors
/// See [`ProjectError`]; the next time continues where this one ended.
pub async fn carry_on(
    store: &Store,
    organisation: &Organisation,
    now: Timestamp,
    most: usize,
    deadline: Instant,
) -> Result<Progress, ProjectError> {
    let uid = &organisation.uid;
    let mut state = store.rebuild_state(uid).await?;
    if state.after.is_none() {
        return Ok(Progress { projected: 0, is_complete: true });
    }
    let mut projected = 0;
    let outcome = go_on(store, organisation, (&mut state, &mut projected), now, most, deadline).await;
    if let Ok(true) = outcome {
        (state.after, state.finished_at) = (None, Some(now));
    }
    // After an error too: what was done is not to be done again.
    let noted = note(store, uid, &state).await;
    let is_through = outcome?;
    Ok(Progress { projected, is_complete: noted? && is_through })
}

/// Where a rebuild goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// After this key of the Events table; at its beginning without one.
    Events(Option<Key>),
    /// With counting the traffic of the sources of this shard, from this bucket on.
    Traffic(u8, Bucket),
}

impl Place {
    /// As it is noted. No key of a pack has a line break, and none is empty.
    fn write(&self) -> String {
        match self {
            Self::Events(None) => String::new(),
            Self::Events(Some(key)) => format!("{}\n{}", key.pk, key.sk),
            Self::Traffic(shard, from) => format!("\n{shard}\n{}", from.0),
        }
    }

    /// What was noted; the beginning for what an earlier release noted.
    fn read(noted: &str) -> Self {
        match noted.split_once('\n') {
            Some(("", of)) => {
                let (shard, from) = of.split_once('\n').unwrap_or((of, "0"));
                let place = shard.parse().ok().zip(from.parse().ok());
                place.map_or(Self::Events(None), |(shard, from)| Self::Traffic(shard, Bucket(from)))
            }
            Some((pk, sk)) => Self::Events(Some(Key { pk: pk.into(), sk: sk.into() })),
            None => Self::Events(None),
        }
    }
}

/// Goes on from where `state` is, and leaves there where it ended; says whether nothing is left.
async fn go_on(
    store: &Store,
    organisation: &Organisation,
    (state, projected): (&mut RebuildState, &mut usize),
    now: Timestamp,
    most: usize,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let uid = &organisation.uid;
    let (first, from) = match Place::read(state.after.as_deref().unwrap_or_default()) {
        Place::Events(after) => {
            if !project_events(store, organisation, (state, projected), after, now, most, deadline).await? {
                return Ok(false);
            }
            (0, Bucket(0))
        }
        Place::Traffic(shard, from) => (shard, from),
    };
    for shard in first..SHARDS {
        let mut from = if shard == first { from } else { Bucket(0) };
        state.after = Some(Place::Traffic(shard, from).write());
        if !note(store, uid, state).await? {
            return Ok(false);
        }
        let counted = traffic::recount(store, (uid, state.epoch), (shard, &mut from), now, deadline).await;
        state.after = Some(Place::Traffic(shard, from).write());
        if !counted? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Projects what the Events table has after the key `after`; says whether that was all.
async fn project_events(
    store: &Store,
    organisation: &Organisation,
    (state, projected): (&mut RebuildState, &mut usize),
    mut after: Option<Key>,
    now: Timestamp,
    most: usize,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let uid = &organisation.uid;
    let sweep = Sweep { table: Table::Events, uid, reading: Reading::Latest, alive_at: Some(now) };
    let mut noted = Instant::now();
    loop {
        let Some(page) = store.sweep(&sweep, after.clone(), deadline).await? else { return Ok(false) };
        let buckets = buckets(uid, &page.keys, after.as_ref());
        let mut left = &buckets[..];
        while !left.is_empty() {
            if *projected >= most || !store.waits_its_turn(deadline).await {
                return Ok(false);
            }
            let (wave, rest) = left.split_at(wave(left).min(most - *projected));
            again_at_once(store, organisation, wave, now).await?;
            *projected += wave.len();
            state.projected += wave.len() as i64;
            state.after = wave.last().map(|bucket| Place::Events(Some(bucket.last.clone())).write());
            left = rest;
            // A page may have thousands of buckets.
            if noted.elapsed() >= NOTED && !note_at(store, uid, state, &mut noted).await? {
                return Ok(false);
            }
        }
        after = page.next;
        if after.is_none() {
            return Ok(true);
        }
        state.after = Some(Place::Events(after.clone()).write());
        if !note_at(store, uid, state, &mut noted).await? {
            return Ok(false);
        }
    }
}

/// A bucket of a source, and the last of its keys in a page.
struct PageBucket {
    source: SourceId,
    bucket: Bucket,
    last: Key,
}

/// The buckets of a page, of which the keys of each are beside each other. One that began in the page before is done.
fn buckets(uid: &Uid, page: &[Key], after: Option<&Key>) -> Vec<PageBucket> {
    let partitions = page.chunk_by(|one, other| one.pk == other.pk);
    let new = partitions.filter(|keys| after.is_none_or(|after| after.pk != keys[0].pk));
    let buckets = new.filter_map(|keys| {
        let (last, read) = keys.iter().filter_map(|key| Some((key, read_pack(uid, key)?))).next_back()?;
        Some(PageBucket { source: read.source, bucket: read.bucket, last: last.clone() })
    });
    buckets.collect()
}

/// How many of the first buckets are projected at once: none of the same source, since these wait for each other.
fn wave(left: &[PageBucket]) -> usize {
    let mut sources = BTreeSet::new();
    left.iter().take(PARALLEL).take_while(|bucket| sources.insert(bucket.source)).count()
}

async fn again_at_once(
    store: &Store,
    organisation: &Organisation,
    wave: &[PageBucket],
    now: Timestamp,
) -> Result<(), ProjectError> {
    let mut running = JoinSet::new();
    for PageBucket { source, bucket, .. } in wave {
        let (store, organisation, bucket) = (store.clone(), organisation.clone(), (*source, *bucket));
        running.spawn(async move { poison::project_or_note(&store, &organisation, bucket, now).await });
    }
    while let Some(done) = running.join_next().await {
        done.map_err(|error| StoreError::of_task(&error))??;
    }
    Ok(())
}

/// Notes how far it is; false if it was finished or a later one was begun meanwhile.
async fn note(store: &Store, uid: &Uid, state: &RebuildState) -> Result<bool, StoreError> {
    match store.put_rebuild_state(uid, state, state.epoch).await {
        Err(error) if error.is_conflict() => Ok(false),
        outcome => outcome.map(|()| true),
    }
}

/// The same, and notes when.
async fn note_at(store: &Store, uid: &Uid, state: &RebuildState, noted: &mut Instant) -> Result<bool, StoreError> {
    *noted = Instant::now();
    note(store, uid, state).await
}
