//! A run that dies, fails or is overtaken at any request, and the next one.

use std::time::{Duration, Instant};

use local::embedded::Embedded;
use model::time::MILLISECOND;
use serde_json::{Value, json};
use service::merging::run::{RunStatus, run};
use service::merging::snapshot::Snapshot;
use service::merging::work::RunPlan;
use store::Store;
use telemetry::claude::source::SourceKind;
use telemetry::sighting::Fact;
use tools::faults::{Fault, Faults};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

/// An organisation with something to join, something to take apart and something to suggest; and a store that can fail.
async fn tenant() -> (Tenant, Faults, Store) {
    let database = Embedded::in_memory().unwrap();
    let faults = Faults::default();
    let faulty = database.store_through(|client| faults.before(client));
    let store = database.store();
    store.create_tables().await.unwrap();
    let tenant = Stack::start().over(store).tenant("acme").await;
    tenant.uses("jane@example.com").await;
    tenant.uses("zed@example.com").await;
    tenant.authors("Jane Doe <jane@example.com>\nZed Zedder <zed@example.com>\n").await;
    tenant.merge().await;
    // Zed's evidence goes and the name stays, Jane gets a second identity that was a person before, and somebody new is uncertain.
    tenant.seen(SourceKind::Account, "user_1", &[]).await;
    tenant.seen(SourceKind::Email, "jane@example.com", &[(Fact::Account, "user_1")]).await;
    tenant.uses("maria@example.com").await;
    tenant.authors("Jane Doe <jane@example.com>\nMaria Doe <md@example.org>\nMaria Roe <mr@example.org>\n").await;
    (tenant, faults, faulty)
}

async fn undisturbed() -> Value {
    let (tenant, _, _) = tenant().await;
    let ran = tenant.run_over(&tenant.store).await.unwrap();
    assert!(matches!(ran, RunStatus::Done(_)));
    let people = tenant.people().await;
    assert_eq!(people["suggestions"].as_array().unwrap().len(), 1);
    let has_lost = |person: &Value| !person["lost"].is_null();
    assert_eq!(people["people"].as_array().unwrap().iter().filter(|person| has_lost(person)).count(), 1);
    assert_eq!(people["people"].as_array().unwrap().len(), 2);
    people
}

#[tokio::test]
async fn a_run_that_fails_or_dies_at_any_request_is_finished_by_the_next() {
    let expected = undisturbed().await;
    for fault in Fault::ALL {
        for n in 0.. {
            let (tenant, faults, faulty) = tenant().await;
            faults.arm(n, fault);
            let _ = faults.or_dies(tenant.run_over(&faulty)).await;
            if faults.disarm() {
                assert!(n > 10, "{n} requests are fewer than a run has");
                break;
            }
            assert_each_identity_has_one_owner(&tenant).await;
            tenant.run_over(&tenant.store).await.unwrap();
            assert_eq!(tenant.people().await, expected, "{fault:?} at request {n}");
        }
    }
}

#[tokio::test]
async fn two_runs_at_once_end_as_one_does() {
    let expected = undisturbed().await;
    let (tenant, _, _) = tenant().await;
    let store = &tenant.store;
    let (one, other) = tokio::join!(tenant.run_over(store), tenant.run_over(store));
    assert!(matches!((one.unwrap(), other.unwrap()), (RunStatus::Done(_), RunStatus::Done(_))));
    assert_eq!(tenant.people().await, expected);
}

#[tokio::test]
async fn a_plan_that_an_admin_has_overtaken_is_not_applied() {
    let tenant = Stack::start().tenant("acme").await;
    let jane = tenant.uses("jane@example.com").await;
    tenant.authors("Jane Doe <jane@example.com>\n").await;
    let store = &tenant.store;
    let known = Snapshot::read(store, &tenant.uid).await.unwrap();
    let overtaken = RunPlan::of(&known, START);
    tenant.uses("zed@example.com").await;
    let body = json!({"primary": "zed@example.com", "others": ["jane@example.com"]}).to_string();
    assert_eq!(tenant.ask("POST merges", &body).await.status, 201);
    let id = tenant.ask("GET merges", "").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(tenant.ask_at(&format!("POST merges/{id}/undo"), "", START.plus(MILLISECOND)).await.status, 200);
    let before = tenant.people().await;
    let later = Instant::now() + Duration::from_secs(600);
    let refused = overtaken.apply(store, &tenant.uid, &known.state, later).await.unwrap_err();
    assert!(refused.is_conflict(), "{refused}");
    assert_eq!(tenant.people().await, before);
    assert!(tenant.owners().await.person(&jane).is_none_or(|person| person.id == jane));
}

#[tokio::test]
async fn a_plan_that_nobody_waited_for_is_not_taken_up_after_a_decision() {
    let tenant = Stack::start().tenant("acme").await;
    for name in ["jane", "zed"] {
        tenant.uses(&format!("{name}@example.com")).await;
    }
    // Many to plan with, none of whom is anybody: the plan has nothing to write.
    let authors: String = (0..2_000).map(|n| format!("Author{n} Of{n} <a{n}@elsewhere.example.org>\n")).collect();
    tenant.authors(&authors).await;
    tenant.run_over(&tenant.store).await.unwrap();
    let store = &tenant.store;
    // Over before the plan is made, which then is left behind.
    let brief = Instant::now() + Duration::from_micros(500);
    assert!(matches!(run(store, &tenant.uid, START, brief).await.unwrap(), RunStatus::Unfinished));
    let body = json!({"primary": "zed@example.com", "others": ["jane@example.com"]}).to_string();
    assert_eq!(tenant.ask("POST merges", &body).await.status, 201, "the decision is in force when it is answered");
}

pub(super) async fn assert_each_identity_has_one_owner(tenant: &Tenant) {
    let people = tenant.store.people(&tenant.uid).await.unwrap();
    let mut all: Vec<&str> = people.iter().flat_map(|person| person.identities()).collect();
    let with_twins = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), with_twins);
}
