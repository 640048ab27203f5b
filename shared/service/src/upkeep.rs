//! What the clock asks for, for every organisation: what a stolen token sent is removed, people are merged and forgotten, days that are over
//! are closed, a rebuild goes on.

use std::time::Instant;

use crate::erasure;
use crate::merging::run::{Ran, run};
use crate::projection::ProjectError;
use crate::projection::days::close_days;
use crate::projection::rebuild;
use crate::removal;
use model::organisation::{Organisation, State};
use model::time::{HOUR, Millis};
use store::{Store, StoreError};

/// Organisations read at a time.
const PAGE: usize = 100;
/// Chunks of Git users that never came into force are removed after this many milliseconds.
const LEFT_BEHIND: i64 = 24 * HOUR;

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Organisations of which nothing is left to do.
    pub done: usize,
    /// Organisations of which something failed; the next time tries it again.
    pub failed: usize,
    /// Organisations that the deadline left for the next time, in whole or in part.
    pub left: usize,
}

/// How a piece of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Done,
    Left,
    Failed,
}

/// Does all there is to do at `now` for every enabled organisation, until `deadline`. What fails stops nothing else.
///
/// The order turns with the time, so that organisations at the end of the list are not the ones that never get their turn.
///
/// # Errors
/// The list of organisations cannot be read.
pub async fn run_all(store: &Store, now: Millis, deadline: Instant) -> Result<Tally, StoreError> {
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
    let turns = usize::try_from(now.0.div_euclid(HOUR)).unwrap_or_default();
    let first = turns.checked_rem(all.len()).unwrap_or_default();
    all.rotate_left(first);
    let mut tally = Tally::default();
    for organisation in &all {
        match Box::pin(of_organisation(store, organisation, now, deadline)).await {
            End::Done => tally.done += 1,
            End::Left => tally.left += 1,
            End::Failed => tally.failed += 1,
        }
    }
    Ok(tally)
}

/// One piece after the other; the rebuild, which may take the longest, comes last.
async fn of_organisation(store: &Store, organisation: &Organisation, now: Millis, deadline: Instant) -> End {
    let mut end = End::Done;
    for piece in [Piece::Remove, Piece::Forget, Piece::Merge, Piece::Days, Piece::Rebuild] {
        if Instant::now() >= deadline {
            return end.max(End::Left);
        }
        end = end.max(match piece.work(store, organisation, now, deadline).await {
            Ok(true) => End::Done,
            Ok(false) => End::Left,
            Err(error) => {
                tracing::error!(org = %organisation.org, ?piece, %error, "scheduled work failed");
                End::Failed
            }
        });
    }
    end
}

/// What there is to do for an organisation.
#[derive(Debug, Clone, Copy)]
enum Piece {
    Remove,
    Forget,
    Merge,
    Days,
    Rebuild,
}

impl Piece {
    /// Does it; says whether that was all.
    async fn work(
        self,
        store: &Store,
        organisation: &Organisation,
        now: Millis,
        deadline: Instant,
    ) -> Result<bool, ProjectError> {
        let (org, uid) = (&organisation.org, &organisation.uid);
        match self {
            Self::Remove => removal::carry_on(store, organisation, now, deadline).await,
            Self::Forget => {
                let forgotten = erasure::carry_on(store, organisation, now).await?;
                if forgotten > 0 {
                    tracing::info!(%org, forgotten, "people forgotten whom a request had left half forgotten");
                }
                Ok(true)
            }
            Self::Merge => {
                store.sweep_git_sets(uid, &format!("{:014}", now.plus(-LEFT_BEHIND).0.max(0))).await?;
                match run(store, uid, now, deadline).await? {
                    Ran::Done(outcome) => {
                        tracing::info!(%org, merged = outcome.merged, conflicts = outcome.conflicts, "people merged");
                        Ok(true)
                    }
                    Ran::Unfinished => Ok(false),
                }
            }
            Self::Days => {
                let closed = close_days(store, organisation, now, deadline).await?;
                tracing::info!(%org, written = closed.written, opened = closed.opened, "days closed");
                Ok(closed.is_complete)
            }
            Self::Rebuild => {
                let progress = rebuild::carry_on(store, organisation, now, usize::MAX, deadline).await?;
                Ok(progress.is_complete)
            }
        }
    }
}
