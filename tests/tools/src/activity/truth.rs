//! What exports say, worked out by a decoder of its own: generated types or plain JSON, and no code of the service.

use std::collections::{BTreeMap, BTreeSet};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value as Any};
use opentelemetry_proto::tonic::metrics::v1::{metric::Data, number_data_point::Value as Number};
use otlp::{Encoding, Signal};
use prost::Message;
use serde_json::{Value, json};

use super::Sent;

pub mod labels;

/// A log record or a data point, flat.
#[derive(Debug, Clone)]
pub struct Flat {
    /// `event.name`, or the metric's name.
    pub name: String,
    /// Attributes as text.
    pub attributes: BTreeMap<String, String>,
    /// Attributes of the resource, as text.
    pub resource: BTreeMap<String, String>,
    /// Claimed time, in milliseconds since the epoch.
    pub time: i64,
    /// A data point's value.
    pub value: f64,
}

/// The records of an export.
#[must_use]
pub fn flat(sent: &Sent) -> Vec<Flat> {
    match (sent.signal, sent.encoding) {
        (Signal::Traces, _) => Vec::new(),
        (_, Encoding::Json) => from_json(&serde_json::from_slice(&sent.body).unwrap()),
        (Signal::Logs, Encoding::Protobuf) => from_logs(&ExportLogsServiceRequest::decode(&*sent.body).unwrap()),
        (Signal::Metrics, Encoding::Protobuf) => {
            from_metrics(&ExportMetricsServiceRequest::decode(&*sent.body).unwrap())
        }
    }
}

fn from_logs(request: &ExportLogsServiceRequest) -> Vec<Flat> {
    let mut flat = Vec::new();
    for sent in &request.resource_logs {
        let resource = sent.resource.as_ref().map(|r| texts(&r.attributes)).unwrap_or_default();
        for record in sent.scope_logs.iter().flat_map(|s| &s.log_records) {
            let attributes = texts(&record.attributes);
            let (name, time) = (attributes["event.name"].clone(), (record.time_unix_nano / 1_000_000) as i64);
            flat.push(Flat { name, attributes, resource: resource.clone(), time, value: 0.0 });
        }
    }
    flat
}

fn from_metrics(request: &ExportMetricsServiceRequest) -> Vec<Flat> {
    let mut flat = Vec::new();
    for sent in &request.resource_metrics {
        let resource = sent.resource.as_ref().map(|r| texts(&r.attributes)).unwrap_or_default();
        for metric in sent.scope_metrics.iter().flat_map(|s| &s.metrics) {
            let Some(Data::Sum(sum)) = &metric.data else { panic!("{} is no sum", metric.name) };
            for point in &sum.data_points {
                let value = match point.value {
                    Some(Number::AsDouble(value)) => value,
                    Some(Number::AsInt(value)) => value as f64,
                    None => panic!("{} has no value", metric.name),
                };
                let (attributes, time) = (texts(&point.attributes), (point.time_unix_nano / 1_000_000) as i64);
                flat.push(Flat { name: metric.name.clone(), attributes, resource: resource.clone(), time, value });
            }
        }
    }
    flat
}

fn texts(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Any| match value {
        Any::StringValue(text) => text.clone(),
        Any::IntValue(number) => number.to_string(),
        Any::DoubleValue(number) => number.to_string(),
        Any::BoolValue(flag) => flag.to_string(),
        other => format!("{other:?}"),
    };
    attributes.iter().filter_map(|a| Some((a.key.clone(), text(a.value.as_ref()?.value.as_ref()?)))).collect()
}

fn from_json(body: &Value) -> Vec<Flat> {
    let all = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let time = |record: &Value| record["timeUnixNano"].as_str().unwrap().parse::<i64>().unwrap() / 1_000_000;
    let mut flat = Vec::new();
    for sent in all(body, "resourceLogs") {
        let resource = json_texts(&sent["resource"]);
        for record in all(&sent, "scopeLogs").iter().flat_map(|s| all(s, "logRecords")) {
            let attributes = json_texts(&record);
            let (name, resource) = (attributes["event.name"].clone(), resource.clone());
            flat.push(Flat { name, attributes, resource, time: time(&record), value: 0.0 });
        }
    }
    for sent in all(body, "resourceMetrics") {
        let resource = json_texts(&sent["resource"]);
        for metric in all(&sent, "scopeMetrics").iter().flat_map(|s| all(s, "metrics")) {
            for point in all(&metric["sum"], "dataPoints") {
                let (name, resource) = (metric["name"].as_str().unwrap().to_owned(), resource.clone());
                let (attributes, value) = (json_texts(&point), point["asDouble"].as_f64().unwrap());
                flat.push(Flat { name, attributes, resource, time: time(&point), value });
            }
        }
    }
    flat
}

