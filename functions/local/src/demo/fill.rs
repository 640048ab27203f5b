//! What was made goes in, in order of arrival, a few exports at a time.

use std::time::{Duration, Instant};

use http::StatusCode;
use model::time::{Timestamp, from_days};
use tokio::task::JoinSet;

use super::stage::{Stage, StageError};
use super::tell;
use crate::journal::Journal;
use demo_data::export::Export;
use demo_data::git;
use demo_data::month::{Month, OVERLAP, ROTATED_BEFORE};

/// Exports on their way at the same time.
const PARALLEL: usize = 16;
/// Exports that are made before they are sent.
const AHEAD: usize = 64;
/// How often is told how far it is.
const TELL: Duration = Duration::from_secs(3);

/// What went in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Filled {
    /// Exports sent.
    pub exports: usize,
    /// Records and points in them.
    pub records: usize,
}

/// Enables the organisation as if it had been so many `days` before `now`, sends all of it, rotates on the way, and merges Git users
/// when all of it shows.
pub(super) async fn fill(
    stage: &Stage,
    journal: &Journal,
    month: Month,
    now: Timestamp,
    days: u32,
) -> Result<Filled, StageError> {
    let begin = now.minus(from_days(days.into()));
    let rotation = now.minus(ROTATED_BEFORE);
    let git_users = git::users(month.people());
    let mut tokens = vec![stage.enable(begin).await?];
    let (made, mut exports) = tokio::sync::mpsc::channel(AHEAD);
    // Making is work for the processor; nobody listens any more if sending broke off.
    let making =
        tokio::task::spawn_blocking(move || month.map(|e| made.blocking_send(e)).take_while(Result::is_ok).count());
    let mut filled = Filled::default();
    let mut sending = JoinSet::new();
    let mut told = Instant::now();
    while let Some(export) = exports.recv().await {
        if export.at >= rotation && tokens.len() == 1 {
            settle(&mut sending, 0).await?;
            tokens.push(stage.rotate(OVERLAP, rotation).await?);
        }
        filled.exports += 1;
        filled.records += export.records;
        if told.elapsed() > TELL {
            told = Instant::now();
            let percent = (export.at.0 - begin.0) * 100 / (now.0 - begin.0).max(1);
            tell(&format!("{percent} % of {days} days, {} exports", filled.exports));
        }
        settle(&mut sending, PARALLEL - 1).await?;
        let index = (export.generation as usize).clamp(1, tokens.len()) - 1;
        let (stage, token) = (stage.clone(), tokens[index].clone());
        sending.spawn(async move { send(&stage, &export, &token).await });
    }
    settle(&mut sending, 0).await?;
    making.await?;
    while journal.waiting() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stage.merge(git_users, now).await?;
    Ok(filled)
}

/// Waits until no more than so many exports are on their way.
async fn settle(sending: &mut JoinSet<Result<(), StageError>>, most: usize) -> Result<(), StageError> {
    while sending.len() > most
        && let Some(sent) = sending.join_next().await
    {
        sent??;
    }
    Ok(())
}

/// A replaced token may be refused: that is somebody's trouble. Anything else is the demo's.
async fn send(stage: &Stage, export: &Export, token: &str) -> Result<(), StageError> {
    match stage.send(export, token).await? {
        StatusCode::OK | StatusCode::UNAUTHORIZED => Ok(()),
        status => {
            let call = format!("POST {}", export.signal.path());
            Err(StageError::Refused { call, status, body: "an export of the demo was not taken".into() })
        }
    }
}
