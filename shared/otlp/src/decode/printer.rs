//! Writes messages as OTLP/JSON for tests to read back, in the style of proto3 JSON libraries or in that of the
//! JavaScript SDK.

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, Span};
use serde_json::{Value, json};

use super::Payload;

mod metrics;

/// The style to write in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hand {
    /// 64-bit integers as strings, defaults omitted.
    Library,
    /// Integers as numbers, defaults written, `null` for unset fields, upper-case ids, and unknown fields.
    Script,
}

impl Hand {
    pub(super) fn payload(self, payload: &Payload) -> Value {
        match payload {
            Payload::Logs(request) => {
                self.object([("resourceLogs", self.list(&request.resource_logs, Self::resource_logs))])
            }
            Payload::Metrics(request) => {
                self.object([("resourceMetrics", self.list(&request.resource_metrics, Self::resource_metrics))])
            }
            Payload::Traces(request) => {
                self.object([("resourceSpans", self.list(&request.resource_spans, Self::resource_spans))])
            }
        }
    }

    fn object<const N: usize>(self, fields: [(&str, Value); N]) -> Value {
        let default = [json!(null), json!(0), json!(""), json!(false), json!([])];
        let kept = fields.into_iter().filter(|(_, value)| self == Self::Script || !default.contains(value));
        let mut object: serde_json::Map<_, _> = kept.map(|(name, value)| (name.to_owned(), value)).collect();
        if self == Self::Script {
            object.insert("someday".into(), json!({"deeper": [null, {"key": 1.5}]}));
        }
        object.into()
    }

    /// A member of a oneof, which is written even if it has its default value.
    fn one_of(self, member: Option<(&str, Value)>) -> Value {
        member.map_or_else(|| json!({}), |(name, value)| json!({ name: value }))
    }

    fn list<T>(self, items: &[T], write: impl Fn(Self, &T) -> Value) -> Value {
        items.iter().map(|item| write(self, item)).collect()
    }

    fn maybe<T>(self, item: Option<&T>, write: impl Fn(Self, &T) -> Value) -> Value {
        item.map_or(Value::Null, |item| write(self, item))
    }

    /// Zero is a number in both styles: `object` omits a default number, but could not tell the string "0" from a
    /// string value.
    fn unsigned(self, value: u64) -> Value {
        if self == Self::Script || value == 0 { json!(value) } else { json!(value.to_string()) }
    }

    fn signed(self, value: i64) -> Value {
        if self == Self::Script { json!(value) } else { json!(value.to_string()) }
    }

    fn double(self, value: f64) -> Value {
        match value {
            _ if value.is_nan() => json!("NaN"),
            f64::INFINITY => json!("Infinity"),
            f64::NEG_INFINITY => json!("-Infinity"),
            _ => json!(value),
        }
    }

    fn id(self, id: &[u8]) -> Value {
        let lower: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        json!(if self == Self::Script { lower.to_uppercase() } else { lower })
    }

    fn value(self, value: &AnyValue) -> Value {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
        self.one_of(value.value.as_ref().map(|value| match value {
            Any::StringValue(text) => ("stringValue", json!(text)),
            Any::BoolValue(value) => ("boolValue", json!(value)),
            Any::IntValue(value) => ("intValue", self.signed(*value)),
            Any::DoubleValue(value) => ("doubleValue", self.double(*value)),
            Any::ArrayValue(array) => ("arrayValue", self.object([("values", self.list(&array.values, Self::value))])),
            Any::KvlistValue(list) => ("kvlistValue", self.object([("values", self.attributes(&list.values))])),
            Any::BytesValue(bytes) if self == Self::Script => ("bytesValue", json!(URL_SAFE_NO_PAD.encode(bytes))),
            Any::BytesValue(bytes) => ("bytesValue", json!(STANDARD.encode(bytes))),
            Any::StringValueStrindex(index) => ("stringValueStrindex", json!(index)),
        }))
    }

    fn attributes(self, attributes: &[KeyValue]) -> Value {
        self.list(attributes, |hand, attribute| {
            hand.object([
                ("key", json!(attribute.key)),
                ("value", hand.maybe(attribute.value.as_ref(), Self::value)),
                ("keyStrindex", json!(attribute.key_strindex)),
            ])
        })
    }

