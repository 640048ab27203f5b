//! What a range is read into.

use std::any::Any;
use std::sync::Arc;

use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Ledger, Place};
use telemetry::activity::summary::Part;
use telemetry::claude::source::SourceId;

/// Takes the parts of summaries, of whatever kind it is: so the program has the reading once.
pub trait Adds: Any + Send {
    /// Adds a part of the summary at `place`. See [`Ledger::add`] for the order.
    fn add(&mut self, place: &Place, part: &Part<'_>);

    /// Whether it tells sessions apart by their ids. Otherwise closed days come as [outlines](telemetry::activity::outline), which are a
    /// fifth of their summaries.
    fn names_sessions(&self) -> bool;
}

/// Adds up the parts of summaries, several at a time.
pub trait Sum: Adds + Sized {
    /// An empty one that adds up the same, for a part of what is read.
    #[must_use]
    fn fork(&self) -> Self;

    /// Adds what a fork has added up, as if it had been added here.
    fn absorb(&mut self, other: Self);
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>> + Clone + Send + 'static> Adds for Ledger<W> {
    fn add(&mut self, place: &Place, part: &Part<'_>) {
        self.add(place, part);
    }

    fn names_sessions(&self) -> bool {
        self.names_sessions()
    }
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>> + Clone + Send + 'static> Sum for Ledger<W> {
    fn fork(&self) -> Self {
        self.fork()
    }

    fn absorb(&mut self, other: Self) {
        self.absorb(other);
    }
}
