//! `GET …/rebuild`: how far it is to make everything again from the events.

use serde::Serialize;

use model::time::Timestamp;
use store::rebuild::RebuildState;

/// How far a rebuild is.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Rebuild)]
pub struct RebuildView {
    /// `never`, `running` or `done`.
    pub status: &'static str,
    /// Buckets of people made again so far.
    pub projected: i64,
    /// When it was asked for.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    /// When it was done.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
}

impl From<RebuildState> for RebuildView {
    fn from(RebuildState { epoch, after, projected, started_at, finished_at, .. }: RebuildState) -> Self {
        let status = match after {
            Some(_) => "running",
            None if epoch == 0 => "never",
            None => "done",
        };
        Self { status, projected, started_at, finished_at }
    }
}
