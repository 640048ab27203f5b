//! Which month is asked for, and what it is compared with.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::report::error::QuestionError;
use crate::report::range::Range;
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::time::Timestamp;

/// A month of an organisation's time zone, as far as it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: Date,
    /// Its last day.
    pub last: Date,
    /// Today, if it is in the month.
    pub today: Option<Date>,
    /// What of it is over.
    pub to_date: Range,
    /// The same part of the month before, to the same day and time of day, as far as that month has one.
    pub before: Range,
    /// The rest of the month before.
    pub rest: Range,
}

impl Month {
    /// The month that `asked` says, `YYYY-MM`; the one that `now` is in if nothing is asked for.
    ///
    /// # Errors
    /// It is no month, none that records can be of, or has not begun.
    pub fn read(asked: Option<&str>, calendar: &Calendar, now: Timestamp) -> Result<Self, QuestionError> {
        let bucket = Bucket(Bucket::of(now).0 + 1);
        let today = calendar.date(Bucket::of(now));
        let first = match asked {
            None => today.first_of_month(),
            Some(text) => {
                let first = format!("{text}-01").parse::<Date>().map_err(|_| QuestionError::NoMonth)?;
                if text.len() != 7 { Err(QuestionError::NoMonth) } else { Ok(first) }?
            }
        };
        if first > today {
            return Err(QuestionError::FutureMonth);
        }
        let before = first.checked_sub(1.month()).map_err(|_| QuestionError::NoMonth)?;
        let (from, begins) = (calendar.start(first), calendar.start(before));
        if !(begins.is_claimable() && from.is_claimable()) {
            return Err(QuestionError::NoMonth);
        }
        let last = first.last_of_month();
        let to = bucket.start().min(calendar.end(last));
        let days = before.until((jiff::Unit::Day, first)).map_or(31, |span| span.get_days());
        let cut = if today > last { from } else { calendar.days_later(to, -i64::from(days)).min(from) };
        Ok(Self {
            first,
            last,
            today: (today <= last).then_some(today),
            to_date: Range { from, to },
            before: Range { from: begins, to: cut },
            rest: Range { from: cut, to: from },
        })
    }

    /// `YYYY-MM`.
    #[must_use]
    pub fn name(&self) -> String {
        self.first.strftime("%Y-%m").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(asked: Option<&str>, now: &str) -> Result<Month, QuestionError> {
        Month::read(asked, &Calendar::named("Europe/Berlin"), Timestamp::parse(now).unwrap())
    }

    fn ends(range: Range) -> [String; 2] {
        [range.from.to_string(), range.to.to_string()]
    }

    #[test]
    fn a_month_to_date_is_compared_with_the_one_before_to_the_same_day_and_time() {
        let month = month(None, "2026-11-22T06:13:00Z").unwrap();
        assert_eq!(month.name(), "2026-11");
        assert_eq!(ends(month.to_date), ["2026-10-31T23:00:00.000Z", "2026-11-22T06:15:00.000Z"]);
        assert_eq!(ends(month.before), ["2026-09-30T22:00:00.000Z", "2026-10-22T05:15:00.000Z"]);
        assert_eq!(ends(month.rest), ["2026-10-22T05:15:00.000Z", "2026-10-31T23:00:00.000Z"]);
        assert_eq!(month.today, Some(jiff::civil::date(2026, 11, 22)));
    }

    #[test]
    fn a_month_that_is_over_is_compared_with_all_of_the_one_before() {
        let month = month(Some("2026-10"), "2026-11-22T06:13:00Z").unwrap();
        assert_eq!(ends(month.to_date), ["2026-09-30T22:00:00.000Z", "2026-10-31T23:00:00.000Z"]);
        assert_eq!(ends(month.before), ["2026-08-31T22:00:00.000Z", "2026-09-30T22:00:00.000Z"]);
        assert_eq!((month.rest.from, month.today), (month.rest.to, None));
    }

    #[test]
    fn where_the_month_before_is_shorter_all_of_it_is_compared() {
        let month = month(None, "2027-03-31T12:00:00Z").unwrap();
        assert_eq!((month.before.to, month.rest.from), (month.to_date.from, month.to_date.from));
    }

    #[test]
    fn what_is_no_month_or_has_not_begun_is_refused() {
        for text in ["", "2026", "2026-13", "2026-1", "2026-11-01", "x", "-026-11", "9999-12", "2026-12"] {
            assert!(month(Some(text), "2026-11-30T22:59:00Z").is_err(), "{text}");
        }
        assert!(month(Some("1970-01"), "2026-11-30T22:59:00Z").is_err());
        assert!(month(Some("2026-12"), "2026-11-30T23:00:00Z").is_ok(), "it has begun in Berlin");
    }
}
