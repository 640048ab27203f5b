//! A reader with a budget per record, for parsers that would buffer a record of any length.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// The bytes the current record may still take, and whether there are more; shared between a [`Metered`] reader and who knows where records start.
#[derive(Clone)]
pub(super) struct Budget {
    left: Rc<Cell<usize>>,
    at_end: Rc<Cell<bool>>,
    record_bytes: usize,
}

impl Budget {
    pub(super) fn new(record_bytes: usize) -> Self {
        let left = Rc::new(Cell::new(record_bytes));
        Self { left, at_end: Rc::default(), record_bytes }
    }

    /// A new record starts.
    pub(super) fn refill(&self) {
        self.left.set(self.record_bytes);
    }

    /// Whether reading stopped because a record was too long.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get() == 0
    }

    /// Whether the end of the input was met.
    pub(super) fn is_at_end(&self) -> bool {
        self.at_end.get()
    }
}

/// Fails once a record has spent its budget.
pub(super) struct Metered<R> {
    inner: R,
    budget: Budget,
}

impl<R> Metered<R> {
    pub(super) fn new(inner: R, budget: Budget) -> Self {
        Self { inner, budget }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.budget.is_spent() {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let read = self.inner.read(buffer)?;
        self.budget.at_end.set(read == 0);
        self.budget.left.set(self.budget.left.get().saturating_sub(read));
        Ok(read)
    }
}
