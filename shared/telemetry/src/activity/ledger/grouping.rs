//! What numbers belong to, and what their lines can be grouped by.

use std::sync::Arc;

use model::bucket::Bucket;

use crate::activity::attributes;
use crate::activity::dimensions::{Dimension, Dimensions, Label};
use crate::claude::source::SourceId;

/// What lines can be grouped by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// An hour, by its first instant. It needs summaries of buckets.
    Hour,
    /// A day of the organisation's time zone.
    Day,
    /// A week of the organisation's time zone, by its Monday.
    Week,
    /// A month of the organisation's time zone.
    Month,
    /// A person, by id.
    User,
    /// The name of a model as it was sent.
    ModelAsSent,
    /// A dimension of rows.
    By(Dimension),
    /// An attribute that an admin sets, by its name.
    Attribute(Arc<str>),
}

impl Grouping {
    /// The label of a row.
    #[must_use]
    pub(super) fn text<'a>(&self, place: &'a Place, about: &'a Dimensions, person: &'a Arc<str>) -> Option<&'a str> {
        match self {
            Self::Attribute(name) => attributes::find(about[Dimension::Attributes].as_deref()?, name),
            Self::Hour => place.dates.hour.as_deref(),
            Self::Day => Some(&place.dates.day),
            Self::Week => Some(&place.dates.week),
            Self::Month => Some(&place.dates.month),
            Self::User => Some(person),
            Self::ModelAsSent => about.sent_model().as_deref(),
            Self::By(dimension) => about[*dimension].as_deref(),
        }
    }

    /// What a label names: one, but for attributes that name several; `None` if nothing.
    pub(super) fn members<'a>(&self, label: Option<&'a str>) -> Vec<Option<&'a str>> {
        let (Self::Attribute(name), Some(text)) = (self, label) else { return vec![label] };
        let members = attributes::members(name, text);
        if members.is_empty() { vec![None] } else { members.into_iter().map(Some).collect() }
    }

    /// Whether a label names a member.
    pub(super) fn is_member(&self, label: Option<&str>, member: Option<&str>) -> bool {
        label == member || (matches!(self, Self::Attribute(_)) && self.members(label).contains(&member))
    }

    /// The same, to be kept.
    #[must_use]
    pub(super) fn label(&self, place: &Place, about: &Dimensions, person: &Arc<str>) -> Label {
        match self {
            Self::Attribute(_) => self.text(place, about, person).map(Arc::from),
            Self::Hour => place.dates.hour.clone(),
            Self::Day => Some(place.dates.day.clone()),
            Self::Week => Some(place.dates.week.clone()),
            Self::Month => Some(place.dates.month.clone()),
            Self::User => Some(Arc::clone(person)),
            Self::ModelAsSent => about.sent_model().clone(),
            Self::By(dimension) => about[*dimension].clone(),
        }
    }
}

/// When a summary is shown, as lines are labelled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dates {
    /// The hour; none where hours are not asked for.
    pub hour: Label,
    /// The day.
    pub day: Arc<str>,
    /// The week.
    pub week: Arc<str>,
    /// The month.
    pub month: Arc<str>,
}

/// What a summary is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It lies in the requested range.
    Shown,
    /// It is of a day that the range has a part of, and decides with the rest of its day what counts.
    Hidden,
    /// A bucket before, to which points reach back.
    Before,
    /// It lies before, and only says from where counters since the start of a client go on.
    Past,
}

/// What numbers belong to.
#[derive(Debug, Clone)]
pub struct Place {
    /// The source.
    pub source: SourceId,
    /// When it is shown.
    pub dates: Arc<Dates>,
    /// The last bucket of the day.
    pub ends: Bucket,
    /// The bucket; `None` for a whole day.
    pub bucket: Option<Bucket>,
    /// What it is read for.
    pub role: Role,
}

impl Place {
    /// Whether it belongs to the days that the range is of.
    pub(super) fn is_of_range(&self) -> bool {
        matches!(self.role, Role::Shown | Role::Hidden)
    }

    /// Whether it lies in the requested range.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.role == Role::Shown
    }
}
