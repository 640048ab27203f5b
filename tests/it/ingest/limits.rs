//! Sizes: as sent, inflated, of one record, and of what one item can hold.

use std::io::Write;
use std::time::Duration;

use flate2::{Compression, write::GzEncoder};
use local::embedded::Embedded;
use otlp::Limits;
use serde_json::json;
use tools::activity::exports::bare_logs;
use tools::stack::Stack;
use tools::tenant::Tenant;

async fn small() -> Tenant {
    let limits = Limits { sent: 10_000, inflated: 50_000 };
    Stack::start()
        .over(Embedded::in_memory().unwrap().store())
        .limits(limits)
        .deadline(Duration::from_secs(5))
        .over_http()
        .tenant("default")
        .await
}

fn padded(len: usize) -> String {
    let empty = r#"{"pad":""}"#;
    format!(r#"{{"pad":"{}"}}"#, "x".repeat(len - empty.len()))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn a_body_at_the_limit_passes_and_one_byte_more_does_not() {
    let service = small().await;
    let json = ("content-type", "application/json");
    assert_eq!(service.post("/v1/logs", &[json], padded(10_000)).await.status, 200);
    let over = service.post("/v1/logs", &[json], padded(10_001)).await;
    assert_eq!(over.status, 413);
    assert!(over.json()["message"].as_str().unwrap().contains("10000 bytes"));
    let packed = [json, ("content-encoding", "GZIP")];
    assert_eq!(service.post("/v1/logs", &packed, gzip(&padded(50_000))).await.status, 200);
    assert_eq!(service.post("/v1/logs", &packed, gzip(&padded(50_001))).await.status, 413);
}

#[tokio::test]
async fn a_chunked_body_over_the_limit_is_told_so() {
    let service = small().await;
    let chunks = futures::stream::iter((0..100).map(|_| Ok::<_, std::io::Error>(vec![b' '; 1_000])));
    let request = service.client().post(service.url("/v1/logs")).header("content-type", "application/json");
    let answer = request.bearer_auth(&service.token).body(reqwest::Body::wrap_stream(chunks)).send().await;
    assert_eq!(answer.unwrap().status().as_u16(), 413);
}

#[tokio::test]
async fn a_bomb_is_refused_without_being_inflated() {
    let service = Stack::start().over_http().tenant("default").await;
    let bomb = gzip(&" ".repeat(200 * 1024 * 1024));
    assert!(bomb.len() < 1024 * 1024);
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    assert_eq!(service.post("/v1/logs", &headers, bomb).await.status, 413);
}

#[tokio::test]
async fn deep_nesting_is_refused() {
    let service = Stack::start().over_http().tenant("default").await;
    let deep = format!("{}1{}", r#"{"resourceLogs":"#, "[".repeat(10_000));
    assert_eq!(service.post("/v1/logs", &[("content-type", "application/json")], deep).await.status, 400);
}

/// Text that no compression makes much smaller, the same for the same seed.
fn noise(len: usize, seed: u64) -> String {
    let mut rng = fastrand::Rng::with_seed(seed);
    (0..len).map(|_| char::from(rng.u8(b'!'..=b'z'))).collect()
}

#[tokio::test]
async fn an_export_larger_than_an_item_is_split_and_still_counts_once() {
    let service = Stack::start().over_http().tenant("default").await;
    let log = |n: u64| {
        json!({"timeUnixNano": (1_795_328_009_164_000_000_u64 + n * 1_000_000).to_string(), "attributes": [
            {"key": "event.name", "value": {"stringValue": "api_request"}},
            {"key": "user.email", "value": {"stringValue": "dana@example.com"}},
            {"key": "model", "value": {"stringValue": noise(2_000, n)}}]})
    };
    let logs: Vec<_> = (0..1_000).map(log).collect();
    let body = bare_logs(logs).to_string();
    for _ in 0..2 {
        assert_eq!(service.post("/v1/logs", &[("content-type", "application/json")], body.clone()).await.status, 200);
    }
    let packs = service.stored().await;
    assert!(packs.len() > 10);
    assert_eq!(packs.iter().map(|p| p.records.len()).sum::<usize>(), 1_000);
}

#[tokio::test]
async fn an_oversized_value_is_cut_and_an_oversized_record_still_fits_an_item() {
    let service = Stack::start().over_http().tenant("default").await;
    let mut record = service.token_record(store::token::TokenState::Live);
    record.store_content = true;
    service.put_token(&record).await;
    let mut attributes = vec![json!({"key": "event.name", "value": {"stringValue": "api_request"}})];
    for (n, key) in ["model", "prompt", "response", "error", "body", "tool_input", "tool_parameters"].iter().enumerate()
    {
        attributes.push(json!({"key": key, "value": {"stringValue": noise(100_000, n as u64)}}));
    }
    let resource: Vec<_> = (0..200)
        .map(|n| json!({"key": format!("resource.{n}"), "value": {"stringValue": noise(250, 1_000 + n)}}))
        .chain([json!({"key": "service.name", "value": {"stringValue": noise(70_000, 5_000)}})])
        .collect();
    let body = json!({"resourceLogs": [{"resource": {"attributes": resource}, "scopeLogs": [{"logRecords": [
        {"timeUnixNano": "1795328009164000000", "attributes": attributes}]}]}]});
    let answer = service.post("/v1/logs", &[("content-type", "application/json")], body.to_string()).await;
    assert_eq!(answer.status, 200);
    let message = answer.json()["partialSuccess"]["errorMessage"].as_str().unwrap().to_owned();
    assert!(message.contains("labels at 256 bytes, contents at 60 KiB"), "{message}");
    let packs = service.stored().await;
    let length = |key: &str| packs[0].records[0].text(key).map(str::len);
    assert_eq!((length("model"), length("prompt"), length("tool_parameters")), (Some(256), Some(60 * 1024), None));
    assert!(service.packs().await[0].bytes.len() < 350 * 1024);
}

/// `n` attributes.
fn attributes(n: usize) -> Vec<serde_json::Value> {
    (0..n).map(|n| json!({"key": format!("k{n}"), "value": {"intValue": n}})).collect()
}

#[tokio::test]
async fn a_record_with_more_attributes_than_are_read_is_rejected_with_its_reason_and_its_neighbours_are_stored() {
    let record = |n: usize| json!({"timeUnixNano": "1795328009164000000", "attributes": attributes(n)});
    let nested = |n: usize| {
        let map = json!({"kvlistValue": {"values": attributes(n)}});
        let list = json!({"arrayValue": {"values": [{"intValue": 1}, map]}});
        let own = json!({"timeUnixNano": "1795328009164000000", "attributes": [{"key": "k", "value": list}]});
        let body = json!({"timeUnixNano": "1795328009164000000", "body": map});
        json!({"scopeLogs": [{"logRecords": [record(1), own, body]}]})
    };
    let group = |resource: usize, scope: usize, records: &[usize]| {
        json!({"resource": {"attributes": attributes(resource)}, "scopeLogs": [{"scope": {"attributes": attributes(scope)},
            "logRecords": records.iter().map(|n| record(*n)).collect::<Vec<_>>()}]})
    };
    for (groups, rejected, stored) in [
        (vec![group(1_024, 1_024, &[1_024])], 0, 1),
        (vec![group(1, 1, &[1, 1_025, 100_000, 2])], 2, 2),
        (vec![group(1_025, 0, &[1, 2, 3]), group(1, 0, &[4])], 3, 1),
        (vec![group(0, 1_025, &[1, 2]), group(1, 0, &[4])], 2, 1),
        (vec![nested(1_024)], 0, 3),
        (vec![nested(1_025)], 2, 1),
    ] {
        let service = Stack::start().over_http().tenant("default").await;
        let body = json!({"resourceLogs": groups}).to_string();
        let answer = service.post("/v1/logs", &[("content-type", "application/json")], body).await;
        assert_eq!(answer.status, 200);
        let told = answer.json();
        if rejected == 0 {
            assert!(told["partialSuccess"]["rejectedLogRecords"].is_null(), "{told}");
        } else {
            assert_eq!(told["partialSuccess"]["rejectedLogRecords"], rejected.to_string(), "{told}");
            assert!(told["partialSuccess"]["errorMessage"].as_str().unwrap().contains("1,024 attributes"), "{told}");
        }
        let packs = service.stored().await;
        assert_eq!(packs.iter().map(|p| p.records.len()).sum::<usize>(), stored);
        assert!(service.packs().await.iter().all(|p| p.bytes.len() < 350 * 1024));
    }
}

#[tokio::test]
async fn what_would_take_more_memory_than_there_is_is_refused_before_it_is_decoded() {
    let service = Stack::start().over_http().tenant("default").await;
    // 1.4 million empty log records in 2.8 MB, which is 2.8 kB as sent.
    let records = [0x12, 0].repeat(1_400_000);
    let body = [1_u8, 2].iter().fold(records, |inner, tag| {
        let mut outer = vec![(3 - tag) << 3 | 2];
        prost::encode_length_delimiter(inner.len(), &mut outer).unwrap();
        [outer, inner].concat()
    });
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&body).unwrap();
    let headers = [("content-type", "application/x-protobuf"), ("content-encoding", "gzip")];
    let answer = service.post("/v1/logs", &headers, encoder.finish().unwrap()).await;
    assert_eq!(answer.status, 400);
    assert!(String::from_utf8_lossy(&answer.body).contains("export smaller batches"));
}

#[tokio::test]
async fn more_people_than_one_export_may_bring_are_refused_with_what_to_do() {
    let service = Stack::start().over_http().tenant("default").await;
    let person = |n: usize| json!({"attributes": [{"key": "user.email", "value": {"stringValue": format!("p{n}@example.com")}}]});
    let body = bare_logs((0..4_097).map(person).collect::<Vec<_>>());
    let answer = service.post("/v1/logs", &[("content-type", "application/json")], body.to_string()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.json()["message"].as_str().unwrap().contains("export smaller batches"), "{}", answer.json());
}

#[tokio::test]
async fn more_buckets_of_one_sender_than_two_days_have_are_refused_with_what_to_do() {
    let record = |bucket: u64| {
        let nanos = (1_795_328_009_164 - bucket * 900_000) * 1_000_000;
        json!({"timeUnixNano": nanos.to_string(), "attributes": [{"key": "user.id", "value": {"stringValue": "dana"}}]})
    };
    for (buckets, status) in [(192, 200), (193, 400)] {
        let service = Stack::start().over_http().tenant("default").await;
        let body = bare_logs((0..buckets).map(record).collect::<Vec<_>>()).to_string();
        let answer = service.post("/v1/logs", &[("content-type", "application/json")], body).await;
        assert_eq!(answer.status, status);
        let told = answer.json().to_string();
        assert_eq!(told.contains("192 quarter hours of one sender: export smaller batches"), status == 400, "{told}");
    }
}

#[tokio::test]
async fn a_resource_that_would_be_written_for_too_many_people_is_refused_with_what_to_do() {
    let attribute = |key: String, value: String| json!({"key": key, "value": {"stringValue": value}});
    let resource: Vec<_> = (0..500).map(|n| attribute(format!("resource.{n}"), noise(200, n))).collect();
    let person = |n: usize| json!({"attributes": [attribute("user.email".into(), format!("p{n}@example.com"))]});
    for (people, status) in [(20, 200), (200, 400)] {
        let service = Stack::start().deadline(Duration::from_secs(60)).over_http().tenant("default").await;
        let records: Vec<_> = (0..people).map(person).collect();
        let body =
            json!({"resourceLogs": [{"resource": {"attributes": resource}, "scopeLogs": [{"logRecords": records}]}]});
        let answer = service.post("/v1/logs", &[("content-type", "application/json")], body.to_string()).await;
        assert_eq!(answer.status, status);
        let told = answer.json().to_string();
        assert_eq!(told.contains("too much of resources and records together"), status == 400, "{told}");
    }
}

#[tokio::test]
async fn points_of_a_name_that_is_too_long_or_too_long_for_so_many_are_rejected_and_their_neighbours_stored() {
    // So long that the memory of as many is within what its body may take.
    let point =
        json!({"startTimeUnixNano": "1795328009164000000", "timeUnixNano": "1795328009164000000", "asDouble": 1});
    for (length, points, rejected) in [(1_024, 2, 0), (1_025, 2, 2), (256, 131_073, 131_073)] {
        let service = Stack::start().deadline(Duration::from_secs(60)).over_http().tenant("default").await;
        let metric =
            |name: String, points: usize| json!({"name": name, "sum": {"dataPoints": vec![point.clone(); points]}});
        let metrics = [metric("n".repeat(length), points), metric("claude_code.commit.count".into(), 1)];
        let body = json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": metrics}]}]}).to_string();
        let answer = service.post("/v1/metrics", &[("content-type", "application/json")], body).await;
        assert_eq!(answer.status, 200);
        let told = answer.json();
        let count = told["partialSuccess"]["rejectedDataPoints"].as_str().map_or(0, |count| count.parse().unwrap());
        assert_eq!(count, rejected, "{told}");
        let stored = service.stored().await;
        assert!(stored.iter().flat_map(|pack| &pack.records).any(|record| &*record.name == "claude_code.commit.count"));
    }
}
