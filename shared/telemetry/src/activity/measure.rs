//! What is counted.

use std::ops::{AddAssign, Index, IndexMut};

use super::spread::Spread;

/// A number kept by summaries. The order is that of the stored form, so new ones are added at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Records that show a person at work: anything but what a client sends when it starts.
    Work,
    /// Starts of the agents' view, which is a dashboard rather than a session.
    AgentsView,
    /// Starts of any other kind.
    Starts,
    /// `user_prompt` events that a person wrote: neither commands that the client answers itself, nor what the client
    /// writes when a subagent in the background is done.
    Prompts,
    /// `api_request` events.
    ApiRequests,
    /// `api_error` events.
    ApiErrors,
    /// Tokens, from `api_request` events.
    Input,
    /// See [`Measure::Input`].
    Output,
    /// See [`Measure::Input`].
    CacheRead,
    /// See [`Measure::Input`].
    CacheCreation,
    /// Nano-dollars, from `api_request` events: the client's own estimate.
    Cost,
    /// Tokens, from `claude_code.token.usage`.
    PointInput,
    /// See [`Measure::PointInput`].
    PointOutput,
    /// See [`Measure::PointInput`].
    PointCacheRead,
    /// See [`Measure::PointInput`].
    PointCacheCreation,
    /// Nano-dollars, from `claude_code.cost.usage`.
    PointCost,
    /// Lines, from `claude_code.lines_of_code.count`.
    LinesAdded,
    /// See [`Measure::LinesAdded`].
    LinesRemoved,
    /// `claude_code.commit.count`.
    Commits,
    /// `claude_code.pull_request.count`.
    PullRequests,
    /// Decisions that accepted an edit, whoever or whatever made them.
    EditsAccepted,
    /// Decisions that rejected an edit.
    EditsRejected,
    /// Decisions by a person, not by settings, hooks or classifiers, that accepted an edit.
    OwnAccepted,
    /// Decisions by a person that rejected an edit.
    OwnRejected,
    /// `tool_result` events.
    ToolCalls,
    /// Those that failed.
    ToolFailures,
    /// `tool_decision` events that reject.
    ToolRejections,
    /// Nanoseconds of user activity.
    ActiveUser,
    /// Nanoseconds of client activity.
    ActiveCli,
    /// `user_prompt` events that are commands, those included that the client answers itself.
    Commands,
    /// What of [`Measure::Work`] says that it is done by a machine: see [`crate::claude::automation`].
    Automated,
    /// `api_refusal` events.
    Refusals,
    /// `api_retries_exhausted` events.
    RetriesExhausted,
    /// `subagent_completed` events.
    Subagents,
    /// `compaction` events that succeeded.
    Compactions,
    /// Tools that a person refused.
    RefusedByPerson,
    /// Tools that a rule of the settings refused.
    RefusedByRule,
    /// Tools that a hook refused.
    RefusedByHook,
    /// Tools that auto mode refused.
    RefusedByAutoMode,
    /// Tools that plan mode refused.
    RefusedByPlan,
    /// `api_request` events with tokens and without a cost.
    WithoutCost,
    /// Their tokens.
    WithoutCostInput,
    /// See [`Measure::WithoutCostInput`].
    WithoutCostOutput,
    /// See [`Measure::WithoutCostInput`].
    WithoutCostCacheRead,
    /// See [`Measure::WithoutCostInput`].
    WithoutCostCacheCreation,
    /// Nano-dollars that they cost by the [list](crate::claude::prices) of the release that summarised them.
    ListCost,
    /// Those of them whose cost the list does not tell.
    WithoutListCost,
    /// Tries after the first one of `api_error` and `api_refusal` events. No event tells those of a request that was answered.
    Retries,
}

impl Measure {
    /// All measures, in stored order.
    pub const ALL: [Self; 48] = [
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
        Self::Automated,
        Self::Refusals,
        Self::RetriesExhausted,
        Self::Subagents,
        Self::Compactions,
        Self::RefusedByPerson,
        Self::RefusedByRule,
        Self::RefusedByHook,
        Self::RefusedByAutoMode,
        Self::RefusedByPlan,
        Self::WithoutCost,
        Self::WithoutCostInput,
        Self::WithoutCostOutput,
        Self::WithoutCostCacheRead,
        Self::WithoutCostCacheCreation,
        Self::ListCost,
        Self::WithoutListCost,
        Self::Retries,
    ];

    /// The measures of tokens and cost from metrics, each with the measure from events in whose place it may be used.
    pub const METRIC_ESTIMATES: [(Self, Self); 5] = [
        (Self::PointInput, Self::Input),
        (Self::PointOutput, Self::Output),
        (Self::PointCacheRead, Self::CacheRead),
        (Self::PointCacheCreation, Self::CacheCreation),
        (Self::PointCost, Self::Cost),
    ];
}

/// One number for each measure, and how durations are spread. Sums saturate, so no client can make them wrap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    counts: [i64; Measure::ALL.len()],
    /// How durations are spread.
    pub spread: Spread,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { counts: [0; Measure::ALL.len()], spread: Spread::default() }
    }
}

impl Numbers {
    /// Adds to one number.
    pub fn add(&mut self, measure: Measure, amount: i64) {
        self[measure] = self[measure].saturating_add(amount);
    }

    /// Whether all work says that it is automation's: see [`crate::claude::automation`].
    #[must_use]
    pub fn are_of_automation(&self) -> bool {
        self[Measure::Automated] > 0 && self[Measure::Automated] >= self[Measure::Work]
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts.iter().all(|n| *n == 0) && self.spread.is_empty()
    }

    /// Makes all of it zero, and keeps the memory.
    pub fn clear(&mut self) {
        self.counts = [0; Measure::ALL.len()];
        self.spread.clear();
    }
}

impl Index<Measure> for Numbers {
    type Output = i64;

    fn index(&self, measure: Measure) -> &i64 {
        &self.counts[measure as usize]
    }
}

impl IndexMut<Measure> for Numbers {
    fn index_mut(&mut self, measure: Measure) -> &mut i64 {
        &mut self.counts[measure as usize]
    }
}

impl AddAssign<&Self> for Numbers {
    fn add_assign(&mut self, other: &Self) {
        // Most of a row's are zero.
        for (sum, count) in self.counts.iter_mut().zip(&other.counts).filter(|(_, count)| **count != 0) {
            *sum = sum.saturating_add(*count);
        }
        self.spread += &other.spread;
    }
}

/// Dollars or seconds as whole billionths. Clients write both as doubles; a value that is not an amount counts as zero.
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
}
