//! Requests that make no sense remove nothing.

use super::{NOW, PATIENCE, remove, work};
use model::time::{MINUTE, SECOND};
use tools::stack::{START, Stack};

#[tokio::test]
async fn a_request_that_makes_no_sense_says_why_and_removes_nothing() {
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, 2, START).await;
    tenant.project(START).await;
    let packs = tenant.pack_keys().await;
    for (query, field) in [
        ("", "token_generation"),
        ("token_generation=", "token_generation"),
        ("token_generation=0", "token_generation"),
        ("token_generation=2", "token_generation"),
        ("token_generation=-1", "token_generation"),
        ("token_generation=1e0", "token_generation"),
        ("token_generation=99999999999", "token_generation"),
        ("token_generation=1&token_generation=1", "token_generation"),
        ("token_generation=1&from=yesterday", "from"),
        ("token_generation=1&from=2026-11-23&to=2026-11-22", "from"),
        ("token_generation=1&from=2999-01-01", "from"),
        ("token_generation=1&to=2026-13-01", "to"),
        ("token_generation=1&to=1969-12-31", "to"),
        ("token_generation=1&confirm=perhaps", "confirm"),
        ("token_generation=1&user=jane@example.com", "user"),
    ] {
        let reply = remove(&tenant, query, NOW).await;
        assert_eq!((reply.status, reply.text("field")), (400, field.into()), "{query}: {reply:?}");
    }
    let reply = remove(&tenant, "token_generation=1", NOW).await;
    assert_eq!((reply.status, reply.text("code")), (409, "conflict".into()), "a token that is good: {reply:?}");
    for id in ["0", "..", "%00", &"x".repeat(2_000)] {
        let reply = tenant.ask_at(&format!("GET /api/orgs/acme/activity/removals/{id}"), "", NOW).await;
        assert_eq!(reply.status, 404, "{id}: {reply:?}");
    }
    assert_eq!(tenant.pack_keys().await, packs);
}

#[tokio::test]
async fn a_token_that_is_good_beside_its_successor_needs_confirmation_and_one_that_is_not_needs_none() {
    let tenant = Stack::start().patience(PATIENCE).tenant("acme").await;
    tenant.rotate("acme", 600, START).await;
    let within = START.plus(5 * MINUTE);
    assert_eq!(remove(&tenant, "token_generation=1", within).await.status, 409);
    assert_eq!(remove(&tenant, "token_generation=1&confirm=true", within).await.status, 204);
    assert_eq!(remove(&tenant, "token_generation=1", START.plus(601 * SECOND)).await.status, 204);
    assert_eq!(remove(&tenant, "token_generation=2", START.plus(601 * SECOND)).await.status, 409);
    tenant.ask_at("POST /api/orgs/acme/token/revoke", "", START.plus(602 * SECOND)).await;
    assert_eq!(remove(&tenant, "token_generation=2", START.plus(603 * SECOND)).await.status, 204);
}
