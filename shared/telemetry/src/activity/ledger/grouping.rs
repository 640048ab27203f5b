//! What numbers belong to, and what their lines can be grouped by.

use std::sync::Arc;

use model::bucket::Bucket;

use crate::claude::source::SourceId;

/// What lines can be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// A day of the organisation's time zone.
    Day,
    /// A person, by id.
    User,
    /// A model, by its canonical name.
    Model,
    /// The name of a model as it was sent.
    ModelAsSent,
    /// Who provides the model.
    Provider,
    /// A team.
    Team,
    /// A repository.
    Repository,
    /// A tool.
    Tool,
    /// A version of the client.
    Version,
    /// A kind of terminal.
    Terminal,
    /// A session.
    Session,
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
    /// The day, as shown in lines.
    pub day: Arc<str>,
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
