//! Who is left behind with a token that was replaced.

use model::time::{DAY, SECOND};
use serde_json::json;
use service::projection::project;
use tools::captures;
use tools::packs::pack_keys;
use tools::stack::{START, Stack};

fn captures() -> Vec<captures::Capture> {
    captures::all()
}

#[tokio::test]
async fn a_refused_export_says_who_is_left_behind_in_every_encoding() {
    for capture in captures() {
        let stack = Stack::start().await;
        let old = stack.enable("acme").await;
        let new = stack.rotate("acme", 0, START).await;
        let at = START.plus(5 * SECOND);
        assert_eq!(stack.export_as(&old, &capture, at).await.status, 401);
        let token = stack.ask_at("GET /api/orgs/acme/token", "", at).await.json();
        let previous = &token["previous"][0];
        assert_eq!((&previous["refused"], &previous["generation"]), (&json!(1), &json!(1)));
        assert_eq!(previous["last_used_at"], "2026-11-22T06:13:34.164Z");
        let users = previous["still_used_by"].as_array().unwrap();
        assert_eq!((users.len(), &users[0]["last_seen"]), (1, &previous["last_used_at"]));
        // It is one of those whom ingest would have filed the same export under.
        assert_eq!(stack.export_as(&new, &capture, at).await.status, 200);
        let uid = super::organisation(&stack).await.uid;
        let stored = pack_keys(&stack.store, &uid, at).await;
        let known = |id: &str| stored.iter().any(|(_, key)| key.source.encoded() == id);
        let id = users[0]["user"]["id"].as_str().unwrap();
        assert!(known(id) || stored.is_empty(), "{}: {users:?}", capture.name);
    }
}

#[tokio::test]
async fn during_an_overlap_those_count_who_still_use_the_old_token() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let new = stack.rotate("acme", 60, START).await;
    let capture = captures().into_iter().next().unwrap();
    assert_eq!(stack.export_as(&old, &capture, START).await.status, 200);
    assert_eq!(stack.export_as(&new, &capture, START).await.status, 200);
    let token = stack.ask("GET /api/orgs/acme/token", "").await.json();
    assert_eq!(token["previous"][0]["refused"], 0);
    assert_eq!(token["previous"][0]["still_used_by"].as_array().unwrap().len(), 1);
    let (after, later) = (START.plus(61 * SECOND), START.plus(31 * 24 * 3600 * SECOND));
    assert_eq!(stack.export_as(&old, &capture, after).await.status, 401);
    let token = stack.ask_at("GET /api/orgs/acme/token", "", after).await.json();
    assert_eq!(token["previous"][0]["refused"], 1);
    let token = stack.ask_at("GET /api/orgs/acme/token", "", later.plus(DAY)).await.json();
    assert_eq!(token["previous"][0]["still_used_by"], json!([]), "nobody in the last 30 days");
}

#[tokio::test]
async fn a_live_token_writes_nothing_for_its_use() {
    let stack = Stack::start().await;
    let token = stack.enable("acme").await;
    stack.export_as(&token, &captures()[0], START).await;
    let uid = super::organisation(&stack).await.uid;
    assert!(stack.store.token_uses(&uid).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_current_token_was_last_used_when_telemetry_with_it_last_arrived() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let capture = captures::named("pb-tools/001");
    assert_eq!(stack.export_as(&old, &capture, START).await.status, 200);
    let organisation = super::organisation(&stack).await;
    for (_, key) in pack_keys(&stack.store, &organisation.uid, START).await {
        project(&stack.store, &organisation, key.source, key.bucket, START).await.unwrap();
    }
    let token = stack.ask("GET /api/orgs/acme/token", "").await.json();
    assert_eq!(token["last_used_at"], START.to_string());
    let later = START.plus(SECOND);
    stack.rotate("acme", 0, later).await;
    let token = stack.ask("GET /api/orgs/acme/token", "").await.json();
    assert_eq!(
        (&token["last_used_at"], &token["previous"][0]["last_used_at"]),
        (&json!(null), &json!(START.to_string()))
    );
    assert_eq!(token["previous"][0]["still_used_by"], json!([]), "nobody tried it since");
    assert_eq!(stack.export_as(&old, &capture, later).await.status, 401);
    let token = stack.ask("GET /api/orgs/acme/token", "").await.json();
    assert_eq!(token["previous"][0]["last_used_at"], later.to_string());
}

#[tokio::test]
async fn more_than_a_thousand_names_are_counted_together() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    stack.rotate("acme", 0, START).await;
    let (uid, body) = (super::organisation(&stack).await.uid, |n: usize| {
        format!(r#"{{"key":"user.email","value":{{"stringValue":"user{n}@example.com"}}}}"#)
    });
    for n in 0..1_005 {
        assert_eq!(
            stack.post_as(&old, "/v1/logs", &[("content-type", "application/json")], body(n), START).await.status,
            401
        );
    }
    let uses = stack.store.token_uses(&uid).await.unwrap();
    assert_eq!(uses.iter().filter(|found| found.user.is_some()).count(), 1_000);
    assert_eq!(uses.iter().map(|found| found.refused).sum::<u64>(), 1_005);
}
