//! The tokens that telemetry comes with.

use super::*;

use model::time::MILLISECOND;

#[tokio::test]
async fn a_disabled_integration_is_found_until_it_is_enabled_again() {
    let mut tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", json!({}), START).await;
    tenant.project(START).await;
    assert_eq!(tenant.ask("DELETE /api/orgs/acme", "").await.status, 204);
    assert_found(found(&tenant, START.plus(MILLISECOND)).await, &[("disabled", &[])]);
    let enabled = tenant.ask_at("PUT /api/orgs/acme", "{}", START.plus(2 * MILLISECOND)).await;
    assert_eq!(enabled.status, 201);
    tenant.token = enabled.text("ingest_token");
    work(&tenant, "dana", json!({}), START.plus(3 * MILLISECOND)).await;
    tenant.project(START.plus(3 * MILLISECOND)).await;
    assert_found(found(&tenant, START.plus(3 * MILLISECOND)).await, &[]);
}

#[tokio::test]
async fn revoked_tokens_are_found_until_the_next_rotation() {
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", json!({}), START).await;
    tenant.project(START).await;
    // An overlap that was ended is no revocation.
    tenant.rotate("acme", 3600, START.plus(MILLISECOND)).await;
    tenant.ask_at("POST /api/orgs/acme/token/revoke-previous", "", START.plus(2 * MILLISECOND)).await;
    assert!(!found(&tenant, START.plus(3 * MILLISECOND)).await.contains_key("token_revoked"));
    assert_eq!(
        tenant.ask_at("POST /api/orgs/acme/token/revoke", "", START.plus(4 * MILLISECOND)).await.status / 100,
        2
    );
    assert!(found(&tenant, START.plus(5 * MILLISECOND)).await.contains_key("token_revoked"));
    tenant.rotate("acme", 0, START.plus(6 * MILLISECOND)).await;
    assert!(!found(&tenant, START.plus(7 * MILLISECOND)).await.contains_key("token_revoked"));
}

/// The finding with this code.
async fn finding(tenant: &Tenant, code: &str, now: Timestamp) -> Value {
    let findings = tenant.get("/status", now).await["findings"].clone();
    findings.as_array().unwrap().iter().find(|finding| finding["code"] == code).cloned().unwrap_or_default()
}

