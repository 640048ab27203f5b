//! Buckets that have reached the most that is counted of one source.

use super::{Fact, Seen, Sighting};
use model::bucket::Bucket;
use model::time::Timestamp;

/// A full bucket: whatever else is stored in it is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Full {
    /// The bucket that clients claim.
    pub claimed: Bucket,
    /// How often something had been erased of the source, and how often everything had been recomputed. Whatever
    /// removes packs or adds everything up again raises one of the two, and the bucket no longer counts as full until
    /// it is found to be.
    pub made: (i64, i64),
    /// The generation of the token that the last arrival was sent with.
    pub generation: u32,
}

impl Full {
    fn name(self) -> String {
        let (erasures, epoch) = self.made;
        format!("{}#{erasures}#{epoch}#{}", self.claimed.0, self.generation)
    }

    fn parse(name: &str) -> Option<Self> {
        let mut fields = name.split('#');
        let mut next = || fields.next();
        Some(Self {
            claimed: Bucket(next()?.parse().ok()?),
            made: (next()?.parse().ok()?, next()?.parse().ok()?),
            generation: next()?.parse().ok()?,
        })
    }
}

impl Sighting {
    /// Records that a bucket is full with what arrived until `at`.
    pub fn fill(&mut self, full: Full, at: Timestamp) {
        self.note(Fact::Full, &full.name(), at);
    }

    /// Forgets which buckets are full; those that still are will be found again.
    pub fn unfill(&mut self) {
        self.facts.forget(Fact::Full);
    }

    /// The buckets that are or were full, and the arrival of what filled them.
    pub fn filled(&self) -> impl Iterator<Item = (Full, Seen)> {
        self.values(Fact::Full).filter_map(|(name, seen)| Some((Full::parse(name)?, seen)))
    }

    /// The record of a full bucket, if it was made at the numbers of erasures and recomputations given by `made`.
    #[must_use]
    pub fn full(&self, claimed: Bucket, made: (i64, i64)) -> Option<Full> {
        self.filled().map(|(full, _)| full).find(|full| full.claimed == claimed && full.made == made)
    }
}
