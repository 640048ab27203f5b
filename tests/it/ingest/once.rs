//! Every export counts once, however often, in whatever order and form it arrives.

use serde_json::json;
use store::token::{TokenRecord, TokenState};
use telemetry::pack::Pack;
use tools::activity::exports::bare_logs;
use tools::captures::{self, Capture};
use tools::stack::Stack;
use tools::tenant::Tenant;

fn records(packs: &[Pack]) -> usize {
    packs.iter().map(|p| p.records.iter().map(|r| r.count as usize).sum::<usize>()).sum()
}

async fn export_all(service: &Tenant, captures: &[Capture]) {
    for capture in captures {
        assert_eq!(service.export(capture).await.status, 200, "{}", capture.name);
    }
}

#[tokio::test]
async fn a_replayed_export_is_stored_once() {
    let service = Stack::start().over_http().tenant("default").await;
    let captures = captures::all();
    export_all(&service, &captures).await;
    let first = service.packs().await;
    let reversed: Vec<_> = captures.iter().rev().cloned().collect();
    export_all(&service, &reversed).await;
    assert_eq!(service.packs().await, first, "the second time changes nothing, not even a header");
}

#[tokio::test]
async fn exports_sent_in_parallel_are_stored_once() {
    let service = Stack::start().over_http().tenant("default").await;
    let capture = captures::named("pb-tools/001");
    let answers = futures::future::join_all((0..20).map(|_| service.export(&capture))).await;
    assert!(answers.iter().all(|a| a.status == 200));
    assert_eq!(records(&service.stored().await), 25);
}

#[tokio::test]
async fn the_json_and_the_protobuf_form_of_an_export_are_one_export() {
    let service = Stack::start().over_http().tenant("default").await;
    let captures: Vec<_> = captures::all().into_iter().filter(Capture::is_json).collect();
    export_all(&service, &captures).await;
    let first = service.packs().await;
    export_all(&service, &captures.iter().map(Capture::as_protobuf).collect::<Vec<_>>()).await;
    assert_eq!(service.packs().await, first);
}

#[tokio::test]
async fn keeping_content_from_now_on_does_not_make_a_retry_count_twice() {
    let service = Stack::start().over_http().tenant("default").await;
    let capture = captures::named("old-1.0.128-pb-tools/003");
    assert_eq!(service.export(&capture).await.status, 200);
    let mut record = service.token_record(TokenState::Live);
    record.store_content = true;
    record.retention_days = 30;
    record.generation = 2;
    service.put_token(&record).await;
    let before = service.packs().await;
    assert_eq!(service.export(&capture).await.status, 200);
    assert_eq!(service.packs().await, before);
    let other = Stack::start().over_http().tenant("default").await;
    other.put_token(&TokenRecord { uid: other.uid.clone(), ..record }).await;
    other.export(&capture).await;
    assert_eq!(other.packs().await[0].key.sk, before[0].key.sk);
    let kept = other.stored().await;
    assert!(
        kept.iter().flat_map(|p| &p.records).any(|r| r.text("tool_parameters").is_some()),
        "and content is kept there"
    );
}

#[tokio::test]
async fn an_export_across_the_end_of_an_hour_is_stored_once() {
    let service = Stack::start().over_http().tenant("default").await;
    let log = |nanos: u64, n: u32| {
        json!({"timeUnixNano": nanos.to_string(), "attributes": [
            {"key": "event.name", "value": {"stringValue": "user_prompt"}},
            {"key": "event.sequence", "value": {"intValue": n}},
            {"key": "user.email", "value": {"stringValue": "dana@example.com"}}]})
    };
    // 2026-11-22T07:00:00Z is the end of an hour.
    let hour = 1_795_330_800_000_000_000_u64;
    let body = bare_logs(json!([log(hour - 1, 1), log(hour, 2)]));
    for _ in 0..2 {
        let answer = service.post("/v1/logs", &[("content-type", "application/json")], body.to_string()).await;
        assert_eq!(answer.status, 200);
    }
    let packs = service.stored().await;
    assert_eq!((packs.len(), records(&packs)), (2, 2));
}

#[tokio::test]
async fn equal_records_of_one_export_are_one_entry_with_a_count() {
    let service = Stack::start().over_http().tenant("default").await;
    let log = json!({"timeUnixNano": "1795328009164000000", "attributes": [
        {"key": "event.name", "value": {"stringValue": "at_mention"}}]});
    let body = bare_logs(json!([log, log, log]));
    service.post("/v1/logs", &[("content-type", "application/json")], body.to_string()).await;
    let packs = service.stored().await;
    assert_eq!(
        (packs.len(), packs[0].records.len(), packs[0].records[0].count, packs[0].header.accepted),
        (1, 1, 3, 3)
    );
}
