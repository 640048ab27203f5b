use http::HeaderMap;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use prost::Message;
use serde_json::{Value, json};

use super::status::{BadRequest, Status};
use super::*;
use crate::Signal;

const ENCODINGS: [Encoding; 2] = [Encoding::Protobuf, Encoding::Json];

/// A refusal, its status, its code, and its specific header.
type Row = (Rejection, u16, i32, Option<(&'static str, &'static str)>);

fn table() -> Vec<Row> {
    let undecodable = || Rejection::Undecodable { field: "body".into(), description: "is damaged".into() };
    let large = |size| Rejection::TooLarge { size, limit: 1_024 };
    let unknown = || Rejection::Unauthenticated { message: "no such token".into(), token: "unknown" };
    vec![
        (Rejection::NotFound, 404, 5, None),
        (Rejection::NotPost, 405, 12, Some(("allow", "POST"))),
        (Rejection::ContentType, 415, 3, None),
        (Rejection::Grpc, 415, 3, None),
        (Rejection::ContentEncoding, 415, 3, None),
        (undecodable(), 400, 3, None),
        (large(Size::Sent), 413, 3, None),
        (large(Size::Inflated), 413, 3, None),
        (unknown(), 401, 16, Some(("www-authenticate", "Bearer realm=\"ingest\""))),
        (Rejection::Throttled(RetryAfter::seconds(2)), 429, 8, Some(("retry-after", "2"))),
        (Rejection::Unavailable(RetryAfter::LONGEST), 503, 14, Some(("retry-after", "3"))),
    ]
}

fn extra(headers: &HeaderMap) -> Option<(&str, &str)> {
    let mut extra = headers.iter().filter(|(name, _)| *name != CONTENT_TYPE);
    let only = extra.next().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    assert_eq!(extra.next(), None);
    only
}

fn content_type(response: &Response<Bytes>) -> &str {
    response.headers()[CONTENT_TYPE].to_str().unwrap()
}

fn json(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

#[test]
fn every_refusal_has_its_status_code_and_header_in_both_encodings() {
    for (rejection, status, code, header) in table() {
        let message = rejection.message();
        for encoding in ENCODINGS {
            let response = rejection.clone().into_response(encoding);
            assert_eq!(response.status(), status, "{rejection:?}");
            assert_eq!(rejection.status(), status, "{rejection:?}");
            assert_eq!(content_type(&response), encoding.media_type(), "{rejection:?}");
            assert_eq!(extra(response.headers()), header, "{rejection:?}");
            let (written_code, written_message) = match encoding {
                Encoding::Protobuf => {
                    let status = Status::decode(response.body().clone()).unwrap();
                    (status.code, status.message)
                }
                Encoding::Json => {
                    let status = json(&response);
                    let code = i32::try_from(status["code"].as_i64().unwrap()).unwrap();
                    (code, status["message"].as_str().unwrap().to_owned())
                }
            };
            assert_eq!((written_code, &written_message), (code, &message), "{rejection:?}");
        }
    }
}

#[test]
fn only_what_may_pass_asks_to_come_again() {
    for (rejection, status, ..) in table() {
        let passing = matches!(status, 429 | 503);
        for encoding in ENCODINGS {
            let response = rejection.clone().into_response(encoding);
            assert_eq!(response.headers().contains_key(RETRY_AFTER), passing, "{rejection:?}");
        }
    }
}

#[test]
fn the_wait_is_one_to_three_seconds_whatever_is_asked() {
    for (asked, given) in [(0, "1"), (1, "1"), (2, "2"), (3, "3"), (30, "3"), (255, "3")] {
        let response = Rejection::Throttled(RetryAfter::seconds(asked)).into_response(Encoding::Json);
        assert_eq!(response.headers()[RETRY_AFTER], given, "{asked}");
    }
}

#[test]
fn who_is_refused_a_millisecond_later_comes_again_at_another_second() {
    let waits: Vec<_> = (0..4).map(|now| RetryAfter::spread(Timestamp(1_795_328_010_000 + now))).collect();
    assert_eq!(waits, [1, 2, 3, 1].map(RetryAfter::seconds));
}

#[test]
fn an_undecodable_body_names_the_field_in_a_bad_request_detail() {
    let rejection =
        Rejection::Undecodable { field: "resourceLogs[0].resource".into(), description: "must be an object".into() };
    let response = rejection.clone().into_response(Encoding::Json);
    let expected = json!({
        "code": 3,
        "message": "resourceLogs[0].resource: must be an object",
        "details": [{
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": "resourceLogs[0].resource", "description": "must be an object"}],
        }],
    });
    assert_eq!(json(&response), expected);

    let status = Status::decode(rejection.into_response(Encoding::Protobuf).into_body()).unwrap();
    assert_eq!(status.details[0].type_url, "type.googleapis.com/google.rpc.BadRequest");
    let detail = BadRequest::decode(status.details[0].value.as_slice()).unwrap();
    assert_eq!(detail.field_violations[0].field, "resourceLogs[0].resource");
    assert_eq!(detail.field_violations[0].description, "must be an object");
}

#[test]
fn the_message_for_grpc_names_the_setting_that_helps() {
    assert!(Rejection::Grpc.message().contains("OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"));
}

#[test]
fn a_whole_success_says_nothing() {
    for signal in Signal::ALL {
        let response = Success::default().into_response(signal, Encoding::Json);
        assert_eq!((response.status(), &**response.body()), (StatusCode::OK, b"{}".as_slice()));
        assert_eq!(content_type(&response), "application/json");
        let response = Success::default().into_response(signal, Encoding::Protobuf);
        assert_eq!((response.status(), response.body().len()), (StatusCode::OK, 0));
        assert_eq!(content_type(&response), "application/x-protobuf");
    }
}

#[test]
fn a_partial_success_counts_in_the_words_of_its_signal() {
    let partial = || Success { rejected: 3, message: "3 without a value".into() };
    for (signal, name) in [
        (Signal::Logs, "rejectedLogRecords"),
        (Signal::Metrics, "rejectedDataPoints"),
        (Signal::Traces, "rejectedSpans"),
    ] {
        let response = partial().into_response(signal, Encoding::Json);
        let expected = json!({"partialSuccess": {name: "3", "errorMessage": "3 without a value"}});
        assert_eq!(json(&response), expected);
    }
    let body = |signal| partial().into_response(signal, Encoding::Protobuf).into_body();
    let logs = ExportLogsServiceResponse::decode(body(Signal::Logs)).unwrap().partial_success.unwrap();
    let metrics = ExportMetricsServiceResponse::decode(body(Signal::Metrics)).unwrap();
    let traces = ExportTraceServiceResponse::decode(body(Signal::Traces)).unwrap();
    assert_eq!((logs.rejected_log_records, &*logs.error_message), (3, "3 without a value"));
    assert_eq!(metrics.partial_success.unwrap().rejected_data_points, 3);
    assert_eq!(traces.partial_success.unwrap().rejected_spans, 3);
}

#[test]
fn a_warning_is_a_success_with_nothing_rejected() {
    let warning = || Success { rejected: 0, message: "a wrong clock".into() };
    let response = warning().into_response(Signal::Logs, Encoding::Json);
    assert_eq!(json(&response), json!({"partialSuccess": {"errorMessage": "a wrong clock"}}));
    let body = warning().into_response(Signal::Logs, Encoding::Protobuf).into_body();
    let partial = ExportLogsServiceResponse::decode(body).unwrap().partial_success.unwrap();
    assert_eq!((partial.rejected_log_records, &*partial.error_message), (0, "a wrong clock"));
}
