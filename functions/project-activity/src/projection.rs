//! What batches are projected with.

use service::people::roster::Moved;
use service::projection::growth::Hours;
use service::projection::limits::Bounds;
use service::projection::tries::Tries;
use store::Store;

/// The tables, and what is remembered from batch to batch. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Projection {
    pub(crate) store: Store,
    pub(crate) bounds: Bounds,
    pub(crate) hours: Hours,
    pub(crate) tries: Tries,
    pub(crate) rosters: Moved,
}

impl Projection {
    /// The projection of these tables.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            bounds: Bounds::default(),
            hours: Hours::default(),
            tries: Tries::default(),
            rosters: Moved::default(),
        }
    }

    /// The same, of which no more is added up of a bucket than is within `bounds`.
    #[must_use]
    pub fn within(self, bounds: Bounds) -> Self {
        Self { bounds, ..self }
    }
}
