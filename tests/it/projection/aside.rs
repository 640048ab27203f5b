//! A bucket that cannot be projected is set aside after a few tries, and holds up nobody.

use model::time::{MINUTE, Timestamp};
use service::projection::stream::{Batch, SourceBucket};
use service::projection::tries::{Failure, Tries};
use tools::poison::Poison;
use tools::stack::Stack;
use tools::tenant::Tenant;

use super::*;

const DONE: &str = r#"{"batchItemFailures":[]}"#;

/// An organisation of which reading what the client "c" sent panics, and its neighbour of another organisation.
async fn poisoned() -> (Tenant, Tenant, Poison) {
    let poison = Poison::default();
    let acme = Stack::start().through(|client| poison.before(client)).tenant("acme").await;
    let other = acme.tenant("other").await;
    acme.send(&request("s", START, 1), START).await;
    other.send(&request("s", START, 2), START).await;
    let source = SourceId::new(SourceKind::Client, "c");
    poison.put_into(Some(&keys::pack_partition(&acme.organisation().await.uid, source, Bucket::of(START))));
    (acme, other, poison)
}

async fn findings(tenant: &Tenant, now: Timestamp) -> Vec<Value> {
    tenant.get("/status", now).await["findings"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_bucket_that_panics_is_set_aside_after_a_few_tries_and_named_and_others_do_not_wait() {
    let (acme, other, poison) = poisoned().await;
    let keys = [acme.pack_keys().await, other.pack_keys().await].concat();
    for attempt in 1..=4 {
        let answer = acme.stream(&keys, START).await;
        assert_eq!(answer["batchItemFailures"].as_array().map(Vec::len), Some(1), "try {attempt}");
        assert_eq!(tokens(&other).await, 2, "others are projected with the first try");
    }
    assert_eq!(acme.stream(&keys, START).await.to_string(), DONE, "the fifth is the last");
    let named = findings(&acme, START).await;
    let finding = named.iter().find(|finding| finding["code"] == "damaged_packs").unwrap();
    assert!(finding["message"].as_str().unwrap().contains("a defect of the service"), "{finding}");
    assert!(findings(&other, START).await.iter().all(|finding| finding["code"] != "damaged_packs"));
    // Once the defect is repaired, what comes next or a rebuild counts it.
    poison.put_into(None);
    acme.project(START).await;
    assert_eq!(tokens(&acme).await, 1);
}

#[tokio::test]
async fn a_rebuild_passes_over_it_and_names_it() {
    let (acme, _other, _poison) = poisoned().await;
    acme.send(&request("later", START.plus(BUCKET), 4), START).await;
    let organisation = acme.organisation().await;
    service::projection::rebuild::begin(&acme.store, &organisation.uid, START).await.unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(600);
    let carried = service::projection::rebuild::carry_on(&acme.store, &organisation, START, 100, deadline).await;
    assert!(carried.unwrap().is_complete);
    assert_eq!(tokens(&acme).await, 4);
    assert_eq!(acme.store.damaged(&organisation.uid, START).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_failed_before_is_tried_after_all_others() {
    let (acme, other, _poison) = poisoned().await;
    let keys = [acme.pack_keys().await, other.pack_keys().await].concat();
    let tries = Tries::default();
    let batch = Batch::read(&tools::tenant::stream_event(&keys)).unwrap();
    let suspect = batch.waves()[0][0].0.clone();
    tries.failed(&suspect, Failure::Final, START);
    let (fresh, suspects) = tries.apart(batch.waves());
    let buckets = |waves: Vec<Vec<(SourceBucket, Vec<String>)>>| -> Vec<SourceBucket> {
        waves.into_iter().flatten().map(|(bucket, _)| bucket).collect()
    };
    assert_eq!(buckets(suspects), std::slice::from_ref(&suspect));
    assert!(!buckets(fresh).contains(&suspect));
}

#[tokio::test]
async fn a_pack_of_a_later_release_is_set_aside_too_if_none_that_can_read_it_comes() {
    let tenant = Stack::start().tenant("acme").await;
    let (uid, other) = (tenant.organisation().await.uid, SourceId::new(SourceKind::Client, "other"));
    let later = keys::pack(&uid, otlp::Signal::Logs, other, Bucket::of(START), Timestamp(1), &[9; 16]);
    tenant.store.put_pack(&later, vec![2, 0, 0], START.plus(90 * DAY)).await.unwrap();
    for _ in 0..20 {
        assert_ne!(
            tenant.stream(std::slice::from_ref(&later), START).await.to_string(),
            DONE,
            "it may come within minutes"
        );
    }
    assert_eq!(tenant.stream(&[later], START.plus(2 * MINUTE)).await.to_string(), DONE);
    let damaged = tenant.store.damaged(&uid, START).await.unwrap();
    assert!(damaged[0].reason.contains("format version 2"), "{damaged:?}");
}
