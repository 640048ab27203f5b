//! Real exports are taken whole.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use telemetry::claude::record::Record;
use tools::activity::exports::bare_logs;
use tools::captures;
use tools::oracle::{self, Sent};
use tools::stack::Stack;

/// Attributes that carry content, and so must not be stored.
const CONTENT: [&str; 6] = ["prompt", "prompt_text", "response", "tool_parameters", "tool_input", "error"];

/// What a record looks like when it was stored, for comparison: numbers and truth values that old clients send as text are
/// numbers and truth values.
fn expected(sent: &Sent) -> (String, i64, Option<u64>, BTreeMap<String, Value>) {
    let numeric = ["_ms", "_tokens", "_bytes", "_length", "cost_usd", "cost_usd_micros", "event.sequence", "_count"];
    let mut attributes: BTreeMap<String, Value> = sent
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
    let error = sent.attributes.iter().find(|(key, _)| *key == "error");
    if error.is_some_and(|(_, text)| text.to_string().contains("529 Overloaded")) {
        // Its text is content, and what kind of failure it was is kept.
        attributes.insert("error_class".into(), json!("overloaded"));
    }
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
        let service = Stack::start().over_http().tenant("default").await;
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
    let service = Stack::start().over_http().tenant("default").await;
    let capture = captures::named("pb-traces/001");
    assert_eq!(service.export(&capture).await.status, 200);
    let packs = service.stored().await;
    assert_eq!(packs.iter().map(|p| p.header.accepted).sum::<u32>(), 25);
    assert!(packs.iter().all(|p| p.records.is_empty()));
}

#[tokio::test]
async fn an_empty_export_is_a_success_and_stores_nothing() {
    let service = Stack::start().over_http().tenant("default").await;
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
    let service = Stack::start().over_http().tenant("default").await;
    let body = bare_logs(json!([{
    "timeUnixNano": "1795328009164000000",
    "attributes": [
        {"key": "event.name", "value": {"stringValue": "brand_new"}},
        {"key": "colour", "value": {"stringValue": "blue"}},
        {"key": "depth", "value": {"intValue": "7"}},
        {"key": "essay", "value": {"stringValue": "somebody wrote this sentence"}}
    ]}]));
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
    let service = Stack::start().over_http().tenant("default").await;
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
    let service = Stack::start().over_http().tenant("default").await;
    for (nanos, wrong) in [("18000000000000000000", true), ("0", true), ("1577836800000000000", false)] {
        let body = bare_logs(json!([{"timeUnixNano": nanos,
            "attributes": [{"key": "event.name", "value": {"stringValue": "user_prompt"}}]}]));
        let answer = service.post("/v1/logs", &[("content-type", "application/json")], body.to_string()).await;
        assert_eq!(answer.status, 200);
        let message = answer.json()["partialSuccess"]["errorMessage"].as_str().unwrap_or_default().to_owned();
        assert_eq!(message.contains("Check the clock"), wrong, "{nanos}: {message}");
        assert_eq!(answer.json()["partialSuccess"]["rejectedLogRecords"], Value::Null, "nothing was rejected");
    }
    assert_eq!(service.stored().await.iter().map(|p| p.header.reclocked).sum::<u32>(), 2);
}

#[tokio::test]
async fn a_value_that_cannot_be_read_costs_neither_its_record_nor_its_neighbours() {
    let (attribute, time) = ("attributes[2].value", "timeUnixNano");
    for (unreadable, place) in [
        (json!({"doubleValue": {}}), attribute),
        (json!({"intValue": {}}), attribute),
        (json!({"intValue": {"low": 5, "high": 0, "unsigned": false}}), attribute),
        (json!({"intValue": 1.5}), attribute),
        (json!({"intValue": ""}), attribute),
        (json!({"intValue": "9223372036854775808"}), attribute),
        (json!({"doubleValue": ""}), attribute),
        (json!({"doubleValue": true}), attribute),
        (json!({"doubleValue": "nan"}), attribute),
        (json!({"boolValue": "true"}), attribute),
        (json!({"stringValue": 5}), attribute),
        (json!({"stringValue": {}}), attribute),
        (json!({"stringValue": []}), attribute),
        (json!({"bytesValue": "!"}), attribute),
        (json!("bare"), attribute),
        (json!({"low": 5, "high": 1}), time),
    ] {
        let service = Stack::start().over_http().tenant("default").await;
        let record = |number: u32, value: Option<&Value>| {
            let mut attributes = vec![
                json!({"key": "event.name", "value": {"stringValue": "api_request"}}),
                json!({"key": "input_tokens", "value": {"intValue": number}}),
            ];
            attributes.extend(value.map(|value| json!({"key": "cost_usd", "value": value})));
            json!({"timeUnixNano": "1795328009164000000", "observedTimeUnixNano": "1795328009164000000", "attributes": attributes})
        };
        let mut odd = record(2, Some(&unreadable).filter(|_| place == attribute));
        if place == time {
            odd["timeUnixNano"] = unreadable.clone();
        }
        let export = |records: &[Value]| bare_logs(records).to_string();
        let json = [("content-type", "application/json")];
        let answer = service.post("/v1/logs", &json, export(&[record(1, None), odd, record(3, None)])).await;
        assert_eq!(answer.status, 200, "{unreadable}");
        let partial = &answer.json()["partialSuccess"];
        let message = partial["errorMessage"].as_str().unwrap_or_default();
        assert!(message.contains(&format!("resourceLogs[0].scopeLogs[0].logRecords[1].{place}")), "{message}");
        assert_eq!(partial["rejectedLogRecords"], Value::Null, "no record was left out");
        let packs = service.stored().await;
        let mut tokens: Vec<_> =
            packs.iter().flat_map(|p| &p.records).map(|r| r.get("input_tokens").unwrap().as_int().unwrap()).collect();
        tokens.sort_unstable();
        assert_eq!(tokens, [1, 2, 3], "{unreadable}");
        assert!(packs.iter().flat_map(|p| &p.records).all(|r| r.get("cost_usd").is_none()), "{unreadable}");
        assert_eq!(
            packs.iter().map(|p| (p.header.cut, p.header.rejected)).collect::<Vec<_>>(),
            [(1, 0)],
            "{unreadable}"
        );
        // The same export without the value is the same export.
        if place == attribute {
            let without = record(2, Some(&json!({})));
            service.post("/v1/logs", &json, export(&[record(1, None), without, record(3, None)])).await;
            assert_eq!(service.packs().await.len(), 1, "{unreadable}");
        }
    }
}

