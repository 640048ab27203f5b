//! When a record happened: as its client says, unless that cannot be or was too long ago.

use crate::ingest::clock::{Claimed, judge};
use crate::organisation::Settings;
use crate::time::Millis;

/// The time at which an organisation with these settings shows a record that claims `claimed` and arrived at `received_at`.
#[must_use]
pub fn shown_at(claimed: Millis, received_at: Millis, settings: &Settings) -> Millis {
    match judge(claimed, received_at, settings.limits.accept_late_days) {
        Claimed::Credible => claimed,
        Claimed::Wrong | Claimed::Late => received_at,
    }
}

/// Whether it depends on how late a record may be when it is shown: an admin can change that, and one day is the least there is.
#[must_use]
pub fn is_old(claimed: Millis, received_at: Millis) -> bool {
    judge(claimed, received_at, 1) == Claimed::Late
}
