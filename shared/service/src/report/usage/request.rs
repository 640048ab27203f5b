//! What a request for the usage report asks: which day, and which page of it.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::http::query::Query;
use crate::report::error::CLAIMABLE;
use model::calendar::Calendar;
use telemetry::activity::dimensions::Label;

/// Records of a page unless the request says otherwise.
const LIMIT: usize = 20;
/// Most records of a page.
const MAX_LIMIT: usize = 1_000;
/// What every `next_page` begins with.
const PAGE: &str = "page_";

/// A parameter that cannot be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// The day is missing.
    #[error("starting_at is missing")]
    NoDay,
    /// The day is neither a date nor a time.
    #[error("starting_at is neither a date nor a time")]
    Day,
    /// Nothing that is stored can be of that day.
    #[error("starting_at is out of range")]
    Unclaimable,
    /// The number of records is not a number, or out of range.
    #[error("limit is out of range")]
    Limit,
    /// The page was never given out.
    #[error("page is not a page of this report")]
    Page,
}

impl UsageError {
    /// The parameter at fault.
    #[must_use]
    pub fn parameter(&self) -> &'static str {
        match self {
            Self::NoDay | Self::Day | Self::Unclaimable => "starting_at",
            Self::Limit => "limit",
            Self::Page => "page",
        }
    }

    /// What it may be.
    #[must_use]
    pub fn allowed(&self) -> &'static str {
        match self {
            Self::NoDay | Self::Day => "a UTC day (2026-11-22) or an RFC 3339 time within it (2026-11-22T00:00:00Z)",
            Self::Unclaimable => CLAIMABLE,
            Self::Limit => "a number from 1 to 1000",
            Self::Page => "the next_page of the page before, unchanged",
        }
    }
}

/// Which day and page are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageRequest {
    /// The day, in UTC.
    pub(super) date: Date,
    /// Most records wanted.
    pub(super) limit: usize,
    /// Where the page before ended.
    pub(super) after: Option<Place>,
}

/// The place of a record in a report: the id of the person and the terminal. A page begins after the place where the one before
/// ended, so that a record that arrives between two pages neither repeats nor hides another one.
pub(super) type Place = (Label, Label);

/// A `next_page`: opaque to clients.
pub(super) fn encode_page(place: &Place) -> String {
    let place = json!([place.0.as_deref(), place.1.as_deref()]);
    format!("{PAGE}{}", URL_SAFE_NO_PAD.encode(place.to_string()))
}

fn decode_page(page: &str) -> Option<Place> {
    let document = URL_SAFE_NO_PAD.decode(page.strip_prefix(PAGE)?).ok()?;
    let (user, terminal): (Option<String>, Option<String>) = serde_json::from_slice(&document).ok()?;
    Some((user.map(Arc::from), terminal.map(Arc::from)))
}

impl UsageRequest {
    /// Reads `starting_at`, `limit` and `page`.
    ///
    /// # Errors
    /// The first of them that is not what it should be.
    pub fn read(query: &Query<'_>) -> Result<Self, UsageError> {
        let date = utc_day(query.get("starting_at").ok_or(UsageError::NoDay)?).ok_or(UsageError::Day)?;
        let limit = query.get("limit").map_or(Some(LIMIT), |text| text.parse().ok());
        if !Calendar::named("UTC").start(date).is_claimable() {
            return Err(UsageError::Unclaimable);
        }
        Ok(Self {
            date,
            limit: limit.filter(|limit| (1..=MAX_LIMIT).contains(limit)).ok_or(UsageError::Limit)?,
            after: query.get("page").map(|page| decode_page(page).ok_or(UsageError::Page)).transpose()?,
        })
    }
}

/// The day that a date names, or the UTC day that a time is in.
fn utc_day(text: &str) -> Option<Date> {
    match text.parse() {
        Ok(date) if text.len() == 10 => Some(date),
        _ => text.parse::<Timestamp>().ok().map(|time| TimeZone::UTC.to_datetime(time).date()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<UsageRequest, UsageError> {
        UsageRequest::read(&Query::read(Some(query)))
    }

    #[test]
    fn a_day_is_named_by_its_date_or_by_any_time_within_it() {
        for (text, day) in [
            ("2026-11-22", "2026-11-22"),
            ("2026-11-22T00:00:00Z", "2026-11-22"),
            ("2026-11-22T23:59:59.999Z", "2026-11-22"),
            ("2026-11-22T23:30:00-05:00", "2026-11-23"),
            ("2026-11-22T00:30:00%2B01:00", "2026-11-21"),
        ] {
            assert_eq!(read(&format!("starting_at={text}")).unwrap().date.to_string(), day, "{text}");
        }
    }

    #[test]
    fn what_is_neither_a_date_nor_a_time_is_refused_with_the_parameter() {
        for (query, error) in [
            ("", UsageError::NoDay),
            ("starting_at=", UsageError::Day),
            ("starting_at=2026-11", UsageError::Day),
            ("starting_at=2026-11-31", UsageError::Day),
            ("starting_at=2026-11-22T00:00:00", UsageError::Day),
            ("starting_at=1969-12-31T23:59:59Z", UsageError::Unclaimable),
            ("starting_at=9999-12-31", UsageError::Unclaimable),
            ("starting_at=2026-11-22&limit=0", UsageError::Limit),
            ("starting_at=2026-11-22&limit=1001", UsageError::Limit),
            ("starting_at=2026-11-22&page=page_20", UsageError::Page),
            ("starting_at=2026-11-22&page=", UsageError::Page),
        ] {
            assert_eq!(read(query), Err(error), "{query}");
            assert!(error.to_string().starts_with(error.parameter()), "{error}");
        }
    }

    #[test]
    fn a_page_says_where_the_one_before_ended() {
        for place in [(None, None), (Some("dana".into()), None), (Some("d\u{e9}".into()), Some("a\"&b".into()))] {
            let page = encode_page(&place);
            assert!(page.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b)), "{page}");
            assert_eq!(read(&format!("starting_at=2026-11-22&page={page}")).unwrap().after, Some(place));
        }
    }
}
