//! What is read of a range of time.

use super::dating::Shown;
use model::bucket::Bucket;

/// Buckets from the first, included, to the last, excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first one.
    pub from: Bucket,
    /// The first one after it.
    pub to: Bucket,
}

impl From<Span> for Asked {
    fn from(span: Span) -> Self {
        Self { span, by_hour: false, shown: Shown::AsItIs }
    }
}

/// What is read, and how it is dated.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Which buckets.
    pub span: Span,
    /// Whether hours are told apart; closed days have none.
    pub by_hour: bool,
    /// When it is shown.
    pub shown: Shown,
}

/// What one of several readers of a range reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    pub(super) asked: Asked,
    /// Whether it needs summaries of closed days, and not their outlines.
    pub(super) names_sessions: bool,
    /// The shards of which the remainder of their number is the first of these: which one of how many readers it is.
    pub(super) part: (usize, usize),
}
