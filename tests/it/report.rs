//! What admins are told, against what was sent.

use model::bucket::BUCKET;
use model::time::{DAY, HOUR, MILLISECOND, MINUTE, SECOND, Timestamp};
use serde_json::{Value, json};
use tools::activity::exports::{event, logs, metrics, point};
use tools::activity::{captures, requests, truth};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

mod adoption;
mod automation;
mod content;
mod events;
mod groupings;
mod hostile;
mod prices;
mod spend;
mod truths;
mod usage;

use events::all_events;

/// A moment after the captured sessions.
const NOW: Timestamp = START.plus(HOUR);

async fn with_captures(names: &[String]) -> (Tenant, Vec<truth::Flat>) {
    let tenant = Stack::start().tenant("acme").await;
    let mut flat = Vec::new();
    for sent in names.iter().flat_map(|name| requests(name)) {
        tenant.send(&sent, START.plus(10 * MINUTE)).await;
        flat.extend(truth::flat(&sent));
    }
    tenant.project(NOW).await;
    (tenant, flat)
}

async fn admin_key(tenant: &Tenant) -> String {
    let call = format!("POST /api/orgs/{}/admin-keys", tenant.org);
    tenant.ask(&call, "{}").await.text("admin_key")
}

#[track_caller]
fn assert_row(found: &Value, expected: &Value, what: &str) {
    for (name, number) in expected.as_object().unwrap() {
        assert_eq!(found[name].as_f64(), number.as_f64(), "{name} of {what}");
    }
}

fn prompt(user: Value, session: &str, at: Timestamp) -> tools::activity::Sent {
    let mut attributes = json!({"session.id": session, "terminal.type": "tmux"});
    attributes.as_object_mut().unwrap().extend(user.as_object().unwrap().clone());
    let mut request = attributes.clone();
    request
        .as_object_mut()
        .unwrap()
        .extend(json!({"model": "m", "input_tokens": 100, "cost_usd": 0.0000005}).as_object().unwrap().clone());
    logs(json!({}), &[event("user_prompt", at.0, attributes), event("api_request", at.0, request)])
}

#[tokio::test]
async fn every_grouping_adds_up_to_the_truth() {
    let (tenant, flat) = with_captures(&captures()).await;
    let expected = truth::row(&flat);
    for grouping in
        ["", "day", "user", "model", "team", "repository", "tool", "version", "terminal", "day,user,model,tool"]
    {
        let answer = tenant.get(&format!("/activity?group_by={grouping}&limit=1000"), NOW).await;
        assert_row(&answer["total"], &expected, "total");
        let mut sum = json!({});
        for (name, _) in expected.as_object().unwrap() {
            let all: f64 = answer["items"].as_array().unwrap().iter().map(|row| row[name].as_f64().unwrap()).sum();
            sum[name] = json!((all * 1e6).round() / 1e6);
        }
        assert_row(&sum, &expected, grouping);
        assert_eq!(answer["total"]["sessions"], captures().len());
    }
}

#[tokio::test]
async fn pages_of_activity_follow_each_other_in_tables_too() {
    let (tenant, _) = with_captures(&captures()).await;
    let whole = tenant.get("/activity?group_by=user,model,tool&limit=1000", NOW).await;
    let mut items = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = tenant.get(&format!("/activity?group_by=user,model,tool&limit=3{cursor}"), NOW).await;
        items.extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(json!(items), whole["items"]);
    let mut target = "/api/orgs/acme/activity?group_by=user,model,tool&format=csv&limit=3".to_owned();
    let mut rows = 0;
    loop {
        let table = tenant.ask_at(&format!("GET {target}"), "", NOW).await;
        let text = String::from_utf8(table.body.to_vec()).unwrap();
        assert!(text.starts_with("user,model,tool,sessions,active_users,prompts,"));
        rows += text.lines().count() - 1;
        let Some(link) = table.headers.get("link").map(|link| link.to_str().unwrap()) else { break };
        let url = link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap();
        target = url.strip_prefix(tools::stack::BASE_URL).unwrap().to_owned();
    }
    assert_eq!(rows, items.len());
}

