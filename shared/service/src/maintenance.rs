//! Work that no request waits for, for every organisation: what requests left unfinished, buckets and days that are over, the list of
//! people, purged organisations, and the daily merge.
//!
//! Each organisation has its share of the time, so that none waits behind another one's trouble, and what others wait for is done for all
//! organisations before anything that may take long is done for one. What fails, panics or does not end in its time is tried again the
//! next time, and stops nothing else.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use model::organisation::{Organisation, State};
use model::time::{HOUR, SignedDuration, Timestamp};
use store::secrets::Secrets;
use store::{Store, StoreError};

use crate::merging::run::{self, RunStatus};
use crate::organisations::error::OrganisationError;
use crate::organisations::purge;
use crate::people::roster;
use crate::projection::days::{are_due, close_days};
use crate::projection::stretches::put_stretches;
use crate::projection::{ProjectError, rebuild};
use crate::share::share;
use crate::{erasure, removal};

/// Organisations read at a time.
const PAGE: usize = 100;
/// Chunks of Git users that never came into force are removed after this long.
const LEFT_BEHIND: SignedDuration = SignedDuration::from_hours(24);
/// For how long a job is waited for that does not end in its time.
const OVERTIME: Duration = Duration::from_secs(5);

/// What came of the work for all organisations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Summary {
    /// Organisations of which nothing is left to do.
    pub done: usize,
    /// Organisations of which something failed; the next time tries it again.
    pub failed: usize,
    /// Organisations that the deadline left for the next time, in whole or in part.
    pub left: usize,
}

impl Summary {
    /// Writes it to the log.
    pub fn log(self) {
        let Self { done, failed, left } = self;
        tracing::info!(done, failed, left, "scheduled work of all organisations");
    }
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum JobOutcome {
    Done,
    Left,
    Failed,
}

/// What there is to do for an organisation.
#[derive(Debug, Clone, Copy)]
enum Job {
    /// Merges people anew.
    Merge,
    /// Finishes removals of what a token sent.
    Remove,
    /// Finishes the erasing of people.
    Erase,
    /// Finishes merge runs that a request left.
    FinishRuns,
    /// Puts buckets that are over together.
    PutStretches,
    /// Closes days that are over.
    CloseDays,
    /// Puts the roster of people together.
    KeepRoster,
    /// Continues a rebuild.
    Rebuild,
}

/// First what others wait for, of every organisation. What may take longest comes last, and has what time the others leave.
const MAINTENANCE: [&[Job]; 2] =
    [&[Job::FinishRuns, Job::PutStretches, Job::CloseDays], &[Job::Remove, Job::Erase, Job::KeepRoster, Job::Rebuild]];

/// Merges the people of every enabled organisation, until `deadline`.
///
/// # Errors
/// The list of organisations cannot be read.
pub async fn merge_all(store: &Store, now: Timestamp, deadline: Instant) -> Result<Summary, StoreError> {
    for_all(store, &[&[Job::Merge, Job::KeepRoster]], now, deadline).await
}

/// Why scheduled work as a whole has to be done again. What fails for one organisation is in the [`Summary`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MaintenanceError {
    /// The list of organisations cannot be read.
    #[error("the organisations cannot be read: {0}")]
    Organisations(#[from] StoreError),
    /// What purged organisations left behind cannot be deleted.
    #[error("what purged organisations left behind cannot be deleted: {0}")]
    Purges(#[source] OrganisationError),
}

/// Does all other work for every enabled organisation until `deadline`, and deletes what purged organisations left behind.
///
/// # Errors
/// Either cannot be done; the other is done all the same.
pub async fn maintain(
    store: &Store,
    secrets: &Secrets,
    now: Timestamp,
    deadline: Instant,
) -> Result<Summary, MaintenanceError> {
    let (done, unfinished) =
        tokio::join!(for_all(store, &MAINTENANCE, now, deadline), purge::carry_on(store, secrets, now, deadline));
    let unfinished = unfinished.map_err(MaintenanceError::Purges)?;
    if unfinished > 0 {
        tracing::info!(unfinished, "purged organisations of which something may be left");
    }
    Ok(done?)
}

/// Does one part of the jobs after the other, each for all organisations. Their order turns with the time, so that none is always the
/// last one.
async fn for_all(store: &Store, parts: &[&[Job]], now: Timestamp, deadline: Instant) -> Result<Summary, StoreError> {
    let mut all = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = store.organisations(after.as_deref(), PAGE).await?;
        let ended = page.len() < PAGE;
        after = page.last().map(|organisation| organisation.org.to_string());
        all.extend(page.into_iter().filter(|organisation| organisation.state == State::Enabled));
        if ended {
            break;
        }
    }
    let turns = usize::try_from(now.count(HOUR)).unwrap_or_default();
    let first = turns.checked_rem(all.len()).unwrap_or_default();
    all.rotate_left(first);
    let mut outcomes = vec![JobOutcome::Done; all.len()];
    for jobs in parts {
        for (done, organisation) in all.iter().enumerate() {
            let own = share(deadline, all.len() - done);
            let outcome = Box::pin(of_organisation(store, organisation, jobs, now, own)).await;
            outcomes[done] = outcomes[done].max(outcome);
        }
    }
    let count = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    Ok(Summary { done: count(JobOutcome::Done), failed: count(JobOutcome::Failed), left: count(JobOutcome::Left) })
}

async fn of_organisation(
    store: &Store,
    organisation: &Organisation,
    jobs: &[Job],
    now: Timestamp,
    deadline: Instant,
) -> JobOutcome {
    let mut outcome = JobOutcome::Done;
    for job in jobs {
        if Instant::now() >= deadline {
            return outcome.max(JobOutcome::Left);
        }
        outcome = outcome.max(match job.contained(store, organisation, now, deadline).await {
            Ok(true) => JobOutcome::Done,
            Ok(false) => JobOutcome::Left,
            Err(error) => {
                tracing::error!(org = %organisation.org, ?job, %error, "scheduled work failed");
                JobOutcome::Failed
            }
        });
    }
    outcome
}

/// Why a job was not done.
#[derive(Debug, thiserror::Error)]
enum JobError {
    /// It failed.
    #[error(transparent)]
    Failed(#[from] ProjectError),
    /// It panicked.
    #[error(transparent)]
    Panicked(StoreError),
    /// It was ended: all of it can be.
    #[error("it did not end in its time")]
    Overdue,
}

impl Job {
    /// Does it in a task of its own, so that neither a panic of it nor that it does not end is anybody else's trouble; says whether that
    /// was all.
    async fn contained(
        self,
        store: &Store,
        organisation: &Organisation,
        now: Timestamp,
        deadline: Instant,
    ) -> Result<bool, JobError> {
        let (own, whose) = (store.clone(), organisation.clone());
        // A set ends its tasks with itself.
        let mut task = JoinSet::new();
        task.spawn(async move { Box::pin(self.work(&own, &whose, now, deadline)).await });
        match tokio::time::timeout_at((deadline + OVERTIME).into(), task.join_next()).await {
            Ok(Some(Ok(outcome))) => Ok(outcome?),
            Ok(Some(Err(error))) => Err(JobError::Panicked(StoreError::of_task(&error))),
            Ok(None) => Ok(true),
            Err(_elapsed) => Err(JobError::Overdue),
        }
    }

