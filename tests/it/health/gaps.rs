//! Telemetry of which a part does not come.

use super::*;

use model::time::MINUTE;

async fn events_only(tenant: &Tenant, name: &str, at: Timestamp) {
    let who = json!({"user.email": email(name), "session.id": name, "model": "m", "input_tokens": 5});
    tenant.send(&logs(json!({}), &[event("api_request", at.0, who)]), at).await;
}

async fn points_only(tenant: &Tenant, name: &str, at: Timestamp) {
    let who = json!({"user.email": email(name), "session.id": name});
    tenant.send(&metrics("claude_code.commit.count", 1, &[point(at.0 - 1, at.0, 1.0, who)]), at).await;
}

#[tokio::test]
async fn a_signal_that_does_not_come_is_missed() {
    let tenant = Stack::start().tenant("acme").await;
    let later = START.plus(3 * HOUR);
    for at in [START, later] {
        events_only(&tenant, "dana", at).await;
        points_only(&tenant, "eve", at).await;
        work(&tenant, "finn", json!({}), at).await;
    }
    // Near misses: whose metrics came this morning, and whose first events are of this moment.
    work(&tenant, "gus", json!({}), START).await;
    events_only(&tenant, "gus", later).await;
    events_only(&tenant, "hana", later).await;
    tenant.project(later).await;
    let expected = [("logs_without_metrics", &["dana"][..]), ("metrics_without_logs", &["eve"])];
    assert_found(found(&tenant, later.plus(MINUTE)).await, &expected);
    // What came only once is enough once the other signal had its time.
    let found = found(&tenant, later.plus(2 * HOUR)).await;
    assert!(found["logs_without_metrics"].contains(&email("hana")), "{found:?}");
}

#[tokio::test]
async fn a_signal_that_stopped_is_missed_after_a_day_of_work_without_it() {
    let tenant = Stack::start().tenant("acme").await;
    for name in ["dana", "eve"] {
        work(&tenant, name, json!({}), START).await;
    }
    events_only(&tenant, "dana", START.plus(DAY + HOUR)).await;
    work(&tenant, "eve", json!({}), START.plus(DAY + HOUR)).await;
    tenant.project(START.plus(DAY + HOUR)).await;
    assert_found(found(&tenant, START.plus(DAY + HOUR)).await, &[("logs_without_metrics", &["dana"])]);
}

#[tokio::test]
async fn sessions_with_prompts_and_no_tokens_are_found() {
    let tenant = Stack::start().tenant("acme").await;
    let session = |name: &str| json!({"user.email": email(name), "session.id": name});
    let prompt = |name: &str| event("user_prompt", START.0, session(name));
    let tokens = |name: &str| merged(session(name), json!({"model": "m", "type": "input"}));
    for name in ["dana", "eve", "finn", "gus", "hana"] {
        work(&tenant, name, json!({"session.id": format!("healthy-{name}")}), START).await;
    }
    tenant.send(&logs(json!({}), &[prompt("dana")]), START).await;
    // Near misses: tokens by metrics alone, an error in place of an answer, a command that needs no model, and tokens that came
    // under another name.
    tenant.send(&logs(json!({}), &[prompt("eve")]), START).await;
    let points = [point(START.0, START.0, 9.0, tokens("eve"))];
    tenant.send(&metrics("claude_code.token.usage", 1, &points), START).await;
    let error = event("api_error", START.0, merged(session("finn"), json!({"model": "m", "status_code": 529})));
    tenant.send(&logs(json!({}), &[prompt("finn"), error]), START).await;
    let command = merged(session("gus"), json!({"command_name": "clear", "command_source": "builtin"}));
    tenant.send(&logs(json!({}), &[event("user_prompt", START.0, command)]), START).await;
    let anonymous = json!({"session.id": "hana", "model": "m", "input_tokens": 5, "user.id": "hana"});
    tenant.send(&logs(json!({}), &[prompt("hana"), event("api_request", START.0, anonymous)]), START).await;
    tenant.project(START).await;
    assert_found(found(&tenant, START.plus(HOUR / 2)).await, &[]);
    assert_found(found(&tenant, START.plus(2 * HOUR)).await, &[("prompts_without_tokens", &["dana"])]);
}

#[tokio::test]
async fn starts_without_work_are_found_after_a_day() {
    let tenant = Stack::start().tenant("acme").await;
    for at in [START, START.plus(25 * HOUR)] {
        for name in ["dana", "eve"] {
            let who = json!({"user.email": email(name), "session.id": format!("{name}{at}")});
            tenant.send(&logs(json!({}), &[event("plugin_loaded", at.0, who)]), at).await;
        }
    }
    work(&tenant, "eve", json!({}), START).await;
    tenant.project(START).await;
    assert_found(found(&tenant, START.plus(12 * HOUR)).await, &[]);
    let found = found(&tenant, START.plus(25 * HOUR)).await;
    assert_eq!(found.get("start_up_only"), Some(&vec![email("dana")]), "{found:?}");
}
