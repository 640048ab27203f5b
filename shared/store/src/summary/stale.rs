//! What was made from summaries, and is not right any more when one of them changes.

use jiff::civil::Date;

use crate::keys::SummaryPlace;
use crate::transaction::Write;
use crate::{Store, StoreError};

/// What a change of a summary makes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stale {
    /// The days to be invalidated: those that may have been closed.
    pub days: Vec<Date>,
    /// Whether the summary may be in a [stretch](crate::stretch).
    pub is_in_stretch: bool,
}

impl Stale {
    /// Whether that is nothing.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.days.is_empty() && !self.is_in_stretch
    }
}

impl Store {
    /// The writes that say what a change at `place` makes wrong, as part of a transaction.
    pub(super) fn invalidations(&self, place: &SummaryPlace, stale: &Stale) -> Result<Vec<Write>, StoreError> {
        let SummaryPlace { uid, source, shown, .. } = place;
        let mark = stale.is_in_stretch.then(|| Ok(Self::mark_of_change(uid, *shown, *source)));
        stale.days.iter().map(|date| self.invalidation(uid, *date, *source)).chain(mark).collect()
    }
}
