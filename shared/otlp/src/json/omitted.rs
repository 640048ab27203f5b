//! What was dropped from a body because it could not be read: how many values, and for the sender where the first one
//! was.

use std::cell::{Cell, RefCell};

use super::path::{Step, path};
use super::scalar::Mismatch;
use crate::types::LeftOut;

/// The values dropped so far.
#[derive(Debug, Default)]
pub(super) struct Omitted {
    count: Cell<u32>,
    why: Cell<Mismatch>,
    /// The steps to the first one, innermost first.
    trail: RefCell<Vec<Step>>,
}

impl Omitted {
    /// Counts a value that has the wrong type.
    pub(super) fn note(&self, why: Mismatch) {
        if self.count.get() == 0 {
            self.why.set(why);
        }
        self.count.set(self.count.get().saturating_add(1));
    }

    /// Whether nothing has been dropped so far.
    pub(super) fn is_empty(&self) -> bool {
        self.count.get() == 0
    }

    /// Records one step of the path to the first dropped value, while returning from it. `was_empty` is the state
    /// before the step was entered: steps entered later do not lead to it.
    pub(super) fn record_step(&self, was_empty: bool, step: impl FnOnce() -> Step) {
        if was_empty && !self.is_empty() {
            self.trail.borrow_mut().push(step());
        }
    }

    /// The summary for the sender.
    pub(super) fn left_out(&self) -> LeftOut {
        LeftOut { count: self.count.get(), first: path(&self.trail.borrow()), why: self.why.get() }
    }
}
