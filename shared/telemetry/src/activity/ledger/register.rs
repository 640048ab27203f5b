//! The numbers under which an account knows sessions and people.

use std::collections::HashMap;
use std::sync::Arc;

use ahash::RandomState;

use super::members::Members;
use super::places::Places;
use crate::activity::session::{Began, SessionKey};

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

/// A session, wherever its work is counted.
#[derive(Debug, Clone, Copy)]
struct Session {
    key: SessionKey,
    began: Began,
    /// Whether a person worked in it.
    is_attended: bool,
}

/// Gives sessions their numbers, in the order in which they appear. Most are told by their keys alone.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    numbers: HashMap<SessionKey, u32, RandomState>,
    /// What is known of each, by their numbers.
    known: Vec<Session>,
    /// The one asked for last: rows come in runs of one.
    last: Option<(Arc<str>, u32)>,
}

impl Sessions {
    /// Gives those of another one numbers here, and says which: by their numbers there.
    pub(super) fn absorb(&mut self, other: Self) -> Vec<u32> {
        let absorb = |Session { key, began, is_attended }| {
            let number = self.number_of(key);
            self.note(number, began);
            if is_attended {
                self.attend(number);
            }
            number
        };
        other.known.into_iter().map(absorb).collect()
    }

    /// The key of each, by its number.
    pub(super) fn into_keys(self) -> Vec<SessionKey> {
        self.known.into_iter().map(|session| session.key).collect()
    }

    /// Notes how a session began.
    pub(super) fn note(&mut self, session: u32, began: Began) {
        if let Some(session) = self.known.get_mut(session as usize) {
            session.began = session.began.with(began);
        }
    }

    /// Notes that a person worked in a session.
    pub(super) fn attend(&mut self, session: u32) {
        if let Some(session) = self.known.get_mut(session as usize) {
            session.is_attended = true;
        }
    }

    /// Those that were started as the agents' view, and in no other way.
    pub(super) fn views(&self) -> Members {
        self.those(|session| session.began.as_view && !session.began.otherwise)
    }

    /// Those that people worked in.
    pub(super) fn attended(&self) -> Members {
        self.those(|session| session.is_attended)
    }

    fn those(&self, are: impl Fn(&Session) -> bool) -> Members {
        (0..).zip(&self.known).filter(|(_, session)| are(session)).map(|(number, _)| number).collect()
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
            self.known.push(Session { key, began: Began::default(), is_attended: false });
            number(self.known.len() - 1)
        })
    }
}

/// An account has fewer of either than there are numbers: each takes more than a byte of memory.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
