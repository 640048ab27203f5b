//! State kept while a body is read: the memory its messages take, what was dropped, and where reading failed.

use std::cell::{Cell, RefCell};

use serde::de::Error;

use super::omitted::Omitted;
use super::path::{Step, path};
use super::scalar::Mismatch;
use crate::budget::MessageBudget;

/// State kept while a body is read.
#[derive(Debug)]
pub(super) struct Context {
    /// The memory its messages take.
    pub(super) budget: MessageBudget,
    /// What could not be read and was dropped.
    pub(super) omitted: Omitted,
    /// How many attribute values enclose the current position.
    values: Cell<usize>,
    /// The steps to the place where reading failed, innermost first.
    trail: RefCell<Vec<Step>>,
}

impl Context {
    /// The state before anything is read.
    pub(super) fn new(budget: MessageBudget) -> Self {
        Self { budget, omitted: Omitted::default(), values: Cell::default(), trail: RefCell::default() }
    }

    /// The path to the place where reading failed, such as `resourceLogs[0].scopeLogs[2].scope`.
    pub(super) fn path(&self) -> String {
        path(&self.trail.borrow())
    }

    /// Charges for a message that is about to be read.
    pub(super) fn charge<E: Error>(&self, bytes: usize) -> Result<(), E> {
        if self.budget.add(bytes) { Ok(()) } else { Err(E::custom("too many messages")) }
    }

    /// Records one step of the path to the failure, while unwinding from it.
    pub(super) fn failed_at(&self, step: Step) {
        self.trail.borrow_mut().push(step);
    }

    /// Records that a message begins.
    pub(super) fn enter(&self, is_value: bool) {
        self.values.set(self.values.get() + usize::from(is_value));
    }

    /// Records that a message ended.
    pub(super) fn leave(&self, is_value: bool) {
        self.values.set(self.values.get() - usize::from(is_value));
    }

    /// Drops something that has the wrong type. Only parts of attribute values may be dropped: a record with its parts
    /// out of place is not what its sender sent.
    pub(super) fn drop_mismatch<E: Error>(&self, is_value: bool, why: Mismatch) -> Result<(), E> {
        if !is_value && self.values.get() == 0 {
            return Err(E::custom(why));
        }
        self.omitted.note(why);
        Ok(())
    }
}
