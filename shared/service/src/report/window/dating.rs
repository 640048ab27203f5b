//! The hours, days, weeks and months that lines are labelled with, each written once.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::{Date, Weekday};

use model::bucket::Bucket;
use model::calendar::Calendar;
use model::time::{SignedDuration, Timestamp};
use telemetry::activity::ledger::Dates;

/// When something is shown. What is compared with a later range is shown in that range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// When it was.
    AsItIs,
    /// So many days later, at the same time of day.
    DaysLater(i64),
    /// So much later.
    Later(SignedDuration),
}

/// Dates as lines show them.
#[derive(Debug, Clone)]
pub struct Dating {
    calendar: Calendar,
    by_hour: bool,
    shown: Shown,
    known: BTreeMap<(Date, Option<Timestamp>), Arc<Dates>>,
}

impl Dating {
    /// Of a calendar; whether hours are told apart, and when it is shown.
    #[must_use]
    pub fn new(calendar: Calendar, by_hour: bool, shown: Shown) -> Self {
        Self { calendar, by_hour, shown, known: BTreeMap::new() }
    }

    /// Those of a bucket.
    pub fn of_bucket(&mut self, bucket: Bucket) -> Arc<Dates> {
        let at = self.shown_at(bucket.start());
        let hour = self.by_hour.then(|| self.calendar.hour(at));
        self.of(self.calendar.date(Bucket::of(at)), hour)
    }

    /// Those of a day as a whole.
    pub fn of_day(&mut self, date: Date) -> Arc<Dates> {
        let at = self.shown_at(self.calendar.start(date));
        self.of(self.calendar.date(Bucket::of(at)), None)
    }

    fn shown_at(&self, instant: Timestamp) -> Timestamp {
        match self.shown {
            Shown::AsItIs => instant,
            Shown::DaysLater(days) => self.calendar.days_later(instant, days),
            Shown::Later(duration) => instant.plus(duration),
        }
    }

    fn of(&mut self, date: Date, hour: Option<Timestamp>) -> Arc<Dates> {
        let dates = || Dates {
            hour: hour.map(|hour| hour.to_string().into()),
            day: date.to_string().into(),
            week: monday(date).to_string().into(),
            month: date.strftime("%Y-%m").to_string().into(),
        };
        self.known.entry((date, hour)).or_insert_with(|| Arc::new(dates())).clone()
    }
}

/// The Monday of a day's week, as ISO 8601 has weeks.
#[must_use]
pub fn monday(date: Date) -> Date {
    let since = i64::from(date.weekday().since(Weekday::Monday));
    date.checked_sub(jiff::Span::new().days(since)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::HOUR;

    fn dates(at: &str, shown: Shown) -> Dates {
        let mut dating = Dating::new(Calendar::named("Europe/Berlin"), true, shown);
        Arc::unwrap_or_clone(dating.of_bucket(Bucket::of(Timestamp::parse(at).unwrap())))
    }

    #[test]
    fn a_week_begins_on_monday_and_an_hour_by_the_clocks_of_the_organisation() {
        let found = dates("2026-11-29T23:15:00Z", Shown::AsItIs);
        let expected = ["2026-11-29T23:00:00.000Z", "2026-11-30", "2026-11-30", "2026-11"];
        let Dates { hour, day, week, month } = found;
        assert_eq!([&*hour.unwrap(), &*day, &*week, &*month], expected);
        assert_eq!(&*dates("2026-11-29T22:45:00Z", Shown::AsItIs).week, "2026-11-23");
    }

    #[test]
    fn what_is_compared_is_shown_where_it_is_compared_with() {
        assert_eq!(&*dates("2026-10-20T22:00:00Z", Shown::DaysLater(7)).day, "2026-10-28");
        assert_eq!(&*dates("2026-10-20T22:00:00Z", Shown::Later(HOUR)).hour.unwrap(), "2026-10-20T23:00:00.000Z");
    }
}
