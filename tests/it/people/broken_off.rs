//! Uploads and decisions that are broken off at any write, and made again.

use local::embedded::Embedded;
use serde_json::{Value, json};
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};
use tests::faults::{Fault, Faults};

use tests::orgs::Office;
use tests::people::Company;

use super::upload::gzip;

/// An organisation whose database can fail.
async fn company() -> (Company, Faults) {
    let faults = Faults::default();
    let store = Embedded::in_memory().unwrap().store_through(|client| faults.before(client));
    store.create_tables().await.unwrap();
    let office = Office::over(store, Secrets::Embedded(EmbeddedSecrets::in_memory()));
    (Company::beside(office, "acme").await, faults)
}

async fn git_users(company: &Company) -> Vec<String> {
    let (_, users) = company.office.store.git_users(&company.uid).await.unwrap();
    users.into_iter().map(|user| user.email).collect()
}

async fn send_part(company: &Company, parts: &[&[u8]], number: usize) -> u16 {
    let headers = [("content-type", "text/csv"), ("content-encoding", "gzip")];
    let query = format!("?import=all&part={number}&of={}", parts.len());
    company.upload(&query, &headers, parts[number - 1].to_vec()).await.status
}

#[tokio::test]
async fn an_upload_in_parts_that_breaks_off_at_any_write_leaves_one_whole_set_and_is_made_again() {
    let whole = gzip("name,email\nJane,jane@example.com\nJohn,john@example.com\n");
    let parts: Vec<&[u8]> = whole.chunks(whole.len().div_ceil(3)).collect();
    let (old, new) =
        (vec!["old@example.com".to_owned()], vec!["jane@example.com".to_owned(), "john@example.com".into()]);
    for fault in Fault::ALL {
        for n in 0.. {
            let (company, faults) = company().await;
            company.authors("Old <old@example.com>\n").await;
            for number in [1, 3] {
                assert_eq!(send_part(&company, &parts, number).await, 202);
            }
            faults.arm_writes(n, fault);
            let _ = faults.or_dies(send_part(&company, &parts, 2)).await;
            if faults.disarm() {
                assert!(n > 5, "{n} writes are fewer than an upload has");
                break;
            }
            let found = git_users(&company).await;
            assert!(found == old || found == new, "{fault:?} at write {n}: {found:?}");
            // A client whose last part was not answered sends it again; one that is told what is missing sends that.
            let mut statuses = Vec::new();
            for number in [2, 1, 3, 2] {
                statuses.push(send_part(&company, &parts, number).await);
                if statuses.last() == Some(&200) {
                    break;
                }
            }
            assert_eq!(statuses.last(), Some(&200), "{fault:?} at write {n}: {statuses:?}");
            assert_eq!(git_users(&company).await, new, "{fault:?} at write {n}");
        }
    }
}

/// What people are, without how often it was decided.
async fn people(company: &Company) -> Value {
    let people = company.people().await;
    json!([people["people"], people["suggestions"]])
}

/// Breaks `call` off at each of its writes, makes it again, and compares with what it does undisturbed.
async fn assert_converges(prepare: impl AsyncFn(&Company) -> String, body: &str) {
    let (company, _) = company().await;
    let call = prepare(&company).await;
    assert!(company.ask(&call, body).await.status < 300, "{call}");
    let expected = people(&company).await;
    for fault in Fault::ALL {
        for n in 0.. {
            let (company, faults) = self::company().await;
            let call = prepare(&company).await;
            faults.arm_writes(n, fault);
            let _ = faults.or_dies(company.ask(&call, body)).await;
            if faults.disarm() {
                assert!(n > 0, "{call} writes");
                break;
            }
            super::faults::assert_each_identity_has_one_owner(&company).await;
            let again = company.ask(&call, body).await;
            // What was done but not answered may leave nothing to accept or reject.
            assert!(again.status < 300 || again.status == 404, "{again:?}");
            company.merge().await;
            assert_eq!(people(&company).await, expected, "{call}: {fault:?} at write {n}");
        }
    }
}

/// Somebody with two candidates, and two people with an address of their own.
async fn uncertain(company: &Company) -> String {
    company.uses("jane@example.com").await;
    company.uses("jd@example.net").await;
    let user = company.uses("maria@example.com").await;
    company.authors("Jane Doe <jane@example.com>\nMaria Doe <md@example.org>\nMaria Roe <mr@example.org>\n").await;
    company.merge().await;
    user
}

#[tokio::test]
async fn an_acceptance_that_breaks_off_at_any_write_is_made_again() {
    assert_converges(async |company| format!("POST suggestions/{}/accept", uncertain(company).await), "{}").await;
}

#[tokio::test]
async fn a_rejection_that_breaks_off_at_any_write_is_made_again() {
    assert_converges(async |company| format!("POST suggestions/{}/reject", uncertain(company).await), "").await;
}

const BY_HAND: &str = r#"{"primary":"jd@example.net","others":["jane@example.com"]}"#;

#[tokio::test]
async fn a_merge_by_hand_that_breaks_off_at_any_write_is_made_again() {
    let prepare = async |company: &Company| {
        uncertain(company).await;
        "POST merges".to_owned()
    };
    assert_converges(prepare, BY_HAND).await;
}

#[tokio::test]
async fn an_undo_that_breaks_off_at_any_write_is_made_again() {
    let prepare = async |company: &Company| {
        uncertain(company).await;
        format!("POST merges/{}/undo", company.ask("POST merges", BY_HAND).await.text("id"))
    };
    assert_converges(prepare, "").await;
}
