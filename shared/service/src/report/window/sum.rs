//! What a range is read into.

use std::sync::Arc;

use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Ledger, Place};
use telemetry::activity::summary::Part;
use telemetry::claude::source::SourceId;

/// Adds up the parts of summaries.
pub trait Sum: Send + 'static {
    /// An empty one that adds up the same, for a part of what is read.
    #[must_use]
    fn fork(&self) -> Self;

    /// Adds a part of the summary at `place`. See [`Ledger::add`] for the order.
    fn add(&mut self, place: &Place, part: &Part<'_>);

    /// Adds what a fork has added up, as if it had been added here.
    fn absorb(&mut self, other: Self);
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>> + Clone + Send + 'static> Sum for Ledger<W> {
    fn fork(&self) -> Self {
        self.fork()
    }

    fn add(&mut self, place: &Place, part: &Part<'_>) {
        self.add(place, part);
    }

    fn absorb(&mut self, other: Self) {
        self.absorb(other);
    }
}

/// Nothing.
impl Sum for () {
    fn fork(&self) {}

    fn add(&mut self, _: &Place, _: &Part<'_>) {}

    fn absorb(&mut self, (): Self) {}
}

/// Two of them, of one reading.
impl<A: Sum, B: Sum> Sum for (A, B) {
    fn fork(&self) -> Self {
        (self.0.fork(), self.1.fork())
    }

    fn add(&mut self, place: &Place, part: &Part<'_>) {
        self.0.add(place, part);
        self.1.add(place, part);
    }

    fn absorb(&mut self, other: Self) {
        self.0.absorb(other.0);
        self.1.absorb(other.1);
    }
}

/// One or none.
impl<A: Sum> Sum for Option<A> {
    fn fork(&self) -> Self {
        self.as_ref().map(Sum::fork)
    }

    fn add(&mut self, place: &Place, part: &Part<'_>) {
        if let Some(sum) = self {
            sum.add(place, part);
        }
    }

    fn absorb(&mut self, other: Self) {
        if let (Some(sum), Some(other)) = (self, other) {
            sum.absorb(other);
        }
    }
}
