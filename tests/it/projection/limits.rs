//! The limits of an organisation: how many people may be new, and how many records may come, within an hour.

use model::time::{HOUR, MINUTE, SignedDuration};
use service::projection::limits::Bounds;
use tools::meter::Meter;
use tools::stack::Stack;
use tools::tenant::Tenant;

use super::*;

fn of(person: &str, at: Timestamp) -> Sent {
    let attributes = json!({"user.email": format!("{person}@example.com"), "session.id": person, "input_tokens": 1});
    logs(json!({}), &[event("api_request", at.0, attributes)])
}

/// So many people, of whom nothing was heard before.
async fn invent(tenant: &Tenant, prefix: &str, people: i64, now: Timestamp) {
    for n in 0..people {
        tenant.send(&of(&format!("{prefix}{n}"), now), now).await;
    }
    tenant.project(now).await;
}

async fn limit(tenant: &Tenant, limits: Value) {
    let reply = tenant.ask(&format!("PUT /api/orgs/{}", tenant.org), &json!({"limits": limits}).to_string()).await;
    assert_eq!(reply.status, 200, "{reply:?}");
}

async fn finding(tenant: &Tenant, code: &str, now: Timestamp) -> Option<Value> {
    let status = tenant.get("/status", now).await;
    status["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code).cloned()
}

#[tokio::test]
async fn who_invents_people_is_refused_until_the_hour_is_over_and_no_other_organisation_is() {
    let tenant = Stack::start().tenant("acme").await;
    let other = tenant.tenant("other").await;
    limit(&tenant, json!({"new_people_per_hour": 10})).await;
    invent(&tenant, "a", 10, START).await;
    assert_eq!(tenant.try_to_send(&of("a1", START), START).await.status, 200, "a limit may be reached");
    invent(&tenant, "b", 2, START).await;
    // Every copy of the token says so.
    for _ in 0..16 {
        let refused = tenant.try_to_send(&of("a1", START), START).await;
        assert_eq!(refused.status, 429);
        let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1..=3).contains(&wait));
        let message = refused.text("message");
        assert!(message.contains("more new people arrived within this hour"), "{message}");
        assert!(message.contains("2026-11-22T07:00:00.000Z") && message.contains("new_people_per_hour"), "{message}");
    }
    invent(&other, "a", 1, START).await;
    assert_eq!(tokens(&other).await, 1);
    let now = finding(&tenant, "too_many_new_people", START).await.unwrap();
    assert_eq!(now["severity"], "error");
    let message = now["message"].as_str().unwrap();
    assert!(
        message.starts_with("12 people appeared within an hour, with token generation 1: 10 are allowed."),
        "{message}"
    );
    assert!(finding(&other, "too_many_new_people", START).await.is_none());
    let later = START.plus(HOUR);
    assert_eq!(tenant.try_to_send(&of("a1", later), later).await.status, 200, "it ends by itself");
    assert_eq!(finding(&tenant, "too_many_new_people", later).await.unwrap()["severity"], "warning");
    assert!(finding(&tenant, "too_many_new_people", START.plus(9 * DAY)).await.is_none());
}

#[tokio::test]
async fn raising_the_limit_or_rotating_ends_it_at_once() {
    let tenant = Stack::start().tenant("acme").await;
    limit(&tenant, json!({"new_people_per_hour": 1})).await;
    invent(&tenant, "a", 2, START).await;
    assert_eq!(tenant.try_to_send(&of("a1", START), START).await.status, 429);
    limit(&tenant, json!({"new_people_per_hour": 2})).await;
    assert_eq!(tenant.try_to_send(&of("a1", START), START).await.status, 200);
    assert!(finding(&tenant, "too_many_new_people", START).await.is_none());
    invent(&tenant, "b", 1, START).await;
    assert_eq!(tenant.try_to_send(&of("a1", START), START).await.status, 429);
    // Who has the old token is refused for as long as it is good; who has the new one begins anew.
    let mut renewed = tenant.clone();
    renewed.token = tenant.rotate("acme", 600, START).await;
    invent(&renewed, "c", 1, START).await;
    assert_eq!(renewed.try_to_send(&of("c0", START), START).await.status, 200);
    invent(&tenant, "d", 1, START).await;
    assert_eq!(tenant.try_to_send(&of("a1", START), START).await.status, 429);
    assert_eq!(renewed.try_to_send(&of("c0", START), START).await.status, 200);
}

