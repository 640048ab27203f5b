//! The time that each of several has, so that none waits behind another one's trouble.

use std::time::{Duration, Instant};

/// The least time that each gets, however many there are.
const LEAST: Duration = Duration::from_secs(10);

/// When the next of so many that are left has had its share of the time until `deadline`. What one does not use is left to those after it.
#[must_use]
pub(crate) fn share(deadline: Instant, left: usize) -> Instant {
    let now = Instant::now();
    now + of(deadline.saturating_duration_since(now), left)
}

/// Until when of the time until `deadline` something may be read whose outcome has to be written in the rest of it.
#[must_use]
pub(crate) fn for_reading(deadline: Instant) -> Instant {
    let now = tokio::time::Instant::now().into_std();
    now + deadline.saturating_duration_since(now) * 4 / 5
}

fn of(time: Duration, left: usize) -> Duration {
    let equal = time / u32::try_from(left.max(1)).unwrap_or(u32::MAX);
    time.min(equal.max(LEAST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_gets_an_equal_part_but_ten_seconds_at_least_and_none_more_than_there_is() {
        let gets = |seconds, left| of(Duration::from_secs(seconds), left).as_secs();
        assert_eq!([gets(300, 3), gets(300, 1), gets(300, 0), gets(300, 100)], [100, 300, 300, 10]);
        assert_eq!([gets(4, 2), gets(0, 2)], [4, 0]);
    }
}
