//! Instants, in whole milliseconds since the Unix epoch, and the durations between them.
//!
//! Clients may claim any time at all, so nothing here panics: what is beyond the range is the end of it.

use std::fmt;

pub use jiff::SignedDuration;
use serde::{Serialize, Serializer};

/// Milliseconds since 1970-01-01T00:00:00Z. Displayed as RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// A millisecond.
pub const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);
/// A second.
pub const SECOND: SignedDuration = SignedDuration::from_secs(1);
/// A minute.
pub const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// An hour.
pub const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// A day of 24 hours.
pub const DAY: SignedDuration = from_days(1);

/// So many days of 24 hours.
#[must_use]
pub const fn from_days(days: i64) -> SignedDuration {
    SignedDuration::from_secs(days.saturating_mul(24 * 60 * 60))
}

/// A duration in whole milliseconds, as it is stored and sent.
#[must_use]
pub const fn millis(duration: SignedDuration) -> i64 {
    duration.as_secs().saturating_mul(1_000).saturating_add(duration.subsec_millis() as i64)
}

impl Timestamp {
    /// The latest time that a record can claim, in the year 2554: OTLP counts nanoseconds in 64 bits.
    pub const LATEST: Self = Self((u64::MAX / 1_000_000) as i64);

    /// Whether a record can claim this time.
    #[must_use]
    pub fn is_claimable(self) -> bool {
        (0..=Self::LATEST.0).contains(&self.0)
    }

    /// The current time of the system clock.
    #[must_use]
    pub fn now() -> Self {
        Self(jiff::Timestamp::now().as_millisecond())
    }

    /// Whole seconds since the epoch, the unit of DynamoDB's time to live.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.count(SECOND)
    }

    /// The instant that is `duration` later.
    #[must_use]
    pub const fn plus(self, duration: SignedDuration) -> Self {
        Self(self.0.saturating_add(millis(duration)))
    }

    /// The instant that is `duration` earlier.
    #[must_use]
    pub const fn minus(self, duration: SignedDuration) -> Self {
        Self(self.0.saturating_sub(millis(duration)))
    }

    /// How much later than `earlier` this is; negative if it is not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> SignedDuration {
        SignedDuration::from_millis(self.0.saturating_sub(earlier.0))
    }

    /// How many of `unit` have passed since the epoch, rounded down.
    #[must_use]
    pub const fn count(self, unit: SignedDuration) -> i64 {
        self.0.div_euclid(millis(unit))
    }

    /// The instant at which `count` of `unit` have passed since the epoch.
    #[must_use]
    pub const fn after(count: i64, unit: SignedDuration) -> Self {
        Self(count.saturating_mul(millis(unit)))
    }

    /// The last instant until this one at which a whole number of `unit` have passed since the epoch.
    #[must_use]
    pub const fn floor(self, unit: SignedDuration) -> Self {
        Self::after(self.count(unit), unit)
    }

    /// Parses an RFC 3339 time, truncating it to milliseconds.
    ///
    /// # Errors
    /// [`jiff::Error`] if the text is not an RFC 3339 time.
    pub fn parse(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(|t| Self(t.as_millisecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Clients may claim any time at all. A time outside the calendar is shown as the nearest end of it.
        let shown = jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        });
        write!(f, "{shown:.3}")
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An instant as it is stored: milliseconds since the epoch. Answers have it as text.
pub mod stored {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Timestamp;

    /// Writes an instant.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.0)
    }

    /// Reads an instant.
    ///
    /// # Errors
    /// It is no whole number.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        i64::deserialize(deserializer).map(Timestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_shown_with_milliseconds_and_read_back() {
        let shown = Timestamp(1_795_328_009_164).to_string();
        assert_eq!(shown, "2026-11-22T06:13:29.164Z");
        assert_eq!(Timestamp::parse(&shown).unwrap(), Timestamp(1_795_328_009_164));
        assert_eq!(Timestamp(0).to_string(), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn an_absurd_time_is_shown_as_the_end_of_the_calendar() {
        assert!(Timestamp(i64::MAX).to_string().starts_with("9999-12-30T"));
        assert!(Timestamp(i64::MIN).to_string().starts_with("-009999-"));
    }

    #[test]
    fn what_is_beyond_the_range_is_its_end() {
        let (first, last) = (Timestamp(i64::MIN), Timestamp(i64::MAX));
        for duration in [DAY, SignedDuration::MAX] {
            assert_eq!((last.plus(duration), first.minus(duration)), (last, first));
            assert_eq!((last.minus(-duration), first.plus(-duration)), (last, first));
        }
        assert_eq!(Timestamp(0).plus(SignedDuration::MIN), first);
        assert_eq!(Timestamp(0).minus(SignedDuration::MIN), last);
        assert_eq!(last.since(first), SignedDuration::from_millis(i64::MAX));
        assert_eq!(first.since(last), SignedDuration::from_millis(i64::MIN));
        assert_eq!(Timestamp::after(i64::MAX, HOUR), last);
        assert_eq!(from_days(i64::MAX), SignedDuration::from_secs(i64::MAX));
    }

    #[test]
    fn before_the_epoch_it_is_rounded_down_as_well() {
        assert_eq!((Timestamp(-1).count(HOUR), Timestamp(3_599_999).count(HOUR)), (-1, 0));
        assert_eq!(
            (Timestamp(-1).floor(HOUR), Timestamp(3_600_001).floor(HOUR)),
            (Timestamp(-3_600_000), Timestamp(0).plus(HOUR))
        );
    }
}
