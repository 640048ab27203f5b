//! Buckets: the quarter hours by which records are grouped.

use crate::time::Timestamp;

/// Length of a bucket, in milliseconds: a quarter hour, because time zone offsets are multiples of it.
pub const BUCKET: i64 = 15 * 60 * 1000;

/// A quarter hour, numbered since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(pub i64);

impl Bucket {
    /// The bucket that contains a time in milliseconds since the epoch.
    #[must_use]
    pub fn of(millis: i64) -> Self {
        Self(millis.div_euclid(BUCKET))
    }

    /// Its first instant.
    #[must_use]
    pub fn start(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(BUCKET))
    }
}