fn json_texts(record: &Value) -> BTreeMap<String, String> {
    let attributes = record["attributes"].as_array().cloned().unwrap_or_default();
    attributes
        .iter()
        .filter_map(|a| {
            let value = a["value"].as_object()?.values().next()?.clone();
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Some((a["key"].as_str()?.to_owned(), text))
        })
        .collect()
}

/// Whose records are: the e-mail address they carry, themselves or on their resource; else the only one that their client was ever
/// seen with; else the client.
#[must_use]
pub fn people(records: &[Flat]) -> Vec<String> {
    let of = |record: &Flat, key: &str| record.attributes.get(key).or_else(|| record.resource.get(key)).cloned();
    let mut addresses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for record in records {
        if let (Some(client), Some(email)) = (of(record, "user.id"), of(record, "user.email")) {
            addresses.entry(client).or_default().insert(email);
        }
    }
    let owner = |record: &Flat| {
        let client = of(record, "user.id").unwrap();
        let known = addresses.get(&client).filter(|found| found.len() == 1).and_then(BTreeSet::first);
        of(record, "user.email").or(known.cloned()).unwrap_or(client)
    };
    records.iter().map(owner).collect()
}

/// The model that a record counts for, if it is about one.
#[must_use]
pub fn model(record: &Flat) -> Option<String> {
    let names = ["api_request", "api_error", "api_retries_exhausted", "claude_code.lines_of_code.count"];
    let counts = names.contains(&&*record.name) || record.name.ends_with(".usage");
    let sent = record.attributes.get("model").filter(|_| counts)?;
    let name = sent.trim_end_matches("[1m]").rsplit("anthropic.").next()?;
    let is_date = |part: &str| part.len() == 8 && part.bytes().all(|b| b.is_ascii_digit());
    Some(name.rsplit_once('-').filter(|(_, last)| is_date(last)).map_or(name, |(first, _)| first).to_owned())
}

/// The tool that a record counts for, if it is about one.
#[must_use]
pub fn tool(record: &Flat) -> Option<&String> {
    let names = ["tool_result", "tool_decision", "claude_code.code_edit_tool.decision"];
    record.attributes.get("tool_name").filter(|_| names.contains(&&*record.name))
}

/// Whether a person asked for something with it: commands of the client, which it answers itself, ask for nothing.
fn is_prompt(record: &Flat) -> bool {
    let source = record.attributes.get("command_source");
    !record.attributes.contains_key("command_name") || source.is_some_and(|source| source != "builtin")
}

/// The sessions whose events tell of tokens.
fn told(records: &[Flat]) -> BTreeSet<String> {
    let requests = records.iter().filter(|r| r.name == "api_request");
    requests.map(|r| r.attributes.get("session.id").cloned().unwrap_or_default()).collect()
}

/// The numbers of activity rows, by the key that each record has; null is a key too. Beside what adds up, each has its sessions.
#[must_use]
pub fn rows(records: &[Flat], key: impl Fn(usize, &Flat) -> Value) -> BTreeMap<String, Value> {
    let told = told(records);
    let mut groups: BTreeMap<String, Vec<Flat>> = BTreeMap::new();
    for (index, record) in records.iter().enumerate() {
        groups.entry(key(index, record).to_string()).or_default().push(record.clone());
    }
    let row = |records: &[Flat]| {
        let mut row = numbers(records, &told);
        row["sessions"] = json!(sessions(records).len());
        row
    };
    groups.into_iter().map(|(key, records)| (key, row(&records))).collect()
}

