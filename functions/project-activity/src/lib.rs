//! Lambda function: the stream of the Events table in, summaries in the Activity table out.

use std::collections::HashMap;

use serde_json::Value;
use shared::organisation::{Organisation, Uid};
use shared::projection::notice::Batch;
use shared::projection::{ProjectError, project};
use shared::store::Store;
use shared::time::Millis;
use tokio::task::JoinSet;

/// Quarter hours projected at a time.
const PARALLEL: usize = 8;

/// What the function works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// The tables.
    pub store: Store,
}

/// Projects what a batch of the stream says has changed, at `now`. The answer names the records that have to come again.
///
/// # Errors
/// The event is none of a stream: a defect of the configuration, which no repetition repairs.
pub async fn handle(app: &App, event: Value, now: Millis) -> Result<Value, serde_json::Error> {
    let batch: Batch = serde_json::from_value(event)?;
    let mut owners: HashMap<Uid, Option<Organisation>> = HashMap::new();
    let mut failed = Vec::new();
    let mut running = JoinSet::new();
    for ((uid, source, bucket), records) in batch.quarters() {
        if running.len() >= PARALLEL {
            collect(running.join_next().await, &mut failed);
        }
        if !owners.contains_key(&uid) {
            match app.store.owner(&uid).await {
                Ok(owner) => {
                    owners.insert(uid.clone(), owner);
                }
                Err(error) => {
                    tracing::warn!(%error, "an organisation could not be read");
                    failed.extend(records);
                    continue;
                }
            }
        }
        // An organisation that is not there was erased: nothing of it may show again.
        let Some(organisation) = owners.get(&uid).cloned().flatten() else { continue };
        let store = app.store.clone();
        running.spawn(async move {
            let outcome = project(&store, &organisation, source, bucket, now).await;
            (records, outcome.map(|_| ()))
        });
    }
    while !running.is_empty() {
        collect(running.join_next().await, &mut failed);
    }
    serde_json::to_value(batch.failures(&failed))
}

type Done = Option<Result<(Vec<String>, Result<(), ProjectError>), tokio::task::JoinError>>;

fn collect(done: Done, failed: &mut Vec<String>) {
    match done {
        Some(Ok((records, Err(error)))) => {
            tracing::warn!(%error, "a quarter hour could not be projected; it will come again");
            failed.extend(records);
        }
        Some(Ok((_, Ok(())))) | None => {}
        // A panic takes the records' numbers with it: everything comes again.
        Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
    }
}
