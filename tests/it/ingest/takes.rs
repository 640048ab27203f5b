//! Real exports are taken whole.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::claude::record::Record;
use tests::captures;
use tests::oracle::{self, Sent};
use tests::service::Service;

/// Attributes that carry content, and so must not be stored.
const CONTENT: [&str; 6] = ["prompt", "prompt_text", "response", "tool_parameters", "tool_input", "error"];

/// What a record looks like when it was stored, for comparison: numbers and truth values that old clients send as text are
/// numbers and truth values.
fn expected(sent: &Sent) -> (String, i64, Option<u64>, BTreeMap<String, Value>) {
    let numeric = ["_ms", "_tokens", "_bytes", "_length", "cost_usd", "cost_usd_micros", "event.sequence", "_count"];
    let attributes = sent
        .attributes
        .iter()
        .filter(|(key, _)| !CONTENT.contains(&key.as_str()))
        .map(|(key, value)| {
            let value = match value {
                Value::String(text) if key == "success" || key == "safe_mode" => json!(text == "true"),
                Value::String(text) if numeric.iter().any(|n| key.ends_with(n)) => text.parse().unwrap(),
                Value::Number(n) if n.as_f64().is_some_and(|n| n.fract() == 0.0) => json!(n.as_f64().unwrap() as i64),
                other => other.clone(),
            };
            (key.clone(), value)
        })
        .collect();
    (sent.name.clone(), sent.time, sent.value.map(f64::to_bits), attributes)
}

fn found(record: &Record) -> (String, i64, Option<u64>, BTreeMap<String, Value>) {
    let attributes = record.attributes.iter().map(|a| (a.key.to_string(), json!(a.value))).collect();
    (record.name.to_string(), record.time.0, record.point.as_ref().map(|p| p.value.to_bits()), attributes)
}

fn sorted<T: std::fmt::Debug>(mut rows: Vec<T>) -> Vec<T> {
    rows.sort_by(|a, b| format!("{a:?}").cmp(&format!("{b:?}")));
    rows
}

#[tokio::test]
async fn every_capture_is_stored_record_by_record_and_field_by_field() {
    for capture in captures::all() {
        let service = Service::start().await;
        let answer = service.export(&capture).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, Some(&*capture.content_type)),
            "{}",
            capture.name
        );
        assert_eq!(&*answer.body, if capture.is_json() { &b"{}"[..] } else { b"" }, "nothing was left out");
        let packs = service.stored().await;
        let sent: Vec<_> = oracle::records(&capture.payload()).iter().map(expected).collect();
        let stored: Vec<_> = packs.iter().flat_map(|p| &p.records).map(found).collect();
        assert_eq!(format!("{:#?}", sorted(stored)), format!("{:#?}", sorted(sent)), "{}", capture.name);
    }
}

#[tokio::test]
async fn spans_are_counted_and_not_kept() {
    let service = Service::start().await;
    let capture = captures::named("pb-traces/001");
    assert_eq!(service.export(&capture).await.status, 200);
    let packs = service.stored().await;
    assert_eq!(packs.iter().map(|p| p.header.accepted).sum::<u32>(), 25);
    assert!(packs.iter().all(|p| p.records.is_empty()));
}

#[tokio::test]
async fn an_empty_export_is_a_success_and_stores_nothing() {
    let service = Service::start().await;
    for path in ["/v1/logs", "/v1/metrics", "/v1/traces"] {
        let json = service.post(path, &[("content-type", "application/json")], "{}").await;
        assert_eq!((json.status, &*json.body), (200, &b"{}"[..]));
        let protobuf = service.post(path, &[("content-type", "application/x-protobuf")], "").await;
        assert_eq!((protobuf.status, &*protobuf.body), (200, &b""[..]));
    }
    assert!(service.packs().await.is_empty());
}

#[tokio::test]
async fn unknown_events_metrics_and_attributes_are_kept_by_name() {
    let service = Service::start().await;
    let body = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{
    "timeUnixNano": "1795328009164000000",
    "attributes": [
        {"key": "event.name", "value": {"stringValue": "brand_new"}},
        {"key": "colour", "value": {"stringValue": "blue"}},
        {"key": "depth", "value": {"intValue": "7"}},
        {"key": "essay", "value": {"stringValue": "somebody wrote this sentence"}}
    ]}]}]}]});
    let answer = service.post("/v1/logs", &[("content-type", "application/json")], body.to_string()).await;
    assert_eq!(answer.status, 200);
    let packs = service.stored().await;
    let record = &packs[0].records[0];
    assert_eq!((&*record.name, record.text("colour")), ("brand_new", Some("blue")));
    assert_eq!(record.get("depth").and_then(|v| v.as_int()), Some(7));
    assert_eq!(record.get("essay"), None, "what reads like text is content");
    assert_eq!(packs[0].header.dropped.iter().sum::<u32>(), 1, "and it is counted");
}

#[tokio::test]
async fn a_bad_point_is_named_and_its_neighbours_are_stored() {
    let service = Service::start().await;
    let point = |value: Value| {
        let mut point = json!({"timeUnixNano": "1795328009164000000", "attributes": [
            {"key": "user.id", "value": {"stringValue": "c1"}}, {"key": "n", "value": {"stringValue": value.to_string()}}]});
        if !value.is_null() {
            point["asDouble"] = value;
        }
        point
    };
    let body = json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "claude_code.cost.usage", "unit": "USD",
        "sum": {"aggregationTemporality": 1, "isMonotonic": true,
                "dataPoints": [point(json!(1.5)), point(json!("NaN")), point(Value::Null), point(json!("Infinity"))]}}]}]}]});
    let answer = service.post("/v1/metrics", &[("content-type", "application/json")], body.to_string()).await;
    assert_eq!(answer.status, 200);
    let partial = &answer.json()["partialSuccess"];
    assert_eq!(partial["rejectedDataPoints"], "3");
    let message = partial["errorMessage"].as_str().unwrap();
    assert!(message.contains("1 without a value") && message.contains("2 with a value that is infinite"), "{message}");
    let packs = service.stored().await;
    assert_eq!((packs.len(), packs[0].records.len(), packs[0].header.rejected), (1, 1, 3));
    assert_eq!(packs[0].records[0].point.as_ref().unwrap().value, 1.5);
}

#[tokio::test]
async fn a_wrong_clock_is_taken_with_a_warning() {
    let service = Service::start().await;
    for (nanos, wrong) in [("18000000000000000000", true), ("0", true), ("1577836800000000000", false)] {
        let body = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": nanos,
            "attributes": [{"key": "event.name", "value": {"stringValue": "user_prompt"}}]}]}]}]});
        let answer = service.post("/v1/logs", &[("content-type", "application/json")], body.to_string()).await;
        assert_eq!(answer.status, 200);
        let message = answer.json()["partialSuccess"]["errorMessage"].as_str().unwrap_or_default().to_owned();
        assert_eq!(message.contains("Check the clock"), wrong, "{nanos}: {message}");
        assert_eq!(answer.json()["partialSuccess"]["rejectedLogRecords"], Value::Null, "nothing was rejected");
    }
    assert_eq!(service.stored().await.iter().map(|p| p.header.reclocked).sum::<u32>(), 2);
}
