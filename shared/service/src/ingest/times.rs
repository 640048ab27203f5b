//! What the sender is told of times that are not taken as they are claimed.

use model::time::Timestamp;
use telemetry::claude::export::{Export, claimed};
use telemetry::clock::{Claimed, judge};

/// The sentences for the sender of records that are shown at the time they arrived.
pub(super) fn remark(export: &Export, received: Timestamp, accept_late_days: u32) -> Option<String> {
    let (mut wrong, mut late) = (0, 0);
    for entry in &export.entries {
        let claimed = entry.record.as_ref().map_or_else(|| claimed(entry.time_nanos), |record| record.time);
        match judge(claimed, received, accept_late_days) {
            Claimed::Credible => {}
            Claimed::Wrong => wrong += 1,
            Claimed::Late => late += 1,
        }
    }
    let clock = (wrong > 0).then(|| {
        format!(
            "{wrong} records claim a time before 2020 or more than 24 hours ahead; they are shown at the time they arrived. \
             Check the clock of the machine."
        )
    });
    let late = (late > 0).then(|| {
        format!(
            "{late} records are older than the {accept_late_days} days that are accepted; they are shown at the time they arrived."
        )
    });
    let sentences: Vec<String> = [clock, late].into_iter().flatten().collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}
