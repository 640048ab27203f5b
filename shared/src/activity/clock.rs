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
