//! A gateway from start to stop.

use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::embedded::Embedded;
use crate::gateway;
use crate::options::Options;
use crate::start::{StartError, announce, start};

/// How often expired items are removed.
const SWEEP: Duration = Duration::from_secs(600);

/// Starts a gateway, says so on standard output, and serves until SIGTERM or SIGINT.
///
/// # Errors
/// It cannot start, or the listener failed.
pub async fn run(options: Options) -> Result<(), StartError> {
    let failed = |error| StartError::Listen { address: options.listen, error };
    let listener = TcpListener::bind(options.listen).await.map_err(failed)?;
    let listening = listener.local_addr().map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let started = start(&options, listening).await?;
    announce(&started, listening)?;
    tokio::spawn(sweep(started.database.clone()));
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
    };
    gateway::serve(listener, started.handlers.clone(), stop).await.map_err(failed)
}

/// What DynamoDB does in the background: expired items go away.
async fn sweep(database: Embedded) {
    loop {
        tokio::time::sleep(SWEEP).await;
        let database = database.clone();
        match tokio::task::spawn_blocking(move || database.sweep()).await {
            Ok(Ok(removed)) => tracing::debug!(removed, "expired items removed"),
            Ok(Err(error)) => tracing::warn!(%error, "expired items could not be removed"),
            Err(error) => tracing::error!(%error, "expired items could not be removed"),
        }
    }
}
