//! Counts one record.

use super::dimensions::{Dimension, Dimensions};
use super::growing::Growing;
use super::measure::{Measure, Numbers, nanos};
use super::money::Money;
use super::series::Series;
use super::series_key::series_key;
use super::spread::Duration;
use super::summary::Span;
use crate::canonical::Kind;
use crate::claude::attribute::Value;
use crate::claude::models;
use crate::claude::prices::{self, FAST, Tokens};
use crate::claude::record::{PointData, Record, Temporality};
use model::time::Timestamp;

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
/// The most tries of one request that are believed. What says more would make the sums that it is in worthless.
const MOST_ATTEMPTS: i64 = 1_000;
/// How the sources of decisions begin that are a person's.
const OWN: &str = "user";

/// Whether an event of this name shows a person at work.
#[must_use]
pub fn is_work(event: &str) -> bool {
    WORK.contains(&event)
}

/// Adds `record`, which stands for `times` identical ones, to `summary`: it is shown at a time, and may say that a machine
/// works. `about` are its dimensions.
pub fn count(
    summary: &mut Growing,
    about: Dimensions,
    record: &Record,
    times: u32,
    (time, is_automated): (Timestamp, bool),
) {
    summary.see(&about[Dimension::Session], Span { first: time, last: time });
    match &record.point {
        Some(point) => point_into(summary, about, record, (point, times), (time, is_automated)),
        None if is_work(&record.name) => event_into(summary, about, record, times.into(), is_automated),
        None => {}
    }
}

fn event_into(summary: &mut Growing, about: Dimensions, record: &Record, times: i64, is_automated: bool) {
    let mut counted = work(times, is_automated);
    let is_of_record = event(&mut counted, record, times);
    let about = if is_of_record { about } else { about.of_session() };
    summary.count(&about, &counted);
    if counted[Measure::Prompts] > 0 && counted[Measure::Commands] == 0 {
        summary.prompt(record.time, &about, times);
    }
    if counted[Measure::Subagents] > 0 && record.get("is_async").and_then(Value::as_bool) == Some(true) {
        summary.end_of_subagent(record.time, &about, times);
    }
    let money = Money::of_events(&counted);
    if !money.is_empty() {
        summary.request(record.time, &about, money);
    }
}

fn work(times: i64, is_automated: bool) -> Numbers {
    let mut counted = Numbers::default();
    counted.add(Measure::Work, times);
    counted.add(Measure::Automated, if is_automated { times } else { 0 });
    counted
}

/// Counts what an event tells beyond that somebody works; says whether there is anything.
fn event(counted: &mut Numbers, record: &Record, times: i64) -> bool {
    let number = |key: &str| record.get(key).and_then(Value::as_number).map_or(0, whole).saturating_mul(times);
    match &*record.name {
        "user_prompt" => {
            let is_command = record.get("command_name").is_some();
            // What a person defined is a prompt; the client's own commands mostly need no model.
            let is_prompt = !is_command || record.text("command_source").is_some_and(|source| source != "builtin");
            counted.add(Measure::Prompts, if is_prompt { times } else { 0 });
            counted.add(Measure::Commands, if is_command { times } else { 0 });
        }
        "api_request" => {
            counted.add(Measure::ApiRequests, times);
            for (measure, key) in [
                (Measure::Input, "input_tokens"),
                (Measure::Output, "output_tokens"),
                (Measure::CacheRead, "cache_read_tokens"),
                (Measure::CacheCreation, "cache_creation_tokens"),
            ] {
                counted.add(measure, number(key));
            }
            match cost(record) {
                0 => without_cost(counted, record, times),
                cost => counted.add(Measure::Cost, cost.saturating_mul(times)),
            }
            note(counted, record, Duration::Request, "duration_ms", times);
            note(counted, record, Duration::FirstToken, "ttft_ms", times);
        }
        "api_error" => {
            counted.add(Measure::ApiErrors, times);
            counted.add(Measure::Retries, retries(record).saturating_mul(times));
        }
        "api_refusal" => {
            counted.add(Measure::Refusals, times);
            counted.add(Measure::Retries, retries(record).saturating_mul(times));
        }
        "api_retries_exhausted" => counted.add(Measure::RetriesExhausted, times),
        "tool_result" => {
            counted.add(Measure::ToolCalls, times);
            if record.get("success").and_then(Value::as_bool) == Some(false) {
                counted.add(Measure::ToolFailures, times);
            }
            note(counted, record, Duration::Tool, "duration_ms", times);
        }
        "tool_decision" if record.text("decision") == Some("reject") => {
            counted.add(Measure::ToolRejections, times);
            if let Some(who) = refused_by(record) {
                counted.add(who, times);
            }
        }
        "subagent_completed" => counted.add(Measure::Subagents, times),
        // A compaction of which nothing says that it failed.
        "compaction" if record.get("success").and_then(Value::as_bool) != Some(false) => {
            counted.add(Measure::Compactions, times);
        }
        "skill_activated" => {}
        _ => return false,
    }
    true
}

