//! The limits of an organisation: how many people may be new, and how many records may come, within an hour.

use local::embedded::Embedded;
use model::time::HOUR;
use service::projection::bounds::Bounds;
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};
use tests::meter::Meter;
use tests::orgs::Office;

use super::*;

fn of(person: &str, at: Millis) -> Sent {
    let attributes = json!({"user.email": format!("{person}@example.com"), "session.id": person, "input_tokens": 1});
    logs(json!({}), &[event("api_request", at.0, attributes)])
}

/// So many people, of whom nothing was heard before.
async fn invent(world: &World, prefix: &str, people: i64, now: Millis) {
    for n in 0..people {
        world.send(&of(&format!("{prefix}{n}"), now), now).await;
    }
    world.project(now).await;
}

async fn limit(world: &World, limits: Value) {
    let reply = world.office.ask(&format!("PUT /api/orgs/{}", world.org), &json!({"limits": limits}).to_string()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

async fn finding(world: &World, code: &str, now: Millis) -> Option<Value> {
    let status = world.get("/status", now).await;
    status["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code).cloned()
}

#[tokio::test]
async fn who_invents_people_is_refused_until_the_hour_is_over_and_no_other_organisation_is() {
    let world = World::open().await;
    let other = World::beside(world.office.clone(), "other").await;
    limit(&world, json!({"new_people_per_hour": 10})).await;
    invent(&world, "a", 10, START).await;
    assert_eq!(world.try_to_send(&of("a1", START), START).await, 200, "a limit may be reached");
    invent(&world, "b", 2, START).await;
    // Every copy of the token says so.
    for _ in 0..16 {
        let refused = world.post(&of("a1", START), START).await;
        assert_eq!(refused.status, 429);
        let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=3).contains(&wait));
        let message = refused.text("message");
        assert!(message.contains("more new people arrived within this hour"), "{message}");
        assert!(message.contains("2026-11-22T07:00:00.000Z") && message.contains("new_people_per_hour"), "{message}");
    }
    invent(&other, "a", 1, START).await;
    assert_eq!(tokens(&other).await, 1);
    let now = finding(&world, "too_many_new_people", START).await.unwrap();
    assert_eq!(now["severity"], "error");
    let message = now["message"].as_str().unwrap();
    assert!(
        message.starts_with("12 people appeared within an hour, with token generation 1: 10 are allowed."),
        "{message}"
    );
    assert!(finding(&other, "too_many_new_people", START).await.is_none());
    let later = START.plus(HOUR);
    assert_eq!(world.try_to_send(&of("a1", later), later).await, 200, "it ends by itself");
    assert_eq!(finding(&world, "too_many_new_people", later).await.unwrap()["severity"], "warning");
    assert!(finding(&world, "too_many_new_people", START.plus(9 * DAY)).await.is_none());
}

#[tokio::test]
async fn raising_the_limit_or_rotating_ends_it_at_once() {
    let world = World::open().await;
    limit(&world, json!({"new_people_per_hour": 1})).await;
    invent(&world, "a", 2, START).await;
    assert_eq!(world.try_to_send(&of("a1", START), START).await, 429);
    limit(&world, json!({"new_people_per_hour": 2})).await;
    assert_eq!(world.try_to_send(&of("a1", START), START).await, 200);
    assert!(finding(&world, "too_many_new_people", START).await.is_none());
    invent(&world, "b", 1, START).await;
    assert_eq!(world.try_to_send(&of("a1", START), START).await, 429);
    // Who has the old token is refused for as long as it is good; who has the new one begins anew.
    let mut renewed = world.clone();
    renewed.token = world.office.rotate("acme", 600, START).await;
    invent(&renewed, "c", 1, START).await;
    assert_eq!(renewed.try_to_send(&of("c0", START), START).await, 200);
    invent(&world, "d", 1, START).await;
    assert_eq!(world.try_to_send(&of("a1", START), START).await, 429);
    assert_eq!(renewed.try_to_send(&of("c0", START), START).await, 200);
}

#[tokio::test]
async fn too_many_records_within_an_hour_are_refused_too() {
    let world = World::open().await;
    limit(&world, json!({"records_per_hour": 20})).await;
    let records: Vec<Value> =
        (0..21).map(|n| event("api_request", START.0 + n, json!({"user.id": "c", "input_tokens": 1}))).collect();
    world.send(&logs(json!({}), &records[..20]), START).await;
    world.project(START).await;
    world.send(&logs(json!({}), &records[20..]), START).await;
    for _ in 0..3 {
        // Whatever the stream repeats counts once.
        world.project(START).await;
    }
    let refused = world.post(&of("a", START), START).await;
    assert_eq!(refused.status, 429);
    assert!(refused.text("message").contains("records_per_hour"));
    let finding = finding(&world, "too_many_records", START).await.unwrap();
    assert!(finding["message"].as_str().unwrap().starts_with("21 records came within an hour"), "{finding}");
}

#[tokio::test]
async fn what_the_stream_repeats_and_what_waited_for_hours_is_no_flood() {
    let world = World::open().await;
    limit(&world, json!({"new_people_per_hour": 10, "records_per_hour": 10})).await;
    invent(&world, "a", 10, START).await;
    for _ in 0..5 {
        world.project(START).await;
    }
    assert_eq!(world.try_to_send(&of("a1", START), START).await, 200, "counted once");
    let late = World::beside(world.office.clone(), "late").await;
    limit(&late, json!({"new_people_per_hour": 10})).await;
    for n in 0..30 {
        let arrived = START.plus(n % 3 * HOUR);
        late.send(&of(&format!("p{n}"), arrived), arrived).await;
    }
    let now = START.plus(2 * HOUR);
    late.project(now).await;
    assert_eq!(late.try_to_send(&of("p1", now), now).await, 200, "each hour has its own");
}

#[tokio::test]
async fn an_organisation_far_below_its_limits_costs_no_write_more() {
    let meter = Meter::default();
    let store = Embedded::in_memory().unwrap().store_through(|client| meter.before(client));
    store.create_tables().await.unwrap();
    let world = World::beside(Office::over(store, Secrets::Embedded(EmbeddedSecrets::in_memory())), "acme").await;
    world.send(&of("dana", START), START).await;
    let keys = world.pack_keys().await;
    let _ = meter.take();
    world.stream(&keys, START).await;
    assert_eq!(meter.take().writes, 1, "the summary with its sighting, and nothing else");
}

#[tokio::test]
async fn who_fills_one_quarter_hour_after_another_is_refused_altogether() {
    let world = World::open().await.within(Bounds { packs: 1, ..Bounds::default() });
    let other = World::beside(world.office.clone(), "other").await;
    for n in 0..49 {
        for session in ["a", "b"] {
            world.send(&request(session, START.plus(-n * BUCKET), 1), START).await;
        }
    }
    world.project(START).await;
    let refused = world.post(&of("dana", START), START).await;
    assert_eq!(refused.status, 429);
    assert!(refused.text("message").contains("full 15-minute buckets"), "{refused:?}");
    other.send(&of("dana", START), START).await;
    let later = START.plus(HOUR);
    assert_eq!(world.try_to_send(&of("dana", later), later).await, 200);
}
