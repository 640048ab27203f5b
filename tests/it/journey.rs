//! The whole service as it is deployed: its real binaries, from the first organisation to the last trace of it.
//!
//! Every request of theirs to AWS is recorded, and compared with what the template's roles allow: nothing more, nothing less.

use std::sync::Arc;

use model::organisation::Organisation;
use model::time::{DAY, HOUR, Timestamp};
use serde_json::{Value, json};
use store::keys;
use tools::activity::Sent;
use tools::activity::exports::{event as happened, logs};
use tools::captures;
use tools::deployment::{DOMAIN, Deployment, STACK};
use tools::lambda::event;
use tools::stack::Stack;
use tools::tenant::stream_event;
use tools::watch::Watch;

mod console;
mod forgetting;
mod paths;
mod people;
mod roles;
mod tokens;

#[tokio::test]
#[ignore = "needs cargo-lambda and moto_server"]
async fn the_deployed_service_lives_from_the_first_organisation_to_the_last_trace_of_it() {
    live(None).await;
}

/// What answers the functions there was written by others.
#[tokio::test]
#[ignore = "needs cargo-lambda and moto_server"]
async fn the_deployed_service_lives_the_same_under_cargo_lambda_watch() {
    live(Some(Arc::new(Watch::start()))).await;
}

async fn live(watch: Option<Arc<Watch>>) {
    let deployment = Deployment::start(&std::env::var("MOTO_ENDPOINT").unwrap(), watch).await;
    let service = Stack::start().on_lambda(deployment).await;
    paths::of_nobody(&service).await;
    paths::strange_events(&service).await;
    let token = enabled(&service).await;
    telemetry(&service, &token).await;
    numbers(&service).await;
    people::are_put_together(&service).await;
    let token = tokens::come_and_go(&service, &token).await;
    forgetting::outlives_a_pack_of_before(&service, &token).await;
    forgetting::is_finished_by_the_schedule(&service, &token).await;
    poisoned_records(&service).await;
    rebuilt(&service).await;
    console::of_an_admin(&service).await;
    limited(&service, &token).await;
    purged(&service).await;
    no_secret_in_the_logs(&service, &token);
    roles::are_exactly_what_was_asked_for(&service);
    roles::have_no_statement_that_could_go(&service);
}

