//! A run that dies, fails or is overtaken at any request, and the next one.

use std::time::{Duration, Instant};

use local::embedded::Embedded;
use serde_json::{Value, json};
use service::merging::run::{RunStatus, run};
use service::merging::snapshot::Snapshot;
use service::merging::work::Work;
use store::Store;
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};
use telemetry::claude::source::SourceKind;
use telemetry::sighting::Fact;
use tests::faults::{Fault, Faults};
use tests::orgs::{Office, START};
use tests::people::Company;

/// An organisation with something to join, something to take apart and something to suggest; and a store that can fail.
async fn company() -> (Company, Faults, Store) {
    let database = Embedded::in_memory().unwrap();
    let faults = Faults::default();
    let faulty = database.store_through(|client| faults.before(client));
    let store = database.store();
    store.create_tables().await.unwrap();
    let office = Office::over(store, Secrets::Embedded(EmbeddedSecrets::in_memory()));
    let company = Company::beside(office, "acme").await;
    company.uses("jane@example.com").await;
    company.uses("zed@example.com").await;
    company.authors("Jane Doe <jane@example.com>\nZed Zedder <zed@example.com>\n").await;
    company.merge().await;
    // Zed's evidence goes, Jane gets a second identity that was a person before, and somebody new is uncertain.
    company.seen(SourceKind::Account, "user_1", &[]).await;
    company.seen(SourceKind::Email, "jane@example.com", &[(Fact::Account, "user_1")]).await;
    company.uses("maria@example.com").await;
    company.authors("Jane Doe <jane@example.com>\nMaria Doe <md@example.org>\nMaria Roe <mr@example.org>\n").await;
    (company, faults, faulty)
}

async fn undisturbed() -> Value {
    let (company, _, _) = company().await;
    let ran = company.run_over(&company.office.store).await.unwrap();
    assert!(matches!(ran, RunStatus::Done(_)));
    let people = company.people().await;
    assert_eq!(people["suggestions"].as_array().unwrap().len(), 1);
    assert_eq!(people["people"].as_array().unwrap().len(), 1);
    people
}

#[tokio::test]
async fn a_run_that_fails_or_dies_at_any_request_is_finished_by_the_next() {
    let expected = undisturbed().await;
    for fault in Fault::ALL {
        for n in 0.. {
            let (company, faults, faulty) = company().await;
            faults.arm(n, fault);
            let _ = faults.or_dies(company.run_over(&faulty)).await;
            if faults.disarm() {
                assert!(n > 10, "{n} requests are fewer than a run has");
                break;
            }
            assert_each_identity_has_one_owner(&company).await;
            company.run_over(&company.office.store).await.unwrap();
            assert_eq!(company.people().await, expected, "{fault:?} at request {n}");
        }
    }
}

#[tokio::test]
async fn two_runs_at_once_end_as_one_does() {
    let expected = undisturbed().await;
    let (company, _, _) = company().await;
    let store = &company.office.store;
    let (one, other) = tokio::join!(company.run_over(store), company.run_over(store));
    assert!(matches!((one.unwrap(), other.unwrap()), (RunStatus::Done(_), RunStatus::Done(_))));
    assert_eq!(company.people().await, expected);
}

#[tokio::test]
async fn a_plan_that_an_admin_has_overtaken_is_not_applied() {
    let company = Company::open().await;
    let jane = company.uses("jane@example.com").await;
    company.authors("Jane Doe <jane@example.com>\n").await;
    let store = &company.office.store;
    let known = Snapshot::read(store, &company.uid).await.unwrap();
    let overtaken = Work::of(&known, START);
    company.uses("zed@example.com").await;
    let body = json!({"primary": "zed@example.com", "others": ["jane@example.com"]}).to_string();
    assert_eq!(company.ask("POST merges", &body).await.status, 201);
    let id = company.ask("GET merges", "").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(company.ask_at(&format!("POST merges/{id}/undo"), "", START.plus(1)).await.status, 200);
    let before = company.people().await;
    let later = Instant::now() + Duration::from_secs(600);
    let refused = overtaken.apply(store, &company.uid, &known.state, later).await.unwrap_err();
    assert!(refused.is_conflict(), "{refused}");
    assert_eq!(company.people().await, before);
    assert!(company.owners().await.person(&jane).is_none_or(|person| person.id == jane));
}

#[tokio::test]
async fn a_plan_that_nobody_waited_for_is_not_taken_up_after_a_decision() {
    let company = Company::open().await;
    for name in ["jane", "zed"] {
        company.uses(&format!("{name}@example.com")).await;
    }
    // Many to plan with, none of whom is anybody: the plan has nothing to write.
    let authors: String = (0..2_000).map(|n| format!("Author{n} Of{n} <a{n}@elsewhere.example.org>\n")).collect();
    company.authors(&authors).await;
    company.run_over(&company.office.store).await.unwrap();
    let store = &company.office.store;
    // Over before the plan is made, which then is left behind.
    let brief = Instant::now() + Duration::from_micros(500);
    assert!(matches!(run(store, &company.uid, START, brief).await.unwrap(), RunStatus::Unfinished));
    let body = json!({"primary": "zed@example.com", "others": ["jane@example.com"]}).to_string();
    assert_eq!(company.ask("POST merges", &body).await.status, 201, "the decision is in force when it is answered");
}

pub(super) async fn assert_each_identity_has_one_owner(company: &Company) {
    let people = company.office.store.people(&company.uid).await.unwrap();
    let mut all: Vec<&str> = people.iter().flat_map(|person| person.identities()).collect();
    let with_twins = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), with_twins);
}
