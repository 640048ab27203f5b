//! Where things stand in a list, by what they are called.
//!
//! Hashes are kept, so that a list that grows hashes nothing again, and neither does one that takes in another.

use std::hash::{BuildHasher, Hash, Hasher};

use ahash::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

/// The places of a list, from 0.
#[derive(Debug, Default)]
pub(super) struct Places {
    hasher: RandomState,
    /// By place.
    hashes: Vec<u64>,
    table: HashTable<usize>,
}

impl Places {
    /// Those of an empty list, whose hashes are the same.
    pub(super) fn fork(&self) -> Self {
        Self { hasher: self.hasher.clone(), ..Self::default() }
    }

    /// The hash of a name of several words.
    pub(super) fn hash<'n>(&self, name: impl Iterator<Item = Option<&'n str>>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        name.for_each(|word| word.hash(&mut hasher));
        hasher.finish()
    }

    /// The hash of what stands at a place.
    pub(super) fn hash_at(&self, place: usize) -> u64 {
        self.hashes[place]
    }

    /// The place of what has this hash, and whether it is a new one, at the end of the list; `is_it` says whether it stands at a place.
    pub(super) fn find(&mut self, hash: u64, is_it: impl Fn(usize) -> bool) -> (usize, bool) {
        let hashes = &self.hashes;
        match self.table.entry(hash, |place| hashes[*place] == hash && is_it(*place), |place| hashes[*place]) {
            Entry::Occupied(found) => (*found.get(), false),
            Entry::Vacant(vacant) => {
                let place = hashes.len();
                vacant.insert(place);
                self.hashes.push(hash);
                (place, true)
            }
        }
    }
}
