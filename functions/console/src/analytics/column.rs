//! The columns of breakdowns: which there are for what, and how each is written.

use service::report::figures::Figures;
use telemetry::activity::ledger::Line;

use crate::components::number;

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// A whole number.
    Count,
    /// Dollars.
    Dollars,
    /// A share of one, in percent.
    Share,
    /// Seconds, as hours and minutes.
    Duration,
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    /// As addresses name it.
    pub(super) id: &'static str,
    /// As people name it.
    pub(super) title: &'static str,
    /// What is written below the title.
    pub(super) unit_name: &'static str,
    /// How its numbers are written.
    pub(super) unit: Unit,
    /// Whether the numbers of parts add up to that of the whole.
    pub(super) adds_up: bool,
    /// Its number of a line; none if there is none.
    pub(super) value: fn(&Line, &Figures) -> Option<f64>,
}

const fn count(id: &'static str, title: &'static str, value: fn(&Line, &Figures) -> Option<f64>) -> Column {
    Column { id, title, unit_name: "", unit: Unit::Count, adds_up: true, value }
}

/// The same of what may be the same in several lines.
const fn distinct(id: &'static str, title: &'static str, value: fn(&Line, &Figures) -> Option<f64>) -> Column {
    Column { adds_up: false, ..count(id, title, value) }
}

static COST: Column = Column {
    id: "cost",
    title: "Cost",
    unit_name: "US$, estimate",
    unit: Unit::Dollars,
    adds_up: true,
    value: |_, f| Some(f.cost_usd),
};
static PEOPLE: Column = distinct("people", "People", |_, f| Some(f.active_users as f64));
static SESSIONS: Column = distinct("sessions", "Sessions", |_, f| Some(f.sessions as f64));
static PROMPTS: Column = count("prompts", "Prompts", |_, f| Some(f.prompts as f64));
static REQUESTS: Column = count("requests", "Requests", |_, f| Some(f.api_requests as f64));
static ERRORS: Column = count("errors", "Errors", |_, f| Some(f.api_errors as f64));
static TOKENS: Column = count("tokens", "Tokens", |_, f| Some(tokens(f) as f64));
static CACHED: Column = Column {
    id: "cached",
    title: "From cache",
    unit_name: "of tokens read",
    unit: Unit::Share,
    adds_up: false,
    value: |_, f| cached(f),
};
static LINES: Column = Column { unit_name: "added", ..count("lines", "Lines", |_, f| Some(f.lines_added as f64)) };
static COMMITS: Column = count("commits", "Commits", |_, f| Some(f.commits as f64));
static PULLS: Column = count("pulls", "PRs", |_, f| Some(f.pull_requests as f64));
static ACCEPTED: Column = Column {
    id: "accepted",
    title: "Accepted",
    unit_name: "of own decisions",
    unit: Unit::Share,
    adds_up: false,
    value: |_, f| f.acceptance_rate,
};
static ACTIVE: Column = Column {
    id: "active",
    title: "Active",
    unit_name: "at the keyboard",
    unit: Unit::Duration,
    adds_up: true,
    value: |_, f| Some(f.active_seconds_user),
};
static CALLS: Column = count("calls", "Calls", |_, f| Some(f.tool_calls as f64));
static FAILURES: Column = count("failures", "Failures", |_, f| Some(f.tool_failures as f64));
static FAILED: Column = Column {
    id: "failed",
    title: "Failed",
    unit_name: "of calls",
    unit: Unit::Share,
    adds_up: false,
    value: |_, f| (f.tool_calls > 0).then(|| f.tool_failures as f64 / f.tool_calls as f64),
};
static REFUSED: Column = count("refused", "Refused", |_, f| Some(f.tool_rejections as f64));

static BY_USER: [&Column; 9] = [&COST, &SESSIONS, &PROMPTS, &TOKENS, &LINES, &COMMITS, &PULLS, &ACCEPTED, &ACTIVE];
static BY_MODEL: [&Column; 7] = [&COST, &PEOPLE, &SESSIONS, &REQUESTS, &ERRORS, &TOKENS, &CACHED];
static BY_TEAM: [&Column; 9] = [&COST, &PEOPLE, &SESSIONS, &PROMPTS, &TOKENS, &LINES, &COMMITS, &PULLS, &ACTIVE];
static BY_TOOL: [&Column; 6] = [&CALLS, &FAILURES, &FAILED, &REFUSED, &PEOPLE, &SESSIONS];
static BY_ERROR: [&Column; 3] = [&ERRORS, &PEOPLE, &SESSIONS];
static BY_LANGUAGE: [&Column; 4] = [&LINES, &ACCEPTED, &PEOPLE, &SESSIONS];
static BY_COMMAND: [&Column; 3] = [&PROMPTS, &PEOPLE, &SESSIONS];

impl Column {
    /// The columns that mean something for lines about `by`; the first is what they are in order of at first.
    pub(super) fn of(by: &str) -> &'static [&'static Self] {
        match by {
            "user" => &BY_USER,
            "model" | "model_as_sent" | "provider" | "query_source" | "agent" | "skill" | "plugin" | "effort"
            | "speed" => &BY_MODEL,
            "tool" | "mcp_server" => &BY_TOOL,
            "error" => &BY_ERROR,
            "language" => &BY_LANGUAGE,
            "command" => &BY_COMMAND,
            _ => &BY_TEAM,
        }
    }

    /// The number as it is written.
    pub(super) fn written(&self, value: Option<f64>) -> String {
        value.map_or_else(|| "–".into(), |value| self.unit.written(value))
    }
}

impl Unit {
    /// A number as it is written.
    pub(super) fn written(self, value: f64) -> String {
        match self {
            Self::Count => number::grouped(value.round() as i64),
            Self::Dollars => number::dollars(value),
            Self::Share => format!("{:.0} %", value * 100.0),
            Self::Duration => number::duration(value),
        }
    }
}

/// All tokens.
pub(super) fn tokens(figures: &Figures) -> i64 {
    let read = figures.input_tokens.saturating_add(figures.cache_read_tokens);
    read.saturating_add(figures.cache_creation_tokens).saturating_add(figures.output_tokens)
}

/// The share of what models read that came from the cache.
pub(super) fn cached(figures: &Figures) -> Option<f64> {
    let read =
        figures.input_tokens.saturating_add(figures.cache_read_tokens).saturating_add(figures.cache_creation_tokens);
    (read > 0).then(|| figures.cache_read_tokens as f64 / read as f64)
}
