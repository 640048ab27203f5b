//! Lambda function: the stream of the Events table in, summaries in the Activity table out.

use std::collections::HashMap;

use serde_json::Value;
use shared::organisation::{Organisation, Uid};
use shared::projection::notice::{Batch, Failures};
use shared::projection::{ProjectError, project};
use shared::store::Store;
use shared::time::Millis;

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
    for ((uid, source, bucket), records) in batch.quarters() {
        let owner = match owners.get(&uid) {
            Some(owner) => Ok(owner.clone()),
            None => app.store.owner(&uid).await.map_err(ProjectError::from),
        };
        let outcome = match owner {
            Ok(owner) => {
                owners.insert(uid, owner.clone());
                match owner {
                    Some(organisation) => project(&app.store, &organisation, source, bucket, now).await.map(|_| ()),
                    // The organisation was erased: nothing of it may show again.
                    None => Ok(()),
                }
            }
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            tracing::warn!(%error, "a quarter hour could not be projected; it will come again");
            failed.extend(records);
        }
    }
    let failures: Failures = batch.failures(&failed);
    serde_json::to_value(failures)
}
