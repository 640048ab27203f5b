//! Arbitrary exports of every signal, for property tests.

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::{ExportLogsServiceRequest, ExportMetricsServiceRequest, ExportTraceServiceRequest, Payload};

/// Any export of any signal.
pub(super) fn payload() -> impl Strategy<Value = Payload> {
    prop_oneof![
        vec(resource_logs(), 0..3).prop_map(|resource_logs| Payload::Logs(ExportLogsServiceRequest { resource_logs })),
        vec(resource_metrics(), 0..3)
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

fn resource_metrics() -> impl Strategy<Value = ResourceMetrics> {
    let metric = (text(), text(), text(), attributes(), of(data()))
        .prop_map(|(name, description, unit, metadata, data)| Metric { name, description, unit, metadata, data });
    let scopes = (scope(), vec(metric, 0..3), text()).prop_map(|(scope, metrics, schema_url)| ScopeMetrics {
        scope,
        metrics,
        schema_url,
    });
    (resource(), vec(scopes, 0..3), text()).prop_map(|(resource, scope_metrics, schema_url)| ResourceMetrics {
        resource,
        scope_metrics,
        schema_url,
    })
}

fn data() -> impl Strategy<Value = Data> {
    prop_oneof![
        vec(number(), 0..3).prop_map(|data_points| Data::Gauge(Gauge { data_points })),
        (vec(number(), 0..3), any::<i32>(), any::<bool>()).prop_map(
            |(data_points, aggregation_temporality, is_monotonic)| {
                Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic })
            }
        ),
        (vec(histogram(), 0..3), any::<i32>()).prop_map(|(data_points, aggregation_temporality)| {
            Data::Histogram(Histogram { data_points, aggregation_temporality })
        }),
        (vec(exponential(), 0..3), any::<i32>()).prop_map(|(data_points, aggregation_temporality)| {
            Data::ExponentialHistogram(ExponentialHistogram { data_points, aggregation_temporality })
        }),
        vec(summary(), 0..3).prop_map(|data_points| Data::Summary(Summary { data_points })),
    ]
}

fn number() -> impl Strategy<Value = NumberDataPoint> {
    let value = prop_oneof![double().prop_map(Number::AsDouble), any::<i64>().prop_map(Number::AsInt)];
    (attributes(), any::<(u64, u64, u32)>(), of(value)).prop_map(|(attributes, (start, time, flags), value)| {
        NumberDataPoint {
            attributes,
            start_time_unix_nano: start,
            time_unix_nano: time,
            exemplars: Vec::new(),
            flags,
            value,
        }
    })
}

fn histogram() -> impl Strategy<Value = HistogramDataPoint> {
    let lists = (vec(any::<u64>(), 0..4), vec(double(), 0..4));
    let figures = (of(double()), of(double()), of(double()));
    (attributes(), any::<(u64, u64, u64, u32)>(), lists, figures).prop_map(
        |(attributes, (start, time, count, flags), (bucket_counts, explicit_bounds), (sum, min, max))| {
            HistogramDataPoint {
                attributes,
                start_time_unix_nano: start,
                time_unix_nano: time,
                count,
                sum,
                bucket_counts,
                explicit_bounds,
                exemplars: Vec::new(),
                flags,
                min,
                max,
            }
        },
    )
}

fn exponential() -> impl Strategy<Value = ExponentialHistogramDataPoint> {
    let buckets = || {
        of((any::<i32>(), vec(any::<u64>(), 0..4))
            .prop_map(|(offset, bucket_counts)| Buckets { offset, bucket_counts }))
    };
    let figures = (of(double()), of(double()), of(double()), double());
    (attributes(), any::<(u64, u64, u64, u64, i32, u32)>(), (buckets(), buckets()), figures).prop_map(
        |(attributes, (start, time, count, zeros, scale, flags), (positive, negative), (sum, min, max, near))| {
            ExponentialHistogramDataPoint {
                attributes,
                start_time_unix_nano: start,
                time_unix_nano: time,
                count,
                sum,
                scale,
                zero_count: zeros,
                positive,
                negative,
                flags,
                exemplars: Vec::new(),
                min,
                max,
                zero_threshold: near,
            }
        },
    )
}

fn summary() -> impl Strategy<Value = SummaryDataPoint> {
    let quantile = (double(), double()).prop_map(|(quantile, value)| ValueAtQuantile { quantile, value });
    (attributes(), any::<(u64, u64, u64, u32)>(), double(), vec(quantile, 0..3)).prop_map(
        |(attributes, (start, time, count, flags), sum, quantile_values)| SummaryDataPoint {
            attributes,
            start_time_unix_nano: start,
            time_unix_nano: time,
            count,
            sum,
            quantile_values,
            flags,
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