#[tokio::test]
async fn days_are_those_of_the_organisation_even_at_half_past() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.ask("PUT /api/orgs/acme", r#"{"timezone": "Asia/Kolkata"}"#).await;
    // 18:30 UTC is midnight there.
    let midnight = Timestamp::parse("2026-11-21T18:30:00Z").unwrap();
    for (session, at) in [("a", midnight.minus(MILLISECOND)), ("b", midnight), ("b", midnight.plus(DAY))] {
        tenant.send(&prompt(json!({"user.email": "dana@example.com"}), session, at), START.plus(2 * DAY)).await;
    }
    tenant.project(START.plus(2 * DAY)).await;
    let now = START.plus(2 * DAY);
    let answer = tenant.get("/activity?group_by=day", now).await;
    let days: Vec<&Value> = answer["items"].as_array().unwrap().iter().map(|row| &row["day"]).collect();
    assert_eq!(json!(days), json!(["2026-11-21", "2026-11-22", "2026-11-23"]));
    assert_eq!(answer["total"]["sessions"], 2, "a session that crosses midnight is one in a total");
    let one = tenant.get("/activity?from=2026-11-22&to=2026-11-23", now).await;
    assert_eq!(one["total"]["prompts"], 1);
}

#[tokio::test]
async fn metrics_dated_after_the_range_began_are_not_counted_twice() {
    let tenant = Stack::start().tenant("acme").await;
    let midnight = Timestamp::parse("2026-11-22T00:00:00Z").unwrap();
    tenant.send(&prompt(json!({"user.id": "c"}), "s", midnight.minus(5 * SECOND)), START).await;
    let attributes = json!({"user.id": "c", "session.id": "s", "model": "m", "type": "input"});
    let points = [point(midnight.0 - 5_000, midnight.0 + 30_000, 100.0, attributes)];
    tenant.send(&metrics("claude_code.token.usage", 1, &points), START).await;
    tenant.project(START).await;
    let mut tokens = Vec::new();
    for (from, to) in [("2026-11-21", "2026-11-22"), ("2026-11-22", "2026-11-23"), ("2026-11-21", "2026-11-23")] {
        let answer = tenant.get(&format!("/activity?from={from}&to={to}"), START).await;
        tokens.push(answer["total"]["input_tokens"].as_i64().unwrap());
    }
    assert_eq!(tokens, [100, 0, 100]);
}

#[tokio::test]
async fn a_cumulative_counter_counts_only_what_it_gained_in_the_range() {
    let tenant = Stack::start().tenant("acme").await;
    let start = START.minus(3 * DAY);
    for (at, value) in [(start.plus(MINUTE), 10.0), (START.minus(DAY), 15.0), (START, 22.0)] {
        let attributes = json!({"user.id": "c", "session.id": "s"});
        let sent = metrics("claude_code.commit.count", 2, &[point(start.0, at.0, value, attributes)]);
        tenant.send(&sent, START).await;
    }
    tenant.project(START).await;
    let commits = |answer: Value| answer["total"]["commits"].as_i64().unwrap();
    assert_eq!(commits(tenant.get("/activity", NOW).await), 22);
    assert_eq!(commits(tenant.get("/activity?from=2026-11-22T00:00:00Z", NOW).await), 7);
}

