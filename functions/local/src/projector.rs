//! Hands the projection what the journal notes, in events such as Lambda would get from the stream.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use model::time::Timestamp;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use crate::journal::{Change, Journal, failures, stream_event};

/// The most changes of one event. Changes that come while one is handled wait for the next, so a busy gateway handles many
/// changes of the same bucket at once.
const BATCH: usize = 500;
/// How long to wait before changes that could not be projected are handled again.
const AGAIN: Duration = Duration::from_secs(1);

/// Projects until the gateway ends. What failed waits for a moment, and what comes meanwhile does not wait for it.
pub async fn run(app: project_activity::Projection, journal: Arc<Journal>, mut changes: UnboundedReceiver<Change>) {
    let mut failed: Vec<Change> = Vec::new();
    let mut again_at = Instant::now();
    loop {
        let mut batch: Vec<Change> = Vec::new();
        if failed.is_empty() {
            if changes.recv_many(&mut batch, BATCH).await == 0 {
                return;
            }
        } else {
            tokio::select! {
                came = changes.recv_many(&mut batch, BATCH) => if came == 0 { return },
                () = tokio::time::sleep_until(again_at) => batch = failed.drain(..failed.len().min(BATCH)).collect(),
            }
        }
        let again = match project_activity::handle(&app, stream_event(&batch), Timestamp::now()).await {
            Ok(answer) => failures(&answer),
            Err(error) => {
                tracing::error!(%error, "the projection refused an event");
                (0..batch.len()).collect()
            }
        };
        if failed.is_empty() {
            again_at = Instant::now() + AGAIN;
        }
        let again: HashSet<usize> = again.into_iter().collect();
        let (again, done): (Vec<_>, Vec<_>) =
            batch.into_iter().enumerate().partition(|(place, _)| again.contains(place));
        failed.extend(again.into_iter().map(|(_, change)| change));
        let done: Vec<Change> = done.into_iter().map(|(_, change)| change).collect();
        journal.done(&done);
    }
}
