//! What one source puts into one bucket is bounded: what is over costs nobody anything, and everybody is told.

use model::time::{MILLISECOND, SignedDuration};
use service::projection::limits::Bounds;
use service::projection::rebuild;
use tools::meter::Meter;
use tools::stack::Stack;
use tools::tenant::Tenant;

use super::*;

/// Room for five packs.
const FIVE: Bounds = Bounds { packs: 5, bytes: 32 << 20, records: 200_000, summary: 2 << 20, seen_again: None };

async fn fill(tenant: &Tenant, exports: i64) {
    for n in 0..exports {
        tenant.send(&request(&format!("s{n}"), START.plus(SignedDuration::from_millis(n)), 1), START).await;
    }
}

async fn finding(tenant: &Tenant, code: &str, now: Timestamp) -> Option<Value> {
    let status = tenant.get("/status", now).await;
    status["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code).cloned()
}

#[tokio::test]
async fn what_is_over_is_rejected_with_its_reason_and_health_names_source_and_generation() {
    let tenant = Stack::start().bounds(FIVE).tenant("acme").await;
    let other = tenant.tenant("other").await;
    fill(&tenant, 8).await;
    tenant.project(START).await;
    assert_eq!(tokens(&tenant).await, 5, "no more is counted than there may be");
    let answer = tenant.try_to_send(&request("late", START.plus(99 * MILLISECOND), 1), START).await;
    assert_eq!(answer.status, 200);
    let partial = &answer.json()["partialSuccess"];
    assert_eq!(partial["rejectedLogRecords"], "1");
    assert!(
        partial["errorMessage"].as_str().unwrap().contains("a quarter hour of which as much is stored"),
        "{partial}"
    );
    assert_eq!(tenant.pack_keys().await.len(), 8, "nothing more is stored");
    // Whatever is not of this source and bucket is taken as ever.
    let next = request("next", START.plus(BUCKET), 1);
    let robin = logs(json!({}), &[event("api_request", START.0, json!({"user.id": "robin", "input_tokens": 1}))]);
    for sent in [&next, &robin] {
        assert_eq!(tenant.try_to_send(sent, START).await.json()["partialSuccess"], Value::Null);
    }
    other.send(&request("s", START, 7), START).await;
    tenant.project(START).await;
    other.project(START).await;
    assert_eq!((tokens(&tenant).await, tokens(&other).await), (7, 7));
    let finding = finding(&tenant, "quarter_hour_full", START).await.unwrap();
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("c at 22 Nov 2026, 06:00 (UTC) with token generation 1"), "{message}");
    assert_eq!(finding["users"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_export_that_was_counted_stays_counted_however_often_it_comes_again() {
    let tenant = Stack::start().bounds(FIVE).tenant("acme").await;
    fill(&tenant, 8).await;
    tenant.project(START).await;
    let (before, packs) = (tenant.summaries().await, tenant.pack_keys().await);
    for later in [START, START.plus(SignedDuration::from_hours(7))] {
        fill(&tenant, 8).await;
        tenant.try_to_send(&request("earlier", START.minus(MILLISECOND), 1), later).await;
        tenant.project(later).await;
        assert_eq!(tenant.summaries().await, before);
    }
    assert_eq!(
        tenant.pack_keys().await.len(),
        packs.len() + 1,
        "the mark ends by itself, and what comes then is not counted"
    );
}

#[tokio::test]
async fn bytes_records_and_labels_are_bounded_too() {
    for bounds in [
        Bounds { bytes: 600, ..Bounds::default() },
        Bounds { records: 5, ..Bounds::default() },
        Bounds { summary: 900, ..Bounds::default() },
    ] {
        let tenant = Stack::start().bounds(bounds).tenant("acme").await;
        fill(&tenant, 20).await;
        tenant.project(START).await;
        let counted = tokens(&tenant).await;
        assert!((1..20).contains(&counted), "{bounds:?}: {counted}");
        assert!(finding(&tenant, "quarter_hour_full", START).await.is_some());
    }
}

#[tokio::test]
async fn a_bucket_that_is_full_is_not_read_again() {
    let meter = Meter::default();
    let bounds = Bounds { packs: 60, ..Bounds::default() };
    let tenant = Stack::start().through(|client| meter.before(client)).bounds(bounds).tenant("acme").await;
    let keys = {
        fill(&tenant, 61).await;
        tenant.pack_keys().await
    };
    tenant.stream(&keys, START).await;
    let _ = meter.take();
    tenant.stream(&keys, START).await;
    let again = meter.take();
    // The organisation, the epoch, the sighting, the tokens and one of their copies.
    assert!(again.reads <= 6 && again.read_units <= 8.0, "{again:?}");
}

#[tokio::test]
async fn a_rebuild_reads_again_what_was_full() {
    let tenant = Stack::start().bounds(FIVE).tenant("acme").await;
    fill(&tenant, 8).await;
    tenant.project(START).await;
    assert_eq!(tokens(&tenant).await, 5);
    let organisation = tenant.organisation().await;
    rebuild::begin(&tenant.store, &organisation.uid, START).await.unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(600);
    let progress = rebuild::carry_on(&tenant.store, &organisation, START, 100, deadline).await.unwrap();
    assert!(progress.is_complete);
    assert_eq!(tokens(&tenant).await, 8, "all of it is within the bounds of a rebuild");
}
