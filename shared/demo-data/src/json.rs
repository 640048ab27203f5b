//! OTLP's JSON as the real client writes it, where it differs from the specification too: whole numbers are numbers.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::{Metric, NumberDataPoint, metric, number_data_point};
use opentelemetry_proto::tonic::resource::v1::Resource;
use serde_json::{Value, json};

/// Events.
pub(crate) fn logs(request: &ExportLogsServiceRequest) -> Value {
    let of_scope = |scope: &opentelemetry_proto::tonic::logs::v1::ScopeLogs| {
        json!({
            "scope": scope.scope.as_ref().map(self::scope),
            "logRecords": scope.log_records.iter().map(record).collect::<Vec<_>>(),
        })
    };
    let all = request.resource_logs.iter().map(|logs| {
        json!({
            "resource": logs.resource.as_ref().map(resource),
            "scopeLogs": logs.scope_logs.iter().map(of_scope).collect::<Vec<_>>(),
        })
    });
    json!({"resourceLogs": all.collect::<Vec<_>>()})
}

/// Metrics.
pub(crate) fn metrics(request: &ExportMetricsServiceRequest) -> Value {
    let of_scope = |scope: &opentelemetry_proto::tonic::metrics::v1::ScopeMetrics| {
        json!({
            "scope": scope.scope.as_ref().map(self::scope),
            "metrics": scope.metrics.iter().map(self::metric).collect::<Vec<_>>(),
        })
    };
    let all = request.resource_metrics.iter().map(|metrics| {
        json!({
            "resource": metrics.resource.as_ref().map(resource),
            "scopeMetrics": metrics.scope_metrics.iter().map(of_scope).collect::<Vec<_>>(),
        })
    });
    json!({"resourceMetrics": all.collect::<Vec<_>>()})
}

fn resource(resource: &Resource) -> Value {
    json!({"attributes": attributes(&resource.attributes), "droppedAttributesCount": 0})
}

fn scope(scope: &InstrumentationScope) -> Value {
    json!({"name": scope.name, "version": scope.version})
}

fn record(record: &LogRecord) -> Value {
    json!({
        "timeUnixNano": record.time_unix_nano.to_string(),
        "observedTimeUnixNano": record.observed_time_unix_nano.to_string(),
        "body": record.body.as_ref().map(value),
        "attributes": attributes(&record.attributes),
        "droppedAttributesCount": 0,
    })
}

fn metric(metric: &Metric) -> Value {
    let sum = match &metric.data {
        Some(metric::Data::Sum(sum)) => json!({
            "aggregationTemporality": sum.aggregation_temporality,
            "isMonotonic": sum.is_monotonic,
            "dataPoints": sum.data_points.iter().map(point).collect::<Vec<_>>(),
        }),
        _ => Value::Null,
    };
    json!({"name": metric.name, "description": metric.description, "unit": metric.unit, "sum": sum})
}

fn point(point: &NumberDataPoint) -> Value {
    let value = match point.value {
        Some(number_data_point::Value::AsDouble(value)) => Some(value),
        _ => None,
    };
    json!({
        "attributes": attributes(&point.attributes),
        "startTimeUnixNano": point.start_time_unix_nano.to_string(),
        "timeUnixNano": point.time_unix_nano.to_string(),
        "asDouble": value,
    })
}

fn attributes(attributes: &[KeyValue]) -> Vec<Value> {
    attributes.iter().map(|a| json!({"key": a.key, "value": a.value.as_ref().map(value)})).collect()
}

fn value(value: &AnyValue) -> Value {
    match &value.value {
        Some(any_value::Value::StringValue(text)) => json!({"stringValue": text}),
        Some(any_value::Value::IntValue(number)) => json!({"intValue": number}),
        Some(any_value::Value::DoubleValue(number)) => json!({"doubleValue": number}),
        Some(any_value::Value::BoolValue(flag)) => json!({"boolValue": flag}),
        Some(any_value::Value::ArrayValue(array)) => {
            json!({"arrayValue": {"values": array.values.iter().map(self::value).collect::<Vec<_>>()}})
        }
        _ => json!({}),
    }
}
