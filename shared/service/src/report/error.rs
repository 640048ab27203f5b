//! Why readers are not told what they ask for.

use crate::people::PersonError;
use store::StoreError;

/// A parameter that is to say a time and does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// It is neither a date nor a time.
    #[error("it is not a time")]
    NoTime {
        /// The parameter.
        parameter: &'static str,
    },
    /// Nothing that is stored can be of that time.
    #[error("no record can have that time")]
    Unclaimable {
        /// The parameter.
        parameter: &'static str,
    },
}

impl TimeError {
    /// The parameter at fault.
    #[must_use]
    pub fn parameter(&self) -> &'static str {
        match self {
            Self::NoTime { parameter } | Self::Unclaimable { parameter } => parameter,
        }
    }

    /// What it may be.
    #[must_use]
    pub fn allowed(&self) -> &'static str {
        match self {
            Self::NoTime { .. } => "a date (2026-11-22) or an RFC 3339 time (2026-11-22T06:00:00Z)",
            Self::Unclaimable { .. } => CLAIMABLE,
        }
    }
}

/// [`Timestamp::is_claimable`](model::time::Timestamp::is_claimable), in words.
pub(super) const CLAIMABLE: &str = "a time from 1970-01-01 to 2554-07-21, in UTC";

/// A question that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// An end of the range is no time.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The range ends before it begins.
    #[error("it is later than `to`")]
    Reversed,
    /// The range is longer than what is kept.
    #[error("the range is longer than 400 days")]
    TooLong,
    /// There is no such grouping.
    #[error("there is no such grouping")]
    UnknownGrouping {
        /// Those that there are.
        known: Vec<String>,
    },
    /// A grouping is given twice.
    #[error("a grouping is given twice")]
    RepeatedGrouping,
    /// Costs cannot be grouped by that.
    #[error("costs cannot be grouped by that")]
    UnknownSpendBy {
        /// What they can be grouped by.
        known: Vec<String>,
    },
    /// It is no month.
    #[error("it is not a month")]
    NoMonth,
    /// The month has not begun.
    #[error("the month has not begun")]
    FutureMonth,
    /// The organisation does not group by that attribute.
    #[error("the organisation does not group by that attribute")]
    UnknownAttribute {
        /// The parameter.
        name: String,
        /// The attributes that it groups by.
        known: Vec<String>,
    },
    /// A filter has no value, or too many.
    #[error("it has no value, or too many")]
    Values {
        /// The parameter.
        name: String,
        /// How many it may have.
        most: usize,
    },
    /// There is nothing of that name to compare with.
    #[error("there is nothing of that name to compare with")]
    UnknownComparison,
    /// Records are not written in that format.
    #[error("there is no such format")]
    UnknownFormat,
    /// There are no records of that signal.
    #[error("there is no such signal")]
    UnknownSignal,
    /// People are not told apart by that.
    #[error("people are not told apart by that")]
    UnknownAge {
        /// The parameter.
        parameter: &'static str,
    },
    /// People are not listed by that.
    #[error("people are not listed by that")]
    UnknownWho {
        /// What they are listed by.
        known: Vec<&'static str>,
    },
    /// There is nothing of that name to include.
    #[error("nothing of that name can be included")]
    UnknownInclusion,
}

impl QuestionError {
    /// The parameter at fault.
    #[must_use]
    pub fn parameter(&self) -> &str {
        match self {
            Self::UnknownAttribute { name, .. } | Self::Values { name, .. } => name,
            Self::UnknownAge { parameter } => parameter,
            Self::UnknownComparison => "compare",
            Self::Time(error) => error.parameter(),
            Self::Reversed | Self::TooLong => "from",
            Self::UnknownGrouping { .. } | Self::RepeatedGrouping => "group_by",
            Self::UnknownSpendBy { .. } => "by",
            Self::NoMonth | Self::FutureMonth => "month",
            Self::UnknownFormat => "format",
            Self::UnknownSignal => "signal",
            Self::UnknownInclusion => "include",
            Self::UnknownWho { .. } => "who",
        }
    }

    /// What it may be.
    #[must_use]
    pub fn allowed(&self) -> String {
        match self {
            Self::Time(error) => error.allowed().into(),
            Self::Reversed => "a time before `to`".into(),
            Self::TooLong => "at most 400 days before `to`".into(),
            Self::UnknownGrouping { known } => format!("any of {}", known.join(",")),
            Self::UnknownSpendBy { known } => format!("one of {}", known.join(",")),
            Self::NoMonth => "a month of the calendar, as 2026-11".into(),
            Self::FutureMonth => "this month or one before it".into(),
            Self::UnknownAttribute { known, .. } if known.is_empty() => {
                "none; name attributes in report_attributes of the organisation first".into()
            }
            Self::UnknownAttribute { known, .. } => format!("attribute. and one of {}", known.join(",")),
            Self::Values { most, .. } => {
                format!("1 to {most} values with commas between them, `none` for what has none")
            }
            Self::UnknownComparison => "previous".into(),
            Self::RepeatedGrouping => "each grouping once".into(),
            Self::UnknownFormat => "ndjson or csv".into(),
            Self::UnknownSignal => "logs or metrics".into(),
            Self::UnknownInclusion => "git".into(),
            Self::UnknownAge { .. } => "older".into(),
            Self::UnknownWho { known } => format!("one of {}", known.join(",")),
        }
    }
}

/// A cursor that is not one of the list that it came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not a cursor of this list")]
pub struct UnknownCursor;

/// Nothing in the range is of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no session of that id has work in these days: the last 30 unless `from` and `to` say which, and of whom `user` names, if it does"
)]
pub struct UnknownSession;

/// Why a question is not answered.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It makes no sense.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// Nobody is known who is asked for.
    #[error(transparent)]
    Person(#[from] PersonError),
    /// There is no such session.
    #[error(transparent)]
    Session(#[from] UnknownSession),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The answer cannot be written as a table.
    #[error(transparent)]
    Table(#[from] ::csv::Error),
    /// The answer cannot be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}
