//! Counting the traffic of a source anew, piece by piece, while its exports go on being counted.
//!
//! What has been read of the summaries is kept beside the traffic, with the bucket up to which that is. Whoever counts a change of a
//! summary that has been read counts it there, too; and whoever counts one of another leaves a note, by which the one who is reading
//! just now finds out that what was read may be of before.

use serde::{Deserialize, Serialize};

use super::{Place, Sighting};
use crate::activity::summary::Traffic;
use model::bucket::Bucket;

/// What a source's summaries sum up to, as far as they have been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recount {
    /// For which rebuild.
    epoch: i64,
    /// All summaries have been read that are shown before this bucket.
    until: i64,
    /// What they sum up to.
    sum: Traffic,
    /// The first bucket of the others in which one has been counted since `until` was put.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<i64>,
}

impl Recount {
    /// Counts a change of the traffic of a summary.
    pub(super) fn count(&mut self, (_, shown): Place, before: &Traffic, now: &Traffic) {
        if shown.0 < self.until {
            self.sum.replace(before, now);
        } else {
            self.changed = Some(self.changed.map_or(shown.0, |changed| changed.min(shown.0)));
        }
    }
}

/// What was read of the summaries of a source that are shown in some buckets.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// The first of these buckets.
    pub from: Bucket,
    /// The bucket behind the last.
    pub until: Bucket,
    /// What they sum up to.
    pub sum: Traffic,
}

impl Sighting {
    /// Up to which bucket the traffic has been counted anew for this rebuild; `None` if that has not begun.
    #[must_use]
    pub fn recounted_until(&self, epoch: i64) -> Option<Bucket> {
        self.recount.filter(|recount| recount.epoch == epoch).map(|recount| Bucket(recount.until))
    }

    /// Begins to count the traffic anew, or to find out what changes from now on of what has not been read.
    pub fn watch(&mut self, epoch: i64) {
        let begun = self.recount.filter(|recount| recount.epoch == epoch);
        let recount = begun.unwrap_or(Recount { epoch, until: 0, sum: Traffic::default(), changed: None });
        self.recount = Some(Recount { changed: None, ..recount });
    }

    /// Whether nothing that is shown before a bucket, and had not been read by then, has been counted since it is [watched](Self::watch).
    #[must_use]
    pub fn is_settled_before(&self, until: Bucket) -> bool {
        self.recount.is_some_and(|recount| recount.changed.is_none_or(|changed| changed >= until.0))
    }

    /// Takes over what was read of the next summaries, and what of each one that is remembered: whatever is put over them later is counted
    /// by its difference to that. Nothing of it was counted after it was read.
    pub fn recount(&mut self, epoch: i64, read: Reading, of: impl Fn(Place) -> Traffic) {
        self.watch(epoch);
        for counted in self.counted.iter_mut().filter(|counted| (read.from..read.until).contains(&counted.place().1)) {
            let now = of(counted.place());
            self.traffic.replace(&counted.take_over(now), &now);
        }
        if let Some(recount) = &mut self.recount {
            recount.sum.replace(&Traffic::default(), &read.sum);
            recount.until = read.until.0;
        }
    }

    /// Puts what was counted anew in the place of the traffic.
    pub fn end_recount(&mut self) {
        if let Some(recount) = self.recount.take() {
            self.traffic = recount.sum;
        }
    }
}
