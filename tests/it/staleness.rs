//! Reads without `ConsistentRead` see the state before the last write. Whoever decides reads consistently; reports do not, for half the
//! cost, and are one write behind at most.

use model::time::{DAY, HOUR, MILLISECOND, SECOND, SignedDuration, Timestamp};
use serde_json::{Value, json};
use service::projection::days::close_days;
use tools::activity::exports::{event, logs, metrics, point};
use tools::activity::{Sent, captures, requests};
use tools::stack::{START, Stack};
use tools::stale::Stale;
use tools::tenant::Tenant;

async fn stale_tenant() -> (Tenant, Stale) {
    let stale = Stale::open();
    (Stack::start().stale_reads(&stale).tenant("acme").await, stale)
}

fn request(session: &str, at: Timestamp, tokens: i64) -> Sent {
    let attributes =
        json!({"session.id": session, "user.email": "dana@example.com", "model": "m", "input_tokens": tokens});
    logs(json!({}), &[event("api_request", at.0, attributes)])
}

/// Any other write, after which the ones before it are seen by everybody.
async fn write_something(tenant: &Tenant, now: Timestamp) {
    let name = format!(r#"{{"name": "Acme since {now}"}}"#);
    assert_eq!(tenant.ask_at("PUT /api/orgs/acme", &name, now).await.status, 200);
}

fn tokens(answer: &Value) -> i64 {
    answer["total"]["input_tokens"].as_i64().unwrap()
}

#[tokio::test]
async fn the_projection_decides_by_what_is_and_not_by_what_was() {
    let ((stale, _), fresh) = (stale_tenant().await, Stack::start().tenant("acme").await);
    for tenant in [&stale, &fresh] {
        let mut now = START;
        for sent in captures().iter().flat_map(|name| requests(name)) {
            tenant.send(&sent, now).await;
            // Each is projected alone, so that every projection meets what the one before has just written.
            tenant.project(now).await;
            now = now.plus(SECOND);
        }
        for (minutes, value) in [(1, 100.0), (100, 300.0), (50, 200.0)] {
            let at = START.plus(SignedDuration::from_mins(minutes));
            let points = [point(START.0, at.0, value, json!({"user.id": "c", "session.id": "s"}))];
            tenant.send(&metrics("claude_code.commit.count", 2, &points), now).await;
            tenant.project(now).await;
        }
    }
    assert_eq!(stale.summaries().await, fresh.summaries().await);
    assert_eq!(stale.sightings().await, fresh.sightings().await);
    let now = START.plus(2 * HOUR);
    // People and health are read consistently: an admin who looks after a change has to see it.
    for question in ["/users?limit=1000", "/status"] {
        assert_eq!(stale.get(question, now).await, fresh.get(question, now).await, "{question}");
    }
    write_something(&stale, now).await;
    for question in ["/activity?group_by=user,model,tool&limit=1000", "/sessions?limit=1000", "/status"] {
        assert_eq!(stale.get(question, now).await, fresh.get(question, now).await, "{question}");
    }
}

#[tokio::test]
async fn reports_are_one_write_behind_and_never_wrong() {
    let (tenant, stale) = stale_tenant().await;
    tenant.send(&request("a", START, 1), START).await;
    tenant.project(START).await;
    tenant.send(&request("b", START, 2), START).await;
    tenant.project(START).await;
    let late = tokens(&tenant.get("/activity", START).await);
    assert!(late == 1 || late == 3, "{late}");
    write_something(&tenant, START).await;
    assert_eq!(tokens(&tenant.get("/activity", START).await), 3);
    // Days are closed by what is, and a late export shows in them.
    let later = START.plus(3 * DAY);
    let organisation = tenant.organisation().await;
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(600);
    close_days(&tenant.store, &organisation, later.minus(2 * HOUR), deadline).await.unwrap();
    assert!(close_days(&tenant.store, &organisation, later, deadline).await.unwrap().written > 0);
    write_something(&tenant, later).await;
    assert_eq!(tokens(&tenant.get("/activity", later).await), 3);
    tenant.send(&request("c", START, 4), later).await;
    tenant.project(later).await;
    let late = tokens(&tenant.get("/activity", later).await);
    assert!(late == 3 || late == 7, "{late}");
    write_something(&tenant, later.plus(MILLISECOND)).await;
    assert_eq!(tokens(&tenant.get("/activity", later).await), 7);
    assert!(close_days(&tenant.store, &organisation, later.plus(DAY), deadline).await.unwrap().written > 0);
    write_something(&tenant, later.plus(DAY)).await;
    assert_eq!(tokens(&tenant.get("/activity", later.plus(DAY)).await), 7);
    tenant.ask_at("GET /api/orgs/acme/events", "", later).await;
    tenant.get("/sessions", later).await;
    tenant.get("/status", later).await;
    // Numbers of buckets and days, which are a moment old anyway, and the list of what cannot be read. Nothing else.
    let allowed = ["DAMAGED", "DAY", "STRETCH", "SUM"].map(str::to_owned);
    assert!(stale.eventual_reads().iter().all(|kind| allowed.contains(kind)), "{:?}", stale.eventual_reads());
    assert!(stale.eventual_reads().contains("SUM"));
}

#[tokio::test]
async fn rotation_merging_and_forgetting_take_effect_at_once() {
    let (mut tenant, _) = stale_tenant().await;
    tenant.send(&request("a", START, 1), START).await;
    let old = tenant.token.clone();
    tenant.token = tenant.rotate("acme", 0, START.plus(MILLISECOND)).await;
    let body = || String::from_utf8(request("x", START, 1).body).unwrap();
    assert_eq!(
        tenant
            .post_as(&old, "/v1/logs", &[("content-type", "application/json")], body(), START.plus(2 * MILLISECOND))
            .await
            .status,
        401
    );
    tenant.send(&request("b", START, 2), START.plus(2 * MILLISECOND)).await;
    tenant.project(START.plus(2 * MILLISECOND)).await;
    let upload = http::Request::put("/api/orgs/acme/git-users")
        .header("authorization", format!("Bearer {}", tools::stack::ROOT_KEY))
        .header("content-type", "text/plain")
        .body("Dana Doe <dana@example.com>".into());
    assert_eq!(tenant.request(upload.unwrap(), START.plus(3 * MILLISECOND)).await.status, 200);
    let merged = tenant.ask_at("POST /api/orgs/acme/merge/run", "", START.plus(4 * MILLISECOND)).await.json();
    assert_eq!(merged["merged"], 1, "{merged}");
    // A second run sees what the first one wrote.
    tenant.ask_at("POST /api/orgs/acme/merge/run", "", START.plus(5 * MILLISECOND)).await;
    let merges = tenant.ask_at("GET /api/orgs/acme/merges", "", START.plus(5 * MILLISECOND)).await.json();
    assert_eq!(merges["items"].as_array().unwrap().len(), 1, "{merges}");
    let erased = tenant.ask_at("DELETE /api/orgs/acme/users/dana@example.com", "", START.plus(6 * MILLISECOND)).await;
    assert_eq!(erased.status, 204);
    assert_eq!(tenant.total().await["input_tokens"], 0);
    assert!(tenant.pack_keys().await.is_empty());
    assert_eq!(
        tenant.ask_at("DELETE /api/orgs/acme/users/dana@example.com", "", START.plus(7 * MILLISECOND)).await.status,
        404
    );
}
