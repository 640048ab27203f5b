use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValueList};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{Metric, number_data_point::Value as Number};
use opentelemetry_proto::tonic::trace::v1::Span;

use super::*;

mod errors;
mod omitted;
mod spelling;

fn log_record(json: &str) -> Result<LogRecord, Error> {
    let body = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{json}]}}]}}]}}"#);
    let (mut export, _) = read::<ExportLogsServiceRequest>(body.as_bytes())?;
    Ok(export.request.resource_logs.remove(0).scope_logs.remove(0).log_records.remove(0))
}

fn metric(json: &str) -> Result<Metric, Error> {
    let body = format!(r#"{{"resourceMetrics":[{{"scopeMetrics":[{{"metrics":[{json}]}}]}}]}}"#);
    let (mut export, _) = read::<ExportMetricsServiceRequest>(body.as_bytes())?;
    Ok(export.request.resource_metrics.remove(0).scope_metrics.remove(0).metrics.remove(0))
}

fn span(json: &str) -> Result<Span, Error> {
    let body = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{json}]}}]}}]}}"#);
    let (mut export, _) = read::<ExportTraceServiceRequest>(body.as_bytes())?;
    Ok(export.request.resource_spans.remove(0).scope_spans.remove(0).spans.remove(0))
}

/// The value of a log record's body.
fn value(json: &str) -> Result<Option<Any>, Error> {
    Ok(log_record(&format!(r#"{{"body":{json}}}"#))?.body.and_then(|body| body.value))
}

fn point(json: &str) -> Result<Option<Number>, Error> {
    match metric(&format!(r#"{{"gauge":{{"dataPoints":[{json}]}}}}"#))?.data {
        Some(Data::Gauge(gauge)) => Ok(gauge.data_points[0].value),
        other => panic!("not a gauge: {other:?}"),
    }
}

#[test]
fn values_are_read_in_every_form_that_the_mapping_allows() {
    let bytes = |bytes: &[u8]| Some(Any::BytesValue(bytes.to_vec()));
    for (json, expected) in [
        (r#"{"stringValue":"é\u00e9\ud83d\ude00"}"#, Some(Any::StringValue("éé😀".into()))),
        (r#"{"stringValue":"cut \ud83d"}"#, Some(Any::StringValue("cut \u{fffd}".into()))),
        (r#"{"boolValue":false}"#, Some(Any::BoolValue(false))),
        (r#"{"intValue":"-9223372036854775808"}"#, Some(Any::IntValue(i64::MIN))),
        (r#"{"intValue":9223372036854775807}"#, Some(Any::IntValue(i64::MAX))),
        (r#"{"intValue":5.0}"#, Some(Any::IntValue(5))),
        (r#"{"intValue":"5.0"}"#, Some(Any::IntValue(5))),
        (r#"{"intValue":1e3}"#, Some(Any::IntValue(1_000))),
        (r#"{"intValue":-0}"#, Some(Any::IntValue(0))),
        (r#"{"doubleValue":3}"#, Some(Any::DoubleValue(3.0))),
        (r#"{"doubleValue":"0.1"}"#, Some(Any::DoubleValue(0.1))),
        (r#"{"doubleValue":"Infinity"}"#, Some(Any::DoubleValue(f64::INFINITY))),
        (r#"{"doubleValue":"-Infinity"}"#, Some(Any::DoubleValue(f64::NEG_INFINITY))),
        (r#"{"bytesValue":"+/8="}"#, bytes(&[0xfb, 0xff])),
        (r#"{"bytesValue":"+/8"}"#, bytes(&[0xfb, 0xff])),
        (r#"{"bytesValue":"-_8="}"#, bytes(&[0xfb, 0xff])),
        (r#"{"bytesValue":"-_8"}"#, bytes(&[0xfb, 0xff])),
        (r#"{"bytesValue":""}"#, bytes(&[])),
        (r#"{"arrayValue":{}}"#, Some(Any::ArrayValue(ArrayValue::default()))),
        (r#"{"arrayValue":{"values":null}}"#, Some(Any::ArrayValue(ArrayValue::default()))),
        (r#"{"kvlistValue":{}}"#, Some(Any::KvlistValue(KeyValueList::default()))),
        (r#"{"kvlistValue":{"values":[]}}"#, Some(Any::KvlistValue(KeyValueList::default()))),
        (r#"{"unknownValue":{"stringValue":"x"}}"#, None),
        ("{}", None),
        ("null", None),
    ] {
        assert_eq!(value(json), Ok(expected), "{json}");
    }
    let Ok(Some(Any::DoubleValue(nan))) = value(r#"{"doubleValue":"NaN"}"#) else { panic!("no double") };
    assert!(nan.is_nan());
}

#[test]
fn of_a_one_of_the_last_member_counts_that_is_not_null() {
    let one = Some(Any::StringValue("1".into()));
    assert_eq!(value(r#"{"intValue":0,"stringValue":"1"}"#), Ok(one.clone()));
    assert_eq!(value(r#"{"stringValue":"1","intValue":null,"arrayValue":null}"#), Ok(one));
    assert_eq!(point(r#"{"asInt":"7","asDouble":null}"#), Ok(Some(Number::AsInt(7))));
    let both = metric(r#"{"sum":{"isMonotonic":true},"gauge":null}"#).unwrap();
    assert!(matches!(both.data, Some(Data::Sum(sum)) if sum.is_monotonic));
}

#[test]
fn null_is_the_default_everywhere() {
    let nulls = |names: &[&str]| {
        let fields: Vec<_> = names.iter().map(|name| format!(r#""{name}":null"#)).collect();
        format!("{{{}}}", fields.join(","))
    };
    let record = nulls(&[
        "timeUnixNano",
        "observedTimeUnixNano",
        "severityNumber",
        "severityText",
        "body",
        "attributes",
        "droppedAttributesCount",
        "flags",
        "traceId",
        "spanId",
        "eventName",
    ]);
    assert_eq!(log_record(&record), Ok(LogRecord::default()));
    let of_metric = ["name", "description", "unit", "metadata", "gauge", "sum", "histogram", "summary"];
    assert_eq!(metric(&nulls(&of_metric)), Ok(Metric::default()));
    let of_span = ["traceId", "name", "kind", "startTimeUnixNano", "events", "links", "status", "traceState"];
    assert_eq!(span(&nulls(&of_span)), Ok(Span::default()));
    let (export, _) = read::<ExportLogsServiceRequest>(br#"{"resourceLogs":null}"#).unwrap();
    assert_eq!(export.request, ExportLogsServiceRequest::default());
}

#[test]
fn a_null_message_in_a_list_keeps_its_place_and_a_null_number_is_an_error() {
    assert_eq!(log_record("null"), Ok(LogRecord::default()));
    let Ok(Some(Any::ArrayValue(array))) = value(r#"{"arrayValue":{"values":[null,{"intValue":1}]}}"#) else {
        panic!("no array");
    };
    assert_eq!(array.values, [AnyValue::default(), AnyValue { value: Some(Any::IntValue(1)) }]);
    let hole = metric(r#"{"histogram":{"dataPoints":[{"bucketCounts":["1",null]}]}}"#).unwrap_err();
    let Error::Invalid { path, description } = hole else { panic!("{hole:?}") };
    assert!(path.ends_with("metrics[0].histogram.dataPoints[0].bucketCounts[1]"), "{path}");
    assert!(description.starts_with("must not be null at line 1 column "), "{description}");
}

#[test]
fn the_value_of_a_point_is_never_invented() {
    assert_eq!(point(r#"{"asInt":"12"}"#), Ok(Some(Number::AsInt(12))));
    assert_eq!(point(r#"{"asInt":12}"#), Ok(Some(Number::AsInt(12))));
    assert_eq!(point(r#"{"asDouble":0.000_5}"#.replace('_', "").as_str()), Ok(Some(Number::AsDouble(0.0005))));
    assert_eq!(point(r#"{"asDouble":"1e-7"}"#), Ok(Some(Number::AsDouble(1e-7))));
    for absent in [r#"{"asDouble":null}"#, "{}", r#"{"value":5}"#] {
        assert_eq!(point(absent), Ok(None), "{absent}");
    }
    for wrong in
        [r#"{"asInt":"x"}"#, r#"{"asInt":1.5}"#, r#"{"asDouble":""}"#, r#"{"asDouble":true}"#, r#"{"asInt":{}}"#]
    {
        assert_eq!(point(wrong), Ok(None), "{wrong}");
    }
}

#[test]
fn enumerations_are_numbers_and_their_names_are_errors() {
    for kind in ["2", r#""2""#, "2.0"] {
        assert_eq!(span(&format!(r#"{{"kind":{kind}}}"#)).unwrap().kind, 2, "{kind}");
    }
    assert_eq!(span(r#"{"kind":77}"#).unwrap().kind, 77);
    let named = [
        span(r#"{"kind":"SPAN_KIND_SERVER"}"#).map(drop),
        span(r#"{"status":{"code":"STATUS_CODE_ERROR"}}"#).map(drop),
        log_record(r#"{"severityNumber":"SEVERITY_NUMBER_INFO"}"#).map(drop),
        metric(r#"{"sum":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA"}}"#).map(drop),
        metric(r#"{"histogram":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA"}}"#).map(drop),
        metric(r#"{"exponentialHistogram":{"aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA"}}"#).map(drop),
    ];
    for refused in named {
        let Err(Error::Invalid { description, .. }) = refused else { panic!("{refused:?}") };
        assert!(description.starts_with("must be the number of an enum value, not its name"), "{description}");
    }
}

#[test]
fn ids_are_hexadecimal_and_one_that_is_not_is_empty() {
    for (json, bytes) in [
        ("00f067aa0ba902b7", [0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7].as_slice()),
        ("00F067AA0BA902B7", &[0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7]),
        ("0A0b", &[0x0a, 0x0b]),
        ("", &[]),
        ("0x00f067aa0ba902", &[]),
        ("00f067aa0ba902b", &[]),
        ("APBnqgupArc=", &[]),
        ("éé", &[]),
    ] {
        assert_eq!(span(&format!(r#"{{"spanId":"{json}"}}"#)).unwrap().span_id, bytes, "{json}");
        assert_eq!(log_record(&format!(r#"{{"spanId":"{json}"}}"#)).unwrap().span_id, bytes, "{json}");
    }
}

#[test]
fn names_may_be_written_with_escapes_and_the_last_of_a_name_counts() {
    assert_eq!(log_record(r#"{"event\u004eame":"a"}"#).unwrap().event_name, "a");
    assert_eq!(log_record(r#"{"eventName":"a","eventName":"b"}"#).unwrap().event_name, "b");
    assert_eq!(log_record(r#"{"EventName":"b"}"#).unwrap().event_name, "");
}

#[test]
fn entity_references_and_exemplars_may_be_anything() {
    let body = br#"{"resourceLogs":[{"resource":{"entityRefs":[{"type":"x"},5,null]}}]}"#;
    assert!(read::<ExportLogsServiceRequest>(body).is_ok());
    assert_eq!(point(r#"{"exemplars":[{"spanId":5},"x"],"asInt":1}"#), Ok(Some(Number::AsInt(1))));
}
