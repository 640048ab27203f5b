//! The quarter hours that records are grouped by.

use crate::time::Millis;

/// Length of a bucket, in milliseconds: a quarter hour, because time zones have them.
pub const BUCKET: i64 = 15 * 60 * 1000;

/// The number of a quarter hour since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bucket(pub i64);

impl Bucket {
    /// The bucket of a time in milliseconds since the epoch.
    #[must_use]
    pub fn of(millis: i64) -> Self {
        Self(millis.div_euclid(BUCKET))
    }

    /// Its first instant.
    #[must_use]
    pub fn start(self) -> Millis {
        Millis(self.0.saturating_mul(BUCKET))
    }
}
