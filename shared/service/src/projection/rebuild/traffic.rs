//! What the headers of packs sum up to, from the summaries. A projection only adds differences to it, which are wrong where a summary
//! was lost or damaged.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use model::organisation::Uid;
use model::time::Timestamp;
use store::places::dates;
use store::sighting::StoredSighting;
use store::{Store, StoreError, keys};
use telemetry::activity::summary::Traffic;
use telemetry::claude::source::SourceId;
use telemetry::sighting::{Counted, Place};

/// Queries under way at a time.
const PARALLEL: usize = 32;
/// How often a source is counted again because exports of it were projected meanwhile.
const ATTEMPTS: usize = 5;

/// What was read of the summaries: the sum of each source, and each summary that a sighting remembers.
#[derive(Debug, Default)]
struct Read {
    sums: HashMap<SourceId, Traffic>,
    remembered: HashMap<(SourceId, Place), Traffic>,
}

/// Puts right what the sightings of an organisation say of the traffic, until `deadline`; says whether all of it is. What is counted
/// already stays right.
///
/// # Errors
/// The database failed, or exports of a source arrive all the time: the next time counts again.
pub(super) async fn recount(store: &Store, uid: &Uid, now: Timestamp, deadline: Instant) -> Result<bool, StoreError> {
    // Before the summaries: whatever is changed in one of them is in the sighting too, or comes by its difference to what is remembered.
    let mut sightings = store.stored_sightings(uid).await?;
    for _ in 0..ATTEMPTS {
        let Some(read) = read(store, uid, &sightings, now, deadline).await? else { return Ok(false) };
        let mut changed = Vec::new();
        for (source, stored) in sightings {
            if Instant::now() >= deadline {
                return Ok(false);
            }
            match correct(store, uid, source, stored, &read).await {
                Err(error) if error.is_conflict() => changed.push(source),
                outcome => outcome?,
            }
        }
        if changed.is_empty() {
            return Ok(true);
        }
        sightings = Vec::new();
        for source in changed {
            sightings.push((source, store.sighting(uid, source).await?));
        }
        // Who has been erased meanwhile has no traffic.
        sightings.retain(|(_, stored)| stored.revision > 0);
    }
    Err(StoreError::overtaken())
}

async fn correct(
    store: &Store,
    uid: &Uid,
    source: SourceId,
    known: StoredSighting,
    read: &Read,
) -> Result<(), StoreError> {
    let sum = read.sums.get(&source).copied().unwrap_or_default();
    let mut right = known.clone();
    right.sighting.recount(sum, |place| read.remembered.get(&(source, place)).copied().unwrap_or_default());
    if right == known {
        return Ok(());
    }
    right.revision += 1;
    store.replace_sighting(uid, source, known.revision, &right).await
}

/// Reads the summaries of these sources; `None` if that takes longer than until `deadline`.
async fn read(
    store: &Store,
    uid: &Uid,
    sightings: &[(SourceId, StoredSighting)],
    now: Timestamp,
    deadline: Instant,
) -> Result<Option<Read>, StoreError> {
    let shards: BTreeSet<u8> = sightings.iter().map(|(source, _)| keys::shard(*source)).collect();
    let places = |(source, stored): &(SourceId, StoredSighting)| {
        let source = *source;
        stored.sighting.counted.iter().map(move |counted| (source, Counted::place(counted))).collect::<Vec<_>>()
    };
    let remembered: Arc<BTreeSet<(SourceId, Place)>> = Arc::new(sightings.iter().flat_map(places).collect());
    let permits = Arc::new(Semaphore::new(PARALLEL));
    let mut reading = JoinSet::new();
    for date in dates(now) {
        for shard in &shards {
            let (store, uid, shard, permits) = (store.clone(), uid.clone(), *shard, permits.clone());
            let remembered = remembered.clone();
            reading.spawn(async move {
                let _permit = permits.acquire_owned().await.map_err(|_| StoreError::bug("permit"))?;
                let mut read = Read::default();
                for (source, place, traffic) in store.traffic(&uid, date, shard).await? {
                    read.sums.entry(source).or_default().replace(&Traffic::default(), &traffic);
                    if remembered.contains(&(source, place)) {
                        read.remembered.insert((source, place), traffic);
                    }
                }
                Ok::<_, StoreError>(read)
            });
        }
    }
    let mut all = Read::default();
    while let Some(found) = reading.join_next().await {
        if Instant::now() >= deadline {
            return Ok(None);
        }
        let found = found.map_err(|error| StoreError::of_task(&error))??;
        for (source, traffic) in found.sums {
            all.sums.entry(source).or_default().replace(&Traffic::default(), &traffic);
        }
        all.remembered.extend(found.remembered);
    }
    Ok(Some(all))
}