/// The sessions that somebody works in, as their events say it: not those of the start.
fn sessions(records: &[Flat]) -> BTreeSet<&String> {
    let is_start = |name: &str| ["plugin_loaded", "managed_settings_resolved"].contains(&name);
    let works = |record: &&Flat| !record.name.starts_with("claude_code.") && !is_start(&record.name);
    records.iter().filter(works).filter_map(|record| record.attributes.get("session.id")).collect()
}

/// The numbers of an activity row that records add up to, each where its one source of truth is.
#[must_use]
pub fn row(records: &[Flat]) -> Value {
    numbers(records, &told(records))
}

fn numbers(records: &[Flat], told: &BTreeSet<String>) -> Value {
    let attribute = |r: &Flat, key: &str| r.attributes.get(key).cloned().unwrap_or_default();
    let events = |name: &str| records.iter().filter(|r| r.name == name).collect::<Vec<_>>();
    let count = |name: &str, key: &str, value: &str| events(name).iter().filter(|r| attribute(r, key) == value).count();
    let points = |name: &str, key: &str, value: &str| {
        let found = records.iter().filter(|r| r.name == name && (key.is_empty() || attribute(r, key) == value));
        found.map(|r| (r.value * 1e6).round() as i64).sum::<i64>() as f64 / 1e6
    };
    let tokens = |key: &str, kind: &str| {
        let by_events: f64 =
            events("api_request").iter().map(|r| attribute(r, key).parse::<f64>().unwrap_or_default()).sum();
        let untold = records.iter().filter(|r| r.name == "claude_code.token.usage" && attribute(r, "type") == kind);
        let by_points: f64 = untold.filter(|r| !told.contains(&attribute(r, "session.id"))).map(|r| r.value).sum();
        by_events + by_points
    };
    let cost_nanos: i64 = events("api_request")
        .iter()
        .map(|r| (attribute(r, "cost_usd").parse::<f64>().unwrap() * 1e9).round() as i64)
        .chain(
            records
                .iter()
                .filter(|r| r.name == "claude_code.cost.usage" && !told.contains(&attribute(r, "session.id")))
                .map(|r| (r.value * 1e9).round() as i64),
        )
        .sum();
    let decision = "claude_code.code_edit_tool.decision";
    let refused = |is_theirs: &dyn Fn(&str) -> bool| {
        let refusals = events("tool_decision").into_iter().filter(|r| attribute(r, "decision") == "reject");
        refusals.filter(|r| is_theirs(&attribute(r, "source"))).count()
    };
    let retries: i64 = ["api_error", "api_refusal"]
        .iter()
        .flat_map(|name| events(name))
        .map(|r| attribute(r, "attempt").parse::<i64>().map_or(0, |attempts| attempts - 1))
        .sum();
    json!({
        "prompts": events("user_prompt").iter().filter(|r| is_prompt(r)).count(),
        "commands": events("user_prompt").iter().filter(|r| r.attributes.contains_key("command_name")).count(),
        "api_requests": events("api_request").len(),
        "api_errors": events("api_error").len(),
        "input_tokens": tokens("input_tokens", "input"),
        "output_tokens": tokens("output_tokens", "output"),
        "cache_read_tokens": tokens("cache_read_tokens", "cacheRead"),
        "cache_creation_tokens": tokens("cache_creation_tokens", "cacheCreation"),
        "cost_usd": ((cost_nanos + 500) / 1000) as f64 / 1e6,
        "lines_added": points("claude_code.lines_of_code.count", "type", "added"),
        "lines_removed": points("claude_code.lines_of_code.count", "type", "removed"),
        "commits": points("claude_code.commit.count", "", ""),
        "pull_requests": points("claude_code.pull_request.count", "", ""),
        "edits_accepted": points(decision, "decision", "accept"),
        "edits_rejected": points(decision, "decision", "reject"),
        "tool_calls": events("tool_result").len(),
        "tool_failures": count("tool_result", "success", "false"),
        "tool_rejections": count("tool_decision", "decision", "reject"),
        "tool_rejections_by_person": refused(&|source| source.starts_with("user")),
        "tool_rejections_by_rule": refused(&|source| source == "config"),
        "api_retries_exhausted": events("api_retries_exhausted").len(),
        "api_retries": retries,
        "active_seconds_user": points("claude_code.active_time.total", "type", "user"),
        "active_seconds_cli": points("claude_code.active_time.total", "type", "cli"),
    })
}
