//! Tokens and cost: what both events and metrics report.

use std::ops::{AddAssign, Index, IndexMut, SubAssign};

use super::measure::{Measure, Numbers};

/// Amounts of input, output, cache read and cache creation tokens, and of cost in nano-dollars: the measures of
/// [`Measure::METRIC_ESTIMATES`], in that order. Sums saturate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct Money([i64; Money::LEN]);

impl Money {
    /// The number of amounts.
    pub const LEN: usize = Measure::METRIC_ESTIMATES.len();

    /// What events reported of it.
    #[must_use]
    pub fn of_events(numbers: &Numbers) -> Self {
        Self(Measure::METRIC_ESTIMATES.map(|(_, event)| numbers[event]))
    }

    /// Removes what metrics reported of it.
    pub fn take_of_metrics(numbers: &mut Numbers) -> Self {
        Self(Measure::METRIC_ESTIMATES.map(|(point, _)| std::mem::take(&mut numbers[point])))
    }

    /// The amount that a metric reports as `measure`, alone; `None` if the measure is neither tokens nor cost.
    #[must_use]
    pub fn of_metric(measure: Measure, amount: i64) -> Option<Self> {
        let index = Measure::METRIC_ESTIMATES.iter().position(|(point, _)| *point == measure)?;
        let mut money = Self::default();
        money[index] = amount;
        Some(money)
    }

    /// The same under the measures of events.
    #[must_use]
    pub fn numbers(&self) -> Numbers {
        let mut numbers = Numbers::default();
        Measure::METRIC_ESTIMATES.iter().zip(self.0).for_each(|((_, event), amount)| numbers.add(*event, amount));
        numbers
    }

    /// Whether all amounts are zero.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|amount| *amount == 0)
    }

    /// Takes from both what they have in common.
    pub fn cancel(&mut self, other: &mut Self) {
        for (own, other) in self.0.iter_mut().zip(&mut other.0) {
            let common = (*own).min(*other).max(0);
            *own -= common;
            *other -= common;
        }
    }

    /// The amounts, in order.
    #[must_use]
    pub fn amounts(&self) -> [i64; Self::LEN] {
        self.0
    }
}

impl From<[i64; Money::LEN]> for Money {
    fn from(amounts: [i64; Self::LEN]) -> Self {
        Self(amounts)
    }
}

impl Index<usize> for Money {
    type Output = i64;

    fn index(&self, index: usize) -> &i64 {
        &self.0[index]
    }
}

impl IndexMut<usize> for Money {
    fn index_mut(&mut self, index: usize) -> &mut i64 {
        &mut self.0[index]
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, amount)| *sum = sum.saturating_add(amount));
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, amount)| *sum = sum.saturating_sub(amount));
    }
}