#[tokio::test]
async fn a_roll_out_is_counted_and_whoever_is_late_is_named_only_when_the_end_of_the_overlap_comes_near() {
    let mut tenant = Stack::start().tenant("acme").await;
    tenant.ask("PUT /api/orgs/acme", r#"{"timezone": "Europe/Berlin"}"#).await;
    for name in ["dana", "eve", "finn"] {
        work(&tenant, name, json!({}), START).await;
    }
    tenant.project(START).await;
    let old = tenant.token.clone();
    tenant.token = tenant.rotate("acme", 7 * 86_400, START.plus(MILLISECOND)).await;
    let until = START.plus(7 * DAY).plus(MILLISECOND);
    let told = finding(&tenant, "rollout", START.plus(2 * MILLISECOND)).await;
    assert_eq!((&told["severity"], &told["users"]), (&json!("info"), &json!([])), "{told}");
    let text = told["message"].as_str().unwrap();
    assert!(
        text.contains("generation 2: 0 of 3 people (0 %)") && text.contains("29 Nov 2026, 07:13 (Europe/Berlin)"),
        "{text}"
    );
    work(&tenant, "eve", json!({}), START.plus(3 * MILLISECOND)).await;
    let new = std::mem::replace(&mut tenant.token, old);
    work(&tenant, "dana", json!({}), until.minus(2 * DAY)).await;
    work(&tenant, "finn", json!({}), until.minus(2 * DAY)).await;
    tenant.token = new;
    work(&tenant, "eve", json!({}), until.minus(2 * DAY)).await;
    tenant.project(until.minus(2 * DAY)).await;
    assert_found(found(&tenant, until.minus(2 * DAY)).await, &[("rollout", &[])]);
    let near = until.minus(DAY);
    assert_found(found(&tenant, near).await, &[("rollout", &["dana", "finn"])]);
    let told = finding(&tenant, "rollout", near).await;
    assert_eq!(told["severity"], "warning");
    assert!(told["message"].as_str().unwrap().contains("1 of 3 people (33 %)"), "{told}");
    // When it is over, whoever has not come since may just not be at work.
    assert_found(found(&tenant, until).await, &[("rollout", &[])]);
    let told = finding(&tenant, "rollout", until.plus(DAY).plus(MILLISECOND)).await;
    assert_eq!((&told["severity"], told["users"].as_array().unwrap().len()), (&json!("info"), 2));
    for name in ["dana", "finn"] {
        work(&tenant, name, json!({}), until.plus(DAY).plus(2 * MILLISECOND)).await;
    }
    tenant.project(until.plus(DAY).plus(2 * MILLISECOND)).await;
    assert_found(found(&tenant, until.plus(DAY).plus(2 * MILLISECOND)).await, &[]);
}

#[tokio::test]
async fn who_is_refused_with_a_replaced_token_is_found_and_who_makes_one_up_is_not() {
    let mut tenant = Stack::start().tenant("acme").await;
    for name in ["dana", "eve"] {
        work(&tenant, name, json!({}), START).await;
    }
    let old = std::mem::take(&mut tenant.token);
    tenant.token = tenant.rotate("acme", 0, START.plus(MILLISECOND)).await;
    work(&tenant, "eve", json!({}), START.plus(2 * MILLISECOND)).await;
    work(&tenant, "dana", json!({}), START.plus(2 * MILLISECOND)).await;
    tenant.project(START.plus(2 * MILLISECOND)).await;
    assert_found(found(&tenant, START.plus(2 * MILLISECOND)).await, &[]);
    let body = |name: &str| format!(r#"{{"key":"user.email","value":{{"stringValue":"{}"}}}}"#, email(name));
    let made_up = model::token::PlainToken::generate(model::token::TokenKind::Ingest).unwrap();
    for (token, name) in [(old.as_str(), "dana"), (made_up.expose(), "eve")] {
        assert_eq!(
            tenant
                .post_as(
                    token,
                    "/v1/logs",
                    &[("content-type", "application/json")],
                    body(name),
                    START.plus(3 * MILLISECOND)
                )
                .await
                .status,
            401
        );
    }
    assert_found(found(&tenant, START.plus(4 * MILLISECOND)).await, &[("retired_token_refused", &["dana"])]);
    assert_found(found(&tenant, START.plus(7 * DAY).plus(4 * MILLISECOND)).await, &[("all_silent", &[])]);
}

#[tokio::test]
async fn settings_of_an_earlier_generation_are_found() {
    let mut tenant = Stack::start().tenant("acme").await;
    tenant.token = tenant.rotate("acme", 0, START).await;
    for (name, version) in [("dana", "1"), ("eve", "2"), ("finn", "a-name-of-our-own")] {
        work(&tenant, name, json!({"settings_version": version}), START.plus(MILLISECOND)).await;
    }
    tenant.project(START.plus(MILLISECOND)).await;
    assert_found(found(&tenant, START.plus(MILLISECOND)).await, &[("stale_settings", &["dana"])]);
    work(&tenant, "dana", json!({"settings_version": "2"}), START.plus(2 * MILLISECOND)).await;
    tenant.project(START.plus(2 * MILLISECOND)).await;
    assert_found(found(&tenant, START.plus(2 * MILLISECOND)).await, &[]);
}

#[tokio::test]
async fn the_last_refusal_is_told_and_forgotten_a_day_after_the_change() {
    let mut tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", json!({}), START).await;
    let old = std::mem::take(&mut tenant.token);
    tenant.token = tenant.rotate("acme", 0, START.plus(MILLISECOND)).await;
    let body = format!(r#"{{"key":"user.email","value":{{"stringValue":"{}"}}}}"#, email("dana"));
    let refused = START.plus(HOUR);
    for at in [START.plus(2 * MILLISECOND), refused] {
        let answer = tenant.post_as(&old, "/v1/logs", &[("content-type", "application/json")], body.clone(), at).await;
        assert_eq!(answer.status, 401);
    }
    work(&tenant, "dana", json!({}), START.plus(2 * HOUR)).await;
    tenant.project(START.plus(2 * HOUR)).await;
    let told = message(&tenant, "retired_token_refused", START.plus(2 * HOUR)).await;
    assert!(told.starts_with("2 exports") && told.contains("22 Nov 2026, 07:13"), "{told}");
    assert_found(found(&tenant, refused.plus(DAY)).await, &[("retired_token_refused", &["dana"])]);
    // Another machine of theirs would have been refused again by now.
    assert_found(found(&tenant, refused.plus(DAY).plus(MILLISECOND)).await, &[]);
}

#[tokio::test]
async fn what_is_refused_because_all_tokens_are_revoked_is_in_that_finding() {
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", json!({}), START).await;
    tenant.project(START).await;
    tenant.ask_at("POST /api/orgs/acme/token/revoke", "", START.plus(MILLISECOND)).await;
    let body = format!(r#"{{"key":"user.email","value":{{"stringValue":"{}"}}}}"#, email("dana"));
    tenant
        .post_as(&tenant.token, "/v1/logs", &[("content-type", "application/json")], body, START.plus(2 * MILLISECOND))
        .await;
    assert_found(found(&tenant, START.plus(3 * MILLISECOND)).await, &[("token_revoked", &["dana"])]);
    assert_found(found(&tenant, START.plus(6 * DAY)).await, &[("token_revoked", &["dana"])]);
}
