//! What can be wrong with an address that asks for numbers.

use service::http::Problem;
use service::report::error::QuestionError;

/// A parameter that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// It is to say a day and does not.
    Day(&'static str),
    /// The report knows no such question.
    Question(QuestionError),
    /// There is no such breakdown, but these.
    Breakdown(String),
}

impl From<QuestionError> for Mistake {
    fn from(error: QuestionError) -> Self {
        Self::Question(error)
    }
}

impl Mistake {
    /// The parameter at fault, what is wrong with it, and what it may be.
    pub(super) fn parts(&self) -> (&str, String, String) {
        match self {
            Self::Day(parameter) => (parameter, "it is not a date".into(), "a day such as 2026-11-22".into()),
            Self::Question(error) => (error.parameter(), error.to_string(), error.allowed()),
            Self::Breakdown(known) => ("by", "there is no such breakdown".into(), known.clone()),
        }
    }
}

impl From<Mistake> for Problem {
    fn from(mistake: Mistake) -> Self {
        let (parameter, detail, allowed) = mistake.parts();
        Self::invalid(parameter, detail, allowed)
    }
}
