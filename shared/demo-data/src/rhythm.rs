//! When people work: mornings and afternoons of weekdays, seldom in the evening or at the weekend.

use fastrand::Rng;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use model::time::{SignedDuration, Timestamp};

use crate::random::happens;

/// Whether a day is busy whatever the calendar says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Day {
    /// As the calendar says.
    Usual,
    /// Most people are at work, so that whoever looks sees people at work.
    Busy,
    /// They are at work for certain, early and late: a day back from any moment has some of it that is over.
    Sure,
}

/// A stretch of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// When it begins.
    pub start: Timestamp,
    /// How long it is.
    pub length: SignedDuration,
}

/// The stretches of one person's day, one after the other.
pub(crate) fn stretches(rng: &mut Rng, date: Date, zone: &TimeZone, diligence: f64, day: Day) -> Vec<Stretch> {
    let weekend = matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
    let usual = if weekend { 0.06 } else { 0.87 };
    let presence = match day {
        Day::Usual => usual,
        Day::Busy => f64::max(usual, 0.7),
        Day::Sure => 1.0,
    };
    if !happens(rng, presence) {
        return Vec::new();
    }
    let mut begins: Vec<i64> = Vec::new();
    let morning = rng.i64(8 * 60 + 15..9 * 60 + 30);
    let (before_lunch, after_lunch) = (rng.f64() * 1.6 * diligence, rng.f64() * 2.2 * diligence);
    begins.extend((0..before_lunch.round() as i64).map(|_| rng.i64(morning..11 * 60 + 50)));
    begins.extend((0..after_lunch.round() as i64).map(|_| rng.i64(12 * 60 + 50..17 * 60 + 40)));
    if day == Day::Sure {
        begins.extend([morning, rng.i64(16 * 60..17 * 60 + 40)]);
    }
    if begins.is_empty() {
        begins.push(rng.i64(9 * 60..17 * 60));
    }
    if happens(rng, 0.05) {
        begins.push(rng.i64(20 * 60..22 * 60));
    }
    begins.sort_unstable();
    let mut free = 0;
    let mut found = Vec::new();
    for minute in begins {
        let begin = minute.max(free);
        let length = rng.i64(8..50);
        free = begin + length + 5;
        found.extend(instant(date, begin, zone).map(|start| Stretch {
            start: start.plus(SignedDuration::from_millis(rng.i64(0..60_000))),
            length: SignedDuration::from_mins(length),
        }));
    }
    found
}

/// A minute of a day, where people live.
fn instant(date: Date, minute: i64, zone: &TimeZone) -> Option<Timestamp> {
    let (hour, minute) = (i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?);
    let time = jiff::civil::Time::new(hour, minute, 0, 0).ok()?;
    let there = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(Timestamp(there.timestamp().as_millisecond()))
}
