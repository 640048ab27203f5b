//! The numbers of a line as they are shown.

use serde::Serialize;

use telemetry::activity::ledger::Line;
use telemetry::activity::measure::Measure;
use telemetry::activity::spread::Duration;

/// Nano-dollars in a micro-dollar, the smallest amount that is shown.
const MICRO: i64 = 1_000;
/// What is said of a cost that nobody says.
pub const NO_BASIS: &str = "none";
/// Names of the columns of CSV, in the order of [`Figures`].
pub const COLUMNS: [&str; 42] = [
    "sessions",
    "active_users",
    "prompts",
    "commands",
    "api_requests",
    "api_errors",
    "api_refusals",
    "api_retries_exhausted",
    "api_retries",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "cache_read_ratio",
    "cost_usd",
    "requests_without_cost",
    "lines_added",
    "lines_removed",
    "commits",
    "pull_requests",
    "edits_accepted",
    "edits_rejected",
    "acceptance_rate",
    "tool_calls",
    "tool_failures",
    "tool_rejections",
    "tool_rejections_by_person",
    "tool_rejections_by_rule",
    "tool_rejections_by_hook",
    "tool_rejections_by_auto_mode",
    "tool_rejections_by_plan",
    "subagents",
    "compactions",
    "duration_ms_p50",
    "duration_ms_p95",
    "ttft_ms_p50",
    "ttft_ms_p95",
    "tool_duration_ms_p95",
    "active_seconds_user",
    "active_seconds_cli",
    "automation_sessions",
    "cost_basis",
];

/// The numbers of a line, in the order in which they are shown.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Figures {
    /// Distinct sessions with work in them.
    pub sessions: usize,
    /// Distinct people at work, automation not included.
    pub active_users: usize,
    /// Prompts that people wrote, without the commands that the client answers itself.
    pub prompts: i64,
    /// Commands, those included that are prompts too.
    pub commands: i64,
    /// Requests to a model that were answered.
    pub api_requests: i64,
    /// Those that failed for good.
    pub api_errors: i64,
    /// Requests that the model refused.
    pub api_refusals: i64,
    /// Requests that were given up after several tries.
    pub api_retries_exhausted: i64,
    /// Tries after the first one of requests that failed for good or that the model refused. No event tells those of a request that
    /// was answered.
    pub api_retries: i64,
    /// Tokens read.
    pub input_tokens: i64,
    /// Tokens written.
    pub output_tokens: i64,
    /// Tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Tokens written to the cache.
    pub cache_creation_tokens: i64,
    /// The share of all tokens read that came from the cache; none if none were read.
    pub cache_read_ratio: Option<f64>,
    /// US dollars, rounded to the micro-dollar.
    pub cost_usd: f64,
    /// Requests that cost something nobody knows: the client says no cost, and the list of prices none of the model. Where the
    /// client sends metrics alone, one for each installation, day and model for which that holds.
    pub requests_without_cost: i64,
    /// Lines added.
    pub lines_added: i64,
    /// Lines removed.
    pub lines_removed: i64,
    /// Commits.
    pub commits: i64,
    /// Pull requests.
    pub pull_requests: i64,
    /// Edits accepted by anybody, settings and hooks included.
    pub edits_accepted: i64,
    /// Edits rejected by anybody.
    pub edits_rejected: i64,
    /// Accepted share of the decisions that people took themselves; none if they took none.
    pub acceptance_rate: Option<f64>,
    /// Tools run.
    pub tool_calls: i64,
    /// Those without success.
    pub tool_failures: i64,
    /// Decisions against running a tool.
    pub tool_rejections: i64,
    /// Those of people.
    pub tool_rejections_by_person: i64,
    /// Those of rules in the settings.
    pub tool_rejections_by_rule: i64,
    /// Those of hooks.
    pub tool_rejections_by_hook: i64,
    /// Those of auto mode, which found the tool unsafe or found nothing.
    pub tool_rejections_by_auto_mode: i64,
    /// Those of plan mode.
    pub tool_rejections_by_plan: i64,
    /// Subagents that finished.
    pub subagents: i64,
    /// Conversations that were made shorter.
    pub compactions: i64,
    /// What half of the requests took at most, in milliseconds; a fifth off at most, like all of these.
    pub duration_ms_p50: Option<f64>,
    /// What 95 of 100 requests took at most.
    pub duration_ms_p95: Option<f64>,
    /// How soon the first token came of half of the requests.
    pub ttft_ms_p50: Option<f64>,
    /// How soon the first token came of 95 of 100 requests.
    pub ttft_ms_p95: Option<f64>,
    /// What 95 of 100 tools took at most.
    pub tool_duration_ms_p95: Option<f64>,
    /// Seconds people were at the keyboard.
    pub active_seconds_user: f64,
    /// Seconds the client worked.
    pub active_seconds_cli: f64,
    /// Those of the sessions that no person worked in: automation.
    pub automation_sessions: usize,
    /// Who says the cost, which is no bill: `client`, Claude Code's own estimate; `price_list`, this service's prices for the tokens
    /// of a client that says none; `mixed`; or `none`, where there is no cost.
    pub cost_basis: &'static str,
}

