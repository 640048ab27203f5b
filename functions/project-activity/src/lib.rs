//! Lambda function: the stream of the Events table in, summaries in the Activity table out.

use std::collections::HashMap;

use serde_json::Value;
use shared::claude::source::SourceId;
use shared::organisation::{Organisation, Uid};
use shared::pack::group::Bucket;
use shared::projection::notice::{Batch, NoBatch, Quarter};
use shared::projection::{ProjectError, hopeless, project};
use shared::store::Store;
use shared::time::Millis;
use tokio::task::{Id, JoinError, JoinSet};

/// Quarter hours projected at a time.
const PARALLEL: usize = 8;

/// What the function works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// The tables.
    pub store: Store,
}

/// A quarter hour that is being projected, and the records that asked for it.
struct Work {
    organisation: Organisation,
    source: SourceId,
    bucket: Bucket,
    records: Vec<String>,
}

/// Projects what a batch of the stream says has changed, at `now`. The answer names the records that have to come again; those that
/// come again in vain end in the queue of what was not projected, and are named in health from the first time on.
///
/// # Errors
/// The event is none of a stream.
pub async fn handle(app: &App, event: Value, now: Millis) -> Result<Value, Error> {
    let batch = Batch::read(&event)?;
    let mut owners = Owners { store: &app.store, known: HashMap::new() };
    let mut failed = Vec::new();
    for (number, owner) in batch.strange() {
        tracing::error!(number, "a record of the stream is of no pack");
        failed.push(number.to_owned());
        if let Some((uid, key)) = owner
            && let Ok(Some(organisation)) = owners.find(&uid).await
        {
            note(hopeless::record(&app.store, &organisation, key, now).await);
        }
    }
    for round in batch.rounds() {
        failed.extend(project_round(app, &mut owners, round, now).await);
    }
    Ok(serde_json::to_value(batch.failures(&failed))?)
}

/// Projects quarter hours of different sources at a time, and gives back the records that have to come again.
async fn project_round(
    app: &App,
    owners: &mut Owners<'_>,
    round: Vec<(Quarter, Vec<String>)>,
    now: Millis,
) -> Vec<String> {
    let (mut running, mut failed) = (JoinSet::new(), Vec::new());
    let mut works: HashMap<Id, Work> = HashMap::new();
    for ((uid, source, bucket), records) in round {
        if running.len() >= PARALLEL {
            collect(app, running.join_next_with_id().await, &mut works, &mut failed, now).await;
        }
        match owners.find(&uid).await {
            Ok(Some(organisation)) => {
                let store = app.store.clone();
                let work = Work { organisation: organisation.clone(), source, bucket, records };
                let task = running.spawn(async move { project(&store, &organisation, source, bucket, now).await });
                works.insert(task.id(), work);
            }
            // An organisation that is not there was erased: nothing of it may show again.
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "an organisation could not be read");
                failed.extend(records);
            }
        }
    }
    while !running.is_empty() {
        collect(app, running.join_next_with_id().await, &mut works, &mut failed, now).await;
    }
    failed
}

/// Why an event could not be answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is none of a stream.
    #[error(transparent)]
    NoBatch(#[from] NoBatch),
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
    async fn find(&mut self, uid: &Uid) -> Result<Option<Organisation>, shared::store::StoreError> {
        if let Some(known) = self.known.get(uid) {
            return Ok(known.clone());
        }
        let owner = self.store.owner(uid).await?;
        self.known.insert(uid.clone(), owner.clone());
        Ok(owner)
    }
}

type Done = Option<Result<(Id, Result<shared::projection::Projected, ProjectError>), JoinError>>;

async fn collect(app: &App, done: Done, works: &mut HashMap<Id, Work>, failed: &mut Vec<String>, now: Millis) {
    let (id, reason) = match done {
        None => return,
        Some(Ok((id, Ok(_)))) => {
            works.remove(&id);
            return;
        }
        Some(Ok((id, Err(error)))) => {
            match &error {
                // Two quarter hours of one person were projected at once, and one was faster.
                ProjectError::Store(overtaken) if overtaken.is_conflict() => {
                    tracing::debug!(%error, "a quarter hour was overtaken; it will come again");
                }
                _ => tracing::warn!(%error, "a quarter hour could not be projected; it will come again"),
            }
            (id, error.is_hopeless().then(|| error.to_string()))
        }
        // A task that was cancelled belongs to a process that ends: its records come again.
        Some(Err(cancelled)) if cancelled.is_cancelled() => (cancelled.id(), None),
        Some(Err(panicked)) => {
            tracing::error!("a panic while a quarter hour was projected");
            (panicked.id(), Some("a defect of the service".to_owned()))
        }
    };
    let Some(Work { organisation, source, bucket, records }) = works.remove(&id) else { return };
    failed.extend(records);
    if let Some(reason) = reason {
        note(hopeless::quarter(&app.store, &organisation, (source, bucket), &reason, now).await);
    }
}

/// A note that cannot be written is written when the record comes again.
fn note(written: Result<(), shared::store::StoreError>) {
    if let Err(error) = written {
        tracing::warn!(%error, "what cannot be projected could not be noted");
    }
}
