use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::printer::Hand;
use super::*;
use crate::{Coding, Limits, Rejection, inflate};

mod properties;
mod unreadable;

/// The folder with exports recorded from the real client.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/captures")
}

/// The recorded exports of the real client, with the signal and encoding they were sent in.
fn captures() -> Vec<(PathBuf, Signal, Encoding, Bytes)> {
    let runs = folder().read_dir().unwrap().map(|run| run.unwrap().path());
    let files = runs.flat_map(|run| run.read_dir().unwrap()).map(|file| file.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "body")).map(capture).collect()
}

/// The body at this path; how it was sent is described in a file next to it.
fn capture(path: PathBuf) -> (PathBuf, Signal, Encoding, Bytes) {
    let sent: serde_json::Value =
        serde_json::from_slice(&std::fs::read(path.with_extension("meta.json")).unwrap()).unwrap();
    let headers = sent["headers"].as_array().unwrap().iter();
    let headers =
        headers.map(|pair| (pair[0].as_str().unwrap().parse().unwrap(), pair[1].as_str().unwrap().parse().unwrap()));
    let headers: http::HeaderMap = headers.collect();
    let (encoding, coding) = (Encoding::from_headers(&headers).unwrap(), Coding::from_headers(&headers).unwrap());
    let signal =
        Signal::ALL.into_iter().find(|signal| sent["path"].as_str().unwrap().ends_with(signal.path())).unwrap();
    let body = inflate(std::fs::read(&path).unwrap().into(), coding, &Limits::default()).unwrap();
    (path, signal, encoding, body)
}

fn encoded(payload: &Payload) -> Vec<u8> {
    match payload {
        Payload::Logs(request) => request.encode_to_vec(),
        Payload::Metrics(request) => request.encode_to_vec(),
        Payload::Traces(request) => request.encode_to_vec(),
    }
}

fn signal_of(payload: &Payload) -> Signal {
    match payload {
        Payload::Logs(_) => Signal::Logs,
        Payload::Metrics(_) => Signal::Metrics,
        Payload::Traces(_) => Signal::Traces,
    }
}

fn records(payload: &Payload) -> usize {
    match payload {
        Payload::Logs(request) => {
            request.resource_logs.iter().flat_map(|group| &group.scope_logs).map(|scope| scope.log_records.len()).sum()
        }
        Payload::Metrics(request) => request
            .resource_metrics
            .iter()
            .flat_map(|group| &group.scope_metrics)
            .map(|scope| scope.metrics.len())
            .sum(),
        Payload::Traces(request) => {
            request.resource_spans.iter().flat_map(|group| &group.scope_spans).map(|scope| scope.spans.len()).sum()
        }
    }
}

#[test]
fn every_captured_export_decodes_to_records_without_a_warning() {
    let captures = captures();
    assert!(captures.len() >= 60, "{}", captures.len());
    for (path, signal, encoding, body) in captures {
        let decoded = decode(signal, encoding, &body).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        assert_eq!(decoded.warning, None, "{path:?}");
        assert!(records(&decoded.payload) > 0, "{path:?}");
    }
}

#[test]
fn a_captured_export_is_the_same_in_every_writing() {
    for (path, signal, encoding, body) in captures() {
        let decoded = decode(signal, encoding, &body).unwrap();
        assert_eq!(decode(signal, Encoding::Protobuf, &encoded(&decoded.payload)).as_ref(), Ok(&decoded));
        for hand in [Hand::Library, Hand::Script] {
            let json = hand.payload(&decoded.payload).to_string();
            let again = decode(signal, Encoding::Json, json.as_bytes());
            assert_eq!(again.as_ref(), Ok(&decoded), "{path:?} {hand:?}");
        }
    }
}

#[test]
fn the_events_of_a_session_are_read_as_they_were_sent() {
    let (.., body) = capture(folder().join("json-tools/001.body"));
    let Payload::Logs(request) = decode(Signal::Logs, Encoding::Json, &body).unwrap().payload else {
        panic!("these are logs");
    };
    let records = &request.resource_logs[0].scope_logs[0].log_records;
    assert_eq!(records.len(), 25);
    assert_eq!(records[0].time_unix_nano, 1_795_328_009_164_000_000);
    assert_eq!(records[0].attributes[0].key, "user.id");
}

