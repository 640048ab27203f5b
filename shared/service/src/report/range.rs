//! Which time is asked for: `?from=&to=`.

use jiff::civil::Date;

use super::error::{QuestionError, TimeError};
use super::window::{Shown, Span};
use crate::http::query::Query;
use model::bucket::{BUCKET, Bucket};
use model::calendar::Calendar;
use model::organisation::Organisation;
use model::time::{HOUR, MILLISECOND, SignedDuration, Timestamp, from_days};

/// How much is shown unless the request says otherwise.
const USUAL: SignedDuration = from_days(30);
/// How much is shown at most; an hour more, for the days on which clocks change.
const LONGEST: SignedDuration = from_days(400).saturating_add(HOUR);

/// A range of time; the end is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
}

impl Range {
    /// Reads `from` and `to`; dates are days of the organisation's time zone. Without them it is the last 30 days.
    ///
    /// # Errors
    /// One of them is no time, or one that nothing can be of, they are the wrong way round, or further apart than 400 days.
    pub fn read(query: &Query<'_>, organisation: &Organisation, now: Timestamp) -> Result<Self, QuestionError> {
        let to = instant(query, "to", organisation)?;
        // What is shown until now has the bucket that is under way.
        let end = to.unwrap_or_else(|| Bucket(Bucket::of(now).0 + 1).start());
        let from = instant(query, "from", organisation)?.unwrap_or_else(|| end.minus(USUAL).max(Timestamp(0)));
        if from > end {
            return Err(QuestionError::Reversed);
        }
        if end.since(from) > LONGEST {
            return Err(QuestionError::TooLong);
        }
        Ok(Self { from, to: end })
    }

    /// The range of equal length before, and how it is shown as if it were this one. Where this one has whole days, so has that.
    #[must_use]
    pub fn before(&self, calendar: &Calendar) -> (Self, Shown) {
        let (first, last) = (calendar.date(Bucket::of(self.from)), calendar.date(Bucket::of(self.to)));
        let has_whole_days = calendar.start(first) == self.from && calendar.start(last) == self.to;
        if has_whole_days && let Ok(length) = first.until((jiff::Unit::Day, last)) {
            let days = i64::from(length.get_days());
            let from = calendar.days_later(self.from, -days).max(Timestamp(0));
            return (Self { from, to: self.from }, Shown::DaysLater(days));
        }
        let length = self.to.since(self.from);
        (Self { from: self.from.minus(length).max(Timestamp(0)), to: self.from }, Shown::Later(length))
    }

    /// Its buckets, both ends rounded down.
    #[must_use]
    pub fn buckets(&self) -> Span {
        Span { from: Bucket::of(self.from), to: Bucket::of(self.to) }
    }

    /// The buckets that have any of it.
    #[must_use]
    pub fn touched(&self) -> Span {
        Span { from: Bucket::of(self.from), to: Bucket::of(self.to.plus(BUCKET).minus(MILLISECOND)) }
    }
}

/// The instant that a parameter says, if there is one; a date is the beginning of that day in the organisation's time zone.
///
/// # Errors
/// It is no time.
pub fn instant(
    query: &Query<'_>,
    name: &'static str,
    organisation: &Organisation,
) -> Result<Option<Timestamp>, TimeError> {
    let calendar = Calendar::of(organisation);
    query.get(name).map(|text| parse(&calendar, name, text)).transpose()
}

fn parse(calendar: &Calendar, parameter: &'static str, text: &str) -> Result<Timestamp, TimeError> {
    let instant = match text.parse::<Date>() {
        Ok(date) if text.len() == 10 => Some(calendar.start(date)),
        _ => Timestamp::parse(text).ok(),
    };
    let instant = instant.ok_or(TimeError::NoTime { parameter })?;
    if instant.is_claimable() { Ok(instant) } else { Err(TimeError::Unclaimable { parameter }) }
}
