//! OTLP/HTTP as the OpenTelemetry Protocol specification 1.11 asks for it of a server, rule by rule, for three signals and two encodings.
//! Rules have no numbers there; these follow its headings.
//!
//! | rule | test |
//! | --- | --- |
//! | Protocol: no compression and gzip | [`a_request_may_be_compressed`] |
//! | Binary encoding, JSON encoding: the answer is in the encoding of the request | [`a_full_success_is_an_empty_response_of_the_signal`] |
//! | JSON encoding: ids in hexadecimal, enumerations as numbers, 64-bit numbers as text or number | [`json_is_read_by_the_mapping_of_its_own`] |
//! | JSON encoding: names of enumerations must not be used | [`enumerations_in_json_are_numbers`] |
//! | Data points: one flagged as without a recorded value is valid | [`a_point_without_a_recorded_value_is_taken`] |
//! | JSON and binary encoding: unknown fields are ignored | [`unknown_fields_are_ignored`] |
//! | Request: `POST` to the signal's path | [`each_signal_has_its_path_and_takes_no_other_signals_export`] |
//! | Request: an empty export is a success | [`an_export_of_nothing_is_a_success`] |
//! | Full Success: 200, `partial_success` unset | [`a_full_success_is_an_empty_response_of_the_signal`] |
//! | Partial Success: 200, the count and a message; a warning has a message and no count | [`a_partial_success_names_count_and_reason`] |
//! | Failures, Bad Data: 400 with a `Status`, not to be sent again | [`bad_data_is_a_status_without_retry`] |
//! | Throttling: 429 or 503 with `Retry-After` | [`an_overloaded_server_says_when_to_come_again`] |
//! | Connection: kept; Concurrent Requests: several at once | [`a_connection_carries_many_requests_and_many_connections_are_served`] |
//!
//! What is refused with which other status is in `ingest::refuses`, limits in `ingest::limits`, repeats in `ingest::once`.

use local::embedded::Embedded;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceResponse;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use otlp::{Encoding, Payload, Signal, decode};
use prost::Message;
use serde_json::{Value, json};
use tools::activity::exports::{bare_logs, bare_sum};
use tools::faults::random::{RandomFaults, Trouble};
use tools::reply::Reply;
use tools::stack::Stack;
use tools::tenant::Tenant;

const BOTH: [Encoding; 2] = [Encoding::Protobuf, Encoding::Json];
const NOW: &str = "1795328009164000000";

/// An export of one record, with `more` beside what every record of the signal has.
fn one(signal: Signal, more: Value) -> Value {
    let mut record = match signal {
        Signal::Logs => {
            json!({"timeUnixNano": NOW, "attributes": [{"key": "event.name", "value": {"stringValue": "x"}}]})
        }
        Signal::Metrics => json!({"timeUnixNano": NOW, "startTimeUnixNano": NOW, "asDouble": 1.5}),
        Signal::Traces => {
            json!({"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "x",
                                 "kind": 2, "startTimeUnixNano": NOW, "endTimeUnixNano": NOW})
        }
    };
    record.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
    many(signal, vec![record])
}

fn many(signal: Signal, records: Vec<Value>) -> Value {
    match signal {
        Signal::Logs => bare_logs(records),
        Signal::Metrics => bare_sum("m", 1, records),
        Signal::Traces => json!({"resourceSpans": [{"scopeSpans": [{"spans": records}]}]}),
    }
}

/// The same export in the binary encoding, by the generated types.
fn binary(signal: Signal, export: &Value) -> Vec<u8> {
    match decode(signal, Encoding::Json, export.to_string().as_bytes()).unwrap().payload {
        Payload::Logs(request) => request.encode_to_vec(),
        Payload::Metrics(request) => request.encode_to_vec(),
        Payload::Traces(request) => request.encode_to_vec(),
    }
}

fn media_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Protobuf => "application/x-protobuf",
        Encoding::Json => "application/json",
    }
}

async fn send(service: &Tenant, signal: Signal, encoding: Encoding, export: &Value) -> Reply {
    let body = match encoding {
        Encoding::Protobuf => binary(signal, export),
        Encoding::Json => export.to_string().into_bytes(),
    };
    send_bytes(service, signal, encoding, body).await
}