/// Values nested `depth` levels deep.
fn nested_protobuf(depth: usize) -> Vec<u8> {
    let wrap = |tag: u8, inner: &[u8]| {
        let mut field = vec![tag << 3 | 2];
        prost::encode_length_delimiter(inner.len(), &mut field).unwrap();
        field.extend_from_slice(inner);
        field
    };
    let value = (0..depth).fold(Vec::new(), |inner, _| wrap(5, &wrap(1, &inner)));
    [5, 2, 2, 1].iter().fold(value, |inner, tag| wrap(*tag, &inner))
}

fn nested_json(depth: usize) -> String {
    let (open, close) = (r#"{"arrayValue":{"values":["#.repeat(depth), "]}}".repeat(depth));
    format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"body":{open}{{}}{close}}}]}}]}}]}}"#)
}

#[test]
fn values_within_values_are_taken_to_a_depth_that_nobody_needs_and_then_refused() {
    for depth in [0, 1, 30] {
        let json = decode(Signal::Logs, Encoding::Json, nested_json(depth).as_bytes()).unwrap();
        let protobuf = decode(Signal::Logs, Encoding::Protobuf, &nested_protobuf(depth)).unwrap();
        assert_eq!(json, protobuf, "{depth}");
    }
    for depth in [100, 10_000] {
        let json = decode(Signal::Logs, Encoding::Json, nested_json(depth).as_bytes());
        assert!(matches!(json, Err(DecodeError::Json { .. })), "{depth}");
        let protobuf = decode(Signal::Logs, Encoding::Protobuf, &nested_protobuf(depth));
        assert!(matches!(protobuf, Err(DecodeError::Protobuf { .. })), "{depth}");
    }
}

