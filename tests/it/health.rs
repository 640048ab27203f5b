//! What is found to be wrong: for every finding a scenario in which it appears with the people it concerns, and near misses in which
//! it does not.

use std::collections::BTreeMap;

use model::time::{DAY, HOUR, Timestamp};
use serde_json::{Value, json};
use telemetry::claude::source::{SourceId, SourceKind};
use tools::activity::exports::{event, logs, metrics, point};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

mod gaps;
mod names;
mod silence;
mod situations;
mod sources;
mod strangers;
mod tokens;

/// Who is concerned, by e-mail address or id, under the code of each finding.
type Found = BTreeMap<String, Vec<String>>;

/// What the status says at `now`.
async fn found(tenant: &Tenant, now: Timestamp) -> Found {
    let status = tenant.get("/status", now).await;
    let mut found = Found::new();
    for finding in status["findings"].as_array().unwrap() {
        assert!(["error", "warning", "info"].contains(&finding["severity"].as_str().unwrap()), "{finding}");
        for sentence in ["message", "remedy"] {
            let text = finding[sentence].as_str().unwrap();
            assert!(text.len() > 20 && text.ends_with('.'), "{sentence} of {finding}");
        }
        let name = |user: &Value| user["email"].as_str().or(user["id"].as_str()).unwrap().to_owned();
        let users = finding["users"].as_array().unwrap().iter().map(name).collect();
        let code = finding["code"].as_str().unwrap().to_owned();
        assert_eq!(found.insert(code, users), None, "each finding once");
    }
    found
}

/// Findings with exactly these people.
fn only(expected: &[(&str, &[&str])]) -> Found {
    let mut found = Found::new();
    for (code, names) in expected {
        let mut users: Vec<String> = names.iter().map(|name| email(name)).collect();
        users.sort();
        found.insert((*code).to_owned(), users);
    }
    found
}

/// The same with people in order of address.
fn sorted(mut found: Found) -> Found {
    found.values_mut().for_each(|users| users.sort());
    found
}

#[track_caller]
fn assert_found(found: Found, expected: &[(&str, &[&str])]) {
    assert_eq!(sorted(found), only(expected));
}

async fn message(tenant: &Tenant, code: &str, now: Timestamp) -> String {
    let status = tenant.get("/status", now).await;
    let findings = status["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["code"] == code).unwrap()["message"].as_str().unwrap().to_owned()
}

fn email(name: &str) -> String {
    if name.contains('@') || name.len() > 12 { name.to_owned() } else { format!("{name}@example.com") }
}

fn merged(mut one: Value, other: Value) -> Value {
    one.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    one
}

/// A minute of healthy work that arrives at `at`, with more attributes.
async fn work(tenant: &Tenant, name: &str, more: Value, at: Timestamp) {
    let own = json!({"user.email": email(name), "user.id": name, "session.id": name, "app.version": "2.1.330"});
    work_as(tenant, merged(own, more), at).await;
}

/// A minute of healthy work of whoever these attributes name.
async fn work_as(tenant: &Tenant, who: Value, at: Timestamp) {
    let request = merged(who.clone(), json!({"model": "m", "input_tokens": 5, "cost_usd": 0.1}));
    let records = [event("user_prompt", at.0, who.clone()), event("api_request", at.0, request)];
    tenant.send(&logs(json!({}), &records), at).await;
    let points = [point(at.0 - 1000, at.0, 3.0, merged(who, json!({"type": "cli"})))];
    tenant.send(&metrics("claude_code.active_time.total", 1, &points), at).await;
}
