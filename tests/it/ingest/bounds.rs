//! Numbers that cannot be, in every form that can carry them.

use model::time::DAY;
use serde_json::{Value, json};
use telemetry::pack::Pack;
use tools::activity::exports::{bare_logs, bare_sum};
use tools::captures::Capture;
use tools::stack::Stack;

/// A request of somebody with this attribute.
fn request(key: &str, value: &Value, sequence: u32) -> Value {
    let nanos = (1_795_328_009_164 + u64::from(sequence)) * 1_000_000;
    json!({"timeUnixNano": nanos.to_string(), "attributes": [
        {"key": "event.name", "value": {"stringValue": "api_request"}},
        {"key": "event.sequence", "value": {"intValue": sequence}},
        {"key": "user.email", "value": {"stringValue": "dana@example.com"}},
        {"key": key, "value": value}]})
}

fn logs(records: &[Value]) -> Capture {
    let body = bare_logs(records).to_string();
    Capture {
        name: "bounds".into(),
        path: "/v1/logs".into(),
        content_type: "application/json".into(),
        content_encoding: None,
        body: body.into(),
    }
}

fn values(packs: &[Pack]) -> Vec<Value> {
    packs.iter().flat_map(|pack| &pack.records).filter_map(|record| Some(json!(record.get("cost_usd")?))).collect()
}

#[tokio::test]
async fn a_record_with_a_number_that_cannot_be_is_rejected_with_its_reason_and_its_neighbours_are_stored() {
    let good = request("cost_usd", &json!({"doubleValue": 1.5}), 1);
    let most = request("cost_usd", &json!({"stringValue": "1000"}), 2);
    let bad = [
        (("cost_usd", json!({"doubleValue": 1e300})), "1 with a cost below zero or over $1,000"),
        (("cost_usd", json!({"stringValue": "1e300"})), "1 with a cost below zero or over $1,000"),
        (("cost_usd", json!({"intValue": -1})), "1 with a cost below zero or over $1,000"),
        (("cost_usd", json!({"doubleValue": "NaN"})), "1 with a cost below zero or over $1,000"),
        (
            ("input_tokens", json!({"intValue": "9223372036854775807"})),
            "1 with a number of tokens below zero or over a billion",
        ),
        (("duration_ms", json!({"stringValue": "-1"})), "1 with a duration below zero or over 30 days"),
    ];
    let alone = Stack::start().over_http().tenant("default").await;
    assert_eq!(alone.export(&logs(&[good.clone(), most.clone()])).await.status, 200);
    for ((key, value), reason) in bad {
        let records = [good.clone(), request(key, &value, 3), most.clone()];
        let service = Stack::start().over_http().tenant("default").await;
        let answer = service.export(&logs(&records)).await;
        assert_eq!(answer.status, 200);
        let partial = &answer.json()["partialSuccess"];
        assert_eq!(partial["rejectedLogRecords"], "1", "{value}");
        assert!(partial["errorMessage"].as_str().unwrap().contains(reason), "{partial}");
        let packs = service.stored().await;
        assert_eq!((values(&packs), packs[0].header.rejected), (vec![json!(1.5), json!(1000)], 1));
        // Its neighbours are filed as if it had never been there, and the protobuf form is the same export.
        let key = |packs: &[store::pack::StoredPack]| packs.iter().map(|p| p.key.sk.clone()).collect::<Vec<_>>();
        assert_eq!(key(&service.packs().await), key(&alone.packs().await));
        service.export(&logs(&records).as_protobuf()).await;
        assert_eq!(service.packs().await.len(), 1);
    }
}

#[tokio::test]
async fn a_point_that_cannot_be_is_rejected_and_a_cumulative_one_may_be_more() {
    for (name, temporality, value, rejected) in [
        ("claude_code.cost.usage", 1, 1_000.5, true),
        ("claude_code.cost.usage", 2, 1_000.5, false),
        ("claude_code.token.usage", 1, -1.0, true),
        ("claude_code.active_time.total", 1, 1e9, true),
        ("claude_code.commit.count", 1, 2e9, true),
        ("somebody.elses.gauge", 1, -1e300, false),
    ] {
        let point = |value: f64| json!({"timeUnixNano": "1795328009164000000", "asDouble": value});
        let body = bare_sum(name, temporality, [point(1.0), point(value)]);
        let service = Stack::start().over_http().tenant("default").await;
        let answer = service.post("/v1/metrics", &[("content-type", "application/json")], body.to_string()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["partialSuccess"]["rejectedDataPoints"] == "1", rejected, "{name} {value}");
        let stored: usize = service.stored().await.iter().map(|pack| pack.records.len()).sum();
        assert_eq!(stored, if rejected { 1 } else { 2 }, "{name} {value}");
    }
}

#[tokio::test]
async fn an_export_of_nothing_but_such_numbers_is_refused_with_the_reason() {
    let service = Stack::start().over_http().tenant("default").await;
    let answer = service.export(&logs(&[request("cost_usd", &json!({"doubleValue": 1e9}), 1)])).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer.json()["message"].as_str().unwrap().contains("a cost below zero or over $1,000"),
        "{:?}",
        answer.json()
    );
    assert!(service.packs().await.is_empty());
}

#[tokio::test]
async fn a_record_that_is_too_late_is_taken_with_a_warning_of_its_own() {
    let service = Stack::start().over_http().tenant("default").await;
    let mut record = service.token_record(store::token::TokenState::Live);
    record.accept_late_days = 7;
    service.put_token(&record).await;
    let now = model::time::Timestamp::now();
    for (ago, late) in [(6 * DAY, false), (8 * DAY, true)] {
        let mut sent = request("cost_usd", &json!({"intValue": 1}), 1);
        sent["timeUnixNano"] = json!((now.minus(ago).0 * 1_000_000).to_string());
        let answer = service.export(&logs(&[sent])).await;
        let message = answer.json()["partialSuccess"]["errorMessage"].as_str().unwrap_or_default().to_owned();
        assert_eq!((answer.status, message.contains("older than the 7 days")), (200, late), "{message}");
        assert!(!message.contains("clock"), "{message}");
    }
    assert_eq!(service.stored().await.len(), 2);
}