/// How often a request was tried after the first time. `api_retries_exhausted` tells the same again of an `api_error`.
fn retries(record: &Record) -> i64 {
    let attempts = record.get("attempt").and_then(Value::as_number).map_or(0, whole);
    (attempts.min(MOST_ATTEMPTS) - 1).max(0)
}

fn note(counted: &mut Numbers, record: &Record, duration: Duration, key: &str, times: i64) {
    let millis = record.get(key).and_then(Value::as_number).filter(|millis| *millis >= 0.0);
    if let (Some(millis), Ok(times)) = (millis, u64::try_from(times)) {
        counted.spread.note(duration, millis as u64, times);
    }
}

/// Who or what refused a tool, as far as the event says it.
fn refused_by(record: &Record) -> Option<Measure> {
    let source = record.text("source").unwrap_or_default();
    let mode = record.text("permission_mode").unwrap_or_default();
    let verdict = record.text("classifier_verdict").is_some_and(|verdict| verdict != "allow");
    Some(match source {
        source if source.starts_with(OWN) => Measure::RefusedByPerson,
        "hook" => Measure::RefusedByHook,
        _ if mode == "plan" => Measure::RefusedByPlan,
        "classifier" => Measure::RefusedByAutoMode,
        "config" if verdict || mode == "auto" => Measure::RefusedByAutoMode,
        "config" => Measure::RefusedByRule,
        _ => return None,
    })
}

/// Counts a request whose client says no cost: its tokens, for an organisation with rates of its own, and what they cost by
/// the list.
fn without_cost(counted: &mut Numbers, record: &Record, times: i64) {
    let number = |key: &str| record.get(key).and_then(Value::as_number).map_or(0, whole);
    let tokens = Tokens {
        input: number("input_tokens"),
        output: number("output_tokens"),
        cache_read: number("cache_read_tokens"),
        cache_creation: number("cache_creation_tokens"),
    };
    if tokens.is_empty() {
        return;
    }
    let model = models::canonical(record.text("model").unwrap_or_default());
    let is_fast = record.text("speed") == Some(FAST);
    let (list, unlisted) = match prices::of_request(&model, prices::day(record.time), &tokens, is_fast) {
        Some(cost) => (cost, 0),
        None => (0, 1),
    };
    for (measure, count) in [
        (Measure::WithoutCost, 1),
        (Measure::WithoutCostInput, tokens.input),
        (Measure::WithoutCostOutput, tokens.output),
        (Measure::WithoutCostCacheRead, tokens.cache_read),
        (Measure::WithoutCostCacheCreation, tokens.cache_creation),
        (Measure::ListCost, list),
        (Measure::WithoutListCost, unlisted),
    ] {
        counted.add(measure, count.saturating_mul(times));
    }
}

/// Reads `cost_usd`, which has half micro-dollars; `cost_usd_micros` is the same number rounded.
fn cost(record: &Record) -> i64 {
    let number = |key: &str| record.get(key).and_then(Value::as_number);
    number("cost_usd").map(nanos).or_else(|| number("cost_usd_micros").map(|n| nanos(n / 1e6))).unwrap_or(0)
}

fn point_into(
    summary: &mut Growing,
    about: Dimensions,
    record: &Record,
    (point, times): (&PointData, u32),
    (time, is_automated): (Timestamp, bool),
) {
    if record.name.starts_with("claude_code.") && &*record.name != STARTS && point.value > 0.0 {
        summary.count(&about.clone().of_session(), &work(times.into(), is_automated));
    }
    let measures = measures(record);
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
    let is_own = record.text("source").is_none_or(|source| source.starts_with(OWN));
    let counted = [Some(all), is_own.then_some(own)];
    counted.into_iter().flatten().map(|measure| (measure, whole as fn(f64) -> i64)).collect()
}

/// A count, sent as a double; a value that is not a count is zero.
fn whole(value: f64) -> i64 {
    if value > 0.0 { value.round() as i64 } else { 0 }
}

#[cfg(test)]
mod tests;
