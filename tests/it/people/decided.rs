//! What admins decide is written down: who, when and what.

use model::time::{SignedDuration, millis};
use serde_json::{Value, json};
use telemetry::claude::source::SourceKind;
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

/// Who decided, how many milliseconds after the start, and what.
async fn decisions(tenant: &Tenant) -> Vec<(String, i64, Value)> {
    let found = tenant.store.decisions(&tenant.uid).await.unwrap();
    let told = found.into_iter().map(|record| {
        (record.by, millis(record.decision.at.since(START)), serde_json::to_value(record.decision.verdict).unwrap())
    });
    told.collect()
}

#[tokio::test]
async fn each_decision_is_kept_with_who_took_it_when_and_what_it_says_whatever_runs_later() {
    let tenant = Stack::start().tenant("acme").await;
    let (jane, other) = (tenant.uses("jane@example.com").await, tenant.uses("jd@example.org").await);
    let (maria, ola) = (tenant.uses("maria@example.com").await, tenant.uses("ola@example.com").await);
    let opaque = tenant.seen(SourceKind::Client, "c0ffee", &[]).await;
    tenant.authors("Maria Doe <md@example.net>\nMaria Roe <mr@example.net>\nOla Li <ol@example.net>\nOla Lorem <ox@example.net>\n").await;
    assert_eq!(tenant.merge().await["suggested"], 2);
    let key = tenant.ask("POST admin-keys", r#"{"name":"Dana"}"#).await.text("admin_key");
    let decide = async |at: i64, call: &str, body: &str| {
        let (method, path) = call.split_once(' ').unwrap();
        let call = format!("{method} /api/orgs/{}/{path}", tenant.org);
        tenant.ask_as(&key, &call, body, START.plus(SignedDuration::from_millis(at))).await
    };
    let merged = decide(1, "POST merges", r#"{"primary":"jane@example.com","others":["jd@example.org"]}"#).await;
    assert_eq!(merged.status, 201, "{merged:?}");
    assert_eq!(decide(2, &format!("POST merges/{}/undo", merged.text("id")), "").await.status, 200);
    assert_eq!(decide(3, &format!("POST suggestions/{maria}/accept"), "{}").await.status, 200);
    assert_eq!(decide(4, &format!("POST suggestions/{ola}/reject"), "").await.status, 204);
    assert_eq!(decide(5, &format!("POST users/{opaque}/link"), r#"{"email":"jane@example.com"}"#).await.status, 200);

    let all = decisions(&tenant).await;
    let by = &all[0].0;
    assert!(by != "root" && !by.is_empty() && !key.contains(by.as_str()), "{by}");
    assert!(all.iter().all(|(who, _, _)| who == by), "{all:?}");
    assert_eq!(all.iter().map(|(_, at, _)| *at).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    let says = |at: usize| all[at].2.clone();
    assert_eq!(says(0), json!({"same": {"primary": {"claude": jane}, "others": [{"claude": other}]}}));
    assert!(says(1)["undo"]["decision"].is_string());
    assert_eq!(says(2)["same"]["primary"], json!({"claude": maria}));
    assert_eq!(
        (&says(3)["different"]["one"], says(3)["different"]["others"].as_array().unwrap().len()),
        (&json!({"claude": ola}), 2)
    );
    assert_eq!(says(4), json!({"email": {"claude": opaque, "email": "jane@example.com"}}));

    let history = tenant.ask("GET merges", "").await.json();
    let entry = history["items"].as_array().unwrap().iter().find(|entry| entry["id"] == merged.text("id")).unwrap();
    assert_eq!(
        (&entry["by"], &entry["undone_by"], &entry["reason"]),
        (&json!(by), &json!(by), &json!("joined by hand"))
    );
    let people = tenant.people().await;
    tenant.merge().await;
    tenant.authors("Maria Doe <md@example.net>\nMaria Roe <mr@example.net>\nOla Lorem <ox@example.net>\n").await;
    tenant.merge().await;
    assert_eq!(decisions(&tenant).await, all);
    let again = tenant.people().await;
    assert_eq!((&again["people"], &again["suggestions"]), (&people["people"], &people["suggestions"]));
}
