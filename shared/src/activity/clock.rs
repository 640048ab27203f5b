//! When a record happened: as its client says, unless that cannot be.

use crate::time::{DAY, Millis};

/// The first instant of 2020: before it no client existed.
const EARLIEST: Millis = Millis(1_577_836_800_000);

/// Whether a client that claims `claimed` in an export that arrived at `received_at` has a wrong clock: more than 24 hours
/// ahead, or before 2020.
#[must_use]
pub fn is_wrong(claimed: Millis, received_at: Millis) -> bool {
    claimed < EARLIEST || claimed > received_at.plus(DAY)
}

/// The time a record is shown at.
#[must_use]
pub fn shown_at(claimed: Millis, received_at: Millis) -> Millis {
    if is_wrong(claimed, received_at) { received_at } else { claimed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_is_believed_up_to_a_day_ahead_and_back_to_2020() {
        let now = Millis(1_795_328_009_164);
        assert_eq!(shown_at(now.plus(DAY), now), now.plus(DAY));
        assert_eq!(shown_at(now.plus(DAY + 1), now), now);
        assert_eq!(shown_at(EARLIEST, now), EARLIEST);
        assert_eq!(shown_at(EARLIEST.plus(-1), now), now);
    }
}
