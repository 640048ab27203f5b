//! Buckets: the quarter hours by which records are grouped.

use crate::time::{SignedDuration, Timestamp};

/// Length of a bucket: a quarter hour, because time zone offsets are multiples of it.
pub const BUCKET: SignedDuration = SignedDuration::from_mins(15);

/// A quarter hour, numbered since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(pub i64);

impl Bucket {
    /// The bucket that contains an instant.
    #[must_use]
    pub const fn of(at: Timestamp) -> Self {
        Self(at.count(BUCKET))
    }

    /// Its first instant.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        Timestamp::after(self.0, BUCKET)
    }
}
