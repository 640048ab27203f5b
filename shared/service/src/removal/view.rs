//! How far a removal is, as answers show it.

use serde::Serialize;

use model::time::Timestamp;
use store::removal::RemovalRecord;

/// A removal.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Removal)]
pub struct RemovalView {
    /// Its id.
    pub id: String,
    /// `running` or `done`.
    pub status: &'static str,
    /// Generation of the token.
    pub token_generation: u32,
    /// The first instant of arrival that is removed.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first instant after it.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
    /// Stored exports removed so far, each of one person and bucket.
    pub packs: i64,
    /// Names of whom nothing is left.
    pub sources: i64,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    /// When it was done.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
}

impl From<RemovalRecord> for RemovalView {
    fn from(removal: RemovalRecord) -> Self {
        Self {
            status: if removal.finished_at.is_some() { "done" } else { "running" },
            id: removal.id,
            token_generation: removal.haul.generation,
            from: removal.haul.from,
            to: removal.haul.to,
            packs: removal.packs,
            sources: removal.sources,
            started_at: removal.asked_at,
            finished_at: removal.finished_at,
        }
    }
}
