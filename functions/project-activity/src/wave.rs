//! Buckets of different sources, projected several at a time: each in a task of its own, so that a panic ends it alone.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use model::organisation::{Organisation, Uid};
use model::time::Timestamp;
use service::projection::poison::DEFECT;
use service::projection::stream::SourceBucket;
use service::projection::tries::Failure;
use service::projection::{ProjectError, Projected, project_within};
use tokio::task::{Id, JoinSet};

use crate::projection::Projection;

/// Buckets projected at a time: as many of the largest that may be as fit the function, of 1 GB, with room for a batch.
const PARALLEL: usize = 10;
/// How long one may take: many times what the largest takes that may be.
const LONGEST: Duration = Duration::from_secs(45);

/// A bucket that is being projected, and the records that asked for it.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) organisation: Organisation,
    pub(crate) bucket: SourceBucket,
    pub(crate) records: Vec<String>,
}

/// What became of all that was begun.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) projected: Vec<(Work, Projected)>,
    pub(crate) failed: Vec<(Work, Trouble)>,
    pub(crate) succeeded: usize,
    /// Organisations of which a source names others than before.
    pub(crate) renamed: BTreeSet<Uid>,
}

/// Why a bucket was not projected.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// As the projection says.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// It did not end in time.
    #[error("it takes too long")]
    Slow,
    /// It panicked.
    #[error("{}", DEFECT)]
    Panic,
    /// The process ends before it is done.
    #[error("the process ends")]
    Ended,
}

impl Trouble {
    /// Whether trying again will not help.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Project(error) => error.is_hopeless(),
            Self::Slow | Self::Panic => true,
            Self::Ended => false,
        }
    }

    /// What it says about the next try. If nothing else succeeded, it is the database that is in trouble.
    pub(crate) fn failure(&self, others_succeeded: bool) -> Failure {
        match self {
            trouble if trouble.is_final() => Failure::Final,
            Self::Project(ProjectError::Version(_)) => Failure::Alone,
            Self::Ended => Failure::Passing,
            _ if others_succeeded => Failure::Alone,
            _ => Failure::Passing,
        }
    }
}

/// A wave of buckets.
pub(crate) struct Wave<'a> {
    projection: &'a Projection,
    now: Timestamp,
    running: JoinSet<Result<Projected, Trouble>>,
    works: HashMap<Id, Work>,
}

impl<'a> Wave<'a> {
    pub(crate) fn new(projection: &'a Projection, now: Timestamp) -> Self {
        Self { projection, now, running: JoinSet::new(), works: HashMap::new() }
    }

    /// Begins a bucket, as soon as there is room for it.
    pub(crate) async fn begin(&mut self, work: Work, done: &mut Done) {
        if self.running.len() >= PARALLEL {
            self.collect(done).await;
        }
        let (projection, now) = (self.projection.clone(), self.now);
        let (organisation, (_, source, bucket)) = (work.organisation.clone(), work.bucket.clone());
        let task = self.running.spawn(async move {
            let projecting = project_within(&projection.bounds, &projection.store, &organisation, source, bucket, now);
            Ok(tokio::time::timeout(LONGEST, projecting).await.map_err(|_| Trouble::Slow)??)
        });
        self.works.insert(task.id(), work);
    }

    /// Waits for all that was begun.
    pub(crate) async fn end(mut self, done: &mut Done) {
        while !self.running.is_empty() {
            self.collect(done).await;
        }
    }

    async fn collect(&mut self, done: &mut Done) {
        let (id, outcome) = match self.running.join_next_with_id().await {
            None => return,
            Some(Ok(ended)) => ended,
            Some(Err(ended)) if ended.is_cancelled() => (ended.id(), Err(Trouble::Ended)),
            Some(Err(panicked)) => (panicked.id(), Err(Trouble::Panic)),
        };
        let Some(work) = self.works.remove(&id) else { return };
        match outcome {
            Ok(projected) => {
                self.projection.tries.succeeded(&work.bucket);
                done.succeeded += 1;
                if projected.names_others {
                    done.renamed.insert(work.bucket.0.clone());
                }
                if projected.growth.is_some() || projected.full.is_some() {
                    done.projected.push((work, projected));
                }
            }
            Err(trouble) => {
                match &trouble {
                    // Two buckets of one person were projected at once, and one was faster.
                    Trouble::Project(ProjectError::Store(overtaken)) if overtaken.is_conflict() => {
                        tracing::debug!(%trouble, "a bucket was overtaken; it will be delivered again");
                    }
                    Trouble::Ended => {}
                    Trouble::Project(_) => tracing::warn!(%trouble, "a bucket could not be projected"),
                    Trouble::Slow | Trouble::Panic => {
                        tracing::error!(%trouble, "a bucket could not be projected")
                    }
                }
                done.failed.push((work, trouble));
            }
        }
    }
}
