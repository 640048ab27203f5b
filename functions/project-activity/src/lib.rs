//! Lambda function: the stream of the Events table in, summaries in the Activity table out.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use model::organisation::{Organisation, Uid};
use model::time::Timestamp;
use serde_json::Value;
use service::projection::growth::close_full;
use service::projection::stream::{Batch, NotAStreamEvent};
use service::projection::{Projected, poison};
use store::{Store, StoreError};

mod projection;
mod wave;

pub use projection::Projection;
use wave::{Done, Trouble, Wave, Work};

/// For how long buckets are begun; what is left is delivered again. Below the function's time limit by more than one may take.
const BEGINNING: Duration = Duration::from_secs(60);

/// For how long lists of people are begun to be put together anew. Twice that is left then before the function's limit.
const KEEPING: Duration = Duration::from_secs(5);

/// Projects what a batch of the stream says has changed, at `now`. The answer names the records that have to be delivered
/// again. What fails again and again is set aside: it is named in health, and a rebuild tries it anew. A record that is of no pack ends in
/// the queue of what was not projected.
///
/// # Errors
/// The event is not one of a DynamoDB stream.
pub async fn handle(projection: &Projection, event: Value, now: Timestamp) -> Result<Value, Error> {
    let batch = Batch::read(&event)?;
    let until = Instant::now() + BEGINNING;
    let mut owners = Owners { store: &projection.store, known: HashMap::new() };
    let mut again = unrecognised(projection, &mut owners, &batch, now).await;
    let mut done = Done::default();
    // What failed before waits for all others, however long it takes this time.
    let (fresh, suspect) = projection.tries.apart(batch.waves());
    for wave in fresh.into_iter().chain(suspect) {
        let mut running = Wave::new(projection, now);
        for (bucket, records) in wave {
            if Instant::now() >= until {
                again.extend(records);
                continue;
            }
            match owners.find(&bucket.0).await {
                Ok(Some(organisation)) => running.begin(Work { organisation, bucket, records }, &mut done).await,
                // An organisation that is not there was erased: nothing of it may show again.
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "an organisation could not be read");
                    again.extend(records);
                }
            }
        }
        running.end(&mut done).await;
    }
    again.extend(settle(projection, done.failed, done.succeeded, now).await);
    account(projection, done.projected, now).await;
    let keeping = projection.rosters.keep(&projection.store, done.renamed, now, Instant::now() + KEEPING);
    match tokio::time::timeout(2 * KEEPING, keeping).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "the people of an organisation could not be listed anew; the schedule does it");
        }
        Err(_) => tracing::warn!("people could not be listed anew in time; the schedule does it"),
    }
    Ok(serde_json::to_value(batch.failures(&again))?)
}

/// Notes the records of the stream that are of no pack.
async fn unrecognised(projection: &Projection, owners: &mut Owners<'_>, batch: &Batch, now: Timestamp) -> Vec<String> {
    let mut failed = Vec::new();
    for (number, owner) in batch.unrecognised() {
        tracing::error!(number, "a record of the stream is of no pack");
        failed.push(number.to_owned());
        if let Some((uid, key)) = owner
            && let Ok(Some(organisation)) = owners.find(&uid).await
        {
            note(poison::record(&projection.store, &organisation, key, now).await);
        }
    }
    failed
}

/// Decides about what failed: the records that have to be delivered again.
async fn settle(
    projection: &Projection,
    failed: Vec<(Work, Trouble)>,
    succeeded: usize,
    now: Timestamp,
) -> Vec<String> {
    let mut again = Vec::new();
    for (Work { organisation, bucket, records }, trouble) in failed {
        let is_set_aside = projection.tries.failed(&bucket, trouble.failure(succeeded > 0), now);
        let mut is_noted = true;
        if is_set_aside || trouble.is_final() {
            let reason = trouble.to_string();
            is_noted = note(poison::bucket(&projection.store, &organisation, (bucket.1, bucket.2), &reason, now).await);
        }
        // Without a note nobody would know of it.
        if is_set_aside && is_noted {
            tracing::error!(%trouble, "a bucket is set aside; a rebuild tries it anew");
        } else {
            again.extend(records);
        }
    }
    again
}

/// Counts what came for the limits of each organisation. That can be done without: a count that is lost lets in a little more.
async fn account(projection: &Projection, projected: Vec<(Work, Projected)>, now: Timestamp) {
    let mut by_owner: HashMap<Uid, (Organisation, Vec<_>, Vec<_>)> = HashMap::new();
    for (Work { organisation, bucket: (uid, source, _), .. }, projected) in projected {
        let (_, growths, full) = by_owner.entry(uid).or_insert_with(|| (organisation, Vec::new(), Vec::new()));
        growths.extend(projected.growth);
        full.extend(projected.full.map(|full| (source, full)));
    }
    for (organisation, growths, full) in by_owner.into_values() {
        if let Err(error) = projection.hours.count(&projection.store, &organisation, &growths, now).await {
            tracing::warn!(%error, "what came could not be counted");
        }
        if !full.is_empty()
            && let Err(error) = close_full(&projection.store, &organisation, &full, now).await
        {
            tracing::warn!(%error, "full buckets could not be marked");
        }
    }
}

/// Why an event could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not an event of a DynamoDB stream.
    #[error(transparent)]
    NotAStreamEvent(#[from] NotAStreamEvent),
    /// The answer could not be written.
    #[error(transparent)]
    Answer(#[from] serde_json::Error),
}

/// The organisations that a batch is about, each read once.
struct Owners<'a> {
    store: &'a Store,
    known: HashMap<Uid, Option<Organisation>>,
}

impl Owners<'_> {
    async fn find(&mut self, uid: &Uid) -> Result<Option<Organisation>, StoreError> {
        if let Some(known) = self.known.get(uid) {
            return Ok(known.clone());
        }
        let owner = self.store.owner(uid).await?;
        self.known.insert(uid.clone(), owner.clone());
        Ok(owner)
    }
}

/// Whether a note was written; one that was not is written when the record is delivered again.
fn note(written: Result<(), StoreError>) -> bool {
    if let Err(error) = &written {
        tracing::warn!(%error, "could not record a poison stream record");
    }
    written.is_ok()
}
