//! What one source puts into one quarter hour is bounded: what is over costs nobody anything, and everybody is told.

use local::embedded::Embedded;
use service::projection::bounds::Bounds;
use service::projection::rebuild;
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};
use tests::meter::Meter;
use tests::orgs::Office;

use super::*;

/// Room for five packs.
const FIVE: Bounds = Bounds { packs: 5, bytes: 32 << 20, records: 200_000, summary: 2 << 20 };

async fn fill(world: &World, exports: i64) {
    for n in 0..exports {
        world.send(&request(&format!("s{n}"), START.plus(n), 1), START).await;
    }
}

async fn finding(world: &World, code: &str, now: Millis) -> Option<Value> {
    let status = world.get("/status", now).await;
    status["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code).cloned()
}

#[tokio::test]
async fn what_is_over_is_rejected_with_its_reason_and_health_names_source_and_generation() {
    let world = World::open().await.within(FIVE);
    let other = World::beside(world.office.clone(), "other").await;
    fill(&world, 8).await;
    world.project(START).await;
    assert_eq!(tokens(&world).await, 5, "no more is counted than there may be");
    let answer = world.post(&request("late", START.plus(99), 1), START).await;
    assert_eq!(answer.status, 200);
    let partial = &answer.json()["partialSuccess"];
    assert_eq!(partial["rejectedLogRecords"], "1");
    assert!(
        partial["errorMessage"].as_str().unwrap().contains("a quarter hour of which as much is stored"),
        "{partial}"
    );
    assert_eq!(world.pack_keys().await.len(), 8, "nothing more is stored");
    // Whatever is not of this source and quarter hour is taken as ever.
    let next = request("next", START.plus(BUCKET), 1);
    let robin = logs(json!({}), &[event("api_request", START.0, json!({"user.id": "robin", "input_tokens": 1}))]);
    for sent in [&next, &robin] {
        assert_eq!(world.post(sent, START).await.json()["partialSuccess"], Value::Null);
    }
    other.send(&request("s", START, 7), START).await;
    world.project(START).await;
    other.project(START).await;
    assert_eq!((tokens(&world).await, tokens(&other).await), (7, 7));
    let finding = finding(&world, "quarter_hour_full", START).await.unwrap();
    let message = finding["message"].as_str().unwrap();
    assert!(message.contains("c at 2026-11-22T06:00:00.000Z with token generation 1"), "{message}");
    assert_eq!(finding["users"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_export_that_was_counted_stays_counted_however_often_it_comes_again() {
    let world = World::open().await.within(FIVE);
    fill(&world, 8).await;
    world.project(START).await;
    let (before, packs) = (world.summaries().await, world.pack_keys().await);
    for later in [START, START.plus(7 * 3_600_000)] {
        fill(&world, 8).await;
        world.post(&request("earlier", START.plus(-1), 1), later).await;
        world.project(later).await;
        assert_eq!(world.summaries().await, before);
    }
    assert_eq!(
        world.pack_keys().await.len(),
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
        let world = World::open().await.within(bounds);
        fill(&world, 20).await;
        world.project(START).await;
        let counted = tokens(&world).await;
        assert!((1..20).contains(&counted), "{bounds:?}: {counted}");
        assert!(finding(&world, "quarter_hour_full", START).await.is_some());
    }
}

#[tokio::test]
async fn a_quarter_hour_that_is_full_is_not_read_again() {
    let meter = Meter::default();
    let store = Embedded::in_memory().unwrap().store_through(|client| meter.before(client));
    store.create_tables().await.unwrap();
    let office = Office::over(store, Secrets::Embedded(EmbeddedSecrets::in_memory()));
    let bounds = Bounds { packs: 60, ..Bounds::default() };
    let world = World::beside(office, "acme").await.within(bounds);
    let keys = {
        fill(&world, 61).await;
        world.pack_keys().await
    };
    world.stream(&keys, START).await;
    let _ = meter.take();
    world.stream(&keys, START).await;
    let again = meter.take();
    // The organisation, the epoch, the sighting, the tokens and one of their copies.
    assert!(again.reads <= 6 && again.read_units <= 8.0, "{again:?}");
}

#[tokio::test]
async fn a_rebuild_reads_again_what_was_full() {
    let world = World::open().await.within(FIVE);
    fill(&world, 8).await;
    world.project(START).await;
    assert_eq!(tokens(&world).await, 5);
    let organisation = world.organisation().await;
    rebuild::begin(&world.store, &organisation.uid, START).await.unwrap();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(600);
    let progress = rebuild::carry_on(&world.store, &organisation, START, 100, deadline).await.unwrap();
    assert!(progress.is_complete);
    assert_eq!(tokens(&world).await, 8, "all of it is within the bounds of a rebuild");
}
