//! Counts one record.

use super::dimensions::{Dimensions, label};
use super::growing::Growing;
use super::measure::{Measure, Numbers, nanos};
use super::money::Money;
use super::series::Series;
use super::series_key::series_key;
use super::summary::Span;
use crate::canonical::Kind;
use crate::claude::attribute::Value;
use crate::claude::record::{PointData, Record, Temporality};
use model::time::Millis;

/// Events that show a person at work. Unknown events do not, since they may be sent at start-up; and work never comes
/// without one of these.
const WORK: [&str; 14] = [
    "user_prompt",
    "assistant_response",
    "api_request",
    "api_error",
    "api_retries_exhausted",
    "api_refusal",
    "api_request_body",
    "api_response_body",
    "tool_result",
    "tool_decision",
    "compaction",
    "subagent_completed",
    "skill_activated",
    "at_mention",
];
/// The metric that counts starts, which are not work by themselves.
const STARTS: &str = "claude_code.session.count";
/// The sources of decisions about edits that are not a person's.
const NOT_OWN: [&str; 2] = ["config", "hook"];

/// Whether an event of this name shows a person at work.
#[must_use]
pub fn is_work(event: &str) -> bool {
    WORK.contains(&event)
}

/// Adds `record`, which stands for `times` identical ones and is shown at `time`, to `summary`. `about` are its
/// dimensions.
pub fn count(summary: &mut Growing, mut about: Dimensions, record: &Record, times: u32, time: Millis) {
    summary.see(&about.session, Span { first: time, last: time });
    match &record.point {
        Some(point) => point_into(summary, about, record, point, times, time),
        None if is_work(&record.name) => event_into(summary, &mut about, record, times.into()),
        None => {}
    }
}

fn event_into(summary: &mut Growing, about: &mut Dimensions, record: &Record, times: i64) {
    let number = |key: &str| record.get(key).and_then(Value::as_number).map_or(0, whole).saturating_mul(times);
    let mut counted: Vec<(Measure, i64)> = vec![(Measure::Work, times)];
    match &*record.name {
        "user_prompt" => {
            counted.push((Measure::Prompts, times));
            if record.get("command_name").is_some() {
                counted.push((Measure::Commands, times));
            }
        }
        "api_request" => {
            about.name_model(record.text("model"));
            counted.extend([
                (Measure::ApiRequests, times),
                (Measure::Input, number("input_tokens")),
                (Measure::Output, number("output_tokens")),
                (Measure::CacheRead, number("cache_read_tokens")),
                (Measure::CacheCreation, number("cache_creation_tokens")),
                (Measure::Cost, cost(record).saturating_mul(times)),
            ]);
        }
        "api_error" => {
            about.name_model(record.text("model"));
            counted.push((Measure::ApiErrors, times));
        }
        "tool_result" => {
            about.tool = label(record.text("tool_name"));
            counted.push((Measure::ToolCalls, times));
            if record.get("success").and_then(Value::as_bool) == Some(false) {
                counted.push((Measure::ToolFailures, times));
            }
        }
        "tool_decision" => {
            about.tool = label(record.text("tool_name"));
            if record.text("decision") == Some("reject") {
                counted.push((Measure::ToolRejections, times));
            }
        }
        _ => {}
    }
    let mut reported = Numbers::default();
    for (measure, amount) in counted {
        reported.add(measure, amount);
        summary.add(about, measure, amount);
    }
    let money = Money::of_events(&reported);
    if !money.is_empty() {
        summary.request(record.time, about, money);
    }
}

/// Reads `cost_usd`, which has half micro-dollars; `cost_usd_micros` is the same number rounded.
fn cost(record: &Record) -> i64 {
    let number = |key: &str| record.get(key).and_then(Value::as_number);
    number("cost_usd").map(nanos).or_else(|| number("cost_usd_micros").map(|n| nanos(n / 1e6))).unwrap_or(0)
}

fn point_into(
    summary: &mut Growing,
    mut about: Dimensions,
    record: &Record,
    point: &PointData,
    times: u32,
    time: Millis,
) {
    if record.name.starts_with("claude_code.") && &*record.name != STARTS && point.value > 0.0 {
        summary.add(&about, Measure::Work, times.into());
    }
    let measures = measures(record);
    if record.name.ends_with(".usage") || &*record.name == "claude_code.lines_of_code.count" {
        about.name_model(record.text("model"));
    }
    if &*record.name == "claude_code.code_edit_tool.decision" {
        about.tool = label(record.text("tool_name"));
    }
    if point.kind != Kind::Sum || point.temporality == Temporality::Unspecified {
        // A gauge tells a state, and what is not said to be a difference may be one or a sum: adding up either invents.
        return;
    }
    for (measure, amount) in measures {
        // Starting the agents' view is a fact about a session, not a sum.
        if point.temporality == Temporality::Cumulative && measure != Measure::AgentsView {
            let series = Series { about: about.clone(), measure, start: point.start, labels: series_key(record) };
            summary.point(series, (time, record.time), amount(point.value));
            continue;
        }
        let amount = amount(point.value).saturating_mul(times.into());
        match Money::of_metric(measure, amount) {
            Some(money) if money.is_empty() => {}
            Some(money) => summary.report((point.start, record.time), &about, money),
            None => summary.add(&about, measure, amount),
        }
    }
}

/// Measures, each with the conversion of a point's value into its amount.
type Counted = Vec<(Measure, Rounding)>;

/// Converts the value of a point into a whole number.
type Rounding = fn(f64) -> i64;

/// The measures that a point of this record counts for, each with its conversion.
fn measures(record: &Record) -> Counted {
    let kind = record.text("type").unwrap_or_default();
    let one = |measure: Measure| vec![(measure, whole as fn(f64) -> i64)];
    match &*record.name {
        STARTS if record.text("start_type") == Some("agents_view") => one(Measure::AgentsView),
        STARTS => one(Measure::Starts),
        "claude_code.cost.usage" => vec![(Measure::PointCost, nanos)],
        "claude_code.token.usage" => match kind {
            "input" => one(Measure::PointInput),
            "output" => one(Measure::PointOutput),
            "cacheRead" => one(Measure::PointCacheRead),
            "cacheCreation" => one(Measure::PointCacheCreation),
            _ => Vec::new(),
        },
        "claude_code.lines_of_code.count" => match kind {
            "added" => one(Measure::LinesAdded),
            "removed" => one(Measure::LinesRemoved),
            _ => Vec::new(),
        },
        "claude_code.commit.count" => one(Measure::Commits),
        "claude_code.pull_request.count" => one(Measure::PullRequests),
        "claude_code.code_edit_tool.decision" => decision(record),
        "claude_code.active_time.total" => match kind {
            "user" => vec![(Measure::ActiveUser, nanos)],
            "cli" => vec![(Measure::ActiveCli, nanos)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn decision(record: &Record) -> Counted {
    let (all, own) = match record.text("decision") {
        Some("accept") => (Measure::EditsAccepted, Measure::OwnAccepted),
        Some("reject") => (Measure::EditsRejected, Measure::OwnRejected),
        _ => return Vec::new(),
    };
    // A decision without a source is taken for a person's: the first versions sent them like that.
    let is_own = record.text("source").is_none_or(|source| !NOT_OWN.contains(&source));
    let counted = [Some(all), is_own.then_some(own)];
    counted.into_iter().flatten().map(|measure| (measure, whole as fn(f64) -> i64)).collect()
}

/// A count, sent as a double; a value that is not a count is zero.
fn whole(value: f64) -> i64 {
    if value > 0.0 { value.round() as i64 } else { 0 }
}
