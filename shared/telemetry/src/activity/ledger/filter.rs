//! Which rows are shown.

use std::sync::Arc;

use super::grouping::{Grouping, Place};
use crate::activity::dimensions::{Dimension, Dimensions, Label};
use crate::claude::service;

/// Conditions that a row meets to be shown, all of them. What counts is decided by all rows all the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter(Vec<(Grouping, Vec<Label>)>);

impl Filter {
    /// This, and that it is Claude Code's.
    #[must_use]
    pub fn and_claude_code(self) -> Self {
        let ours = service::OURS.map(|service| Some(Arc::from(service)));
        self.and(Grouping::By(Dimension::Service), ours.into())
    }

    /// This, and that the label of `grouping` is one of `labels`.
    #[must_use]
    pub fn and(mut self, grouping: Grouping, labels: Vec<Label>) -> Self {
        self.0.push((grouping, labels));
        self
    }

    /// Whether it says something of this.
    pub(super) fn is_by(&self, grouping: &Grouping) -> bool {
        self.0.iter().any(|(known, _)| known == grouping)
    }

    /// Whether a row that is one of `member` of `grouping` is shown by what is said of `grouping`.
    pub(super) fn admits_member(&self, grouping: &Grouping, member: Option<&str>) -> bool {
        let mut conditions = self.0.iter().filter(|(known, _)| known == grouping);
        conditions.all(|(_, labels)| labels.iter().any(|label| label.as_deref() == member))
    }

    /// Whether a row is shown.
    #[must_use]
    pub fn admits(&self, place: &Place, about: &Dimensions, person: &Arc<str>) -> bool {
        self.0.iter().all(|(grouping, labels)| {
            let own = grouping.text(place, about, person);
            labels.iter().any(|label| grouping.is_member(own, label.as_deref()))
        })
    }
}
