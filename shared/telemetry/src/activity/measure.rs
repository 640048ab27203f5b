//! What is counted.

use std::ops::{AddAssign, Index, IndexMut};

/// A number that summaries keep. The order is the order in the stored form: new ones are added at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Records that show somebody at work: anything but what a client sends at its start.
    Work,
    /// Starts of the agents' view, which is a dashboard and no session.
    AgentsView,
    /// Starts of any other kind.
    Starts,
    /// `user_prompt` events.
    Prompts,
    /// `api_request` events.
    ApiRequests,
    /// `api_error` events.
    ApiErrors,
    /// Tokens by `api_request` events.
    Input,
    /// See [`Measure::Input`].
    Output,
    /// See [`Measure::Input`].
    CacheRead,
    /// See [`Measure::Input`].
    CacheCreation,
    /// Nano-dollars by `api_request` events: the client's own estimate.
    Cost,
    /// Tokens by `claude_code.token.usage`.
    PointInput,
    /// See [`Measure::PointInput`].
    PointOutput,
    /// See [`Measure::PointInput`].
    PointCacheRead,
    /// See [`Measure::PointInput`].
    PointCacheCreation,
    /// Nano-dollars by `claude_code.cost.usage`.
    PointCost,
    /// Lines by `claude_code.lines_of_code.count`.
    LinesAdded,
    /// See [`Measure::LinesAdded`].
    LinesRemoved,
    /// `claude_code.commit.count`.
    Commits,
    /// `claude_code.pull_request.count`.
    PullRequests,
    /// Accepting decisions about edits, whoever took them.
    EditsAccepted,
    /// Rejecting ones.
    EditsRejected,
    /// Accepting decisions about edits that a person took: neither settings nor hooks.
    OwnAccepted,
    /// Rejecting ones.
    OwnRejected,
    /// `tool_result` events.
    ToolCalls,
    /// Those without success.
    ToolFailures,
    /// `tool_decision` events that refuse.
    ToolRejections,
    /// Nanoseconds of people at the keyboard.
    ActiveUser,
    /// Nanoseconds of the client at work.
    ActiveCli,
    /// Of the prompts, those that are commands of the client, many of which need no model.
    Commands,
}

impl Measure {
    /// Every measure, in stored order.
    pub const ALL: [Self; 30] = [
        Self::Work,
        Self::AgentsView,
        Self::Starts,
        Self::Prompts,
        Self::ApiRequests,
        Self::ApiErrors,
        Self::Input,
        Self::Output,
        Self::CacheRead,
        Self::CacheCreation,
        Self::Cost,
        Self::PointInput,
        Self::PointOutput,
        Self::PointCacheRead,
        Self::PointCacheCreation,
        Self::PointCost,
        Self::LinesAdded,
        Self::LinesRemoved,
        Self::Commits,
        Self::PullRequests,
        Self::EditsAccepted,
        Self::EditsRejected,
        Self::OwnAccepted,
        Self::OwnRejected,
        Self::ToolCalls,
        Self::ToolFailures,
        Self::ToolRejections,
        Self::ActiveUser,
        Self::ActiveCli,
        Self::Commands,
    ];

    /// What metrics say of tokens and cost, and the measure by events that it stands in for.
    pub const STAND_INS: [(Self, Self); 5] = [
        (Self::PointInput, Self::Input),
        (Self::PointOutput, Self::Output),
        (Self::PointCacheRead, Self::CacheRead),
        (Self::PointCacheCreation, Self::CacheCreation),
        (Self::PointCost, Self::Cost),
    ];
}

/// One number for each measure. Sums saturate: no client can make them wrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Numbers([i64; Measure::ALL.len()]);

impl Numbers {
    /// Adds to one number.
    pub fn add(&mut self, measure: Measure, amount: i64) {
        self[measure] = self[measure].saturating_add(amount);
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|n| *n == 0)
    }

    /// Takes out what metrics say of tokens and cost, under the names of what they stand in for.
    pub fn take_stand_ins(&mut self) -> Self {
        let mut taken = Self::default();
        for (point, event) in Measure::STAND_INS {
            taken[event] = std::mem::take(&mut self[point]);
        }
        taken
    }
}

impl Index<Measure> for Numbers {
    type Output = i64;

    fn index(&self, measure: Measure) -> &i64 {
        &self.0[measure as usize]
    }
}

impl IndexMut<Measure> for Numbers {
    fn index_mut(&mut self, measure: Measure) -> &mut i64 {
        &mut self.0[measure as usize]
    }
}

impl AddAssign<&Self> for Numbers {
    fn add_assign(&mut self, other: &Self) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a = a.saturating_add(b));
    }
}

/// Dollars or seconds as whole billionths. Clients write both as doubles; what is no amount counts as nothing.
#[must_use]
pub fn nanos(amount: f64) -> i64 {
    if amount > 0.0 { (amount * 1e9).round() as i64 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_stand_in_their_stored_order() {
        for (index, measure) in Measure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, index);
        }
    }

    #[test]
    fn half_a_micro_dollar_is_exact() {
        assert_eq!(nanos(0.008_985_5), 8_985_500);
        assert_eq!(nanos(0.1 + 0.2), 300_000_000);
        assert_eq!([nanos(-1.0), nanos(f64::NAN), nanos(1e300)], [0, 0, i64::MAX]);
    }

    #[test]
    fn what_metrics_say_stands_in_for_what_events_would_say() {
        let mut numbers = Numbers::default();
        numbers.add(Measure::PointCost, 5);
        numbers.add(Measure::Commits, 1);
        let taken = numbers.take_stand_ins();
        assert_eq!((taken[Measure::Cost], taken[Measure::Commits]), (5, 0));
        assert_eq!((numbers[Measure::PointCost], numbers[Measure::Commits]), (0, 1));
    }
}