#[tokio::test]
async fn too_many_records_within_an_hour_are_refused_too() {
    let tenant = Stack::start().tenant("acme").await;
    limit(&tenant, json!({"records_per_hour": 20})).await;
    let records: Vec<Value> =
        (0..21).map(|n| event("api_request", START.0 + n, json!({"user.id": "c", "input_tokens": 1}))).collect();
    tenant.send(&logs(json!({}), &records[..20]), START).await;
    tenant.project(START).await;
    tenant.send(&logs(json!({}), &records[20..]), START).await;
    for _ in 0..3 {
        // Whatever the stream repeats counts once.
        tenant.project(START).await;
    }
    let refused = tenant.try_to_send(&of("a", START), START).await;
    assert_eq!(refused.status, 429);
    assert!(refused.text("message").contains("records_per_hour"));
    let finding = finding(&tenant, "too_many_records", START).await.unwrap();
    assert!(finding["message"].as_str().unwrap().starts_with("21 records came within an hour"), "{finding}");
}

#[tokio::test]
async fn what_the_stream_repeats_and_what_waited_for_hours_is_no_flood() {
    let tenant = Stack::start().tenant("acme").await;
    limit(&tenant, json!({"new_people_per_hour": 10, "records_per_hour": 10})).await;
    invent(&tenant, "a", 10, START).await;
    for _ in 0..5 {
        tenant.project(START).await;
    }
    assert_eq!(tenant.try_to_send(&of("a1", START), START).await.status, 200, "counted once");
    let late = tenant.tenant("late").await;
    limit(&late, json!({"new_people_per_hour": 10})).await;
    for n in 0..30 {
        let arrived = START.plus(SignedDuration::from_hours(n % 3));
        late.send(&of(&format!("p{n}"), arrived), arrived).await;
    }
    let now = START.plus(2 * HOUR);
    late.project(now).await;
    assert_eq!(late.try_to_send(&of("p1", now), now).await.status, 200, "each hour has its own");
}

#[tokio::test]
async fn an_organisation_far_below_its_limits_costs_no_write_more() {
    let meter = Meter::default();
    let tenant = Stack::start().through(|client| meter.before(client)).tenant("acme").await;
    tenant.send(&of("dana", START), START).await;
    tenant.project(START).await;
    let later = START.plus(MINUTE);
    tenant.send(&of("dana", later), later).await;
    let keys = tenant.pack_keys().await;
    let _ = meter.take();
    tenant.stream(&keys, later).await;
    assert_eq!(meter.take().writes, 1, "the summary with its sighting, and nothing else");
}

#[tokio::test]
async fn who_fills_one_bucket_after_another_is_refused_altogether() {
    let tenant = Stack::start().bounds(Bounds { packs: 1, ..Bounds::default() }).tenant("acme").await;
    let other = tenant.tenant("other").await;
    for n in 0..49 {
        for session in ["a", "b"] {
            tenant.send(&request(session, START.minus(n * BUCKET), 1), START).await;
        }
    }
    tenant.project(START).await;
    let refused = tenant.try_to_send(&of("dana", START), START).await;
    assert_eq!(refused.status, 429);
    assert!(refused.text("message").contains("more within 15 minutes than anybody can have done"), "{refused:?}");
    other.send(&of("dana", START), START).await;
    let later = START.plus(HOUR);
    assert_eq!(tenant.try_to_send(&of("dana", later), later).await.status, 200);
}
