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

/// Nothing.
impl Adds for () {
    fn add(&mut self, _: &Place, _: &Part<'_>) {}

    fn names_sessions(&self) -> bool {
        false
    }
}

impl Sum for () {
    fn fork(&self) {}

    fn absorb(&mut self, (): Self) {}
}

/// Two of them, of one reading.
impl<A: Sum, B: Sum> Adds for (A, B) {
    fn add(&mut self, place: &Place, part: &Part<'_>) {
        self.0.add(place, part);
        self.1.add(place, part);
    }

    fn names_sessions(&self) -> bool {
        self.0.names_sessions() || self.1.names_sessions()
    }
}

impl<A: Sum, B: Sum> Sum for (A, B) {
    fn fork(&self) -> Self {
        (self.0.fork(), self.1.fork())
    }

    fn absorb(&mut self, other: Self) {
        self.0.absorb(other.0);
        self.1.absorb(other.1);
    }
}

/// One or none.
impl<A: Sum> Adds for Option<A> {
    fn add(&mut self, place: &Place, part: &Part<'_>) {
        if let Some(sum) = self {
            sum.add(place, part);
        }
    }

    fn names_sessions(&self) -> bool {
        self.as_ref().is_some_and(Adds::names_sessions)
    }
}

impl<A: Sum> Sum for Option<A> {
    fn fork(&self) -> Self {
        self.as_ref().map(Sum::fork)
    }

    fn absorb(&mut self, other: Self) {
        if let (Some(sum), Some(other)) = (self, other) {
            sum.absorb(other);
        }
    }
}
