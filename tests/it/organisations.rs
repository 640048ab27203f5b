//! Enabling, changing, disabling and listing organisations, and who may.

use model::time::SECOND;
use model::token::{PlainToken, TokenKind};
use serde_json::json;
use service::auth::ingest_token::TokenRefusal;
use tools::stack::{ROOT_KEY, START, Stack};

mod hostile;
mod keys;

#[tokio::test]
async fn an_organisation_is_enabled_once_and_shown_after() {
    let stack = Stack::start().await;
    let first = stack.ask("PUT /api/orgs/acme", r#"{"name":"Acme Inc."}"#).await;
    let answer = first.json();
    assert_eq!(first.status, 201);
    assert_eq!(
        (&answer["org"], &answer["name"], &answer["generation"]),
        (&json!("acme"), &json!("Acme Inc."), &json!(1))
    );
    let token: PlainToken = first.text("ingest_token").parse().unwrap();
    assert_eq!(answer["token_id"], token.hash().token_id());
    let headers = &answer["managed_settings"]["env"]["OTEL_EXPORTER_OTLP_HEADERS"];
    assert_eq!(headers, &json!(format!("Authorization=Bearer {}", token.expose())));
    assert_eq!(first.headers["cache-control"], "no-store");

    let again = stack.ask("PUT /api/orgs/acme", r#"{"retention_days":30}"#).await;
    let expected = json!({
        "org": "acme", "name": "Acme Inc.", "timezone": "UTC", "retention_days": 30, "store_content": false, "store_tool_names": false,
        "identity_attributes": [], "report_attributes": [], "anthropic_organization_ids": [], "model_pricing": null,
        "currency": {"code": "USD", "per_usd": 1.0},
        "limits": {"new_people_per_hour": 5_000, "records_per_hour": 20_000_000, "accept_late_days": 7}, "state": "enabled",
        "created_at": "2026-11-22T06:13:29.164Z"
    });
    assert_eq!((again.status, again.json()), (200, expected.clone()));
    assert_eq!(stack.ask("GET /api/orgs/acme", "").await.json(), expected);
    assert_eq!(stack.ask("GET /api/orgs", "").await.json(), json!({"items": [expected], "next_cursor": null}));
    stack.ask("PUT /api/orgs/acme", r#"{"limits":{"new_people_per_hour":10}}"#).await;
    let limits =
        stack.ask("PUT /api/orgs/acme", r#"{"limits":{"accept_late_days":30}}"#).await.json()["limits"].clone();
    assert_eq!(limits, json!({"new_people_per_hour": 10, "records_per_hour": 20_000_000, "accept_late_days": 30}));
}

#[tokio::test]
async fn a_changed_setting_reaches_every_copy_of_the_good_tokens() {
    let stack = Stack::start().await;
    let old = stack.enable("acme").await;
    let new = stack.rotate("acme", 60, START).await;
    stack
        .ask(
            "PUT /api/orgs/acme",
            r#"{"retention_days":7,"store_content":true,"store_tool_names":true,"limits":{"accept_late_days":3}}"#,
        )
        .await;
    for token in [old, new] {
        // Each read takes the next copy, so that this sees all of them.
        for _ in 0..16 {
            let writer = stack.authenticate(&token, START).await.unwrap();
            assert_eq!((writer.retention_days(), writer.store_content()), (7, true));
            assert_eq!((writer.store_tool_names(), writer.accept_late_days()), (true, 3));
        }
    }
}

#[tokio::test]
async fn a_disabled_organisation_is_refused_everything_but_being_enabled_again() {
    let stack = Stack::start().await;
    let token = stack.enable("acme").await;
    let later = START.plus(SECOND);
    for _ in 0..2 {
        assert_eq!(stack.ask_at("DELETE /api/orgs/acme", "", later).await.status, 204);
    }
    let refused = stack.authenticate(&token, START).await.unwrap_err();
    assert!(matches!(refused, TokenRefusal::Revoked { at, .. } if at == later), "{refused:?}");
    assert_eq!(stack.ask("GET /api/orgs/acme", "").await.text("state"), "disabled");
    for call in ["POST /api/orgs/acme/token/rotate", "GET /api/orgs/acme/settings/managed.json"] {
        let reply = stack.ask(call, "").await;
        assert_eq!((reply.status, reply.text("code").as_str()), (409, "organisation_disabled"), "{call}");
    }
    let again = stack.ask_at("PUT /api/orgs/acme", "", later.plus(SECOND)).await;
    assert_eq!((again.status, &again.json()["generation"]), (201, &json!(2)));
    assert!(stack.authenticate(&again.text("ingest_token"), later).await.is_ok());
    assert!(stack.authenticate(&token, START).await.is_err());
    assert_eq!(stack.ask("GET /api/orgs/acme", "").await.text("created_at"), "2026-11-22T06:13:29.164Z");
}

#[tokio::test]
async fn two_requests_at_once_enable_an_organisation_once() {
    let stack = Stack::start().await;
    let requests = (0..8).map(|n| {
        let stack = stack.clone();
        tokio::spawn(async move { stack.ask("PUT /api/orgs/acme", &format!(r#"{{"name":"n{n}"}}"#)).await })
    });
    let mut created = Vec::new();
    for request in requests.collect::<Vec<_>>() {
        let reply = request.await.unwrap();
        if reply.status == 201 { created.push(reply) } else { assert_eq!(reply.status, 200, "{reply:?}") }
    }
    assert_eq!(created.len(), 1);
    assert!(stack.authenticate(&created[0].text("ingest_token"), START).await.is_ok());
}

#[tokio::test]
async fn a_list_goes_on_from_page_to_page() {
    let stack = Stack::start().await;
    for org in ["c", "a", "b"] {
        stack.enable(org).await;
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = stack.ask(&format!("GET /api/orgs?limit=1{cursor}"), "").await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["org"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["a", "b", "c"]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_name() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    for (call, body, field) in [
        ("PUT /api/orgs/Acme", "", "org"),
        ("PUT /api/orgs/-acme", "", "org"),
        ("GET /api/orgs/a%20b", "", "org"),
        ("PUT /api/orgs/acme", r#"{"timezone":"Mars/Olympus"}"#, "timezone"),
        ("PUT /api/orgs/acme", r#"{"retention_days":0}"#, "retention_days"),
        ("PUT /api/orgs/acme", r#"{"retention_days":"x"}"#, "retention_days"),
        ("PUT /api/orgs/acme", r#"{"colour":"red"}"#, "colour"),
        ("PUT /api/orgs/acme", r#"{"limits":{"records_per_hour":0}}"#, "limits.records_per_hour"),
        ("PUT /api/orgs/acme", r#"{"limits":{"accept_late_days":-1}}"#, "limits.accept_late_days"),
        ("PUT /api/orgs/acme", r#"{"limits":{"colour":1}}"#, "limits.colour"),
        ("GET /api/orgs?limit=0", "", "limit"),
        ("GET /api/orgs?cursor=!", "", "cursor"),
        ("GET /api/orgs?colour=red", "", "colour"),
        ("DELETE /api/orgs/acme?purge=perhaps", "", "purge"),
        ("POST /api/orgs/acme/token/rotate", r#"{"overlap_seconds":2592001}"#, "overlap_seconds"),
        ("POST /api/orgs/acme/token/rotate", r#"{"overlap_seconds":-1}"#, "overlap_seconds"),
        ("POST /api/orgs/acme/admin-keys", r#"{"name":""}"#, "name"),
    ] {
        let reply = stack.ask(call, body).await;
        assert_eq!(reply.status, 400, "{call} {body} {reply:?}");
        assert_eq!(reply.headers["content-type"], "application/problem+json");
        assert_eq!(reply.text("field"), field, "{call} {body}");
        assert!(!reply.text("allowed").is_empty(), "{call} {body}");
    }
    let reply = stack.ask("PATCH /api/orgs/acme", "").await;
    assert_eq!((reply.status, &reply.headers["allow"]), (405, &"PUT, GET, DELETE".parse().unwrap()));
    assert_eq!(stack.ask("GET /api/orgs/other", "").await.text("code"), "not_found");
    assert_eq!(stack.ask("GET /api/nothing", "").await.status, 404);
    assert_eq!(stack.ask("PUT /api/orgs/acme", "{").await.text("code"), "invalid_json");
}

#[tokio::test]
async fn without_an_admin_key_nothing_is_done() {
    let stack = Stack::start().await;
    let ingest = stack.enable("acme").await;
    let unknown = PlainToken::from_random(TokenKind::Admin, [9; 32]);
    let longer = format!("{ROOT_KEY}x");
    for key in ["", "x", &ingest, unknown.expose(), &longer, &ROOT_KEY[1..], "cca_short", "ä"] {
        for call in
            ["GET /api/orgs", "GET /api/orgs/acme/settings/managed.json", "PUT /api/orgs/new", "GET /api/orgs/B"]
        {
            let reply = stack.ask_as(key, call, "", START).await;
            assert_eq!((reply.status, reply.text("code").as_str()), (401, "unauthorized"), "{key} {call}");
            assert_eq!(reply.headers["www-authenticate"], "Bearer");
        }
    }
}
