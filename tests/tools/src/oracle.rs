//! A second reading of the captures, straight from the protobuf messages and written without the service's code: what was sent,
//! to hold against what was stored.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value};
use opentelemetry_proto::tonic::metrics::v1::{metric::Data, number_data_point};
use otlp::Payload;
use serde_json::json;

/// One record as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// An event's short name or a metric's name.
    pub name: String,
    /// Claimed time, in milliseconds since the epoch.
    pub time: i64,
    /// A point's value.
    pub value: Option<f64>,
    /// Attributes as JSON, as sent.
    pub attributes: BTreeMap<String, serde_json::Value>,
}

/// The records of an export; spans have none.
///
/// # Panics
/// It is no export of Claude Code.
#[must_use]
pub fn records(payload: &Payload) -> Vec<Sent> {
    let mut records = Vec::new();
    match payload {
        Payload::Logs(request) => {
            for log in request.resource_logs.iter().flat_map(|r| &r.scope_logs).flat_map(|s| &s.log_records) {
                let attributes = attributes(&log.attributes);
                let name = attributes["event.name"].as_str().unwrap().to_owned();
                records.push(Sent { name, time: (log.time_unix_nano / 1_000_000) as i64, value: None, attributes });
            }
        }
        Payload::Metrics(request) => {
            for metric in request.resource_metrics.iter().flat_map(|r| &r.scope_metrics).flat_map(|s| &s.metrics) {
                let Some(Data::Sum(sum)) = &metric.data else { panic!("Claude Code sends sums") };
                for point in &sum.data_points {
                    let value = match point.value.unwrap() {
                        number_data_point::Value::AsDouble(n) => n,
                        number_data_point::Value::AsInt(n) => n as f64,
                    };
                    records.push(Sent {
                        name: metric.name.clone(),
                        time: (point.time_unix_nano / 1_000_000) as i64,
                        value: Some(value),
                        attributes: attributes(&point.attributes),
                    });
                }
            }
        }
        Payload::Traces(_) => {}
    }
    records
}

fn attributes(sent: &[KeyValue]) -> BTreeMap<String, serde_json::Value> {
    sent.iter().map(|a| (a.key.clone(), json_of(a.value.as_ref().and_then(|v| v.value.as_ref())))).collect()
}

fn json_of(value: Option<&Value>) -> serde_json::Value {
    match value {
        Some(Value::StringValue(text)) => json!(text),
        Some(Value::BoolValue(flag)) => json!(flag),
        Some(Value::IntValue(number)) => json!(number),
        Some(Value::DoubleValue(number)) => json!(number),
        Some(Value::ArrayValue(list)) => list.values.iter().map(|v| json_of(v.value.as_ref())).collect(),
        _ => serde_json::Value::Null,
    }
}
