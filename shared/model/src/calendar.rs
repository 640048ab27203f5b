//! Days of an organisation's time zone. Time zones differ by quarter hours, so every bucket belongs to exactly one day.

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::bucket::Bucket;
use crate::organisation::Organisation;
use crate::time::{HOUR, SignedDuration, Timestamp};

/// The days of a time zone.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
}

impl Calendar {
    /// The days of an organisation's time zone.
    #[must_use]
    pub fn of(organisation: &Organisation) -> Self {
        Self::named(&organisation.settings.timezone)
    }

    /// The days of the IANA time zone `name`, or of UTC if that time zone no longer exists.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { zone: TimeZone::get(name).unwrap_or(TimeZone::UTC) }
    }

    /// The day of a bucket.
    #[must_use]
    pub fn date(&self, bucket: Bucket) -> Date {
        let instant = jiff::Timestamp::from_millisecond(bucket.start().0).unwrap_or(jiff::Timestamp::MAX);
        self.zone.to_datetime(instant).date()
    }

    /// The first instant of the hour of an instant, by the clocks of the time zone.
    #[must_use]
    pub fn hour(&self, instant: Timestamp) -> Timestamp {
        let at = jiff::Timestamp::from_millisecond(instant.0).unwrap_or(jiff::Timestamp::MAX);
        let ahead = SignedDuration::from_secs(self.zone.to_offset(at).seconds().into());
        instant.plus(ahead).floor(HOUR).minus(ahead)
    }

    /// The same time of day, so many days later.
    #[must_use]
    pub fn days_later(&self, instant: Timestamp, days: i64) -> Timestamp {
        let at =
            jiff::Timestamp::from_millisecond(instant.0).unwrap_or(jiff::Timestamp::MAX).to_zoned(self.zone.clone());
        let later = Span::new().try_days(days).and_then(|days| at.checked_add(days));
        later.map_or(Timestamp(i64::MAX), |later| Timestamp(later.timestamp().as_millisecond()))
    }

    /// A moment as people in the time zone write it: `5 Dec 2026, 15:44 (Europe/Berlin)`.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> String {
        let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::MAX);
        let local = self.zone.to_datetime(instant).strftime("%-d %b %Y, %H:%M");
        format!("{local} ({})", self.zone.iana_name().unwrap_or("UTC"))
    }

    /// What clocks in the time zone show at a moment: `15:44:07`.
    #[must_use]
    pub fn clock(&self, at: Timestamp) -> String {
        let instant = jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::MAX);
        self.zone.to_datetime(instant).strftime("%H:%M:%S").to_string()
    }

    /// The first instant of a day. If clocks skip midnight, this is the first instant that exists.
    #[must_use]
    pub fn start(&self, date: Date) -> Timestamp {
        let start = date.to_zoned(self.zone.clone()).map(|zoned| zoned.timestamp());
        Timestamp(start.unwrap_or(jiff::Timestamp::MAX).as_millisecond())
    }

    /// The first instant after a day.
    #[must_use]
    pub fn end(&self, date: Date) -> Timestamp {
        date.tomorrow().map_or(Timestamp(i64::MAX), |next| self.start(next))
    }

    /// The first and the last bucket of a day.
    #[must_use]
    pub fn buckets(&self, date: Date) -> (Bucket, Bucket) {
        (Bucket::of(self.start(date)), Bucket(Bucket::of(self.end(date)).0.saturating_sub(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_as_in_the_time_zone_and_whatever_it_is() {
        let at = Timestamp(1_795_328_009_164);
        assert_eq!(Calendar::named("Europe/Berlin").moment(at), "22 Nov 2026, 07:13 (Europe/Berlin)");
        assert_eq!(Calendar::named("UTC").moment(at), "22 Nov 2026, 06:13 (UTC)");
        assert_eq!(Calendar::named("nowhere").moment(at), "22 Nov 2026, 06:13 (UTC)");
        assert!(Calendar::named("Asia/Tokyo").moment(Timestamp(i64::MAX)).contains("9999"));
    }

    #[test]
    fn a_day_of_a_half_hour_zone_begins_at_half_past() {
        let kolkata = Calendar::named("Asia/Kolkata");
        let date: Date = "2026-11-22".parse().unwrap();
        assert_eq!(kolkata.start(date).to_string(), "2026-11-21T18:30:00.000Z");
        let (first, last) = kolkata.buckets(date);
        assert_eq!((kolkata.date(first), kolkata.date(last), last.0 - first.0), (date, date, 95));
        assert_ne!(kolkata.date(Bucket(last.0 + 1)), date);
    }

    #[test]
    fn an_hour_begins_by_the_clocks_of_the_zone_and_one_that_comes_twice_is_two() {
        let hour = |zone: &str, at: &str| Calendar::named(zone).hour(Timestamp::parse(at).unwrap()).to_string();
        assert_eq!(hour("Asia/Kolkata", "2026-11-22T06:29:00Z"), "2026-11-22T05:30:00.000Z");
        assert_eq!(hour("Europe/Berlin", "2026-10-25T00:59:59Z"), "2026-10-25T00:00:00.000Z");
        assert_eq!(hour("Europe/Berlin", "2026-10-25T01:15:00Z"), "2026-10-25T01:00:00.000Z");
    }

    #[test]
    fn days_later_it_is_the_same_time_of_day_though_clocks_changed() {
        let berlin = Calendar::named("Europe/Berlin");
        let later = berlin.days_later(Timestamp::parse("2026-10-20T22:00:00Z").unwrap(), 7);
        assert_eq!(later.to_string(), "2026-10-27T23:00:00.000Z", "midnight both times");
    }

    #[test]
    fn days_on_which_clocks_change_are_shorter_and_longer() {
        let berlin = Calendar::named("Europe/Berlin");
        let hours = |date: &str| {
            let date: Date = date.parse().unwrap();
            berlin.end(date).since(berlin.start(date)).as_hours()
        };
        assert_eq!(["2026-03-29", "2026-10-25", "2026-11-22"].map(hours), [23, 25, 24]);
    }
}
