//! Instants in whole milliseconds since the Unix epoch, the only unit of time used within the service.

use std::fmt;

use serde::{Serialize, Serializer};

/// Milliseconds since 1970-01-01T00:00:00Z. Displayed as RFC 3339 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(pub i64);

/// One second, in milliseconds.
pub const SECOND: i64 = 1_000;
/// A minute, in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// One hour, in milliseconds.
pub const HOUR: i64 = 3_600 * SECOND;
/// One day of 24 hours, in milliseconds.
pub const DAY: i64 = 24 * HOUR;

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
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// This instant moved by `millis`, saturating at the ends of the range.
    #[must_use]
    pub fn plus(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
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
}
