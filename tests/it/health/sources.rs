//! What clients say of themselves.

use std::time::{Duration, Instant};

use model::bucket::Bucket;
use model::organisation::Organisation;
use model::time::{MILLISECOND, MINUTE, SECOND, SignedDuration, Timestamp};
use otlp::Signal;
use service::projection::rebuild;
use store::keys;
use tools::activity::exports::bare_logs;

use super::*;

/// What is found if dana's work has these attributes and eve's those.
async fn of(dana: Value, eve: Value) -> Found {
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", dana, START).await;
    work(&tenant, "eve", eve, START).await;
    tenant.project(START).await;
    found(&tenant, START).await
}

#[tokio::test]
async fn versions_that_lose_telemetry_are_found() {
    let found_of = of(json!({"app.version": "2.1.113"}), json!({"app.version": "2.1.213"})).await;
    assert_found(found_of, &[("version_loses_telemetry", &["dana"])]);
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", json!({"app.version": "2.1.113"}), START).await;
    work(&tenant, "dana", json!({"app.version": "2.1.330"}), START.plus(HOUR)).await;
    tenant.project(START.plus(HOUR)).await;
    assert_found(found(&tenant, START.plus(HOUR)).await, &[]);
}

#[tokio::test]
async fn content_is_found_unless_it_was_redacted_or_is_wanted() {
    let text = json!({"prompt": "a text that nobody asked for"});
    assert_found(of(text.clone(), json!({"prompt": "<REDACTED>"})).await, &[("content_sent", &["dana"])]);
    let tenant = Stack::start().tenant("acme").await;
    tenant.ask("PUT /api/orgs/acme", r#"{"store_content": true}"#).await;
    work(&tenant, "dana", text.clone(), START).await;
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[]);
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", text, START).await;
    tenant.project(START).await;
    assert!(message(&tenant, "content_sent", START).await.contains("OTEL_LOG_USER_PROMPTS"));
}

#[tokio::test]
async fn values_that_were_left_out_or_cut_are_found() {
    let tenant = Stack::start().tenant("acme").await;
    for (name, cost) in [("dana", json!({"doubleValue": {}})), ("eve", json!({"doubleValue": null}))] {
        work(&tenant, name, json!({}), START).await;
        let record = json!({"timeUnixNano": (START.0 * 1_000_000).to_string(), "attributes": [
            {"key": "event.name", "value": {"stringValue": "api_request"}}, {"key": "cost_usd", "value": cost},
            {"key": "user.email", "value": {"stringValue": email(name)}}]});
        let body = bare_logs(json!([record])).to_string();
        assert_eq!(
            tenant
                .post_as(&tenant.token, "/v1/logs", &[("content-type", "application/json")], body, START)
                .await
                .status,
            200
        );
    }
    work(&tenant, "finn", json!({"colour": "b".repeat(70_000)}), START).await;
    work(&tenant, "gus", json!({"model": "m".repeat(70_000)}), START).await;
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[("values_cut", &["dana", "gus"])]);
    let severity = async || tenant.get("/status", START).await["findings"][0]["severity"].clone();
    assert_eq!(severity().await, "warning");
    tenant.ask("PUT /api/orgs/acme", r#"{"store_content": true}"#).await;
    assert_eq!(severity().await, "info", "long texts are content that was asked for");
}

#[tokio::test]
async fn cumulative_counters_are_found_and_deltas_are_not() {
    let tenant = Stack::start().tenant("acme").await;
    for (name, temporality) in [("dana", 2), ("eve", 1)] {
        work(&tenant, name, json!({}), START).await;
        let who = json!({"user.email": email(name), "session.id": name});
        let sent = metrics("claude_code.commit.count", temporality, &[point(START.0, START.0, 1.0, who)]);
        tenant.send(&sent, START).await;
    }
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[("cumulative_temporality", &["dana"])]);
}

#[tokio::test]
async fn wrong_clocks_and_late_records_are_found_apart() {
    let tenant = Stack::start().tenant("acme").await;
    for (name, claimed) in [
        ("dana", Timestamp(1_000)),
        ("eve", START.minus(7 * DAY).minus(MILLISECOND)),
        ("hal", START.minus(7 * DAY)),
        ("finn", START.plus(DAY)),
        ("gus", START.plus(DAY).plus(MILLISECOND)),
    ] {
        work(&tenant, name, json!({}), START).await;
        let who = json!({"user.email": email(name), "session.id": name});
        tenant.send(&logs(json!({}), &[event("tool_decision", claimed.0, who)]), START).await;
    }
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[("wrong_clock", &["dana", "gus"]), ("late_records", &["eve"])]);
}

