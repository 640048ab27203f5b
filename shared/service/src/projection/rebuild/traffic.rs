//! What the headers of packs sum up to, from the summaries. A projection only adds differences to it, which are wrong where a summary
//! was lost or damaged.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Instant;

use model::organisation::Uid;
use model::time::Timestamp;
use store::places::dates;
use store::queries::Queries;
use store::sighting::{SightingChange, StoredSighting};
use store::{Store, StoreError};
use telemetry::activity::summary::Traffic;
use telemetry::claude::source::SourceId;
use telemetry::sighting::{Counted, Place};

/// Queries under way at a time.
const PARALLEL: usize = 8;
/// How often a source is counted again because exports of it were projected meanwhile.
const ATTEMPTS: usize = 5;

/// What was read of the summaries: the sum of each source, and each summary that a sighting remembers.
#[derive(Debug, Default)]
struct Read {
    sums: HashMap<SourceId, Traffic>,
    remembered: HashMap<(SourceId, Place), Traffic>,
}

/// Puts right what the sightings of a shard say of the traffic, until `deadline`; says whether all of it is. What is counted already stays
/// right. In memory are the sightings of the shard, and a page of its summaries for each query.
///
/// # Errors
/// The database failed, or exports of a source arrive all the time: the next time counts again.
pub(super) async fn recount(
    store: &Store,
    uid: &Uid,
    shard: u8,
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, StoreError> {
    // Before the summaries: whatever is changed in one of them is in the sighting too, or comes by its difference to what is remembered.
    let mut sightings = store.sightings_of_shard(uid, shard, |source, stored| Some((source, stored))).await?;
    for _ in 0..ATTEMPTS {
        let Some(read) = read(store, uid, (shard, &sightings), now, deadline).await? else { return Ok(false) };
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
    store.replace_sighting(uid, source, SightingChange { known: &known, after: &right }).await
}

/// Reads the summaries of these sources of a shard; `None` if that takes longer than until `deadline`.
async fn read(
    store: &Store,
    uid: &Uid,
    (shard, sightings): (u8, &[(SourceId, StoredSighting)]),
    now: Timestamp,
    deadline: Instant,
) -> Result<Option<Read>, StoreError> {
    let places = |(source, stored): &(SourceId, StoredSighting)| {
        let source = *source;
        stored.sighting.counted.iter().map(move |counted| (source, Counted::place(counted))).collect::<Vec<_>>()
    };
    let wanted: Arc<BTreeSet<SourceId>> = Arc::new(sightings.iter().map(|(source, _)| *source).collect());
    let remembered: Arc<BTreeSet<(SourceId, Place)>> = Arc::new(sightings.iter().flat_map(places).collect());
    let days = dates(now).map(|date| {
        let (store, uid) = (store.clone(), uid.clone());
        let (wanted, remembered) = (wanted.clone(), remembered.clone());
        async move {
            if !store.waits_its_turn(deadline).await {
                return Ok(None);
            }
            let mut read = Read::default();
            for (source, place, traffic) in store.traffic(&uid, date, shard).await? {
                if wanted.contains(&source) {
                    read.sums.entry(source).or_default().replace(&Traffic::default(), &traffic);
                }
                if remembered.contains(&(source, place)) {
                    read.remembered.insert((source, place), traffic);
                }
            }
            Ok(Some(read))
        }
    });
    let (mut reading, mut all) = (Queries::new(days.collect(), PARALLEL), Read::default());
    while let Some(found) = reading.next().await? {
        let Some(found) = found.filter(|_| Instant::now() < deadline) else { return Ok(None) };
        for (source, traffic) in found.sums {
            all.sums.entry(source).or_default().replace(&Traffic::default(), &traffic);
        }
        all.remembered.extend(found.remembered);
    }
    Ok(Some(all))
}
