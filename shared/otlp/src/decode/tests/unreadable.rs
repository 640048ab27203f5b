//! Values that are no UTF-8, which protobuf forbids and clients send.

use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};

use super::super::*;

/// Stands for what is no UTF-8 until the body is encoded.
const MARK: &str = "unreadable";

fn text(value: &str) -> AnyValue {
    AnyValue { value: Some(Value::StringValue(value.into())) }
}

fn attribute(key: &str, value: AnyValue) -> KeyValue {
    KeyValue { key: key.into(), value: Some(value), ..KeyValue::default() }
}

fn list(values: Vec<AnyValue>) -> AnyValue {
    AnyValue { value: Some(Value::ArrayValue(ArrayValue { values })) }
}

fn request(records: Vec<LogRecord>) -> ExportLogsServiceRequest {
    let scope_logs = vec![ScopeLogs { log_records: records, ..ScopeLogs::default() }];
    ExportLogsServiceRequest { resource_logs: vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }] }
}

/// The request on the wire, with a byte of each mark that no text has.
fn spoilt(request: &ExportLogsServiceRequest) -> Vec<u8> {
    let mut body = request.encode_to_vec();
    let marks: Vec<usize> = body
        .windows(MARK.len())
        .enumerate()
        .filter(|(_, window)| *window == MARK.as_bytes())
        .map(|(at, _)| at)
        .collect();
    marks.into_iter().for_each(|at| body[at + 2] = 0xff);
    body
}

#[test]
fn one_value_that_is_no_text_costs_neither_its_record_nor_its_neighbours() {
    let with = |odd: AnyValue, inner: AnyValue| {
        let attributes = vec![attribute("before", text("b")), attribute("odd", odd), attribute("after", text("a"))];
        let body = Some(list(vec![text("first"), inner, text("last")]));
        request(vec![LogRecord { attributes, body, ..LogRecord::default() }, LogRecord::default()])
    };
    let decoded = decode(Signal::Logs, Encoding::Protobuf, &spoilt(&with(text(MARK), text(MARK)))).unwrap();
    let absent = || AnyValue { value: None };
    assert_eq!(decoded.payload, Payload::Logs(with(absent(), absent())));
    assert_eq!((decoded.left_out.count, decoded.left_out.why), (2, "must be UTF-8"));
    let [remark] = &decoded.remarks()[..] else { panic!("{:?}", decoded.remarks()) };
    assert!(
        remark.contains("2 value(s)") && remark.contains("the text at byte") && !remark.contains("unre"),
        "{remark}"
    );
}

#[test]
fn a_name_that_is_no_text_is_refused_as_ever() {
    let named = request(vec![LogRecord { attributes: vec![attribute(MARK, text("a"))], ..LogRecord::default() }]);
    let refused = decode(Signal::Logs, Encoding::Protobuf, &spoilt(&named)).unwrap_err();
    assert!(refused.to_string().contains("UTF-8"), "{refused}");
}

#[test]
fn a_key_with_more_bytes_than_it_needs_is_taken_out_too() {
    // resourceLogs, scopeLogs, logRecords, body, and in it the key of `string_value` in two bytes.
    let value = [0x8a, 0x00, 0x02, 0xff, 0xff];
    let body = [2_u8, 2, 1].iter().fold([&[5 << 3 | 2, 5], &value[..]].concat(), |inner, tag| {
        [&[tag << 3 | 2, inner.len() as u8], &inner[..]].concat()
    });
    let decoded = decode(Signal::Logs, Encoding::Protobuf, &body).unwrap();
    let record = LogRecord { body: Some(AnyValue { value: None }), ..LogRecord::default() };
    assert_eq!((decoded.payload, decoded.left_out.count), (Payload::Logs(request(vec![record])), 1));
}

#[test]
fn a_body_that_is_decoded_a_second_time_may_take_no_more_memory_for_it() {
    let crowd = |records: usize| {
        let odd = LogRecord { body: Some(text(MARK)), ..LogRecord::default() };
        request(std::iter::once(odd).chain(vec![LogRecord::default(); records]).collect())
    };
    let read = |body: &[u8]| decode(Signal::Logs, Encoding::Protobuf, body);
    let (mut most, mut too_many) = (1_usize, 1 << 17);
    while too_many - most > 1 {
        let half = most.midpoint(too_many);
        let is_taken = read(&crowd(half).encode_to_vec()).is_ok();
        *if is_taken { &mut most } else { &mut too_many } = half;
    }
    assert_eq!(read(&spoilt(&crowd(most))), Err(DecodeError::TooManyMessages), "with the copy it is over the limit");
    assert_eq!(read(&spoilt(&crowd(most / 2))).unwrap().left_out.count, 1);
}
