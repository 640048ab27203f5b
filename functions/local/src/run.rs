//! A gateway from start to stop.

use std::time::{Duration, Instant};

use model::time::Millis;
use service::organisations::purge;
use tokio::task::JoinSet;

use crate::callers::Proxies;
use crate::demo;
use crate::embedded::Embedded;
use crate::gateway::{self, Terms};
use crate::options::Options;
use crate::projector;
use crate::start::{StartError, announce, start};
use crate::stop::Stop;

/// How often expired items are removed.
const SWEEP: Duration = Duration::from_secs(600);

/// How long after the start scheduled work is done for the first time.
const FIRST_UPKEEP: Duration = Duration::from_secs(3);

/// How often scheduled work is done: a day is closed three hours after its midnight, and this long after that at the latest.
pub(crate) const UPKEEP: Duration = Duration::from_secs(900);

/// How often purged organisations are looked for. What they left behind is out of sight already.
const ERASE: Duration = Duration::from_secs(15);

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
    let projection = project_activity::App::new(started.handlers.report.store.clone());
    let mut background = JoinSet::new();
    background.spawn(projector::run(projection, started.journal.clone(), started.changes));
    if let Some(days) = options.demo {
        background.spawn(demo::run(started.handlers.clone(), started.journal, days));
    }
    background.spawn(sweep(started.database.clone()));
    background.spawn(erase(started.handlers.rotate_token.clone()));
    background.spawn(upkeep(started.handlers.merge_users.clone()));
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

/// What EventBridge asks for on AWS: what purged organisations left behind is erased.
async fn erase(app: rotate_token::App) {
    loop {
        tokio::time::sleep(ERASE).await;
        // What failed is logged where it failed, and tried again.
        let _ = purge::carry_on(&app.store, &app.secrets, Millis::now()).await;
    }
}

/// What EventBridge asks for on AWS: people are merged, days closed, rebuilds taken further.
async fn upkeep(app: merge_users::App) {
    let mut pause = FIRST_UPKEEP;
    loop {
        tokio::time::sleep(pause).await;
        pause = UPKEEP;
        match merge_users::scheduled(&app, Millis::now(), Instant::now() + UPKEEP).await {
            Ok(tally) => tracing::debug!(?tally, "scheduled work of all organisations"),
            Err(error) => tracing::error!(%error, "scheduled work could not be done"),
        }
    }
}

/// Writes log lines to standard error; the level is `RUST_LOG`'s, or `warn`.
pub fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")))
        .with_target(false)
        .init();
}