async fn send_bytes(service: &Tenant, signal: Signal, encoding: Encoding, body: Vec<u8>) -> Reply {
    let answer = service.post(signal.path(), &[("content-type", media_type(encoding))], body).await;
    assert_eq!(answer.header("content-type"), Some(media_type(encoding)), "{signal:?} {encoding:?}");
    answer
}

/// What a response says was rejected and why; `None` if `partial_success` is unset.
fn partial_success(signal: Signal, encoding: Encoding, answer: &Reply) -> Option<(i64, String)> {
    if encoding == Encoding::Json {
        let partial = answer.json().get("partialSuccess").cloned()?;
        let count =
            ["rejectedLogRecords", "rejectedDataPoints", "rejectedSpans"].into_iter().find_map(|n| partial.get(n));
        let count = count.map_or(0, |n| n.as_str().map_or_else(|| n.as_i64().unwrap(), |text| text.parse().unwrap()));
        return Some((count, partial["errorMessage"].as_str().unwrap_or_default().into()));
    }
    let body = answer.body.clone();
    match signal {
        Signal::Logs => ExportLogsServiceResponse::decode(body)
            .unwrap()
            .partial_success
            .map(|p| (p.rejected_log_records, p.error_message)),
        Signal::Metrics => ExportMetricsServiceResponse::decode(body)
            .unwrap()
            .partial_success
            .map(|p| (p.rejected_data_points, p.error_message)),
        Signal::Traces => ExportTraceServiceResponse::decode(body)
            .unwrap()
            .partial_success
            .map(|p| (p.rejected_spans, p.error_message)),
    }
}

fn cases() -> impl Iterator<Item = (Signal, Encoding)> {
    Signal::ALL.into_iter().flat_map(|signal| BOTH.map(|encoding| (signal, encoding)))
}

#[tokio::test]
async fn a_full_success_is_an_empty_response_of_the_signal() {
    let service = Stack::start().over_http().tenant("default").await;
    for (signal, encoding) in cases() {
        let answer = send(&service, signal, encoding, &one(signal, json!({}))).await;
        assert_eq!(answer.status, 200, "{signal:?} {encoding:?}");
        assert_eq!(partial_success(signal, encoding, &answer), None, "{signal:?} {encoding:?}");
    }
}

#[tokio::test]
async fn an_export_of_nothing_is_a_success() {
    let service = Stack::start().over_http().tenant("default").await;
    for (signal, encoding) in cases() {
        for export in [json!({}), many(signal, Vec::new())] {
            let answer = send(&service, signal, encoding, &export).await;
            assert_eq!((answer.status, partial_success(signal, encoding, &answer)), (200, None), "{signal:?} {export}");
        }
    }
}

#[tokio::test]
async fn a_partial_success_names_count_and_reason() {
    let service = Stack::start().over_http().tenant("default").await;
    for encoding in BOTH {
        for (signal, good, bad) in [
            (Signal::Metrics, json!({"timeUnixNano": NOW, "asDouble": 1.0}), json!({"timeUnixNano": NOW})),
            (
                Signal::Traces,
                json!({"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174"}),
                json!({"traceId": "00000000000000000000000000000000", "spanId": "eee19b7ec3c1b174"}),
            ),
        ] {
            let answer = send(&service, signal, encoding, &many(signal, vec![good, bad.clone(), bad])).await;
            let (count, message) = partial_success(signal, encoding, &answer).unwrap();
            assert_eq!((answer.status, count), (200, 2), "{signal:?} {encoding:?}");
            assert!(!message.is_empty());
        }
        // A wrong clock loses nothing: a message without a count.
        let warned = send(&service, Signal::Logs, encoding, &one(Signal::Logs, json!({"timeUnixNano": "1"}))).await;
        let (count, message) = partial_success(Signal::Logs, encoding, &warned).unwrap();
        assert_eq!((warned.status, count), (200, 0));
        assert!(message.contains("clock"), "{message}");
    }
}

#[tokio::test]
async fn a_request_may_be_compressed() {
    let service = Stack::start().over_http().tenant("default").await;
    for (signal, encoding) in cases() {
        let export = one(signal, json!({}));
        let plain = if encoding == Encoding::Json { export.to_string().into_bytes() } else { binary(signal, &export) };
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut gzip, &plain).unwrap();
        let head = [("content-type", media_type(encoding)), ("content-encoding", "gzip")];
        let answer = service.post(signal.path(), &head, gzip.finish().unwrap()).await;
        assert_eq!((answer.status, partial_success(signal, encoding, &answer)), (200, None), "{signal:?} {encoding:?}");
    }
}

