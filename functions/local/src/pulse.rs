//! Whether the database still answers, for whoever asks the gateway how it is.

use std::time::Duration;

use store::Store;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// How long the database may take for the smallest read there is.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long what was found holds: however many ask, the database is asked once in so long.
const HOLDS: Duration = Duration::from_secs(1);

/// The pulse of a database.
#[derive(Debug)]
pub(crate) struct Pulse {
    store: Store,
    found: Mutex<Option<(Instant, bool)>>,
}

impl Pulse {
    pub(crate) fn of(store: Store) -> Self {
        Self { store, found: Mutex::new(None) }
    }

    /// Whether the database answered a moment ago.
    pub(crate) async fn beats(&self) -> bool {
        let mut found = self.found.lock().await;
        if let Some((at, beats)) = *found
            && at.elapsed() < HOLDS
        {
            return beats;
        }
        let beats = matches!(timeout(PATIENCE, self.store.warm_up()).await, Ok(Ok(())));
        *found = Some((Instant::now(), beats));
        beats
    }
}
