//! Exports made for a test, as a client would send them.

use otlp::{Encoding, Signal};
use serde::Serialize;
use serde_json::{Value, json};

use super::Sent;

/// An event at `millis`, with its own attributes.
#[must_use]
pub fn event(name: &str, millis: i64, attributes: Value) -> Value {
    let mut listed = attribute_list(&attributes);
    listed.push(json!({"key": "event.name", "value": {"stringValue": name}}));
    json!({
        "timeUnixNano": (millis * 1_000_000).to_string(),
        "body": {"stringValue": format!("claude_code.{name}")},
        "attributes": listed,
    })
}

/// An export of events, from a client with these resource attributes.
#[must_use]
pub fn logs(resource: Value, records: &[Value]) -> Sent {
    let body = json!({"resourceLogs": [{
        "resource": {"attributes": attribute_list(&resource)},
        "scopeLogs": [{"scope": {"name": "com.anthropic.claude_code.events", "version": "2.1.330"}, "logRecords": records}],
    }]});
    Sent { signal: Signal::Logs, encoding: Encoding::Json, body: body.to_string().into_bytes() }
}

/// The body of an export of log records and nothing else, in JSON. They are as they are given, right or wrong.
#[must_use]
pub fn bare_logs(records: impl Serialize) -> Value {
    json!({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]})
}

/// The body of an export of one counter's points and nothing else, in JSON. They are as they are given, right or wrong.
#[must_use]
pub fn bare_sum(name: &str, temporality: u8, points: impl Serialize) -> Value {
    let sum = json!({"aggregationTemporality": temporality, "isMonotonic": true, "dataPoints": points});
    json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": name, "sum": sum}]}]}]})
}

/// A data point of a counter: start and time in milliseconds.
#[must_use]
pub fn point(start: i64, millis: i64, value: f64, attributes: Value) -> Value {
    json!({
        "startTimeUnixNano": (start * 1_000_000).to_string(),
        "timeUnixNano": (millis * 1_000_000).to_string(),
        "asDouble": value,
        "attributes": attribute_list(&attributes),
    })
}

/// An export of one counter's points; temporality 1 is delta, 2 cumulative.
#[must_use]
pub fn metrics(name: &str, temporality: u8, points: &[Value]) -> Sent {
    counters(temporality, &[(name, points.to_vec())])
}

/// An export of counters, each with its points; temporality 1 is delta, 2 cumulative.
#[must_use]
pub fn counters(temporality: u8, counters: &[(&str, Vec<Value>)]) -> Sent {
    let metric = |(name, points): &(&str, Vec<Value>)| {
        let sum = json!({"aggregationTemporality": temporality, "isMonotonic": true, "dataPoints": points});
        json!({"name": name, "sum": sum})
    };
    let metrics: Vec<Value> = counters.iter().map(metric).collect();
    let body = json!({"resourceMetrics": [{
        "resource": {"attributes": []},
        "scopeMetrics": [{"scope": {"name": "com.anthropic.claude_code", "version": "2.1.330"}, "metrics": metrics}],
    }]});
    Sent { signal: Signal::Metrics, encoding: Encoding::Json, body: body.to_string().into_bytes() }
}

/// A JSON object as OTLP's list of attributes.
fn attribute_list(attributes: &Value) -> Vec<Value> {
    let value = |value: &Value| match value {
        Value::String(text) => json!({"stringValue": text}),
        Value::Bool(flag) => json!({"boolValue": flag}),
        Value::Number(number) if number.is_f64() => json!({"doubleValue": number}),
        other => json!({"intValue": other}),
    };
    let listed = attributes.as_object().into_iter().flatten();
    listed.map(|(key, v)| json!({"key": key, "value": value(v)})).collect()
}
