//! The sessions and the people of an account, as sets of numbers: each is in many lines, and sets of numbers are small and quickly
//! united.

use std::collections::HashMap;
use std::sync::Arc;

use ahash::RandomState;
use roaring::{MultiOps, RoaringBitmap};

use super::places::Places;
use crate::activity::session::SessionKey;

/// Some of the sessions or of the people of one account. They have nothing to do with those of another.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Members(RoaringBitmap);

impl Members {
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
        Self(self.0.iter().filter_map(|number| numbers.get(number as usize).copied()).collect())
    }

    pub(super) fn enter(&mut self, number: u32) {
        self.0.insert(number);
    }

    /// Their numbers.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter()
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

/// Gives people their numbers, in the order in which they appear.
#[derive(Debug, Default)]
pub(super) struct Register {
    names: Vec<Arc<str>>,
    places: Places,
    /// The one asked for last: rows come in runs of one.
    last: usize,
}

impl Register {
    /// An empty one, that can be absorbed.
    pub(super) fn fork(&self) -> Self {
        Self { places: self.places.fork(), ..Self::default() }
    }

    /// Gives those of a [`fork`](Self::fork) numbers here, and says which: by their numbers there.
    pub(super) fn absorb(&mut self, other: Self) -> Vec<u32> {
        let Self { names, places, .. } = other;
        let numbers = names.into_iter().enumerate();
        numbers.map(|(place, name)| number(self.at(&name, places.hash_at(place)))).collect()
    }

    /// What each is called, by its number.
    pub(super) fn into_names(self) -> Vec<Arc<str>> {
        self.names
    }

    pub(super) fn number(&mut self, name: &Arc<str>) -> u32 {
        let is_last = |last: &Arc<str>| Arc::ptr_eq(last, name) || last == name;
        if !self.names.get(self.last).is_some_and(is_last) {
            self.last = self.at(name, self.places.hash([Some(&**name)].into_iter()));
        }
        number(self.last)
    }

    /// The place of what has this hash.
    fn at(&mut self, name: &Arc<str>, hash: u64) -> usize {
        let (found, is_new) = self.places.find(hash, |place| self.names[place] == *name);
        if is_new {
            self.names.push(Arc::clone(name));
        }
        found
    }
}

/// Gives sessions their numbers, in the order in which they appear. Most are told by their keys alone.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    numbers: HashMap<SessionKey, u32, RandomState>,
    /// Their keys, by their numbers.
    keys: Vec<SessionKey>,
    /// The one asked for last: rows come in runs of one.
    last: Option<(Arc<str>, u32)>,
}

impl Sessions {
    /// Gives those of another one numbers here, and says which: by their numbers there.
    pub(super) fn absorb(&mut self, other: Self) -> Vec<u32> {
        other.keys.into_iter().map(|key| self.number_of(key)).collect()
    }

    /// The key of each, by its number.
    pub(super) fn into_keys(self) -> Vec<SessionKey> {
        self.keys
    }

    pub(super) fn number(&mut self, session: &Arc<str>) -> u32 {
        match &self.last {
            Some((last, number)) if Arc::ptr_eq(last, session) || last == session => *number,
            _ => {
                let number = self.number_of(SessionKey::of(session));
                self.last = Some((Arc::clone(session), number));
                number
            }
        }
    }

    pub(super) fn number_of(&mut self, key: SessionKey) -> u32 {
        *self.numbers.entry(key).or_insert_with(|| {
            self.keys.push(key);
            number(self.keys.len() - 1)
        })
    }
}

/// An account has fewer of either than there are numbers: each takes more than a byte of memory.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
