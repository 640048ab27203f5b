//! Tokens and cost that are held back until it is known what counts.

use std::sync::Arc;

use super::divisions::At;
use super::grouping::Place;
use crate::activity::dimensions::Dimensions;
use crate::activity::matching::Subject;
use crate::activity::money::Money;
use crate::activity::session::Requests;

/// A person, if it is known who.
pub(super) type Person = Option<Arc<str>>;

/// Amounts of metrics that may count, if nothing explains them.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) place: Place,
    pub(super) about: Dimensions,
    pub(super) person: Person,
    /// The lines to which it is added; `None` if it is not shown.
    pub(super) at: Option<At>,
    /// Whether it is what a counter gained between two summaries.
    pub(super) is_gap: bool,
    pub(super) left: Money,
}

impl Pending {
    pub(super) fn subject(&self) -> Subject {
        Subject::of(&self.about)
    }
}

/// What events of a source and day reported that its metrics did not repeat.
#[derive(Debug, Clone)]
pub(super) struct Left {
    pub(super) place: Place,
    pub(super) person: Person,
    pub(super) of: Requests,
    pub(super) left: Money,
}
