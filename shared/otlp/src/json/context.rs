//! What is known of a body while it is read: what its messages take, what was left out, and where reading failed.

use std::cell::{Cell, RefCell};

use serde::de::Error;

use super::omitted::Omitted;
use super::path::{Step, path};
use super::scalar::Mismatch;
use crate::weight::Weight;

/// What is known of a body while it is read.
#[derive(Debug)]
pub(super) struct Context {
    /// What its messages take.
    pub(super) weight: Weight,
    /// What could not be read, and was left out.
    pub(super) omitted: Omitted,
    /// How many values lie around what is read.
    values: Cell<usize>,
    /// The steps to where reading failed, the last one first.
    trail: RefCell<Vec<Step>>,
}

impl Context {
    /// What is known before anything is read.
    pub(super) fn new(weight: Weight) -> Self {
        Self { weight, omitted: Omitted::default(), values: Cell::default(), trail: RefCell::default() }
    }

    /// The path to where reading failed, such as `resourceLogs[0].scopeLogs[2].scope`.
    pub(super) fn path(&self) -> String {
        path(&self.trail.borrow())
    }

    /// Accounts for what is about to be read.
    pub(super) fn weigh<E: Error>(&self, bytes: usize) -> Result<(), E> {
        if self.weight.add(bytes) { Ok(()) } else { Err(E::custom("too many messages")) }
    }

    /// Notes, on the way out, through what the way to the failure led.
    pub(super) fn failed_at(&self, step: Step) {
        self.trail.borrow_mut().push(step);
    }

    /// Notes that a message begins.
    pub(super) fn enter(&self, is_value: bool) {
        self.values.set(self.values.get() + usize::from(is_value));
    }

    /// Notes that it ended.
    pub(super) fn leave(&self, is_value: bool) {
        self.values.set(self.values.get() - usize::from(is_value));
    }

    /// Leaves something out that has to be something else. Only values may be: a record whose parts are not where they belong
    /// would be one that nobody sent.
    pub(super) fn leave_out<E: Error>(&self, is_value: bool, why: Mismatch) -> Result<(), E> {
        if !is_value && self.values.get() == 0 {
            return Err(E::custom(why));
        }
        self.omitted.note(why);
        Ok(())
    }
}
