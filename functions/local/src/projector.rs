//! Hands the projection what the journal notes, in events such as Lambda would get from the stream.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use shared::time::Millis;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::journal::{Change, Journal, failures, stream_event};

/// The most changes of one event. Changes that come while one is handled wait for the next, so a busy gateway handles many
/// changes of the same quarter hour at once.
const BATCH: usize = 500;
/// How long to wait before changes that could not be projected are handled again.
const AGAIN: Duration = Duration::from_secs(1);

/// Projects until the gateway ends.
pub async fn run(app: project_activity::App, journal: Arc<Journal>, mut changes: UnboundedReceiver<Change>) {
    let mut waiting: Vec<Change> = Vec::new();
    loop {
        if waiting.is_empty() {
            if changes.recv_many(&mut waiting, BATCH).await == 0 {
                return;
            }
        } else {
            tokio::time::sleep(AGAIN).await;
            while waiting.len() < BATCH
                && let Ok(change) = changes.try_recv()
            {
                waiting.push(change);
            }
        }
        let failed = match project_activity::handle(&app, stream_event(&waiting), Millis::now()).await {
            Ok(answer) => failures(&answer),
            Err(error) => {
                tracing::error!(%error, "the projection refused an event");
                (0..waiting.len()).collect()
            }
        };
        let failed: HashSet<usize> = failed.into_iter().collect();
        let (again, done): (Vec<_>, Vec<_>) =
            waiting.into_iter().enumerate().partition(|(place, _)| failed.contains(place));
        waiting = again.into_iter().map(|(_, change)| change).collect();
        let done: Vec<Change> = done.into_iter().map(|(_, change)| change).collect();
        journal.done(&done);
    }
}
