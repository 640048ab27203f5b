//! The sessions of an account, as sets of numbers: a session is in many lines, and sets of numbers are small and quickly united.

use std::collections::HashMap;
use std::sync::Arc;

use ahash::RandomState;
use roaring::{MultiOps, RoaringBitmap};

/// Some of the sessions of one account. They have nothing to do with those of another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sessions(RoaringBitmap);

impl Sessions {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::try_from(self.0.len()).unwrap_or(usize::MAX)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of all of these sets of one account. Sets grow slowly when others are added one by one.
    #[must_use]
    pub fn of_all<'a>(sets: impl IntoIterator<Item = &'a Self>) -> Self {
        Self(sets.into_iter().map(|set| &set.0).union())
    }

    /// Adds those of another set of the same account.
    pub fn absorb(&mut self, other: &Self) {
        self.0 |= &other.0;
    }

    /// The same under other numbers: `numbers` has the new one of each.
    pub(super) fn renumbered(&self, numbers: &[u32]) -> Self {
        Self(self.0.iter().filter_map(|session| numbers.get(session as usize).copied()).collect())
    }

    pub(super) fn enter(&mut self, session: u32) {
        self.0.insert(session);
    }

    /// Those that are not in another set.
    pub(super) fn without(&self, others: &Self) -> Self {
        Self(&self.0 - &others.0)
    }

    /// Takes away those that are in another set.
    pub(super) fn remove(&mut self, others: &Self) {
        self.0 -= &others.0;
    }

    /// Takes away those that are not in another set.
    pub(super) fn keep(&mut self, others: &Self) {
        self.0 &= &others.0;
    }
}

/// Gives sessions their numbers, in the order in which they appear.
#[derive(Debug, Default)]
pub(super) struct Register {
    numbers: HashMap<Arc<str>, u32, RandomState>,
    /// The one asked for last: rows come in runs of a session.
    last: Option<(Arc<str>, u32)>,
}

impl Register {
    /// Gives the sessions of another register numbers here, and says which: by their numbers there.
    pub(super) fn absorb(&mut self, other: &Self) -> Vec<u32> {
        let mut numbers = vec![0; other.numbers.len()];
        for (session, number) in &other.numbers {
            numbers[*number as usize] = self.number(session);
        }
        numbers
    }

    pub(super) fn number(&mut self, session: &Arc<str>) -> u32 {
        if let Some((last, number)) = &self.last
            && (Arc::ptr_eq(last, session) || last == session)
        {
            return *number;
        }
        let number = match self.numbers.get(session) {
            Some(number) => *number,
            None => {
                // An account has fewer sessions than there are numbers: each takes more than a byte of memory.
                let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
                self.numbers.insert(session.clone(), next);
                next
            }
        };
        self.last = Some((session.clone(), number));
        number
    }
}
