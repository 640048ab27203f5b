//! Ledgers that add up a part each, so that several can be at work at a time, and become one before it is closed.

use std::sync::Arc;

use super::{Label, Ledger, Reading, SourceId};

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>>> Ledger<W> {
    /// An empty one that adds up the same, for a part of what there is.
    #[must_use]
    pub fn fork(&self) -> Self
    where
        W: Clone,
    {
        let Self { whose, filter, automation, lines, pricing, people, .. } = self;
        let forked = Self::new(&[], whose.clone()).only(filter.clone()).with_automation(Arc::clone(automation));
        let forked = forked.with_prices(pricing.prices().clone());
        Self { lines: lines.fork(), people: people.fork(), ..forked }
    }

    /// Adds what a [`fork`](Self::fork) has added up, as if it had been added here.
    pub fn absorb(&mut self, other: Self) {
        let (sessions, people) = (self.sessions.absorb(other.sessions), self.people.absorb(other.people));
        let lines = self.lines.absorb(other.lines, &sessions, &people);
        let moved = |line: Option<usize>| line.map(|line| lines[line]);
        self.settling.absorb(other.settling, moved);
        self.pricing.absorb(other.pricing, &lines);
        for (series, readings) in other.series {
            let readings = readings.into_iter().map(|reading| Reading { line: moved(reading.line), ..reading });
            self.series.entry(series).or_default().extend(readings);
        }
        for (own, theirs) in
            [(&mut self.views, other.views), (&mut self.started, other.started), (&mut self.attended, other.attended)]
        {
            own.absorb(&theirs.renumbered(&sessions));
        }
    }
}
