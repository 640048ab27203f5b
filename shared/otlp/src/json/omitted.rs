//! What was left out of a body because it could not be read: how much, and for its sender where the first of it was.

use std::cell::{Cell, RefCell};

use super::path::{Step, path};
use super::scalar::Mismatch;
use crate::types::LeftOut;

/// Values that were left out so far.
#[derive(Debug, Default)]
pub(super) struct Omitted {
    count: Cell<u32>,
    why: Cell<Mismatch>,
    /// The steps to the first one, the last step first.
    trail: RefCell<Vec<Step>>,
}

impl Omitted {
    /// Counts one that has to be something else.
    pub(super) fn note(&self, why: Mismatch) {
        if self.count.get() == 0 {
            self.why.set(why);
        }
        self.count.set(self.count.get().saturating_add(1));
    }

    /// Whether nothing was left out so far.
    pub(super) fn is_empty(&self) -> bool {
        self.count.get() == 0
    }

    /// Notes, on the way out, through what the way to the first one led. `was_empty` says how it was on the way in: who comes by
    /// later has nothing to do with it.
    pub(super) fn came_by(&self, was_empty: bool, step: impl FnOnce() -> Step) {
        if was_empty && !self.is_empty() {
            self.trail.borrow_mut().push(step());
        }
    }

    /// All of it.
    pub(super) fn told(&self) -> LeftOut {
        LeftOut { count: self.count.get(), first: path(&self.trail.borrow()), why: self.why.get() }
    }
}
