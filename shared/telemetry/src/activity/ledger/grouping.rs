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
    /// A model.
    Model,
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

/// What numbers belong to.
#[derive(Debug, Clone)]
pub struct Place {
    /// The source.
    pub source: SourceId,
    /// The day, as shown in lines.
    pub day: Arc<str>,
    /// The bucket; `None` for a whole day.
    pub bucket: Option<Bucket>,
    /// Whether it lies in the requested range; otherwise it only helps to decide what counts.
    pub shown: bool,
}
