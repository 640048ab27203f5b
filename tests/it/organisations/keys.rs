//! Admin keys of one organisation.

use serde_json::json;
use tools::stack::{START, Stack};

async fn key_of(stack: &Stack, org: &str) -> (String, String) {
    let reply = stack.ask(&format!("POST /api/orgs/{org}/admin-keys"), r#"{"name":"CI"}"#).await;
    assert_eq!(reply.status, 201, "{reply:?}");
    (reply.text("id"), reply.text("admin_key"))
}

#[tokio::test]
async fn a_key_of_one_organisation_sees_that_one_alone() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    stack.enable("other").await;
    let (_, key) = key_of(&stack, "acme").await;
    let list = stack.ask_as(&key, "GET /api/orgs", "", START).await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(list["items"][0]["org"], "acme");
    assert_eq!(stack.ask_as(&key, "POST /api/orgs/acme/token/rotate", "", START).await.status, 200);
    let missing = stack.ask("GET /api/orgs/missing", "").await;
    for call in [
        "GET /api/orgs/other",
        "PUT /api/orgs/other",
        "DELETE /api/orgs/other",
        "POST /api/orgs/other/token/rotate",
        "GET /api/orgs/other/token",
        "GET /api/orgs/other/settings/managed.json",
        "GET /api/orgs/other/admin-keys",
        "PUT /api/orgs/new",
    ] {
        let reply = stack.ask_as(&key, call, "", START).await;
        assert_eq!((reply.status, &reply.body), (404, &missing.body), "{call}");
    }
}

#[tokio::test]
async fn a_key_is_shown_once_listed_and_removed() {
    let stack = Stack::start().await;
    stack.enable("acme").await;
    let (id, key) = key_of(&stack, "acme").await;
    let list = stack.ask("GET /api/orgs/acme/admin-keys", "").await;
    let expected = json!([{"id": id, "name": "CI", "created_at": "2026-11-22T06:13:29.164Z"}]);
    assert_eq!(list.json()["items"], expected);
    assert!(!String::from_utf8_lossy(&list.body).contains(&key));
    assert_eq!(stack.ask("DELETE /api/orgs/acme/admin-keys/nobody", "").await.status, 404);
    assert_eq!(stack.ask(&format!("DELETE /api/orgs/acme/admin-keys/{id}"), "").await.status, 204);
    assert_eq!(stack.ask_as(&key, "GET /api/orgs", "", START).await.status, 401);
    assert_eq!(stack.ask("GET /api/orgs/acme/admin-keys", "").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_cursor_of_another_organisation_shows_nothing_of_it() {
    let stack = Stack::start().await;
    for org in ["acme", "other"] {
        stack.enable(org).await;
        for _ in 0..3 {
            key_of(&stack, org).await;
        }
    }
    let page = stack.ask("GET /api/orgs/other/admin-keys?limit=1", "").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let own = stack.ask("GET /api/orgs/acme/admin-keys", "").await.json();
    let crossed = stack.ask(&format!("GET /api/orgs/acme/admin-keys?cursor={cursor}"), "").await.json();
    let own = own["items"].as_array().unwrap();
    assert!(crossed["items"].as_array().unwrap().iter().all(|item| own.contains(item)));
}