#[tokio::test]
async fn json_is_read_by_the_mapping_of_its_own() {
    let service = Stack::start().over_http().tenant("default").await;
    // Ids in base64, as protobuf's own mapping has them, are not ids here.
    let base64 = one(Signal::Traces, json!({"traceId": "W47/95gDgQPSabYzgT/GDA==", "spanId": "7uGbfsPBsXQ="}));
    assert_eq!(send_bytes(&service, Signal::Traces, Encoding::Json, base64.to_string().into_bytes()).await.status, 400);
    for case in ["5B8EFFF798038103D269B633813FC60C", "5b8efff798038103d269b633813fc60c"] {
        let hex = one(Signal::Traces, json!({"traceId": case}));
        assert_eq!(send(&service, Signal::Traces, Encoding::Json, &hex).await.status, 200);
    }
    for number in [json!("7"), json!(7)] {
        let point = many(
            Signal::Metrics,
            vec![json!({"timeUnixNano": NOW, "asInt": number, "attributes": [
            {"key": "n", "value": {"intValue": number}}, {"key": "written", "value": {"stringValue": number.to_string()}}]})],
        );
        let answer = send_bytes(&service, Signal::Metrics, Encoding::Json, point.to_string().into_bytes()).await;
        assert_eq!((answer.status, partial_success(Signal::Metrics, Encoding::Json, &answer)), (200, None));
    }
    let stored = service.stored().await;
    let sevens =
        stored.iter().flat_map(|pack| &pack.records).filter(|r| r.point.as_ref().is_some_and(|p| p.value == 7.0));
    assert_eq!(sevens.count(), 2, "a number written as text is the same number");
}

#[tokio::test]
async fn unknown_fields_are_ignored() {
    let service = Stack::start().over_http().tenant("default").await;
    for (signal, encoding) in cases() {
        let export = one(signal, json!({}));
        let body = if encoding == Encoding::Json {
            let mut unknown = export.clone();
            unknown["ofTheFuture"] = json!({"deep": [1, {"deeper": null}]});
            unknown.to_string().into_bytes()
        } else {
            // Field 1000, a length and three bytes; field 1001, a varint; field 1002, a group with field 1.
            [&binary(signal, &export)[..], &[0xc2, 0x3e, 3, 1, 2, 3, 0xc8, 0x3e, 5, 0xd3, 0x3e, 8, 1, 0xd4, 0x3e]]
                .concat()
        };
        let answer = send_bytes(&service, signal, encoding, body).await;
        assert_eq!((answer.status, partial_success(signal, encoding, &answer)), (200, None), "{signal:?} {encoding:?}");
    }
}

#[tokio::test]
async fn enumerations_in_json_are_numbers() {
    let service = Stack::start().over_http().tenant("default").await;
    let named = json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m", "sum": {
        "aggregationTemporality": "AGGREGATION_TEMPORALITY_DELTA", "dataPoints": [{"timeUnixNano": NOW, "asInt": 1}]}}]}]}]});
    for (signal, export) in [
        (Signal::Logs, one(Signal::Logs, json!({"severityNumber": "SEVERITY_NUMBER_INFO"}))),
        (Signal::Traces, one(Signal::Traces, json!({"kind": "SPAN_KIND_SERVER"}))),
        (Signal::Metrics, named),
    ] {
        let answer = send_bytes(&service, signal, Encoding::Json, export.to_string().into_bytes()).await;
        assert_eq!(answer.status, 400, "{signal:?}");
        assert!(answer.json()["message"].as_str().unwrap().contains("not its name"), "{:?}", answer.body);
    }
}