#[test]
fn what_is_unknown_is_passed_over_at_any_depth() {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let (open, close) = (open.repeat(10_000), close.repeat(10_000));
        let body = format!(r#"{{"unknown":{open}0{close},"resourceLogs":[{{}}]}}"#);
        let decoded = decode(Signal::Logs, Encoding::Json, body.as_bytes()).unwrap();
        assert!(matches!(decoded.payload, Payload::Logs(request) if request.resource_logs.len() == 1));
        let unclosed = format!(r#"{{"unknown":{open}"#);
        assert!(decode(Signal::Logs, Encoding::Json, unclosed.as_bytes()).is_err());
    }
}

#[test]
fn a_small_body_of_a_great_many_records_is_refused_before_memory_is_full() {
    let (scope, group) = ("[{\"scopeLogs\":[{\"logRecords\":[", "]}]}]");
    let json = format!("{{\"resourceLogs\":{scope}{}{{}}{group}}}", "{},".repeat(2_000_000));
    assert_eq!(decode(Signal::Logs, Encoding::Json, json.as_bytes()), Err(DecodeError::TooManyMessages));
    let nulls = format!("{{\"resourceLogs\":{scope}{}null{group}}}", "null,".repeat(2_000_000));
    assert_eq!(decode(Signal::Logs, Encoding::Json, nulls.as_bytes()), Err(DecodeError::TooManyMessages));
    let protobuf = b"\x0a\x00".repeat(6_000_000);
    assert_eq!(decode(Signal::Logs, Encoding::Protobuf, &protobuf), Err(DecodeError::TooManyMessages));
}

#[test]
fn an_empty_export_is_an_export() {
    for signal in Signal::ALL {
        for (encoding, body) in
            [(Encoding::Protobuf, "".as_bytes()), (Encoding::Json, b"{}"), (Encoding::Json, b" { \"other\" : [] } ")]
        {
            let decoded = decode(signal, encoding, body).unwrap();
            assert_eq!((records(&decoded.payload), decoded.warning), (0, None), "{signal:?} {encoding:?}");
        }
    }
}

#[test]
fn what_is_not_an_export_is_an_error_about_the_body() {
    for (encoding, body) in [
        (Encoding::Json, "".as_bytes()),
        (Encoding::Json, b"null"),
        (Encoding::Json, b"[]"),
        (Encoding::Json, b"{} {}"),
        (Encoding::Json, b"\xff\xfe"),
        (Encoding::Protobuf, b"{}"),
        (Encoding::Protobuf, b"\x0a\x05"),
    ] {
        let rejection = Rejection::from(decode(Signal::Logs, encoding, body).unwrap_err());
        assert!(
            matches!(&rejection, Rejection::Undecodable { field, .. } if field == "body"),
            "{body:?} {rejection:?}"
        );
    }
}

#[test]
fn names_of_another_signal_are_not_lost_in_silence() {
    for found in ["resourceMetrics", "resource_spans"] {
        let body = format!(r#"{{"{found}":[{{"scopeLogs":[]}}]}}"#);
        let decoded = decode(Signal::Logs, Encoding::Json, body.as_bytes()).unwrap();
        assert_eq!(decoded.warning, Some(Warning::NothingRead { found, expected: "resourceLogs" }));
        let body = format!(r#"{{"{found}":[],"resourceLogs":[]}}"#);
        let decoded = decode(Signal::Logs, Encoding::Json, body.as_bytes()).unwrap();
        assert_eq!(decoded.warning, None);
    }
}

#[test]
fn the_right_name_with_an_underscore_is_read_and_named() {
    let body = br#"{"resource_logs":[{"scope_logs":[{"log_records":[{}]}]}]}"#;
    let decoded = decode(Signal::Logs, Encoding::Json, body).unwrap();
    assert_eq!(records(&decoded.payload), 1);
    assert_eq!(decoded.warning, Some(Warning::OtherSpelling { found: "resource_logs", expected: "resourceLogs" }));
    assert_eq!(decoded.remarks().len(), 1);
}

#[test]
fn groups_of_the_future_are_passed_over() {
    let (.., body) = capture(folder().join("pb-tools/002.body"));
    let plain = decode(Signal::Metrics, Encoding::Protobuf, &body).unwrap();
    // Field 30: a group with a number, eight bytes, a text, a nested group in field 1 and four bytes.
    let group = b"\xf3\x01\x08\x05\x11\x01\x02\x03\x04\x05\x06\x07\x08\x1a\x02ab\x0b\x0c\x25\x01\x02\x03\x04\xf4\x01";
    let within = [&[0x0a, group.len() as u8], &group[..]].concat();
    for more in [group.to_vec(), within.clone()] {
        let decoded = decode(Signal::Metrics, Encoding::Protobuf, &[&more[..], &body].concat()).unwrap();
        assert_eq!(records(&decoded.payload), records(&plain.payload));
    }
    let deep = [b"\xf3\x01".repeat(100_000), b"\xf4\x01".repeat(100_000)].concat();
    assert!(matches!(decode(Signal::Logs, Encoding::Protobuf, &deep), Err(DecodeError::Protobuf { .. })));
    let known = b"\x0b\x0c";
    assert!(decode(Signal::Logs, Encoding::Protobuf, known).is_err(), "a known field is never a group");
}

#[test]
fn exemplars_and_entity_references_are_left_out_of_both_encodings() {
    use opentelemetry_proto::tonic::common::v1::EntityRef;
    use opentelemetry_proto::tonic::metrics::v1::{Exemplar, metric::Data};
    let (.., body) = capture(folder().join("pb-tools/002.body"));
    let plain = decode(Signal::Metrics, Encoding::Protobuf, &body).unwrap();
    let Payload::Metrics(mut request) = plain.payload.clone() else { panic!("these are metrics") };
    let group = &mut request.resource_metrics[0];
    group.resource.as_mut().unwrap().entity_refs.push(EntityRef::default());
    for metric in &mut group.scope_metrics[0].metrics {
        let Some(Data::Sum(sum)) = &mut metric.data else { panic!("these are sums") };
        sum.data_points[0].exemplars.push(Exemplar::default());
    }
    assert_eq!(decode(Signal::Metrics, Encoding::Protobuf, &request.encode_to_vec()), Ok(plain));
}