#[tokio::test]
async fn numbers_that_cannot_be_are_found_with_whom_they_name_and_the_token_until_they_are_long_ago() {
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", json!({}), START).await;
    work(&tenant, "eve", json!({}), START).await;
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[]);
    let dana = |cost: f64| json!({"user.email": email("dana"), "session.id": "dana", "cost_usd": cost});
    let records = [event("api_request", START.0, dana(1e300)), event("api_request", START.0, dana(1.5))];
    tenant.send(&logs(json!({}), &records), START).await;
    // A body with nothing else in it is refused, and no less found.
    assert_eq!(
        tenant
            .try_to_send(&logs(json!({}), &[event("api_request", START.0, dana(-1.0))]), START.plus(MINUTE))
            .await
            .status,
        400
    );
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[("impossible_numbers", &["dana"])]);
    let message = message(&tenant, "impossible_numbers", START).await;
    assert!(message.contains("2 with a cost below zero or over $1,000 (token generation 1)"), "{message}");
    let status = tenant.get("/status", START).await;
    assert_eq!(status["signals"]["logs"]["rejected"], 1);
    let later = START.plus(8 * DAY);
    work(&tenant, "dana", json!({}), later).await;
    work(&tenant, "eve", json!({}), later).await;
    tenant.project(later).await;
    assert_found(found(&tenant, later).await, &[]);
    let total = tenant.get("/activity?user=dana@example.com", START).await["total"].clone();
    assert_eq!(total["cost_usd"], 1.6, "the honest work of the day is untouched");
}

#[tokio::test]
async fn compressed_json_that_a_gateway_took_for_text_is_counted_and_said_what_to_set() {
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", json!({}), START).await;
    tenant.project(START).await;
    let sent = tools::captures::named("json-tools-gzip/001");
    let text = String::from_utf8_lossy(&sent.body).into_owned();
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    for second in [0, 1, 61] {
        let refused = tenant
            .post_as(&tenant.token, "/v1/logs", &headers, text.clone(), START.plus(SignedDuration::from_secs(second)))
            .await;
        let message = refused.json()["message"].as_str().unwrap().to_owned();
        assert_eq!(
            (refused.status, &refused.json()["details"][0]["fieldViolations"][0]["field"]),
            (400, &json!("body"))
        );
        assert!(message.contains("OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"), "{message}");
    }
    // Other damage is not counted so.
    let cut = sent.body[..100].to_vec();
    assert_eq!(tenant.post_as(&tenant.token, "/v1/logs", &headers, cut, START.plus(122 * SECOND)).await.status, 400);
    assert_found(found(&tenant, START).await, &[("compressed_json_damaged", &[])]);
    assert!(message(&tenant, "compressed_json_damaged", START).await.starts_with("3 exports"));
    let later = START.plus(8 * DAY);
    work(&tenant, "dana", json!({}), later).await;
    tenant.project(later).await;
    assert_found(found(&tenant, later).await, &[]);
}

