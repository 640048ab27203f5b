//! How durations are spread: counters that add up, from which percentiles are told.
//!
//! A counter is of durations from one power of the square root of two, in milliseconds, to the next. So a percentile is at most a
//! fifth off, from a millisecond to an hour. Of the counters of a row few are not zero, and only those are kept.

use std::ops::AddAssign;

/// Counters of one kind of duration: up to 2^22 ms, which is seventy minutes. The last one has everything above.
const COUNTERS: u8 = 45;

/// A kind of duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duration {
    /// Of a request to a model, to its end.
    Request,
    /// Of a request to a model, to its first token.
    FirstToken,
    /// Of a tool.
    Tool,
}

impl Duration {
    fn first(self) -> u8 {
        self as u8 * COUNTERS
    }
}

/// The counters that are not zero, by their numbers: those of [`Duration::Request`] first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spread(Vec<(u8, u64)>);

impl Spread {
    /// How many counters there are.
    pub const COUNTERS: u8 = 3 * COUNTERS;

    /// Adds a duration that occurred so many times, in milliseconds.
    pub fn note(&mut self, duration: Duration, millis: u64, times: u64) {
        self.count(duration.first() + counter(millis), times);
    }

    /// Adds to a counter.
    pub fn count(&mut self, counter: u8, times: u64) {
        match self.0.binary_search_by_key(&counter, |(known, _)| *known) {
            Ok(at) => self.0[at].1 = self.0[at].1.saturating_add(times),
            Err(at) if times > 0 => self.0.insert(at, (counter, times)),
            Err(_) => {}
        }
    }

    /// The counters that are not zero, in order.
    #[must_use]
    pub fn counters(&self) -> &[(u8, u64)] {
        &self.0
    }

    /// Whether nothing was noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets everything, and keeps the memory.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// The duration in milliseconds that this share of them stays below, from 0 to 1; none if there are none.
    #[must_use]
    pub fn percentile(&self, duration: Duration, share: f64) -> Option<f64> {
        let first = duration.first();
        let own = || self.0.iter().filter(|(counter, _)| (first..first + COUNTERS).contains(counter));
        let all: u64 = own().fold(0, |sum, (_, times)| sum.saturating_add(*times));
        let wanted = share * all as f64;
        let mut below = 0_u64;
        for (counter, times) in own() {
            let within = below.saturating_add(*times);
            if within as f64 >= wanted {
                let (from, to) = (bound(counter - first), bound(counter - first + 1));
                let part = ((wanted - below as f64) / *times as f64).clamp(0.0, 1.0);
                return Some((from + (to - from) * part).round());
            }
            below = within;
        }
        None
    }
}

impl AddAssign<&Self> for Spread {
    fn add_assign(&mut self, other: &Self) {
        other.0.iter().for_each(|(counter, times)| self.count(*counter, *times));
    }
}

/// The counter of a duration: 0 for less than a millisecond, 1 from there.
fn counter(millis: u64) -> u8 {
    let Some(power) = millis.checked_ilog2() else { return 0 };
    // The square root of two times the power of two, without a fraction.
    let is_upper = u128::from(millis) * u128::from(millis) >= 1 << (2 * power + 1);
    let number = 1 + 2 * power + u32::from(is_upper);
    u8::try_from(number).unwrap_or(COUNTERS).min(COUNTERS - 1)
}

/// The least duration of a counter, in milliseconds.
fn bound(counter: u8) -> f64 {
    if counter == 0 { 0.0 } else { (f64::from(counter - 1) / 2.0).exp2() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_lies_within_the_bounds_of_its_counter() {
        for millis in (0..5_000).chain((13..22).flat_map(|power| [(1 << power) - 1, 1 << power, (1 << power) + 1])) {
            let (from, to) = (bound(counter(millis)), bound(counter(millis) + 1));
            // The least whole number of a counter may lie a little above its bound.
            assert!((from..to).contains(&(millis as f64)) || millis == 0, "{millis}: {from} to {to}");
        }
        assert_eq!((counter(u64::MAX), counter(1 << 22)), (COUNTERS - 1, COUNTERS - 1));
    }

    #[test]
    fn percentiles_are_at_most_a_fifth_off_and_do_not_depend_on_how_durations_are_split() {
        let (mut whole, mut even, mut odd) = (Spread::default(), Spread::default(), Spread::default());
        for millis in 1..=10_000 {
            whole.note(Duration::Request, millis, 1);
            if millis % 2 == 0 { &mut even } else { &mut odd }.note(Duration::Request, millis, 1);
        }
        even += &odd;
        assert_eq!(even, whole);
        for (share, exact) in [(0.5, 5_000.0), (0.95, 9_500.0), (0.01, 100.0)] {
            let told = whole.percentile(Duration::Request, share).unwrap();
            assert!((told / exact - 1.0).abs() < 0.2, "{share}: {told}");
        }
    }

    #[test]
    fn kinds_of_durations_are_kept_apart() {
        let mut spread = Spread::default();
        spread.note(Duration::FirstToken, 400, 3);
        spread.note(Duration::Tool, u64::MAX, u64::MAX);
        spread.note(Duration::Tool, 2, 1);
        assert_eq!(spread.percentile(Duration::Request, 0.5), None);
        assert!((362.0..=512.0).contains(&spread.percentile(Duration::FirstToken, 0.5).unwrap()));
        assert!(spread.percentile(Duration::Tool, 0.95).unwrap() >= f64::from(1 << 21));
    }
}
