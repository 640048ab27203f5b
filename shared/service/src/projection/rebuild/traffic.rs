//! What the headers of packs sum up to, from the summaries. A projection only adds differences to it, which are wrong where a summary
//! was lost or damaged.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::Millis;
use store::places::dates;
use store::range::Reading;
use store::{Store, StoreError, keys};
use telemetry::activity::summary::Traffic;
use telemetry::claude::source::SourceId;

/// Queries under way at a time.
const PARALLEL: usize = 32;
/// How often it is counted again because exports were projected meanwhile.
const ATTEMPTS: usize = 5;

/// Puts right what the sightings of an organisation say of the traffic.
///
/// # Errors
/// The database failed, or exports arrive all the time: the next time counts again.
pub(super) async fn recount(store: &Store, uid: &Uid, now: Millis) -> Result<(), StoreError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match attempt(store, uid, now).await {
            Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
            outcome => return outcome,
        }
    }
}

async fn attempt(store: &Store, uid: &Uid, now: Millis) -> Result<(), StoreError> {
    // Before the summaries: whatever changes one of them changes the sighting too, and is seen when this is put.
    let sightings = store.stored_sightings(uid).await?;
    let sums = sums(store, uid, now).await?;
    for (source, mut stored) in sightings {
        let sum = sums.get(&source).cloned().unwrap_or_default();
        if stored.sighting.traffic != sum || !stored.sighting.counted.is_empty() {
            let known = stored.revision;
            (stored.sighting.traffic, stored.revision) = (sum, known + 1);
            stored.sighting.counted.clear();
            store.replace_sighting(uid, source, known, &stored).await?;
        }
    }
    Ok(())
}

async fn sums(store: &Store, uid: &Uid, now: Millis) -> Result<HashMap<SourceId, Traffic>, StoreError> {
    let permits = Arc::new(Semaphore::new(PARALLEL));
    let mut reading = JoinSet::new();
    for date in dates(now) {
        for shard in 0..keys::SHARDS {
            let (store, uid, permits) = (store.clone(), uid.clone(), permits.clone());
            reading.spawn(async move {
                let _permit = permits.acquire_owned().await.map_err(|_| StoreError::bug("permit"))?;
                let whole = (Bucket(0), Bucket(99_999_999));
                let found = store.summaries(&uid, date, shard, whole, Reading::Latest, Millis(0)).await?;
                let traffic = found.into_iter().map(|(_, source, summary)| (source, summary.traffic));
                Ok::<_, StoreError>(traffic.collect::<Vec<_>>())
            });
        }
    }
    let mut sums: HashMap<SourceId, Traffic> = HashMap::new();
    while let Some(found) = reading.join_next().await {
        for (source, traffic) in found.map_err(|error| StoreError::of_task(&error))?? {
            sums.entry(source).or_default().replace(&Traffic::default(), &traffic);
        }
    }
    Ok(sums)
}