#[tokio::test]
async fn nobody_without_an_address_is_lost_and_all_come_home_once_it_is_known() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.send(&prompt(json!({"user.id": "c", "anthropic.provider": "bedrock"}), "s1", START), START).await;
    tenant.project(START).await;
    let users = tenant.get("/users", NOW).await;
    let [user] = &users["items"].as_array().unwrap()[..] else { panic!("{users}") };
    assert_eq!((&user["state"], &user["email"]), (&json!("unattributed"), &Value::Null));
    assert!(user["reason"].as_str().unwrap().contains("bedrock"));
    let id = user["id"].as_str().unwrap();
    assert_eq!(tenant.get(&format!("/activity?user={id}"), NOW).await["total"]["prompts"], 1);
    // The same client shows an address.
    let known = json!({"user.id": "c", "user.email": "dana@example.com"});
    tenant.send(&prompt(known, "s2", START.plus(MINUTE)), START.plus(MINUTE)).await;
    tenant.project(START.plus(MINUTE)).await;
    let users = tenant.get("/users", NOW).await;
    assert_eq!(users["items"].as_array().unwrap().len(), 1);
    assert_eq!(tenant.get("/activity?user=Dana@example.com", NOW).await["total"]["prompts"], 2);
    let rows = tenant.get("/activity?group_by=user", NOW).await;
    assert_eq!(rows["items"][0]["user"]["email"], "dana@example.com");
    // A second one makes it ambiguous again.
    let other = json!({"user.id": "c", "user.email": "eve@example.com"});
    tenant.send(&prompt(other, "s3", START.plus(90 * SECOND)), START.plus(90 * SECOND)).await;
    tenant.project(START.plus(90 * SECOND)).await;
    let rows = tenant.get("/activity?group_by=user", NOW).await;
    assert_eq!(rows["items"].as_array().unwrap().len(), 3);
    assert_eq!(rows["total"]["prompts"], 3);
}

#[tokio::test]
async fn an_organisations_own_attribute_tells_people_of_one_machine_apart() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.ask("PUT /api/orgs/acme", r#"{"identity_attributes": ["ci.actor"]}"#).await;
    for (name, at) in [
        ("dana@example.com", START),
        ("eve@example.com", START.plus(MILLISECOND)),
        ("eve@example.com", START.plus(2 * MILLISECOND)),
    ] {
        // What an admin sets in OTEL_RESOURCE_ATTRIBUTES stands on the resource.
        let who = json!({"user.id": "ci", "session.id": "s"});
        tenant.send(&logs(json!({"ci.actor": name}), &[event("user_prompt", at.0, who)]), START).await;
    }
    tenant.project(START).await;
    let rows = tenant.get("/activity?group_by=user", NOW).await;
    let mut found: Vec<(String, i64)> = rows["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["user"]["email"].to_string(), row["prompts"].as_i64().unwrap()))
        .collect();
    found.sort();
    assert_eq!(found, [("\"dana@example.com\"".to_owned(), 1), ("\"eve@example.com\"".to_owned(), 2)]);
}

#[tokio::test]
async fn the_status_tells_what_arrived() {
    let (tenant, flat) = with_captures(&["pb-oauth".into(), "pb-traces".into()]).await;
    let status = tenant.get("/status", NOW).await;
    let signals = &status["signals"];
    let accepted = signals["logs"]["accepted"].as_u64().unwrap() + signals["metrics"]["accepted"].as_u64().unwrap();
    assert_eq!(accepted, flat.len() as u64);
    assert!(signals["traces"]["accepted"].as_u64().unwrap() > 0);
    assert_eq!(status["last_activity"], START.plus(10 * MINUTE).to_string());
    // One of them names nobody, and was there for a moment.
    assert_eq!((&status["users"]["active_24h"], &status["users"]["automation"]), (&json!(1), &json!(1)));
    assert_eq!((&status["token"]["generation"], &status["org"]), (&json!(1), &json!("acme")));
    assert_eq!(status["token"]["last_used_at"], status["last_activity"]);
}

#[tokio::test]
async fn an_organisation_without_data_answers_zeros() {
    let tenant = Stack::start().tenant("acme").await;
    let activity = tenant.get("/activity?group_by=day,user", NOW).await;
    assert_eq!((&activity["items"], &activity["next_cursor"]), (&json!([]), &Value::Null));
    assert!(
        activity["total"]
            .as_object()
            .unwrap()
            .values()
            .all(|n| n.is_null() || n.is_string() || n.as_f64() == Some(0.0))
    );
    assert_eq!(tenant.get("/activity", NOW).await["total"]["cost_usd"], 0.0);
    assert_eq!(tenant.get("/users", NOW).await["items"], json!([]));
    assert_eq!(tenant.get("/sessions", NOW).await["items"], json!([]));
    assert_eq!(all_events(&tenant, "").await.len(), 0);
    assert_eq!(tenant.get("/status", NOW).await["last_activity"], Value::Null);
    assert_eq!(tenant.get("/activity?from=2026-11-22&to=2026-11-22", NOW).await["items"], json!([]));
}
