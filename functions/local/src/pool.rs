//! What there is a fixed amount of, shared out so that no address takes the place of the others.
//!
//! One address may hold a third of what is left for all others: a quarter of it all while nobody else is there, and less the more
//! is taken. So each that takes all it can leaves three quarters of what it found.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use service::auth::peer::Peer;

use crate::callers::Caller;

/// How much more has to be left than an address holds.
const LEFT: usize = 3;

/// An amount of something.
#[derive(Debug)]
pub(crate) struct Pool(Mutex<Shares>);

#[derive(Debug)]
struct Shares {
    free: usize,
    held: HashMap<Peer, usize>,
}

/// A part of a pool, given back when this is dropped.
#[derive(Debug)]
pub(crate) struct Portion {
    pool: Arc<Pool>,
    caller: Caller,
    amount: usize,
}

impl Pool {
    pub(crate) fn of(amount: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Shares { free: amount, held: HashMap::new() })))
    }

    /// A part for `caller`, if there is as much for them now.
    pub(crate) fn take(self: &Arc<Self>, caller: Caller, amount: usize) -> Option<Portion> {
        let mut portion = Portion { pool: Arc::clone(self), caller, amount: 0 };
        portion.grow(amount).then_some(portion)
    }

    fn shares<T>(&self, with: impl FnOnce(&mut Shares) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// How much nobody holds.
    #[cfg(test)]
    pub(crate) fn free(&self) -> usize {
        self.shares(|shares| shares.free)
    }
}

impl Portion {
    /// How much it is.
    pub(crate) fn amount(&self) -> usize {
        self.amount
    }

    /// Takes so much more, if there is as much for its caller now.
    pub(crate) fn grow(&mut self, more: usize) -> bool {
        let Caller { peer, is_many } = self.caller;
        let grown = self.pool.shares(|shares| {
            let Some(left) = shares.free.checked_sub(more) else { return false };
            if !is_many {
                let held = shares.held.get(&peer).copied().unwrap_or_default() + more;
                if held.saturating_mul(LEFT) > left {
                    return false;
                }
                shares.held.insert(peer, held);
            }
            shares.free = left;
            true
        });
        self.amount += if grown { more } else { 0 };
        grown
    }
}

impl Drop for Portion {
    fn drop(&mut self) {
        let Caller { peer, is_many } = self.caller;
        self.pool.shares(|shares| {
            shares.free += self.amount;
            if !is_many && let Entry::Occupied(mut held) = shares.held.entry(peer) {
                *held.get_mut() -= self.amount;
                if *held.get() == 0 {
                    held.remove();
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(number: u8) -> Caller {
        Caller { peer: Peer::new([192, 0, 2, number].into()), is_many: false }
    }

    fn all_that_can_be_taken(pool: &Arc<Pool>, caller: Caller) -> Vec<Portion> {
        std::iter::from_fn(|| pool.take(caller, 1)).collect()
    }

    #[test]
    fn however_many_addresses_take_all_they_can_the_next_one_finds_something() {
        let pool = Pool::of(1_000);
        let taken: Vec<_> = (1..=16).map(|number| all_that_can_be_taken(&pool, caller(number))).collect();
        let held: Vec<usize> = taken.iter().map(Vec::len).collect();
        assert_eq!(held[..3], [250, 187, 140]);
        assert!(held.iter().all(|held| *held > 0), "{held:?}");
        drop(taken);
        assert_eq!(pool.free(), 1_000);
        assert!(pool.shares(|shares| shares.held.is_empty()), "nothing is kept of those who left");
    }

    #[test]
    fn where_many_stand_behind_an_address_it_may_take_everything() {
        let pool = Pool::of(10);
        let proxy = Caller { is_many: true, ..caller(1) };
        let taken = all_that_can_be_taken(&pool, proxy);
        assert_eq!((taken.len(), pool.free()), (10, 0));
        assert!(pool.take(caller(2), 1).is_none());
    }

    #[test]
    fn what_cannot_grow_stays_as_it_was() {
        let pool = Pool::of(10);
        let mut portion = pool.take(caller(1), 1).unwrap();
        assert!(!portion.grow(2), "three would be more than a third of the seven that are left");
        assert!(portion.grow(1));
        assert_eq!((portion.amount(), pool.free()), (2, 8));
        drop(portion);
        assert_eq!(pool.free(), 10);
    }
}