#[tokio::test]
async fn a_point_without_a_recorded_value_is_taken() {
    let service = Stack::start().over_http().tenant("default").await;
    let flagged = |number: u32| {
        let attributes = json!([{"key": "number", "value": {"intValue": number}}]);
        json!({"timeUnixNano": NOW, "flags": 1, "attributes": attributes})
    };
    // Each of many is taken, also one that is there twice, and what stands beside them counts once.
    let counted = json!({"timeUnixNano": NOW, "asDouble": 2.5});
    let beside: Vec<Value> = (0..8).chain(0..8).map(flagged).chain([counted]).collect();
    for encoding in BOTH {
        for points in [vec![flagged(0)], beside.clone()] {
            let answer = send(&service, Signal::Metrics, encoding, &many(Signal::Metrics, points)).await;
            assert_eq!(
                (answer.status, partial_success(Signal::Metrics, encoding, &answer)),
                (200, None),
                "{encoding:?}"
            );
        }
    }
    let packs = service.stored().await;
    let mut taken: Vec<_> =
        packs.iter().map(|pack| (pack.header.accepted, pack.header.rejected, pack.records.len())).collect();
    taken.sort_unstable();
    assert_eq!(taken, [(1, 0, 0), (17, 0, 1)]);
    assert!(
        packs
            .iter()
            .flat_map(|pack| &pack.records)
            .all(|record| record.count == 1 && record.point.as_ref().unwrap().value == 2.5)
    );
}

#[tokio::test]
async fn each_signal_has_its_path_and_takes_no_other_signals_export() {
    let service = Stack::start().over_http().tenant("default").await;
    for (signal, encoding) in cases() {
        for other in Signal::ALL.into_iter().filter(|other| *other != signal) {
            let foreign = one(other, json!({}));
            let body =
                if encoding == Encoding::Json { foreign.to_string().into_bytes() } else { binary(other, &foreign) };
            let before = service.packs().await.len();
            let answer = send_bytes(&service, signal, encoding, body).await;
            // Either it cannot be read at all, or it is read as nothing.
            assert!([200, 400].contains(&answer.status), "{signal:?} {other:?} {encoding:?}");
            if encoding == Encoding::Json {
                assert_eq!(service.packs().await.len(), before, "{signal:?} took {other:?}");
            }
        }
        let url = service.url(signal.path());
        assert_eq!(service.client().get(url).send().await.unwrap().status(), 405);
    }
}

#[tokio::test]
async fn bad_data_is_a_status_without_retry() {
    let service = Stack::start().over_http().tenant("default").await;
    for (signal, encoding) in cases() {
        let answer = send_bytes(&service, signal, encoding, b"\x0a\xff{".to_vec()).await;
        assert_eq!((answer.status, answer.header("retry-after")), (400, None), "{signal:?} {encoding:?}");
        if encoding == Encoding::Json {
            assert_eq!(answer.json()["code"], 3);
            assert!(!answer.json()["message"].as_str().unwrap().is_empty());
        } else {
            // google.rpc.Status: field 1 is the code, 2 the message.
            assert_eq!(&answer.body[..2], &[0x08, 3]);
            assert_eq!(answer.body[2], 0x12);
        }
    }
}

#[tokio::test]
async fn an_overloaded_server_says_when_to_come_again() {
    for (trouble, status, code) in [(Trouble::Throttled, 429, 8), (Trouble::ServerError, 503, 14)] {
        let database = Embedded::in_memory().unwrap();
        let faults = RandomFaults::new(1);
        let store = database.store_through(|client| faults.before(client));
        let service = Stack::start().over(store).over_http().tenant("default").await;
        faults.only(trouble);
        faults.set_rate(1_000);
        for (signal, encoding) in cases() {
            let answer = send(&service, signal, encoding, &one(signal, json!({}))).await;
            assert_eq!(answer.status, status, "{signal:?} {encoding:?}");
            let seconds: u32 = answer.header("retry-after").unwrap().parse().unwrap();
            assert!((1..=3).contains(&seconds));
            if encoding == Encoding::Json {
                assert_eq!(answer.json()["code"], code);
            } else {
                assert_eq!(&answer.body[..2], &[0x08, code]);
            }
        }
    }
}

#[tokio::test]
async fn a_connection_carries_many_requests_and_many_connections_are_served() {
    let service = Stack::start().over_http().tenant("default").await;
    let export = one(Signal::Logs, json!({}));
    for _ in 0..5 {
        let answer = send(&service, Signal::Logs, Encoding::Json, &export).await;
        assert_eq!(answer.status, 200);
        assert!(answer.header("connection").is_none_or(|value| value != "close"), "the connection is kept");
    }
    let all = futures::future::join_all((0..40).map(|_| send(&service, Signal::Logs, Encoding::Json, &export))).await;
    assert!(all.iter().all(|answer| answer.status == 200));
    assert_eq!(service.packs().await.len(), 1);
}
