//! What exports say, worked out by a decoder of its own: generated types or plain JSON, and no code of the service.

use std::collections::{BTreeMap, BTreeSet};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value as Any};
use opentelemetry_proto::tonic::metrics::v1::{metric::Data, number_data_point::Value as Number};
use prost::Message;
use serde_json::{Value, json};
use shared::otlp::{Encoding, Signal};

use super::Sent;

/// A log record or a data point, flat.
#[derive(Debug, Clone)]
pub struct Flat {
    /// `event.name`, or the metric's name.
    pub name: String,
    /// Attributes as text.
    pub attributes: BTreeMap<String, String>,
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
    let records = request.resource_logs.iter().flat_map(|r| &r.scope_logs).flat_map(|s| &s.log_records);
    records
        .map(|record| {
            let attributes = texts(&record.attributes);
            Flat { name: attributes["event.name"].clone(), attributes, value: 0.0 }
        })
        .collect()
}

fn from_metrics(request: &ExportMetricsServiceRequest) -> Vec<Flat> {
    let mut flat = Vec::new();
    for metric in request.resource_metrics.iter().flat_map(|r| &r.scope_metrics).flat_map(|s| &s.metrics) {
        let Some(Data::Sum(sum)) = &metric.data else { panic!("{} is no sum", metric.name) };
        for point in &sum.data_points {
            let value = match point.value {
                Some(Number::AsDouble(value)) => value,
                Some(Number::AsInt(value)) => value as f64,
                None => panic!("{} has no value", metric.name),
            };
            flat.push(Flat { name: metric.name.clone(), attributes: texts(&point.attributes), value });
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
    let mut flat = Vec::new();
    for resource in all(body, "resourceLogs") {
        for record in all(&resource, "scopeLogs").iter().flat_map(|s| all(s, "logRecords")) {
            let attributes = json_texts(&record);
            flat.push(Flat { name: attributes["event.name"].clone(), attributes, value: 0.0 });
        }
    }
    for resource in all(body, "resourceMetrics") {
        for metric in all(&resource, "scopeMetrics").iter().flat_map(|s| all(s, "metrics")) {
            for point in all(&metric["sum"], "dataPoints") {
                let name = metric["name"].as_str().unwrap().to_owned();
                flat.push(Flat { name, attributes: json_texts(&point), value: point["asDouble"].as_f64().unwrap() });
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

/// The numbers of an activity row that records add up to, each where its one source of truth is.
#[must_use]
pub fn row(records: &[Flat]) -> Value {
    let attribute = |r: &Flat, key: &str| r.attributes.get(key).cloned().unwrap_or_default();
    let events = |name: &str| records.iter().filter(|r| r.name == name).collect::<Vec<_>>();
    let count = |name: &str, key: &str, value: &str| events(name).iter().filter(|r| attribute(r, key) == value).count();
    let points = |name: &str, key: &str, value: &str| {
        let found = records.iter().filter(|r| r.name == name && (key.is_empty() || attribute(r, key) == value));
        found.map(|r| (r.value * 1e6).round() as i64).sum::<i64>() as f64 / 1e6
    };
    let told: BTreeSet<String> = events("api_request").iter().map(|r| attribute(r, "session.id")).collect();
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
    json!({
        "prompts": events("user_prompt").len(),
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
        "active_seconds_user": points("claude_code.active_time.total", "type", "user"),
        "active_seconds_cli": points("claude_code.active_time.total", "type", "cli"),
    })
}
