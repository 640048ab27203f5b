//! Quarter hours of which as much is counted as is ever counted of one source.

use super::{Fact, Seen, Sighting};
use model::bucket::Bucket;
use model::time::Millis;

/// A quarter hour that is full: what else is stored of it is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Full {
    /// The quarter hour that clients claim.
    pub claimed: Bucket,
    /// How often something had been erased of the source, and how often everything had been recomputed: whatever takes packs away
    /// or adds everything up again raises one of the two, and the quarter hour is not full any more until it is found to be.
    pub made: (i64, i64),
    /// The generation of the token that what came last was sent with.
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
    /// Notes that a quarter hour is full, by what arrived until `at`.
    pub fn fill(&mut self, full: Full, at: Millis) {
        self.note(Fact::Full, &full.name(), at);
    }

    /// Forgets which quarter hours are full: whichever still is will be found to be.
    pub fn unfill(&mut self) {
        self.facts.forget(Fact::Full);
    }

    /// The quarter hours that are or were full, and the arrival of what filled them.
    pub fn filled(&self) -> impl Iterator<Item = (Full, Seen)> {
        self.values(Fact::Full).filter_map(|(name, seen)| Some((Full::parse(name)?, seen)))
    }

    /// How a quarter hour is full, if it is and was made from as many erasures and recomputations as `made` says.
    #[must_use]
    pub fn full(&self, claimed: Bucket, made: (i64, i64)) -> Option<Full> {
        self.filled().map(|(full, _)| full).find(|full| full.claimed == claimed && full.made == made)
    }
}
