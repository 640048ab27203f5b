//! A gateway from start to stop.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use model::time::Timestamp;
use service::app::App;
use service::maintenance::Summary;
use tokio::task::JoinSet;

use crate::callers::Proxies;
use crate::demo;
use crate::embedded::Embedded;
use crate::gateway::{self, Terms};
use crate::options::Options;
use crate::projector;
use crate::start::{StartError, announce, start};
use crate::stop::{self, Stop};

/// How often expired items are removed.
const SWEEP: Duration = Duration::from_secs(600);

/// How long after the start people are merged for the first time.
const FIRST_MERGE: Duration = Duration::from_secs(3);

/// How often people are merged.
const MERGE: Duration = Duration::from_secs(900);

/// How often it is looked for what requests left unfinished, and for days that are over.
const MAINTENANCE: Duration = Duration::from_secs(15);

/// How long one pass of scheduled work may take.
const PASS: Duration = Duration::from_secs(900);

/// A program that does `work`, such as [`run`], as its command line says, and logs why that could not begin.
#[must_use]
pub fn program<F>(work: impl FnOnce(Options, Stop) -> F) -> ExitCode
where
    F: Future<Output = Result<(), StartError>>,
{
    start_logging();
    let options = Options::parse();
    match stop::lead(|stop| work(options, stop)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts a gateway, says so on standard output, and serves until it is told to stop.
///
/// # Errors
/// It cannot start.
pub async fn run(options: Options, stop: Stop) -> Result<(), StartError> {
    allow_files();
    let failed = |error| StartError::Listen { address: options.listen, error };
    let listener = gateway::listen(options.listen).map_err(failed)?;
    let listening = listener.local_addr().map_err(failed)?;
    let started = start(&options, listening).await?;
    announce(&started, listening)?;
    let projection = project_activity::Projection::new(started.handlers.app.store.clone());
    let mut background = JoinSet::new();
    background.spawn(projector::run(projection, started.journal.clone(), started.changes));
    if let Some(days) = options.demo {
        background.spawn(demo::run(started.handlers.clone(), started.journal, days));
    }
    background.spawn(sweep(started.database.clone()));
    background.spawn(maintenance(started.handlers.app.clone()));
    background.spawn(merges(started.handlers.app.clone()));
    let proxies = Proxies { others: options.trusted_proxies, ..Proxies::default() };
    gateway::serve(listener, started.handlers, Terms { proxies, ..Terms::default() }, stop.told()).await;
    // What is under way there is done again at the next start.
    background.shutdown().await;
    if let Err(error) = started.database.settle().await {
        tracing::warn!(%error, "notes of what is projected stay, so it will be projected once more");
    }
    Ok(())
}

/// Every client keeps a connection, and many systems allow a program 1,024 files unless it asks for more.
fn allow_files() {
    match rlimit::increase_nofile_limit(gateway::FILES) {
        Ok(files) if files >= gateway::FILES => {}
        // Somebody who tries it alone needs no more.
        Ok(files) => tracing::info!(files, "the system allows few open files, and so few connections"),
        Err(error) => tracing::warn!(%error, "the limit of open files stays as it is"),
    }
}

/// What DynamoDB does in the background: expired items go away.
async fn sweep(database: Embedded) {
    loop {
        tokio::time::sleep(SWEEP).await;
        match database.sweep().await {
            Ok(removed) => tracing::debug!(removed, "expired items removed"),
            Err(error) => tracing::warn!(%error, "expired items could not be removed"),
        }
        if let Err(error) = database.settle().await {
            tracing::warn!(%error, "notes of what is projected could not be removed");
        }
    }
}

/// What EventBridge invokes `maintain` for on AWS.
async fn maintenance(app: App) {
    loop {
        tokio::time::sleep(MAINTENANCE).await;
        told(maintain::scheduled(&app, Timestamp::now(), Instant::now() + PASS).await);
    }
}

/// What EventBridge invokes `merge-users` for on AWS.
async fn merges(app: App) {
    let mut pause = FIRST_MERGE;
    loop {
        tokio::time::sleep(pause).await;
        pause = MERGE;
        told(merge_users::scheduled(&app, Timestamp::now(), Instant::now() + PASS).await);
    }
}

fn told<E: std::fmt::Display>(done: Result<Summary, E>) {
    match done {
        Ok(summary) => tracing::debug!(?summary, "scheduled work of all organisations"),
        Err(error) => tracing::error!(%error, "scheduled work could not be done"),
    }
}

/// Writes log lines to standard error; the level is `RUST_LOG`'s, or `warn`.
fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")))
        .with_target(false)
        .init();
}
