//! The tokens that telemetry comes with.

use super::*;

#[tokio::test]
async fn a_disabled_integration_is_found_until_it_is_enabled_again() {
    let mut tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", json!({}), START).await;
    tenant.project(START).await;
    assert_eq!(tenant.ask("DELETE /api/orgs/acme", "").await.status, 204);
    assert_found(found(&tenant, START.plus(1)).await, &[("disabled", &[])]);
    let enabled = tenant.ask_at("PUT /api/orgs/acme", "{}", START.plus(2)).await;
    assert_eq!(enabled.status, 201);
    tenant.token = enabled.text("ingest_token");
    work(&tenant, "dana", json!({}), START.plus(3)).await;
    tenant.project(START.plus(3)).await;
    assert_found(found(&tenant, START.plus(3)).await, &[]);
}

#[tokio::test]
async fn revoked_tokens_are_found_until_the_next_rotation() {
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", json!({}), START).await;
    tenant.project(START).await;
    // An overlap that was ended is no revocation.
    tenant.rotate("acme", 3600, START.plus(1)).await;
    tenant.ask_at("POST /api/orgs/acme/token/revoke-previous", "", START.plus(2)).await;
    assert!(!found(&tenant, START.plus(3)).await.contains_key("token_revoked"));
    assert_eq!(tenant.ask_at("POST /api/orgs/acme/token/revoke", "", START.plus(4)).await.status / 100, 2);
    assert!(found(&tenant, START.plus(5)).await.contains_key("token_revoked"));
    tenant.rotate("acme", 0, START.plus(6)).await;
    assert!(!found(&tenant, START.plus(7)).await.contains_key("token_revoked"));
}

#[tokio::test]
async fn who_still_sends_with_a_replaced_token_is_found() {
    let mut tenant = Stack::start().tenant("acme").await;
    for name in ["dana", "eve"] {
        work(&tenant, name, json!({}), START).await;
    }
    let new = tenant.rotate("acme", 3600, START.plus(1)).await;
    work(&tenant, "dana", json!({}), START.plus(2)).await;
    tenant.token = new;
    work(&tenant, "eve", json!({}), START.plus(3)).await;
    tenant.project(START.plus(3)).await;
    assert_found(found(&tenant, START.plus(3)).await, &[("retired_token_in_use", &["dana"])]);
    let message = async |now: Millis| {
        let findings = tenant.ask_at("GET /api/orgs/acme/status", "", now).await.json()["findings"].clone();
        findings[0]["message"].as_str().unwrap().to_owned()
    };
    let until = START.plus(1 + 3_600_000);
    assert!(message(until.plus(-1)).await.contains(&format!("from {until} on")));
    assert!(message(until).await.contains("refused by now"), "an overlap that has ended is not announced");
    work(&tenant, "dana", json!({}), START.plus(4)).await;
    tenant.project(START.plus(4)).await;
    assert_found(found(&tenant, START.plus(4)).await, &[]);
}

#[tokio::test]
async fn who_is_refused_with_a_replaced_token_is_found_and_who_makes_one_up_is_not() {
    let mut tenant = Stack::start().tenant("acme").await;
    for name in ["dana", "eve"] {
        work(&tenant, name, json!({}), START).await;
    }
    let old = std::mem::take(&mut tenant.token);
    tenant.token = tenant.rotate("acme", 0, START.plus(1)).await;
    work(&tenant, "eve", json!({}), START.plus(2)).await;
    work(&tenant, "dana", json!({}), START.plus(2)).await;
    tenant.project(START.plus(2)).await;
    assert_found(found(&tenant, START.plus(2)).await, &[]);
    let body = |name: &str| format!(r#"{{"key":"user.email","value":{{"stringValue":"{}"}}}}"#, email(name));
    let made_up = model::token::PlainToken::generate(model::token::TokenKind::Ingest).unwrap();
    for (token, name) in [(old.as_str(), "dana"), (made_up.expose(), "eve")] {
        assert_eq!(
            tenant
                .post_as(token, "/v1/logs", &[("content-type", "application/json")], body(name), START.plus(3))
                .await
                .status,
            401
        );
    }
    assert_found(found(&tenant, START.plus(4)).await, &[("retired_token_refused", &["dana"])]);
    assert_found(found(&tenant, START.plus(7 * DAY + 4)).await, &[("all_silent", &[])]);
}

#[tokio::test]
async fn settings_of_an_earlier_generation_are_found() {
    let mut tenant = Stack::start().tenant("acme").await;
    tenant.token = tenant.rotate("acme", 0, START).await;
    for (name, version) in [("dana", "1"), ("eve", "2"), ("finn", "a-name-of-our-own")] {
        work(&tenant, name, json!({"settings_version": version}), START.plus(1)).await;
    }
    tenant.project(START.plus(1)).await;
    assert_found(found(&tenant, START.plus(1)).await, &[("stale_settings", &["dana"])]);
    work(&tenant, "dana", json!({"settings_version": "2"}), START.plus(2)).await;
    tenant.project(START.plus(2)).await;
    assert_found(found(&tenant, START.plus(2)).await, &[]);
}
