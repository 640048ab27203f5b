//! Clocks that cannot be right. The key keeps the claimed time, so that a retry finds it; readers use the time of arrival.

use crate::claude::read::{Export, millis};
use crate::time::{DAY, Millis};

/// 2020-01-01T00:00:00Z: Claude Code did not exist before.
const EARLIEST: Millis = Millis(1_577_836_800_000);
/// How far ahead of arrival a clock may be, in milliseconds.
const AHEAD: i64 = DAY;

/// Whether a time that a client claims can be right for an export that arrived at `received`.
#[must_use]
pub fn is_credible(claimed: Millis, received: Millis) -> bool {
    claimed >= EARLIEST && claimed <= received.plus(AHEAD)
}

/// The sentence for the sender of records with times that cannot be right.
pub(super) fn remark(export: &Export, received: Millis) -> Option<String> {
    let wrong = export.entries.iter().filter(|e| !is_credible(millis(e.time_nanos), received)).count();
    (wrong > 0).then(|| {
        format!(
            "{wrong} records claim a time before 2020 or more than 24 hours ahead; they are shown at the time they arrived. \
             Check the clock of the machine."
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ahead_is_credible_and_a_moment_more_is_not() {
        let now = Millis(1_795_328_010_000);
        assert!(is_credible(now.plus(DAY), now) && !is_credible(now.plus(DAY + 1), now));
        assert!(is_credible(EARLIEST, now) && !is_credible(EARLIEST.plus(-1), now));
        assert!(is_credible(now.plus(-300 * DAY), now), "late is not wrong");
        assert!(!is_credible(Millis(0), now), "a record without any time");
    }
}
