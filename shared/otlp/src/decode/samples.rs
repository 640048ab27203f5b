//! Arbitrary exports of every signal, for property tests.

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::{ExportLogsServiceRequest, ExportMetricsServiceRequest, ExportTraceServiceRequest, Payload};

mod metrics;

/// An arbitrary export of any signal.
pub(super) fn payload() -> impl Strategy<Value = Payload> {
    prop_oneof![
        vec(resource_logs(), 0..3).prop_map(|resource_logs| Payload::Logs(ExportLogsServiceRequest { resource_logs })),
        vec(metrics::resource_metrics(), 0..3)
            .prop_map(|resource_metrics| Payload::Metrics(ExportMetricsServiceRequest { resource_metrics })),
        vec(resource_spans(), 0..3)
            .prop_map(|resource_spans| Payload::Traces(ExportTraceServiceRequest { resource_spans })),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z.]{0,8}", any::<String>()]
}

fn double() -> impl Strategy<Value = f64> {
    use prop::num::f64::{INFINITE, NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    prop_oneof![
        9 => POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO | INFINITE,
        1 => Just(f64::NAN),
    ]
}

fn any_value() -> impl Strategy<Value = AnyValue> {
    let leaf = prop_oneof![
        Just(None),
        text().prop_map(|text| Some(Any::StringValue(text))),
        any::<bool>().prop_map(|value| Some(Any::BoolValue(value))),
        any::<i64>().prop_map(|value| Some(Any::IntValue(value))),
        double().prop_map(|value| Some(Any::DoubleValue(value))),
        vec(any::<u8>(), 0..9).prop_map(|bytes| Some(Any::BytesValue(bytes))),
        any::<i32>().prop_map(|index| Some(Any::StringValueStrindex(index))),
    ]
    .prop_map(|value| AnyValue { value });
    leaf.prop_recursive(3, 12, 3, |inner| {
        let values = vec(inner.clone(), 0..3).prop_map(|values| Any::ArrayValue(ArrayValue { values }));
        let pairs = vec((text(), of(inner)).prop_map(|(key, value)| pair(key, value)), 0..3);
        let list = pairs.prop_map(|values| Any::KvlistValue(KeyValueList { values }));
        prop_oneof![values, list].prop_map(|value| AnyValue { value: Some(value) })
    })
}

fn pair(key: String, value: Option<AnyValue>) -> KeyValue {
    KeyValue { key, value, key_strindex: 0 }
}

fn attributes() -> impl Strategy<Value = Vec<KeyValue>> {
    vec((text(), of(any_value())).prop_map(|(key, value)| pair(key, value)), 0..3)
}

fn resource() -> impl Strategy<Value = Option<Resource>> {
    of((attributes(), any::<u32>()).prop_map(|(attributes, dropped_attributes_count)| Resource {
        attributes,
        dropped_attributes_count,
        entity_refs: Vec::new(),
    }))
}

fn scope() -> impl Strategy<Value = Option<InstrumentationScope>> {
    of((text(), text(), attributes(), any::<u32>()).prop_map(
        |(name, version, attributes, dropped_attributes_count)| InstrumentationScope {
            name,
            version,
            attributes,
            dropped_attributes_count,
        },
    ))
}

fn id() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![Just(Vec::new()), vec(any::<u8>(), 8), vec(any::<u8>(), 16), vec(any::<u8>(), 1..20)]
}

fn resource_logs() -> impl Strategy<Value = ResourceLogs> {
    let scopes = (scope(), vec(log_record(), 0..3), text()).prop_map(|(scope, log_records, schema_url)| ScopeLogs {
        scope,
        log_records,
        schema_url,
    });
    (resource(), vec(scopes, 0..3), text()).prop_map(|(resource, scope_logs, schema_url)| ResourceLogs {
        resource,
        scope_logs,
        schema_url,
    })
}

fn log_record() -> impl Strategy<Value = LogRecord> {
    let numbers = any::<(u64, u64, i32, u32, u32)>();
    (numbers, text(), of(any_value()), attributes(), id(), id(), text()).prop_map(
        |((time, observed, severity, dropped, flags), severity_text, body, attributes, trace, span, name)| LogRecord {
            time_unix_nano: time,
            observed_time_unix_nano: observed,
            severity_number: severity,
            severity_text,
            body,
            attributes,
            dropped_attributes_count: dropped,
            flags,
            trace_id: trace,
            span_id: span,
            event_name: name,
        },
    )
}

fn resource_spans() -> impl Strategy<Value = ResourceSpans> {
    let scopes = (scope(), vec(span(), 0..3), text()).prop_map(|(scope, spans, schema_url)| ScopeSpans {
        scope,
        spans,
        schema_url,
    });
    (resource(), vec(scopes, 0..3), text()).prop_map(|(resource, scope_spans, schema_url)| ResourceSpans {
        resource,
        scope_spans,
        schema_url,
    })
}

fn span() -> impl Strategy<Value = Span> {
    let event = (any::<(u64, u32)>(), text(), attributes()).prop_map(|((time, dropped), name, attributes)| Event {
        time_unix_nano: time,
        name,
        attributes,
        dropped_attributes_count: dropped,
    });
    let link = (id(), id(), text(), attributes(), any::<(u32, u32)>()).prop_map(
        |(trace_id, span_id, trace_state, attributes, (dropped, flags))| Link {
            trace_id,
            span_id,
            trace_state,
            attributes,
            dropped_attributes_count: dropped,
            flags,
        },
    );
    let status = (text(), any::<i32>()).prop_map(|(message, code)| Status { message, code });
    let ids = (id(), id(), id());
    let numbers = any::<(u32, i32, u64, u64, u32, u32, u32)>();
    let lists = (attributes(), vec(event, 0..3), vec(link, 0..3));
    (ids, (text(), text()), numbers, lists, of(status)).prop_map(
        |((trace_id, span_id, parent_span_id), (trace_state, name), numbers, lists, status)| {
            let (flags, kind, start, end, dropped_attributes, dropped_events, dropped_links) = numbers;
            let (attributes, events, links) = lists;
            Span {
                trace_id,
                span_id,
                trace_state,
                parent_span_id,
                flags,
                name,
                kind,
                start_time_unix_nano: start,
                end_time_unix_nano: end,
                attributes,
                dropped_attributes_count: dropped_attributes,
                events,
                dropped_events_count: dropped_events,
                links,
                dropped_links_count: dropped_links,
                status,
            }
        },
    )
}
