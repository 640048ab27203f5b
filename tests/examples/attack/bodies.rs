//! Bodies that cost a sender next to nothing.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tools::activity::exports::bare_logs;
use tools::hostile::Numbers;

/// An empty attribute of a resource, or an empty scope's records in a resource: what a field of no length costs on the wire.
const EMPTY_ATTRIBUTE: &[u8] = &[0x0a, 0];
const EMPTY_RECORD: &[u8] = &[0x12, 0];

/// A resource with so many empty attributes and, in one scope, as many empty records.
pub(crate) fn attributes_by_records(count: usize) -> Vec<u8> {
    let resource = field(1, &EMPTY_ATTRIBUTE.repeat(count));
    let scope = field(2, &EMPTY_RECORD.repeat(count));
    zipped(&field(1, &[resource, scope].concat()))
}

/// A resource with so many empty attributes and as many scopes without records.
pub(crate) fn attributes_by_scopes(count: usize) -> Vec<u8> {
    let resource = field(1, &EMPTY_ATTRIBUTE.repeat(count));
    zipped(&field(1, &[resource, EMPTY_RECORD.repeat(count)].concat()))
}

/// So many empty records: two bytes each on the wire, two hundred in memory.
pub(crate) fn records(count: usize) -> Vec<u8> {
    zipped(&field(1, &field(2, &EMPTY_RECORD.repeat(count))))
}

/// JSON of records of one person within one bucket, each with four labels of so many letters that nothing compresses.
pub(crate) fn letters(number: u64, records: usize, length: usize, nanos: u64) -> Vec<u8> {
    let mut numbers = Numbers(number + 1);
    let mut text = || -> String { (0..length).map(|_| char::from(b'a' + (numbers.draw() % 26) as u8)).collect() };
    let records = (0..records as u64).map(|at| {
        let labels = ["model", "speed", "effort", "tool_name"].map(|name| attribute(name, &text()));
        let mut attributes = vec![attribute("event.name", "api_request"), attribute("user.email", "flood@example.com")];
        attributes.extend(labels);
        json!({"timeUnixNano": (nanos + number * 1_000_000 + at).to_string(), "attributes": attributes})
    });
    export(records.collect()).to_string().into_bytes()
}

/// JSON, compressed, of people whom nobody has seen before: one record each.
pub(crate) fn people(first: usize, count: usize, nanos: u64) -> Vec<u8> {
    let records = (first..first + count).map(|person| {
        json!({"timeUnixNano": (nanos + person as u64).to_string(), "attributes": [
            attribute("event.name", "api_request"),
            attribute("user.email", &format!("person{person}@invented.example")),
            attribute("user.id", &format!("{person:064x}")),
            attribute("session.id", &format!("00000000-0000-4000-8000-{person:012x}")),
            json!({"key": "cost_usd", "value": {"doubleValue": 0.01}})]})
    });
    zipped(export(records.collect()).to_string().as_bytes())
}

/// JSON of one request by somebody, at this cost and with so many tokens.
pub(crate) fn request_at(cost: f64, tokens: i64, nanos: u64) -> Vec<u8> {
    let record = json!({"timeUnixNano": nanos.to_string(), "attributes": [
        attribute("event.name", "api_request"),
        attribute("user.email", "jane@example.com"),
        attribute("session.id", "00000000-0000-4000-8000-000000000000"),
        json!({"key": "cost_usd", "value": {"doubleValue": cost}}),
        json!({"key": "input_tokens", "value": {"intValue": tokens.to_string()}})]});
    export(vec![record]).to_string().into_bytes()
}

fn export(records: Vec<Value>) -> Value {
    bare_logs(records)
}

fn attribute(name: &str, value: &str) -> Value {
    json!({"key": name, "value": {"stringValue": value}})
}

fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    prost::encode_length_delimiter(content.len(), &mut out).unwrap();
    out.extend_from_slice(content);
    out
}

fn zipped(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}
