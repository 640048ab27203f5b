//! What failed, and how often: a bucket that fails again and again is set aside, so that it holds up nothing else of the stream.
//!
//! It is remembered by the process that tried. One that is ended in between begins to count anew.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::stream::SourceBucket;

use model::time::{SignedDuration, Timestamp};

/// How often a bucket is tried at least.
const TRIES: u32 = 5;
/// For how long one is tried that fails for something that may pass, as long as others do not fail.
const PATIENCE: SignedDuration = SignedDuration::from_secs(120);
/// Most buckets that are remembered; of more the oldest are forgotten, and tried as if they were new.
const MOST: usize = 10_000;

/// How something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It will fail again.
    Final,
    /// It may pass, though others did not fail at the same time.
    Alone,
    /// It may pass: the database is in trouble.
    Passing,
}

#[derive(Debug, Clone, Copy)]
struct Tried {
    times: u32,
    first: Timestamp,
}

/// Buckets that are projected one after another, wave by wave, and what goes with each.
pub type Waves<T> = Vec<Vec<(SourceBucket, T)>>;

/// The buckets that failed when they were tried last. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Tries(Arc<Mutex<HashMap<SourceBucket, Tried>>>);

impl Tries {
    /// Notes that a bucket failed at `now`; says whether it has to be set aside.
    pub fn failed(&self, bucket: &SourceBucket, failure: Failure, now: Timestamp) -> bool {
        if failure == Failure::Passing {
            return false;
        }
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= MOST && !tries.contains_key(bucket) {
            let oldest = tries.iter().min_by_key(|(_, tried)| tried.first).map(|(bucket, _)| bucket.clone());
            oldest.and_then(|oldest| tries.remove(&oldest));
        }
        let tried = tries.entry(bucket.clone()).or_insert(Tried { times: 0, first: now });
        tried.times += 1;
        let is_enough = tried.times >= TRIES && (failure == Failure::Final || tried.first.plus(PATIENCE) <= now);
        if is_enough {
            tries.remove(bucket);
        }
        is_enough
    }

    /// Waves of buckets, without those that failed when they were tried last, and waves of those.
    #[must_use]
    pub fn apart<T>(&self, waves: Waves<T>) -> (Waves<T>, Waves<T>) {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let split =
            |wave: Vec<(SourceBucket, T)>| wave.into_iter().partition(|(bucket, _)| !tries.contains_key(bucket));
        waves.into_iter().map(split).unzip()
    }

    /// Notes that a bucket was projected.
    pub fn succeeded(&self, bucket: &SourceBucket) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(bucket);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::bucket::Bucket;
    use model::organisation::Uid;
    use telemetry::claude::source::{SourceId, SourceKind};

    fn bucket(n: i64) -> SourceBucket {
        (Uid::from_random([1; 12]), SourceId::new(SourceKind::Client, "c"), Bucket(n))
    }

    #[test]
    fn what_will_fail_again_is_set_aside_after_a_few_tries() {
        let tries = Tries::default();
        let outcomes: Vec<bool> = (0..6).map(|n| tries.failed(&bucket(1), Failure::Final, Timestamp(n))).collect();
        assert_eq!(outcomes, [false, false, false, false, true, false], "and is tried anew if it comes again");
        assert!(!tries.failed(&bucket(2), Failure::Final, Timestamp(9)), "each counts for itself");
    }

    #[test]
    fn what_may_pass_is_tried_for_longer_and_never_given_up_while_the_database_is_in_trouble() {
        let tries = Tries::default();
        for n in 0..20 {
            assert!(!tries.failed(&bucket(1), Failure::Alone, Timestamp(n)));
            assert!(!tries.failed(&bucket(2), Failure::Passing, Timestamp::after(n, PATIENCE)));
        }
        assert!(tries.failed(&bucket(1), Failure::Alone, Timestamp::after(1, PATIENCE)));
        for n in 0..20 {
            assert!(!tries.failed(&bucket(3), Failure::Final, Timestamp(n)));
            tries.succeeded(&bucket(3));
        }
    }

    #[test]
    fn no_more_is_remembered_than_there_is_room_for() {
        let tries = Tries::default();
        (0..2 * MOST as i64).for_each(|n| assert!(!tries.failed(&bucket(n), Failure::Final, Timestamp(n))));
        assert_eq!(tries.0.lock().unwrap().len(), MOST);
    }
}