/// Protobuf demands UTF-8 of every text, and its readers refuse a whole export for one byte.
#[tokio::test]
async fn texts_that_are_no_utf8_cost_a_real_export_in_protobuf_nothing_else() {
    let service = Stack::start().over_http().tenant("default").await;
    let capture = captures::named("pb-tools/001");
    let (terminal, mut body) = (b"xterm-256color", capture.body.to_vec());
    let places: Vec<usize> = (0..body.len()).filter(|at| body[*at..].starts_with(terminal)).collect();
    places.iter().for_each(|at| body[*at] = 0xff);
    let answer = service.post(&capture.path, &[("content-type", "application/x-protobuf")], body).await;
    let said = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!((answer.status, said.contains("must be UTF-8")), (200, true), "{said}");
    let packs = service.stored().await;
    let cut: usize = packs.iter().map(|pack| pack.header.cut as usize).sum();
    assert_eq!((cut, packs.iter().map(|pack| pack.header.rejected).sum::<u32>()), (places.len(), 0));
    let whole = Stack::start().over_http().tenant("default").await;
    whole.post(&capture.path, &[("content-type", "application/x-protobuf")], capture.body.clone()).await;
    let rows = |packs: &[telemetry::pack::Pack]| {
        let without = |record: &Record| {
            let (name, time, sequence, mut attributes) = found(record);
            attributes.remove("terminal.type");
            (name, time, sequence, attributes)
        };
        sorted(packs.iter().flat_map(|pack| &pack.records).map(without).collect())
    };
    assert_eq!(rows(&packs), rows(&whole.stored().await));
}

#[tokio::test]
async fn a_point_whose_value_cannot_be_read_is_rejected_alone() {
    let service = Stack::start().over_http().tenant("default").await;
    let point = |value: Value| json!({"timeUnixNano": "1795328009164000000", "asDouble": value});
    let points = [
        point(json!(1.5)),
        point(json!({})),
        json!({"timeUnixNano": "1795328009164000000", "asInt": {"low": 1, "high": 0}}),
    ];
    let body = json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m", "sum": {"aggregationTemporality": 1, "dataPoints": points}}]}]}]});
    let answer = service.post("/v1/metrics", &[("content-type", "application/json")], body.to_string()).await;
    let partial = &answer.json()["partialSuccess"];
    assert_eq!((answer.status, &partial["rejectedDataPoints"]), (200, &json!("2")));
    assert!(partial["errorMessage"].as_str().unwrap().contains("2 without a value"), "{partial}");
    assert_eq!(service.stored().await[0].records.len(), 1);
}

#[tokio::test]
async fn names_with_underscores_and_of_older_versions_are_the_same_export() {
    let service = Stack::start().over_http().tenant("default").await;
    let record = json!({"timeUnixNano": "1795328009164000000", "attributes": [{"key": "event.name", "value": {"stringValue": "user_prompt"}}]});
    let usual =
        json!({"resourceLogs": [{"scopeLogs": [{"scope": {"name": "s"}, "logRecords": [record]}]}]}).to_string();
    let within = usual
        .replace("scopeLogs", "scope_logs")
        .replace("logRecords", "log_records")
        .replace("timeUnixNano", "time_unix_nano");
    let whole = within.replace("resourceLogs", "resource_logs").replace("stringValue", "string_value");
    let old = usual
        .replace("scopeLogs", "instrumentationLibraryLogs")
        .replace("\"scope\"", "\"instrumentationLibrary\"")
        .replace("logRecords", "logs");
    for (body, remark) in [(&usual, None), (&within, None), (&old, None), (&whole, Some("instead of `resourceLogs`"))] {
        let answer = service.post("/v1/logs", &[("content-type", "application/json")], body.clone()).await;
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!((answer.status, said == "{}"), (200, remark.is_none()), "{body} {said}");
        assert!(said.contains(remark.unwrap_or_default()), "{said}");
        let packs = service.stored().await;
        assert_eq!((packs.len(), packs[0].records.len()), (1, 1), "{body}");
    }
}
