//! The item of a source's day, or the mark that a shard's day is closed.

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::summary::LIFE;
use crate::{Item, StoreError, keys};
use telemetry::activity::summary::{Part, Summary};
use telemetry::activity::wire;
use telemetry::claude::source::SourceId;

/// Name of the attribute that holds the summary; removed when the day changes.
pub(super) const BYTES: &str = "b";

/// The stored state of a source's day, or of a shard's day.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredDay {
    /// The day.
    pub date: Date,
    /// The source; `None` for the mark that the day is closed.
    pub source: Option<SourceId>,
    /// The time zone of the day.
    pub zone: String,
    /// How often it has changed since it may have been closed.
    pub version: i64,
    /// The encoded summary, unless it has been invalidated.
    pub bytes: Option<Vec<u8>>,
}

impl StoredDay {
    /// Passes the parts of the summary, if there is one, to `take`.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if this release cannot read it.
    pub fn visit(&self, take: impl FnMut(Part<'_>)) -> Result<(), StoreError> {
        let visited = self.bytes.as_ref().map_or(Ok(()), |bytes| wire::visit(bytes, take));
        visited.map_err(|_| StoreError::unreadable("day"))
    }

    /// The summary; an empty one if there is none.
    ///
    /// # Errors
    /// See [`visit`](Self::visit).
    pub fn summary(&self) -> Result<Summary, StoreError> {
        let decoded = self.bytes.as_ref().map_or(Ok(Summary::default()), |bytes| wire::decode(bytes));
        decoded.map_err(|_| StoreError::unreadable("day"))
    }
}

/// When what is stored of a day expires, in seconds since the epoch: with the summaries that it is made from.
pub(super) fn expires(date: Date) -> i64 {
    let ends = date.saturating_add(2.days()).to_zoned(TimeZone::UTC).map_or(i64::MAX, |at| at.timestamp().as_second());
    ends.saturating_add(LIFE.as_secs())
}

/// The date of a day of a month, as sort keys have it.
pub(super) fn day_of(day: &str, month: Date) -> Result<Date, StoreError> {
    let date = day.parse().ok().and_then(|day| Date::new(month.year(), month.month(), day).ok());
    date.ok_or(StoreError::unreadable("day key"))
}

pub(super) fn read(mut item: Item, month: Date) -> Result<StoredDay, StoreError> {
    let wrong = StoreError::unreadable("day key");
    let sk = item.required_text(keys::SK)?;
    let (day, source) = sk.split_once('#').map_or((sk, None), |(day, source)| (day, Some(source)));
    let date = day_of(day, month)?;
    let source = source.map(|text| SourceId::parse(text).ok_or(wrong)).transpose()?;
    let bytes = item.take_bytes(BYTES);
    Ok(StoredDay {
        date,
        source,
        zone: item.optional_text("zone").unwrap_or_default().to_owned(),
        version: item.required_number("version")?,
        bytes,
    })
}
