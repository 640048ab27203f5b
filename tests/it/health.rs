//! What is found to be wrong, and that nothing is found where nothing is.

use serde_json::{Value, json};
use shared::time::{DAY, HOUR, Millis};
use tests::activity::exports::{event, logs, metrics, point};
use tests::activity::requests;
use tests::orgs::START;
use tests::projection::World;

async fn codes(world: &World, now: Millis) -> Vec<String> {
    let status = world.get("/status", now).await;
    status["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap().to_owned()).collect()
}

fn merged(mut one: Value, other: Value) -> Value {
    one.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    one
}

/// A minute of healthy work.
async fn work(world: &World, email: &str, more: Value, at: Millis) {
    let who =
        merged(json!({"user.email": email, "user.id": email, "session.id": email, "app.version": "2.1.330"}), more);
    let request = merged(who.clone(), json!({"model": "m", "input_tokens": 5, "cost_usd": 0.1}));
    let records = [event("user_prompt", at.0, who.clone()), event("api_request", at.0, request)];
    world.send(&logs(json!({}), &records), at).await;
    let points = [point(at.0 - 1000, at.0, 3.0, merged(who, json!({"type": "cli"})))];
    world.send(&metrics("claude_code.active_time.total", 1, &points), at).await;
}

#[tokio::test]
async fn healthy_work_has_no_findings_and_neither_has_a_weekend() {
    let world = World::open().await;
    for name in ["dana", "eve", "finn"] {
        work(&world, &format!("{name}@example.com"), json!({}), START).await;
    }
    world.project(START).await;
    for quiet in [HOUR, 12 * HOUR, 3 * DAY, 4 * DAY] {
        assert_eq!(codes(&world, START.plus(quiet)).await, [""; 0], "after {quiet} ms");
    }
    assert_eq!(codes(&world, START.plus(5 * DAY)).await, ["all_silent"]);
}

#[tokio::test]
async fn an_organisation_that_never_received_anything_is_told_so() {
    let world = World::open().await;
    assert_eq!(codes(&world, START).await, ["nothing_received"]);
}

#[tokio::test]
async fn somebody_is_missed_only_while_others_are_at_work() {
    let world = World::open().await;
    for name in ["dana", "eve"] {
        work(&world, &format!("{name}@example.com"), json!({}), START).await;
    }
    let later = START.plus(5 * DAY);
    work(&world, "dana@example.com", json!({}), later).await;
    world.project(later).await;
    let status = world.get("/status", later.plus(HOUR)).await;
    let finding = &status["findings"][0];
    assert_eq!((&finding["code"], &finding["severity"]), (&json!("silent_since"), &json!("info")));
    assert_eq!(finding["users"][0]["email"], "eve@example.com");
}

#[tokio::test]
async fn what_clients_say_of_themselves_is_found() {
    for (attributes, code) in [
        (json!({"app.version": "2.1.113"}), "version_loses_telemetry"),
        (json!({"settings_version": "0"}), "stale_settings"),
        (json!({"prompt": "a text that nobody asked for"}), "content_sent"),
    ] {
        let world = World::open().await;
        work(&world, "dana@example.com", attributes, START).await;
        world.project(START).await;
        assert_eq!(codes(&world, START).await, [code]);
    }
}

#[tokio::test]
async fn accounts_of_another_organisation_are_foreign_once_ours_is_known() {
    let world = World::open().await;
    work(&world, "dana@example.com", json!({"organization.id": "private"}), START).await;
    world.project(START).await;
    assert_eq!(codes(&world, START).await, [""; 0]);
    let mut organisation = world.organisation().await;
    organisation.settings.anthropic_organization_ids = vec!["ours".into()];
    world.store.put(organisation.item()).await.unwrap();
    assert_eq!(codes(&world, START).await, ["foreign_organization"]);
}

#[tokio::test]
async fn two_addresses_on_one_client_are_a_shared_identity() {
    let world = World::open().await;
    for name in ["dana", "eve"] {
        work(&world, &format!("{name}@example.com"), json!({"user.id": "one"}), START).await;
    }
    world.project(START).await;
    let status = world.get("/status", START).await;
    assert_eq!(status["findings"][0]["code"], "shared_identity");
    assert_eq!(status["findings"][0]["users"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn unattributed_activity_names_bedrock() {
    let world = World::open().await;
    for sent in requests("pb-bedrock") {
        world.send(&sent, START).await;
    }
    world.project(START).await;
    let status = world.get("/status", START).await;
    let findings = status["findings"].as_array().unwrap();
    let unattributed = findings.iter().find(|f| f["code"] == "unattributed_activity");
    let attributed = status["users"]["unattributed"] == 0;
    assert!(attributed || unattributed.unwrap()["message"].as_str().unwrap().contains("Bedrock"), "{status}");
}

#[tokio::test]
async fn a_missing_signal_is_missed() {
    let world = World::open().await;
    let who = json!({"user.email": "dana@example.com", "session.id": "s"});
    for hours in [0, 3] {
        let at = START.plus(hours * HOUR);
        let request = merged(who.clone(), json!({"model": "m", "input_tokens": 5}));
        world.send(&logs(json!({}), &[event("api_request", at.0, request)]), at).await;
    }
    world.project(START.plus(3 * HOUR)).await;
    assert_eq!(codes(&world, START.plus(4 * HOUR)).await, ["logs_without_metrics"]);
    let world = World::open().await;
    for hours in [0, 3] {
        let at = START.plus(hours * HOUR);
        let points = [point(at.0 - 1, at.0, 1.0, who.clone())];
        world.send(&metrics("claude_code.commit.count", 1, &points), at).await;
    }
    world.project(START.plus(3 * HOUR)).await;
    assert_eq!(codes(&world, START.plus(4 * HOUR)).await, ["metrics_without_logs"]);
}

#[tokio::test]
async fn prompts_without_tokens_and_starts_without_work_are_found() {
    let world = World::open().await;
    work(&world, "dana@example.com", json!({}), START).await;
    let who = json!({"user.email": "dana@example.com", "session.id": "mute"});
    world.send(&logs(json!({}), &[event("user_prompt", START.0, who)]), START).await;
    let who = json!({"user.email": "eve@example.com", "session.id": "idle"});
    world.send(&logs(json!({}), &[event("plugin_loaded", START.0, who)]), START).await;
    world.project(START).await;
    assert_eq!(codes(&world, START.plus(HOUR / 2)).await, [""; 0], "tokens may still come");
    assert_eq!(codes(&world, START.plus(2 * HOUR)).await, ["prompts_without_tokens"]);
    assert!(codes(&world, START.plus(25 * HOUR)).await.contains(&"start_up_only".to_owned()));
}

#[tokio::test]
async fn cumulative_counters_wrong_clocks_and_refusals_are_found() {
    let world = World::open().await;
    let who = json!({"user.email": "dana@example.com", "session.id": "s", "user.id": "c"});
    work(&world, "dana@example.com", json!({}), START).await;
    world.send(&metrics("claude_code.commit.count", 2, &[point(START.0, START.0, 1.0, who.clone())]), START).await;
    world.send(&logs(json!({}), &[event("user_prompt", 1_000, who.clone())]), START).await;
    let refusal = merged(who, json!({"error.type": "consent_rejected"}));
    world.send(&logs(json!({}), &[event("managed_settings_resolved", START.0, refusal)]), START).await;
    world.project(START).await;
    let mut found = codes(&world, START).await;
    found.sort();
    assert_eq!(found, ["cumulative_temporality", "settings_refused", "wrong_clock"]);
}

#[tokio::test]
async fn old_tokens_and_revoked_ones_are_found() {
    let world = World::open().await;
    work(&world, "dana@example.com", json!({}), START).await;
    world.office.rotate("acme", 3600, START.plus(1)).await;
    work(&world, "dana@example.com", json!({}), START.plus(2)).await;
    world.project(START.plus(2)).await;
    assert_eq!(codes(&world, START.plus(2)).await, ["retired_token_in_use"]);
    world.office.ask_at("POST /api/orgs/acme/token/revoke", "", START.plus(3)).await;
    assert_eq!(codes(&world, START.plus(4)).await[0], "token_revoked");
}