#[tokio::test]
async fn who_keeps_the_names_of_tools_is_not_warned_of_their_details() {
    let details = json!({"tool_parameters": r#"{"bash_command":"git","full_command":"git commit -m plan"}"#});
    for (settings, expected) in [
        (r#"{"store_tool_names": true}"#, &[][..]),
        (r#"{"store_tool_names": false}"#, &[("content_sent", &["dana"][..])][..]),
    ] {
        let tenant = Stack::start().tenant("acme").await;
        tenant.ask("PUT /api/orgs/acme", settings).await;
        work(&tenant, "dana", json!({}), START).await;
        let who = merged(json!({"user.email": email("dana"), "session.id": "dana"}), details.clone());
        tenant.send(&logs(json!({}), &[event("tool_result", START.0, who)]), START).await;
        tenant.project(START).await;
        assert_found(found(&tenant, START).await, expected);
    }
}

#[tokio::test]
async fn refused_settings_are_found_with_the_reason() {
    let tenant = Stack::start().tenant("acme").await;
    for (name, more) in [("dana", json!({"error.type": "consent_rejected"})), ("eve", json!({}))] {
        work(&tenant, name, json!({}), START).await;
        let who = merged(json!({"user.email": email(name), "session.id": name}), more);
        tenant.send(&logs(json!({}), &[event("managed_settings_resolved", START.0, who)]), START).await;
    }
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[("settings_refused", &["dana"])]);
    assert!(message(&tenant, "settings_refused", START).await.contains("consent_rejected"));
}

#[tokio::test]
async fn two_addresses_on_one_client_are_a_shared_identity_and_two_clients_of_one_address_are_not() {
    let tenant = Stack::start().tenant("acme").await;
    for (name, client) in [("dana", "one"), ("eve", "one"), ("finn", "two"), ("finn", "three")] {
        work(&tenant, name, json!({"user.id": client, "session.id": client}), START).await;
    }
    // What comes from a client without an address is no second one.
    work_as(&tenant, json!({"user.id": "two", "session.id": "anonymous"}), START).await;
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[("shared_identity", &["dana", "eve"])]);
}

#[tokio::test]
async fn unattributed_activity_names_bedrock_and_passes_over_who_is_known() {
    let tenant = Stack::start().tenant("acme").await;
    let client = |client: &str, provider: &str| json!({"user.id": client, "session.id": client, "anthropic.provider": provider, "app.version": "2.1.330"});
    let now = START.plus(DAY);
    for at in [START, now] {
        work_as(&tenant, client("cloud", "bedrock"), at).await;
        work_as(&tenant, client("key", "firstParty"), at).await;
        // Whose client said an address later is known.
        work_as(&tenant, client("dana", "bedrock"), at).await;
    }
    work(&tenant, "dana", json!({}), now).await;
    // Runs of CI, each on a machine of its own, are nobody.
    for run in 0..30 {
        work_as(&tenant, client(&format!("run-{run}"), "bedrock"), START.plus(SignedDuration::from_hours(run))).await;
    }
    tenant.project(now).await;
    let ids = ["cloud", "key"].map(|name| SourceId::new(SourceKind::Client, name).encoded());
    assert_found(found(&tenant, now).await, &[("unattributed_activity", &[&ids[0], &ids[1]])]);
    let message = message(&tenant, "unattributed_activity", now).await;
    assert!(message.starts_with("2 sources") && message.contains("1 through Bedrock"), "{message}");
}

#[tokio::test]
async fn accounts_of_another_organisation_are_found_by_the_list_of_ours() {
    let tenant = Stack::start().tenant("acme").await;
    for (name, id) in [("dana", "private"), ("eve", "ours"), ("finn", "also-ours")] {
        work(&tenant, name, json!({"organization.id": id}), START).await;
    }
    work(&tenant, "gus", json!({}), START).await;
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[]);
    let settings = r#"{"anthropic_organization_ids": ["ours", "also-ours"]}"#;
    assert_eq!(tenant.ask("PUT /api/orgs/acme", settings).await.status, 200);
    assert_found(found(&tenant, START).await, &[("foreign_organization", &["dana"])]);
}

#[tokio::test]
async fn without_a_list_the_majority_says_which_organisation_is_foreign() {
    let tenant = Stack::start().tenant("acme").await;
    for (name, id) in [("dana", "ours"), ("eve", "private")] {
        work(&tenant, name, json!({"organization.id": id}), START).await;
    }
    // Somebody without a login has no voice.
    work(&tenant, "gus", json!({}), START).await;
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[]);
    work(&tenant, "finn", json!({"organization.id": "ours"}), START).await;
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[("foreign_organization", &["eve"])]);
}

#[tokio::test]
async fn a_pack_that_cannot_be_read_is_named_until_a_rebuild_can_read_it() {
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", json!({}), START).await;
    let uid = tenant.organisation().await.uid;
    let source = SourceId::new(SourceKind::Email, "dana@example.com");
    let place = |first| keys::pack(&uid, Signal::Logs, source, Bucket::of(START), Timestamp(first), &[9; 16]);
    // A later release's is no damage.
    tenant.store.put_pack(&place(2), vec![2, 0, 0], START.plus(90 * DAY)).await.unwrap();
    tenant.stream(&[place(2)], START).await;
    tenant.store.remove_packs(vec![place(2)]).await.unwrap();
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[]);
    tenant.store.put_pack(&place(1), b"\x01damaged".to_vec(), START.plus(90 * DAY)).await.unwrap();
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[("damaged_packs", &["dana"])]);
    let message = message(&tenant, "damaged_packs", START).await;
    assert!(message.contains("1 stored") && message.contains(&Bucket::of(START).start().to_string()), "{message}");
    assert!(message.contains(&source.encoded()) && !message.contains("dana"), "{message}");
    let organisation = tenant.organisation().await;
    rebuilt(&tenant, &organisation).await;
    assert_found(found(&tenant, START).await, &[("damaged_packs", &["dana"])]);
    tenant.store.remove_packs(vec![place(1)]).await.unwrap();
    rebuilt(&tenant, &organisation).await;
    assert_found(found(&tenant, START).await, &[]);
}

/// Everything is made again from the events.
async fn rebuilt(tenant: &Tenant, organisation: &Organisation) {
    let deadline = Instant::now() + Duration::from_secs(600);
    rebuild::begin(&tenant.store, &organisation.uid, START).await.unwrap();
    let progress = rebuild::carry_on(&tenant.store, organisation, START, usize::MAX, deadline).await.unwrap();
    assert!(progress.is_complete);
}
