//! When a record happened: as its client says, unless that cannot be.

use crate::ingest::clock::is_credible;
use crate::time::Millis;

/// The time that a record is shown at which claims `claimed` and arrived at `received_at`.
#[must_use]
pub fn shown_at(claimed: Millis, received_at: Millis) -> Millis {
    if is_credible(claimed, received_at) { claimed } else { received_at }
}