async fn enabled(service: &Stack) -> String {
    let unknown = service.deployment().send("PUT", "/api/orgs/acme", &[("authorization", "Bearer nobody")], b"").await;
    assert_eq!(unknown.status, 401);
    let enabled = service.ask("PUT /api/orgs/acme", r#"{"name": "Acme Inc."}"#).await;
    assert_eq!(enabled.status, 201, "{enabled:?}");
    let settings = &enabled.json()["managed_settings"]["env"];
    assert_eq!(settings["OTEL_EXPORTER_OTLP_ENDPOINT"], format!("https://{DOMAIN}"));
    assert_eq!(service.ask("PUT /api/orgs/acme", r#"{"timezone": "Europe/Berlin"}"#).await.status, 200);
    for variant in ["managed.json", "shell.sh", "macos.mobileconfig"] {
        let answer = service.ask(&format!("GET /api/orgs/acme/settings/{variant}"), "").await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(answer.status == 200 && text.contains(&enabled.text("ingest_token")), "{variant}");
    }
    assert_eq!(service.ask("GET /openapi.json", "").await.json()["openapi"], "3.1.0");
    assert_eq!(service.ask("GET /api/orgs", "").await.json()["items"][0]["org"], "acme");
    enabled.text("ingest_token")
}

/// Every recorded export, as it was sent, twice; and what somebody does these days, also on one that is over.
async fn telemetry(service: &Stack, token: &str) {
    for capture in captures::all() {
        for _repeated in 0..2 {
            let answer = service.export_as(token, &capture, Timestamp::now()).await;
            assert_eq!(answer.status, 200, "{}", capture.name);
            let protobuf = if capture.is_json() { "application/json" } else { "application/x-protobuf" };
            assert_eq!(answer.headers["content-type"], protobuf);
        }
    }
    let lately = [HOUR, 2 * HOUR, 3 * DAY].map(|ago| requests("lee@example.com", 3, Timestamp::now().minus(ago)));
    for export in lately {
        assert_eq!(send(service, token, &export).await, 200);
    }
    project(service, "acme").await;
}

/// An export of somebody who works in so many sessions at once.
fn requests(email: &str, sessions: u64, at: Timestamp) -> Sent {
    let request = |number| {
        let session = format!("{email}-{number}");
        let about =
            json!({"user.email": email, "session.id": session, "model": "claude-opus-4-8", "input_tokens": 100});
        happened("api_request", at.0, about)
    };
    logs(json!({}), &(0..sessions).map(request).collect::<Vec<_>>())
}

/// Sends an export; gives the status of the answer.
async fn send(service: &Stack, token: &str, export: &Sent) -> u16 {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", &*bearer), ("content-type", "application/json")];
    service.deployment().send("POST", export.signal.path(), &headers, &export.body).await.status
}

async fn project(service: &Stack, org: &str) {
    let keys = pack_keys(service, org).await;
    let answer = service.deployment().invoke("project-activity", &stream_event(&keys)).await.answer();
    assert_eq!(answer, json!({"batchItemFailures": []}));
}

async fn organisation(service: &Stack, org: &str) -> Organisation {
    service.store.organisation(&org.parse().unwrap()).await.unwrap().unwrap()
}

async fn pack_keys(service: &Stack, org: &str) -> Vec<keys::Key> {
    let found = tools::packs::pack_keys(&service.store, &organisation(service, org).await.uid, Timestamp(0)).await;
    found.into_iter().map(|(key, _)| key).collect()
}

async fn numbers(service: &Stack) {
    let status = service.ask("GET /api/orgs/acme/status", "").await.json();
    assert!(
        status["last_activity"].is_string() && status["signals"]["logs"]["accepted"].as_u64() > Some(0),
        "{status}"
    );
    let total = service.ask("GET /api/orgs/acme/activity", "").await.json()["total"].clone();
    assert!(total["api_requests"].as_u64() > Some(0), "{total}");
    let events = service.ask("GET /api/orgs/acme/events?limit=5", "").await;
    assert_eq!(events.body.iter().filter(|byte| **byte == b'\n').count(), 5);
    assert!(events.header("link").unwrap().starts_with(&format!("<https://{DOMAIN}/api/orgs/acme/events?")));
    assert_eq!(service.ask("GET /api/orgs/acme/sessions", "").await.status, 200);
    let key = service.ask("POST /api/orgs/acme/admin-keys", r#"{"name": "dashboard"}"#).await;
    let (id, key) = (key.text("id"), key.text("admin_key"));
    let day = Timestamp::now().minus(HOUR).to_string();
    let usage = format!("/v1/organizations/usage_report/claude_code?starting_at={}", &day[..10]);
    let report = service.deployment().send("GET", &usage, &[("x-api-key", &key)], b"").await;
    assert!(
        report.status == 200 && report.json()["data"].as_array().is_some_and(|data| !data.is_empty()),
        "{report:?}"
    );
    assert_eq!(service.ask("GET /api/orgs/acme/admin-keys", "").await.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(service.ask(&format!("DELETE /api/orgs/acme/admin-keys/{id}"), "").await.status, 204);
}

async fn users(service: &Stack, org: &str) -> Vec<Value> {
    let users = service.ask(&format!("GET /api/orgs/{org}/users?limit=1000"), "").await;
    users.json()["items"].as_array().unwrap().clone()
}

/// A record that no repetition projects does not keep its neighbours back, comes again until the stream gives up on it, and is
/// named in health meanwhile.
async fn poisoned_records(service: &Stack) {
    let organisation = organisation(service, "acme").await;
    let mut keys = pack_keys(service, "acme").await;
    let poison = keys::Key { pk: format!("{}#poison", organisation.uid), sk: "l#1#x".into() };
    keys.insert(0, poison);
    let mut stream = tools::stream::Stream::new(stream_event(&keys));
    let dead = stream.run(3, async |event| service.deployment().invoke("project-activity", &event).await).await;
    assert_eq!(dead, ["1000"], "the poisoned record alone");
    let findings = service.ask("GET /api/orgs/acme/status", "").await.json()["findings"].clone();
    assert!(findings.to_string().contains("damaged_packs"), "{findings}");
}

/// Everything again from the events: what was damaged and is not there any more is not named any more.
async fn rebuilt(service: &Stack) {
    let before = service.ask("GET /api/orgs/acme/activity", "").await.json()["total"].clone();
    assert_eq!(service.ask("POST /api/orgs/acme/rebuild", "").await.status, 202);
    let done = service.ask("GET /api/orgs/acme/rebuild", "").await.json();
    assert!(done["finished_at"].is_string(), "{done}");
    assert_eq!(service.ask("GET /api/orgs/acme/activity", "").await.json()["total"], before);
    let findings = service.ask("GET /api/orgs/acme/status", "").await.json()["findings"].clone();
    assert!(!findings.to_string().contains("damaged_packs"), "{findings}");
}

/// Whoever invents people is refused until the hour is over.
async fn limited(service: &Stack, token: &str) {
    let limits = r#"{"limits": {"new_people_per_hour": 1}}"#;
    assert_eq!(service.ask("PUT /api/orgs/acme", limits).await.status, 200);
    for person in ["one", "two", "three"] {
        let email = format!("{person}@invented.example");
        assert_eq!(send(service, token, &requests(&email, 1, Timestamp::now())).await, 200);
    }
    project(service, "acme").await;
    assert_eq!(send(service, token, &requests("one@invented.example", 1, Timestamp::now())).await, 429);
}

async fn purged(service: &Stack) {
    assert_eq!(service.ask("DELETE /api/orgs/acme", "").await.status, 204);
    let again = service.ask("PUT /api/orgs/acme", "").await;
    assert_eq!((again.status, again.json()["generation"].as_u64() > Some(1)), (201, true));
    let uid = organisation(service, "acme").await.uid;
    assert_eq!(service.ask("POST /api/orgs/acme/admin-keys", "").await.status, 201);
    assert_eq!(service.ask("DELETE /api/orgs/acme?purge=true", "").await.status, 204);
    assert_eq!(service.ask("GET /api/orgs/acme", "").await.status, 404);
    assert!(service.deployment().invoke("maintain", &event("schedule")).await.answer().is_null());
    for table in [service.store.events(), service.store.activity()] {
        let scan = service.store.client().scan().table_name(table).send().await.unwrap();
        let left: Vec<_> = scan.items().iter().map(|item| item["pk"].as_s().unwrap()).collect();
        // What is nobody's: purges that go on, sessions that ended, and wrong keys of an address.
        let is_nobodys = |pk: &str| pk == "PURGES" || pk.starts_with("SESSION#") || pk.starts_with("PEER#");
        assert!(left.iter().all(|pk| is_nobodys(pk)), "{left:?}");
    }
    let secret = service.deployment().secrets.get_secret_value().secret_id(format!("{STACK}/{uid}")).send().await;
    assert!(secret.is_err());
}

/// Refusals are there one by one, as the filters of the alarms look for them, and no token, address or content of anybody.
fn no_secret_in_the_logs(service: &Stack, token: &str) {
    let logs = service.deployment().logs();
    let lines: Vec<Value> = logs.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let mut looked_for = 0;
    for (name, filter) in service.deployment().template.resources("AWS::Logs::MetricFilter") {
        let pattern = filter["Properties"]["FilterPattern"].as_str().unwrap();
        // `{ ($.fields.refused_token = "unknown") || … }`: every other piece between quotation marks is a value. Others look elsewhere.
        if pattern.matches("$.fields.refused_token = ").count() * 2 != pattern.matches('"').count() {
            continue;
        }
        let kinds: Vec<&str> = pattern.split('"').skip(1).step_by(2).collect();
        let is_one = |line: &Value| kinds.iter().any(|kind| line["fields"]["refused_token"] == *kind);
        assert!(lines.iter().any(is_one), "{name}: {logs:?}");
        looked_for += 1;
    }
    assert_eq!(looked_for, 2, "filters of refused tokens");
    assert!(logs.iter().any(|line| line.contains("an event of an unknown shape")));
    for secret in [token, &service.root_key, "cct_", "@example.com", "Bearer"] {
        let told: Vec<_> = logs.iter().filter(|line| line.contains(secret)).collect();
        assert!(told.is_empty(), "{told:?}");
    }
}