    /// Does it; says whether that was all.
    async fn work(
        self,
        store: &Store,
        organisation: &Organisation,
        now: Timestamp,
        deadline: Instant,
    ) -> Result<bool, ProjectError> {
        let (org, uid) = (&organisation.org, &organisation.uid);
        match self {
            Self::Remove => removal::carry_on(store, organisation, now, deadline).await,
            Self::Erase => {
                let (erased, is_complete) = erasure::carry_on(store, organisation, now, deadline).await?;
                if erased > 0 {
                    tracing::info!(%org, erased, "people erased whose erasing a request had left unfinished");
                }
                Ok(is_complete)
            }
            Self::Merge => {
                store.sweep_git_sets(uid, &format!("{:014}", now.minus(LEFT_BEHIND).0.max(0))).await?;
                match run::run(store, uid, now, deadline).await? {
                    RunStatus::Done(outcome) => {
                        tracing::info!(%org, merged = outcome.merged, conflicts = outcome.conflicts, "people merged");
                        Ok(true)
                    }
                    RunStatus::Unfinished => Ok(false),
                }
            }
            Self::FinishRuns => Ok(run::finish(store, uid, now, deadline).await?),
            Self::PutStretches => {
                let put = put_stretches(store, uid, now, deadline).await?;
                tracing::debug!(%org, written = put.written, "buckets put together");
                Ok(put.is_complete)
            }
            Self::CloseDays => {
                if !are_due(store, uid, now).await? {
                    return Ok(true);
                }
                let closed = close_days(store, organisation, now, deadline).await?;
                tracing::info!(%org, written = closed.written, opened = closed.opened, "days closed");
                Ok(closed.is_complete)
            }
            Self::KeepRoster => Ok(roster::keep(store, uid, now, deadline).await?),
            Self::Rebuild => {
                let progress = rebuild::carry_on(store, organisation, now, usize::MAX, deadline).await?;
                Ok(progress.is_complete)
            }
        }
    }
}