    fn resource(self, resource: &Resource) -> Value {
        self.object([
            ("attributes", self.attributes(&resource.attributes)),
            ("droppedAttributesCount", json!(resource.dropped_attributes_count)),
        ])
    }

    fn scope(self, scope: &InstrumentationScope) -> Value {
        self.object([
            ("name", json!(scope.name)),
            ("version", json!(scope.version)),
            ("attributes", self.attributes(&scope.attributes)),
            ("droppedAttributesCount", json!(scope.dropped_attributes_count)),
        ])
    }

    fn resource_logs(self, group: &ResourceLogs) -> Value {
        let scopes = self.list(&group.scope_logs, |hand, scope| {
            hand.object([
                ("scope", hand.maybe(scope.scope.as_ref(), Self::scope)),
                ("logRecords", hand.list(&scope.log_records, Self::log_record)),
                ("schemaUrl", json!(scope.schema_url)),
            ])
        });
        let resource = self.maybe(group.resource.as_ref(), Self::resource);
        self.object([("resource", resource), ("scopeLogs", scopes), ("schemaUrl", json!(group.schema_url))])
    }

    fn log_record(self, record: &LogRecord) -> Value {
        self.object([
            ("timeUnixNano", self.unsigned(record.time_unix_nano)),
            ("observedTimeUnixNano", self.unsigned(record.observed_time_unix_nano)),
            ("severityNumber", json!(record.severity_number)),
            ("severityText", json!(record.severity_text)),
            ("body", self.maybe(record.body.as_ref(), Self::value)),
            ("attributes", self.attributes(&record.attributes)),
            ("droppedAttributesCount", json!(record.dropped_attributes_count)),
            ("flags", json!(record.flags)),
            ("traceId", self.id(&record.trace_id)),
            ("spanId", self.id(&record.span_id)),
            ("eventName", json!(record.event_name)),
        ])
    }

    fn resource_spans(self, group: &ResourceSpans) -> Value {
        let scopes = self.list(&group.scope_spans, |hand, scope| {
            hand.object([
                ("scope", hand.maybe(scope.scope.as_ref(), Self::scope)),
                ("spans", hand.list(&scope.spans, Self::span)),
                ("schemaUrl", json!(scope.schema_url)),
            ])
        });
        let resource = self.maybe(group.resource.as_ref(), Self::resource);
        self.object([("resource", resource), ("scopeSpans", scopes), ("schemaUrl", json!(group.schema_url))])
    }

    fn span(self, span: &Span) -> Value {
        let events = self.list(&span.events, |hand, event| {
            hand.object([
                ("timeUnixNano", hand.unsigned(event.time_unix_nano)),
                ("name", json!(event.name)),
                ("attributes", hand.attributes(&event.attributes)),
                ("droppedAttributesCount", json!(event.dropped_attributes_count)),
            ])
        });
        let links = self.list(&span.links, |hand, link| {
            hand.object([
                ("traceId", hand.id(&link.trace_id)),
                ("spanId", hand.id(&link.span_id)),
                ("traceState", json!(link.trace_state)),
                ("attributes", hand.attributes(&link.attributes)),
                ("droppedAttributesCount", json!(link.dropped_attributes_count)),
                ("flags", json!(link.flags)),
            ])
        });
        let status = self.maybe(span.status.as_ref(), |hand, status| {
            hand.object([("message", json!(status.message)), ("code", json!(status.code))])
        });
        self.object([
            ("traceId", self.id(&span.trace_id)),
            ("spanId", self.id(&span.span_id)),
            ("traceState", json!(span.trace_state)),
            ("parentSpanId", self.id(&span.parent_span_id)),
            ("flags", json!(span.flags)),
            ("name", json!(span.name)),
            ("kind", json!(span.kind)),
            ("startTimeUnixNano", self.unsigned(span.start_time_unix_nano)),
            ("endTimeUnixNano", self.unsigned(span.end_time_unix_nano)),
            ("attributes", self.attributes(&span.attributes)),
            ("droppedAttributesCount", json!(span.dropped_attributes_count)),
            ("events", events),
            ("droppedEventsCount", json!(span.dropped_events_count)),
            ("links", links),
            ("droppedLinksCount", json!(span.dropped_links_count)),
            ("status", status),
        ])
    }
}