impl From<&Line> for Figures {
    fn from(line: &Line) -> Self {
        let n = |measure: Measure| line.numbers[measure];
        let spread = &line.numbers.spread;
        let read = n(Measure::Input).saturating_add(n(Measure::CacheRead)).saturating_add(n(Measure::CacheCreation));
        let own = n(Measure::OwnAccepted).saturating_add(n(Measure::OwnRejected));
        Self {
            sessions: line.sessions.len(),
            active_users: line.people.len(),
            prompts: n(Measure::Prompts),
            commands: n(Measure::Commands),
            api_requests: n(Measure::ApiRequests),
            api_errors: n(Measure::ApiErrors),
            api_refusals: n(Measure::Refusals),
            api_retries_exhausted: n(Measure::RetriesExhausted),
            api_retries: n(Measure::Retries),
            input_tokens: n(Measure::Input),
            output_tokens: n(Measure::Output),
            cache_read_tokens: n(Measure::CacheRead),
            cache_creation_tokens: n(Measure::CacheCreation),
            cache_read_ratio: (read > 0).then(|| n(Measure::CacheRead) as f64 / read as f64),
            cost_usd: dollars(n(Measure::Cost)),
            requests_without_cost: line.without_cost,
            lines_added: n(Measure::LinesAdded),
            lines_removed: n(Measure::LinesRemoved),
            commits: n(Measure::Commits),
            pull_requests: n(Measure::PullRequests),
            edits_accepted: n(Measure::EditsAccepted),
            edits_rejected: n(Measure::EditsRejected),
            acceptance_rate: (own > 0).then(|| n(Measure::OwnAccepted) as f64 / own as f64),
            tool_calls: n(Measure::ToolCalls),
            tool_failures: n(Measure::ToolFailures),
            tool_rejections: n(Measure::ToolRejections),
            tool_rejections_by_person: n(Measure::RefusedByPerson),
            tool_rejections_by_rule: n(Measure::RefusedByRule),
            tool_rejections_by_hook: n(Measure::RefusedByHook),
            tool_rejections_by_auto_mode: n(Measure::RefusedByAutoMode),
            tool_rejections_by_plan: n(Measure::RefusedByPlan),
            subagents: n(Measure::Subagents),
            compactions: n(Measure::Compactions),
            duration_ms_p50: spread.percentile(Duration::Request, 0.5),
            duration_ms_p95: spread.percentile(Duration::Request, 0.95),
            ttft_ms_p50: spread.percentile(Duration::FirstToken, 0.5),
            ttft_ms_p95: spread.percentile(Duration::FirstToken, 0.95),
            tool_duration_ms_p95: spread.percentile(Duration::Tool, 0.95),
            active_seconds_user: n(Measure::ActiveUser) as f64 / 1e9,
            active_seconds_cli: n(Measure::ActiveCli) as f64 / 1e9,
            automation_sessions: line.automation_sessions.len(),
            cost_basis: basis(n(Measure::Cost), line.priced),
        }
    }
}

/// Who says a cost, of which `priced` is from the list of prices, both in nano-dollars.
#[must_use]
pub fn basis(cost: i64, priced: i64) -> &'static str {
    match (cost > priced, priced > 0) {
        (true, false) => "client",
        (false, true) => "price_list",
        (true, true) => "mixed",
        (false, false) => NO_BASIS,
    }
}

/// Nano-dollars as dollars, rounded to the micro-dollar, half up.
#[must_use]
pub fn dollars(nanos: i64) -> f64 {
    nanos.saturating_add(MICRO / 2).div_euclid(MICRO) as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_the_fields_in_their_order() {
        let shown = serde_json::to_string(&Figures::from(&Line::default())).unwrap();
        let places: Vec<usize> = COLUMNS.iter().map(|c| shown.find(&format!("\"{c}\":")).unwrap()).collect();
        assert!(places.is_sorted());
    }

    #[test]
    fn money_is_rounded_only_when_shown() {
        assert_eq!(dollars(8_985_500).to_string(), "0.008986");
        assert_eq!(dollars(8_985_499).to_string(), "0.008985");
    }
}
