//! What a projection did, or why it did not.

use store::StoreError;
use telemetry::sighting::Full;

use super::growth::Growth;

/// What a projection did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Projected {
    /// Summaries written.
    pub written: usize,
    /// Packs that are damaged, and noted as such.
    pub damaged: usize,
    /// Packs deleted that an erasure or a removal had left.
    pub erased: usize,
    /// By how much the organisation grew.
    pub growth: Option<Growth>,
    /// Whether the source names others than before.
    pub names_others: bool,
    /// How the bucket is full, if it is.
    pub full: Option<Full>,
}

/// Why a bucket could not be projected. All of it may pass.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A later release wrote a pack.
    #[error("a pack has format version {0}, which this release cannot read")]
    Version(u8),
}
