//! What is read of a range of time.

use super::dating::Shown;
use model::bucket::Bucket;
use store::keys;
use telemetry::claude::source::SourceId;

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
        Self { span, by_hour: false, shown: Shown::AsItIs, shards: Shards::ALL }
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
    /// Of which sources. What others tell of the same sessions and people is not looked at then: see
    /// [`Account::stands_alone`](telemetry::activity::ledger::Account::stands_alone).
    pub shards: Shards,
}

/// Some of the shards that sources are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shards(u64);

impl Shards {
    /// All of them.
    pub const ALL: Self = Self((1 << keys::SHARDS) - 1);

    /// Those of these sources.
    pub fn of(sources: impl IntoIterator<Item = SourceId>) -> Self {
        Self(sources.into_iter().fold(0, |shards, source| shards | 1 << keys::shard(source)))
    }

    /// Whether this one is among them.
    #[must_use]
    pub fn has(self, shard: u8) -> bool {
        self.0 >> shard & 1 == 1
    }
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
