//! The columns of breakdowns: which there are for what, and how each is written.

use model::currency::Currency;
use service::report::figures::Figures;
use telemetry::activity::ledger::Line;

use crate::components::number;

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// A whole number.
    Count,
    /// An amount of money.
    Money,
    /// A share of one, in percent.
    Share,
    /// Seconds, as hours and minutes.
    Duration,
    /// Milliseconds.
    Millis,
    /// So many of each, with a decimal.
    Rate,
    /// How much money it became more or less, with its sign.
    Change,
}

/// A column.
#[derive(Debug)]
pub(super) struct Column {
    /// As addresses name it.
    pub(super) id: &'static str,
    /// As people name it.
    pub(super) title: &'static str,
    /// What is written below the title, but for money.
    pub(super) unit_name: &'static str,
    /// How its numbers are written.
    pub(super) unit: Unit,
    /// Whether the numbers of parts add up to that of the whole.
    pub(super) adds_up: bool,
    /// Its number of a line, of money in US dollars; none if there is none.
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
    unit_name: "",
    unit: Unit::Money,
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
    value: |_, f| share(f.tool_failures, f.tool_calls),
};
static REFUSED: Column = count("refused", "Refused", |_, f| Some(f.tool_rejections as f64));

static RETRIES: Column = count("retries", "Retries", |_, f| Some(f.api_retries as f64));
static GIVEN_UP: Column =
    Column { unit_name: "after retries", ..count("exhausted", "Gave up", |_, f| Some(f.api_retries_exhausted as f64)) };
static REFUSALS: Column =
    Column { unit_name: "by the model", ..count("refusals", "Declined", |_, f| Some(f.api_refusals as f64)) };
pub(super) static ERROR_RATE: Column = Column {
    id: "rate",
    title: "Error rate",
    unit_name: "of requests",
    unit: Unit::Share,
    adds_up: false,
    value: |_, f| share(f.api_errors, f.api_requests.saturating_add(f.api_errors)),
};
const fn millis(
    id: &'static str,
    title: &'static str,
    which: &'static str,
    value: fn(&Line, &Figures) -> Option<f64>,
) -> Column {
    Column { id, title, unit_name: which, unit: Unit::Millis, adds_up: false, value }
}
static HALF: Column = millis("p50", "Duration", "half take less", |_, f| f.duration_ms_p50);
static MOST: Column = millis("p95", "Duration", "95 % take less", |_, f| f.duration_ms_p95);
static FIRST_HALF: Column = millis("first50", "First token", "half come sooner", |_, f| f.ttft_ms_p50);
static FIRST_MOST: Column = millis("first95", "First token", "95 % come sooner", |_, f| f.ttft_ms_p95);
static TOOL_MOST: Column = millis("tool95", "Runs for", "95 % take less", |_, f| f.tool_duration_ms_p95);
static BY_PERSON: Column =
    Column { unit_name: "by a person", ..count("person", "Refused", |_, f| Some(f.tool_rejections_by_person as f64)) };
static BY_RULE: Column =
    Column { unit_name: "by a rule", ..count("rule", "Refused", |_, f| Some(f.tool_rejections_by_rule as f64)) };
static BY_HOOK: Column =
    Column { unit_name: "by a hook", ..count("hook", "Refused", |_, f| Some(f.tool_rejections_by_hook as f64)) };
static BY_AUTO: Column = Column {
    unit_name: "by auto mode",
    ..count("auto", "Refused", |_, f| Some(f.tool_rejections_by_auto_mode as f64))
};
static BY_PLAN: Column =
    Column { unit_name: "by plan mode", ..count("plan", "Refused", |_, f| Some(f.tool_rejections_by_plan as f64)) };
static REMOVED: Column =
    Column { unit_name: "removed", ..count("removed", "Lines", |_, f| Some(f.lines_removed as f64)) };
static EDITS: Column =
    Column { unit_name: "accepted", ..count("edits", "Edits", |_, f| Some(f.edits_accepted as f64)) };
static REJECTED: Column =
    Column { unit_name: "rejected", ..count("rejected", "Edits", |_, f| Some(f.edits_rejected as f64)) };
const fn each(id: &'static str, title: &'static str, value: fn(&Line, &Figures) -> Option<f64>) -> Column {
    Column { id, title, unit_name: "a person", unit: Unit::Rate, adds_up: false, value }
}
static COMMITS_EACH: Column = each("commits_each", "Commits", |_, f| per_person(f, f.commits));
static PULLS_EACH: Column = each("pulls_each", "PRs", |_, f| per_person(f, f.pull_requests));
static LINES_EACH: Column = each("lines_each", "Lines added", |_, f| per_person(f, f.lines_added));
static COST_EACH: Column = Column {
    id: "cost_each",
    title: "Cost",
    unit_name: "a person",
    unit: Unit::Money,
    adds_up: false,
    value: |_, f| (f.active_users > 0).then(|| f.cost_usd / f.active_users as f64),
};

/// Errors, by class.
pub(super) static OF_ERRORS: [&Column; 5] = [&ERRORS, &RETRIES, &GIVEN_UP, &PEOPLE, &SESSIONS];
/// Requests, by what they may fail or be slow because of.
pub(super) static OF_REQUESTS: [&Column; 10] =
    [&REQUESTS, &ERRORS, &ERROR_RATE, &RETRIES, &GIVEN_UP, &REFUSALS, &HALF, &MOST, &FIRST_HALF, &FIRST_MOST];
