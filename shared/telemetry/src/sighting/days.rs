//! The recent days on which a source was seen: its rhythm, in a few bytes.

use serde::{Deserialize, Serialize};

use model::time::{DAY, SignedDuration, Timestamp, from_days};

/// The days on which something arrived, among the 32 that end with the latest one. Days are in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Days {
    /// The latest day, in days since the epoch.
    last: i64,
    /// A bit for each day: the lowest for the latest, the next for the day before.
    bits: u32,
}

impl Days {
    /// The day of an instant.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self { last: at.count(DAY), bits: 1 }
    }

    /// The union with `other`. The order of merging does not matter: a day that is dropped lies more than 31 days
    /// before one that is kept, and so before the latest.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        let (late, early) = if self.last >= other.last { (self, other) } else { (other, self) };
        if early.bits == 0 {
            return late;
        }
        let shift = u32::try_from(late.last - early.last).unwrap_or(u32::MAX);
        Self { last: late.last, bits: late.bits | early.bits.checked_shl(shift).unwrap_or(0) }
    }

    /// The days that ended before `from`, and those that began after `to`.
    #[must_use]
    pub fn outside(self, from: Timestamp, to: Timestamp) -> Self {
        let (first, last) = (Self::of(from).last, Self::of(to).last);
        let days = (0..i64::from(u32::BITS)).filter(|ago| self.bits >> ago & 1 == 1).map(|ago| self.last - ago);
        let outside = days.filter(|day| *day < first || *day > last);
        outside.fold(Self::default(), |days, day| days.with(Self { last: day, bits: 1 }))
    }

    /// The longest interval between consecutive days; `None` for fewer than two days.
    #[must_use]
    pub fn longest_pause(self) -> Option<SignedDuration> {
        let mut bits = self.bits;
        let mut longest = 0;
        while bits != 0 {
            let rest = bits & (bits - 1);
            let (day, before) = (bits.trailing_zeros(), rest.trailing_zeros());
            if rest != 0 {
                longest = longest.max(before - day);
            }
            bits = rest;
        }
        (longest > 0).then(|| from_days(longest.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(all: &[i64]) -> Days {
        all.iter().fold(Days::default(), |days, day| days.with(Days::of(Timestamp(5).plus(from_days(*day)))))
    }

    #[test]
    fn the_longest_pause_is_between_two_days_that_follow_each_other() {
        assert_eq!(days(&[]).longest_pause(), None);
        assert_eq!(days(&[100]).longest_pause(), None);
        assert_eq!(days(&[100, 101]).longest_pause(), Some(DAY));
        assert_eq!(days(&[100, 101, 102, 105, 106]).longest_pause(), Some(3 * DAY), "a weekend");
        assert_eq!(days(&[100, 131]).longest_pause(), Some(31 * DAY));
        assert_eq!(days(&[100, 132]).longest_pause(), None, "a day too long ago is forgotten");
    }

    #[test]
    fn the_days_outside_of_a_time_are_those_that_it_has_nothing_of() {
        let all = days(&[40, 41, 45, 55]);
        let outside =
            |from: i64, to: i64| all.outside(Timestamp(7).plus(from_days(from)), Timestamp(7).plus(from_days(to)));
        assert_eq!(outside(41, 45), days(&[40, 55]));
        assert_eq!((outside(45, 60), outside(30, 60), outside(42, 44)), (days(&[40, 41]), Days::default(), all));
    }

    #[test]
    fn the_order_of_days_does_not_matter_not_even_of_days_too_long_ago() {
        let orders = [[1, 20, 40, 55, 41], [55, 41, 40, 20, 1], [40, 1, 55, 20, 41], [20, 55, 1, 41, 40]];
        for order in orders {
            assert_eq!(days(&order), days(&[40, 41, 55]), "{order:?}");
        }
    }
}
