//! Sums that are written a few times a minute at most, whatever comes: what comes in between is summed here and carried by the
//! next write. A process that ends keeps the last sums to itself.

use std::collections::HashMap;
use std::hash::Hash;
use std::ops::AddAssign;
use std::sync::{Arc, Mutex, PoisonError};

use model::time::{MINUTE, Timestamp};

/// The most that is summed apart in one process: about a megabyte. Whoever sends may make up any number.
const SUMMED_APART: usize = 4_096;

/// Sums `S` of one process, each under its `K`. Cheap to clone.
#[derive(Debug)]
pub(super) struct Sums<K, S> {
    writes_a_minute: u32,
    waiting: Arc<Mutex<HashMap<K, Waiting<S>>>>,
}

#[derive(Debug, Default)]
struct Waiting<S> {
    /// That of the last write, since the epoch.
    minute: Option<i64>,
    /// How often it was written in that minute.
    writes: u32,
    /// What was not written.
    sum: S,
}

impl<K, S> Clone for Sums<K, S> {
    fn clone(&self) -> Self {
        Self { writes_a_minute: self.writes_a_minute, waiting: Arc::clone(&self.waiting) }
    }
}

impl<K: Eq + Hash, S: AddAssign + Default + PartialEq> Sums<K, S> {
    /// No sums yet, each of which will be written so often in a minute at most.
    pub(super) fn written(writes_a_minute: u32) -> Self {
        Self { writes_a_minute, waiting: Arc::default() }
    }

    /// Adds `more` at `now`, and gives what is to be written now, and under which key: that of `crowd` for what cannot be summed
    /// apart any more. Without a crowd, that is left out.
    pub(super) fn add(&self, key: K, crowd: Option<K>, more: S, now: Timestamp) -> Option<(K, S)>
    where
        K: Clone,
    {
        let minute = now.count(MINUTE);
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= SUMMED_APART && !waiting.contains_key(&key) {
            waiting.retain(|_, known| known.minute == Some(minute) || known.sum != S::default());
        }
        let is_crowded = waiting.len() >= SUMMED_APART && !waiting.contains_key(&key);
        let key = if is_crowded { crowd? } else { key };
        let known = waiting.entry(key.clone()).or_default();
        known.sum += more;
        if known.minute != Some(minute) {
            (known.minute, known.writes) = (Some(minute), 0);
        }
        if known.writes == self.writes_a_minute {
            return None;
        }
        known.writes += 1;
        Some((key, std::mem::take(&mut known.sum)))
    }

    /// What could not be written is carried by the next write.
    pub(super) fn put_back(&self, key: K, sum: S) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(key).or_default().sum += sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(sums: &Sums<&'static str, u64>, key: &'static str, more: u64, at: i64) -> Option<u64> {
        sums.add(key, None, more, Timestamp(at)).map(|(_, sum)| sum)
    }

    #[test]
    fn so_many_writes_a_minute_carry_all_that_came() {
        for (writes, expected) in
            [(1, [Some(2), None, None, Some(6), None]), (2, [Some(2), Some(2), None, Some(4), Some(2)])]
        {
            let sums = Sums::written(writes);
            let written = [0, 1, 59_999, 60_000, 60_001].map(|at| add(&sums, "one", 2, at));
            assert_eq!(written, expected, "{writes}");
            assert_eq!(add(&sums, "two", 1, 60_002), Some(1), "another key");
        }
    }

    #[test]
    fn a_flood_is_one_write_and_none_of_it_is_lost() {
        let sums = Sums::written(1);
        let first: Vec<_> = (0..10_000).filter_map(|at| add(&sums, "one", 1, at)).collect();
        assert_eq!(first, [1]);
        assert_eq!(add(&sums, "one", 1, 60_000), Some(10_000));
    }

    #[test]
    fn what_could_not_be_written_is_carried_by_the_next_write() {
        let sums = Sums::written(1);
        let lost = add(&sums, "one", 5, 0).unwrap();
        sums.put_back("one", lost);
        assert_eq!(add(&sums, "one", 1, 1), None, "no more writes than without the failure");
        assert_eq!(add(&sums, "one", 1, 60_000), Some(7));
    }

    #[test]
    fn made_up_keys_do_not_fill_the_memory_and_nothing_that_waits_makes_room() {
        let (sums, most) = (Sums::written(1), SUMMED_APART as u64);
        let added = |key: u64, crowd, at| sums.add(key, crowd, 1_u64, Timestamp(at));
        assert_eq!((added(0, None, 0), added(0, None, 1)), (Some((0, 1)), None));
        for key in 1..most + 100 {
            added(key, None, 2);
        }
        assert_eq!(sums.waiting.lock().unwrap().len(), SUMMED_APART);
        assert_eq!(added(most + 100, None, 3), None, "left out");
        assert_eq!(added(most + 100, Some(u64::MAX), 3), Some((u64::MAX, 1)), "summed with the others");
        assert_eq!(added(most + 100, None, 60_000), Some((most + 100, 1)), "there is room again");
        assert_eq!(added(0, None, 60_000), Some((0, 2)));
    }
}
