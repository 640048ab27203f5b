//! Times that are not believed: from clocks that cannot be right, and of records that arrive too late. The key keeps
//! the claimed time, so that a retry finds the same pack; readers use the time of arrival.

use model::organisation::Settings;
use model::time::{DAY, SignedDuration, Timestamp, from_days};

/// 2020-01-01T00:00:00Z: Claude Code did not exist before.
const EARLIEST: Timestamp = Timestamp(1_577_836_800_000);
/// How far ahead of its arrival the time of a record may be.
const AHEAD: SignedDuration = DAY;

/// The judgement on a time that a client claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// It is plausible.
    Credible,
    /// It is impossible.
    Wrong,
    /// It is plausible, but longer ago than the organisation accepts. Clients retry for seconds, not for days, and
    /// otherwise anyone with the token could change months that are over.
    Late,
}

/// Judges `claimed` in an export that arrived at `received`, where records may be up to `accept_late_days` old.
#[must_use]
pub fn judge(claimed: Timestamp, received: Timestamp, accept_late_days: u32) -> Claimed {
    if is_wrong(claimed, received) {
        Claimed::Wrong
    } else if claimed < received.minus(from_days(accept_late_days.into())) {
        Claimed::Late
    } else {
        Claimed::Credible
    }
}

/// Whether a claimed time is impossible for an export that arrived at `received`.
#[must_use]
pub fn is_wrong(claimed: Timestamp, received: Timestamp) -> bool {
    claimed < EARLIEST || claimed > received.plus(AHEAD)
}

/// The time at which an organisation with these settings shows a record that claims `claimed` and arrived at
/// `received_at`.
#[must_use]
pub fn shown_at(claimed: Timestamp, received_at: Timestamp, settings: &Settings) -> Timestamp {
    match judge(claimed, received_at, settings.limits.accept_late_days) {
        Claimed::Credible => claimed,
        Claimed::Wrong | Claimed::Late => received_at,
    }
}

/// Whether the time shown depends on the accepted lateness. An admin can change that setting, whose minimum is one day.
#[must_use]
pub fn is_old(claimed: Timestamp, received_at: Timestamp) -> bool {
    judge(claimed, received_at, 1) == Claimed::Late
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::MILLISECOND;

    #[test]
    fn a_day_ahead_is_credible_and_a_moment_more_is_not() {
        let now = Timestamp(1_795_328_010_000);
        let judged = |claimed| judge(claimed, now, 7);
        assert_eq!(
            (judged(now.plus(DAY)), judged(now.plus(DAY).plus(MILLISECOND))),
            (Claimed::Credible, Claimed::Wrong)
        );
        assert_eq!((judged(EARLIEST), judged(EARLIEST.minus(MILLISECOND))), (Claimed::Late, Claimed::Wrong));
        assert_eq!(judged(Timestamp(0)), Claimed::Wrong, "a record without any time");
    }

    #[test]
    fn late_is_what_is_older_than_the_organisation_accepts() {
        let now = Timestamp(1_795_328_010_000);
        for days in [1, 7, 400] {
            let limit = now.minus(from_days(days.into()));
            assert_eq!(
                (judge(limit, now, days), judge(limit.minus(MILLISECOND), now, days)),
                (Claimed::Credible, Claimed::Late)
            );
        }
    }
}