/// Tools.
pub(super) static OF_TOOLS: [&Column; 9] =
    [&CALLS, &FAILURES, &FAILED, &TOOL_MOST, &BY_PERSON, &BY_RULE, &BY_HOOK, &BY_AUTO, &BY_PLAN];
/// What extends Claude Code.
pub(super) static OF_EXTENSIONS: [&Column; 6] = [&REQUESTS, &CALLS, &FAILURES, &FAILED, &COST, &PEOPLE];
/// What came of the work of a person.
pub(super) static OF_PERSON: [&Column; 6] = [&COMMITS, &PULLS, &LINES, &REMOVED, &ACCEPTED, &COST];
/// What came of the work of several.
pub(super) static OF_PEOPLE: [&Column; 9] =
    [&COMMITS, &COMMITS_EACH, &PULLS, &PULLS_EACH, &LINES, &LINES_EACH, &REMOVED, &ACCEPTED, &PEOPLE];
/// What came of edits in a language. The points that name it are of no session.
pub(super) static OF_LANGUAGE: [&Column; 3] = [&EDITS, &REJECTED, &ACCEPTED];
/// What came of the work of so many people, for each.
pub(super) static OF_EACH: [&Column; 7] =
    [&PEOPLE, &COMMITS_EACH, &PULLS_EACH, &LINES_EACH, &ACCEPTED, &COST_EACH, &ACTIVE_EACH];
static ACTIVE_EACH: Column = Column {
    id: "active_each",
    title: "Active",
    unit_name: "a person, at the keyboard",
    unit: Unit::Duration,
    adds_up: false,
    value: |_, f| (f.active_users > 0).then(|| f.active_seconds_user / f.active_users as f64),
};

static BY_USER: [&Column; 9] = [&COST, &SESSIONS, &PROMPTS, &TOKENS, &LINES, &COMMITS, &PULLS, &ACCEPTED, &ACTIVE];
static BY_MODEL: [&Column; 7] = [&COST, &PEOPLE, &SESSIONS, &REQUESTS, &ERRORS, &TOKENS, &CACHED];
static BY_TEAM: [&Column; 9] = [&COST, &PEOPLE, &SESSIONS, &PROMPTS, &TOKENS, &LINES, &COMMITS, &PULLS, &ACTIVE];
static BY_TOOL: [&Column; 6] = [&CALLS, &FAILURES, &FAILED, &REFUSED, &PEOPLE, &SESSIONS];
static BY_ERROR: [&Column; 3] = [&ERRORS, &PEOPLE, &SESSIONS];
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
            "language" => &OF_LANGUAGE,
            "command" => &BY_COMMAND,
            _ => &BY_TEAM,
        }
    }
}

/// What is written below the title of a column: of money, what it is in first.
pub(super) fn below(unit: Unit, unit_name: &str, currency: Currency) -> String {
    match (unit, unit_name) {
        (Unit::Money | Unit::Change, "") => number::estimate(currency),
        (Unit::Money | Unit::Change, name) => format!("{}, {name}", number::estimate(currency)),
        (_, name) => name.to_owned(),
    }
}

impl Unit {
    /// A number that is in US dollars if it is money, in `currency`.
    pub(super) fn in_currency(self, value: f64, currency: Currency) -> f64 {
        if matches!(self, Self::Money | Self::Change) { currency.of_dollars(value) } else { value }
    }

    /// A number as it is written, that is in `currency` if it is money.
    pub(super) fn written(self, value: f64, currency: Currency) -> String {
        match self {
            Self::Count => number::grouped(value.round() as i64),
            Self::Money => number::money(value, currency),
            Self::Change => number::change(value, currency),
            // A share of errors is small and matters.
            Self::Share if value > 0.0 && value < 0.0995 => format!("{:.1} %", value * 100.0),
            Self::Share => format!("{:.0} %", value * 100.0),
            Self::Duration => number::duration(value),
            Self::Millis if value < 999.5 => format!("{value:.0} ms"),
            // Only sums are that long.
            Self::Millis if value >= 600_000.0 => number::duration(value / 1_000.0),
            Self::Millis => format!("{:.1} s", value / 1_000.0),
            Self::Rate if value >= 99.95 => number::grouped(value.round() as i64),
            Self::Rate => format!("{value:.1}"),
        }
    }

    /// A number in a table, given in US dollars if it is money; a dash where there is none.
    pub(super) fn cell(self, value: Option<f64>, currency: Currency) -> String {
        value.map_or_else(|| "–".into(), |value| self.written(self.in_currency(value, currency), currency))
    }

    /// The unit of numbers in a file where they have none beside them.
    pub(super) fn of_bare(self) -> &'static str {
        match self {
            Self::Millis => "ms",
            Self::Duration => "s",
            _ => "",
        }
    }

    /// A number in a file for spreadsheets, without its unit: shares are of one.
    pub(super) fn bare(self, value: Option<f64>) -> String {
        let Some(value) = value else { return String::new() };
        match self {
            Self::Count | Self::Millis | Self::Duration => value.round().to_string(),
            Self::Money | Self::Share | Self::Rate | Self::Change => ((value * 1e6).round() / 1e6).to_string(),
        }
    }
}

/// A share; none of nothing.
fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// So many a person who was at work; none if nobody was.
fn per_person(figures: &Figures, number: i64) -> Option<f64> {
    (figures.active_users > 0).then(|| number as f64 / figures.active_users as f64)
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
