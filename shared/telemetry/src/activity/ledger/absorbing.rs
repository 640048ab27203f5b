//! Ledgers that add up a part each, so that several can be at work at a time, and become one before it is closed.

use std::sync::Arc;

use super::{At, Label, Ledger, Reading, SourceId};

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>>> Ledger<W> {
    /// An empty one that adds up the same, for a part of what there is.
    #[must_use]
    pub fn fork(&self) -> Self
    where
        W: Clone,
    {
        let Self { whose, automation, divisions, pricing, people, .. } = self;
        let forked = Self::new(&[], whose.clone()).with_automation(Arc::clone(automation));
        let forked = forked.with_prices(pricing.prices().clone());
        Self { divisions: divisions.fork(), people: people.fork(), ..forked }
    }

    /// Adds what a [`fork`](Self::fork) has added up, as if it had been added here.
    pub fn absorb(&mut self, mut other: Self) {
        other.outlined.finish(&mut other.divisions, &mut other.sessions);
        let (sessions, people) = (self.sessions.absorb(other.sessions), self.people.absorb(other.people));
        let places = self.divisions.absorb(other.divisions, &sessions, &people);
        let moved = |at: Option<At>| at.map(|at| at.moved(&places));
        self.settling.absorb(other.settling, moved);
        self.pricing.absorb(other.pricing, &places);
        for (series, readings) in other.series {
            let readings = readings.into_iter().map(|reading| Reading { at: moved(reading.at), ..reading });
            self.series.entry(series).or_default().extend(readings);
        }
    }
}
