//! `cargo run --release`: the whole service on one machine.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use local::embedded::Embedded;
use local::gateway;
use local::options::Options;
use local::start::{StartError, announce, start};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How often expired items are removed.
const SWEEP: Duration = Duration::from_secs(600);

#[tokio::main]
async fn main() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")))
        .with_target(false)
        .init();
    match run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), StartError> {
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
