//! Uploads and decisions that are broken off at any write, and made again.

use std::time::{Duration, Instant};

use model::time::HOUR;
use serde_json::{Value, json};
use store::keys;
use store::range::Reading;
use tools::faults::{Fault, Faults};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

use super::upload::gzip;

/// An organisation whose database can fail.
async fn tenant() -> (Tenant, Faults) {
    let faults = Faults::default();
    let stack = Stack::start().through(|client| faults.before(client)).await;
    (stack.tenant("acme").await, faults)
}

async fn git_users(tenant: &Tenant) -> Vec<String> {
    let (_, users) = tenant.store.git_users(&tenant.uid).await.unwrap();
    users.into_iter().map(|user| user.email).collect()
}

async fn send_part(tenant: &Tenant, parts: &[&[u8]], number: usize) -> u16 {
    let headers = [("content-type", "text/csv"), ("content-encoding", "gzip")];
    let query = format!("?import=all&part={number}&of={}", parts.len());
    tenant.upload(&query, &headers, parts[number - 1].to_vec()).await.status
}

#[tokio::test]
async fn an_upload_in_parts_that_breaks_off_at_any_write_leaves_one_whole_set_and_is_made_again() {
    let whole = gzip("name,email\nJane,jane@example.com\nJohn,john@example.com\n");
    let parts: Vec<&[u8]> = whole.chunks(whole.len().div_ceil(3)).collect();
    let (old, new) =
        (vec!["old@example.com".to_owned()], vec!["jane@example.com".to_owned(), "john@example.com".into()]);
    for fault in Fault::ALL {
        for n in 0.. {
            let (tenant, faults) = tenant().await;
            tenant.authors("Old <old@example.com>\n").await;
            for number in [1, 3] {
                assert_eq!(send_part(&tenant, &parts, number).await, 202);
            }
            faults.arm_writes(n, fault);
            let _ = faults.or_dies(send_part(&tenant, &parts, 2)).await;
            if faults.disarm() {
                assert!(n > 5, "{n} writes are fewer than an upload has");
                break;
            }
            let found = git_users(&tenant).await;
            assert!(found == old || found == new, "{fault:?} at write {n}: {found:?}");
            // A client whose last part was not answered sends it again; one that is told what is missing sends that.
            let mut statuses = Vec::new();
            for number in [2, 1, 3, 2] {
                statuses.push(send_part(&tenant, &parts, number).await);
                if statuses.last() == Some(&200) {
                    break;
                }
            }
            assert_eq!(statuses.last(), Some(&200), "{fault:?} at write {n}: {statuses:?}");
            assert_eq!(git_users(&tenant).await, new, "{fault:?} at write {n}");
        }
    }
}

#[tokio::test]
async fn what_an_upload_that_broke_off_left_is_deleted_by_the_first_scheduled_merge_a_day_later() {
    let (tenant, faults) = tenant().await;
    let chunks =
        async || tenant.store.partition(&keys::git_partition(&tenant.uid), Reading::Latest).await.unwrap().len();
    tenant.authors("Old <old@example.com>\n").await;
    faults.arm_writes(1, Fault::DiesBefore);
    let upload = tenant.upload("", &[("content-type", "text/plain")], "New <new@example.com>\n".to_owned());
    let _ = faults.or_dies(upload).await;
    assert!(!faults.disarm(), "it broke off");
    for (later, left) in [(23 * HOUR, 2), (25 * HOUR, 1)] {
        let deadline = Instant::now() + Duration::from_secs(600);
        merge_users::scheduled(&tenant.stack.handlers.app, START.plus(later), deadline).await.unwrap();
        assert_eq!(chunks().await, left);
    }
    assert_eq!(git_users(&tenant).await, ["old@example.com"]);
}

/// What people are, without how often it was decided.
async fn people(tenant: &Tenant) -> Value {
    let people = tenant.people().await;
    json!([people["people"], people["suggestions"]])
}

/// Breaks `call` off at each of its writes, makes it again, and compares with what it does undisturbed.
async fn assert_converges(prepare: impl AsyncFn(&Tenant) -> String, body: &str) {
    let (tenant, _) = tenant().await;
    let call = prepare(&tenant).await;
    assert!(tenant.ask(&call, body).await.status < 300, "{call}");
    let expected = people(&tenant).await;
    for fault in Fault::ALL {
        for n in 0.. {
            let (tenant, faults) = self::tenant().await;
            let call = prepare(&tenant).await;
            faults.arm_writes(n, fault);
            let _ = faults.or_dies(tenant.ask(&call, body)).await;
            if faults.disarm() {
                assert!(n > 0, "{call} writes");
                break;
            }
            super::faults::assert_each_identity_has_one_owner(&tenant).await;
            let again = tenant.ask(&call, body).await;
            // What was done but not answered may leave nothing to accept or reject.
            assert!(again.status < 300 || again.status == 404, "{again:?}");
            tenant.merge().await;
            assert_eq!(people(&tenant).await, expected, "{call}: {fault:?} at write {n}");
        }
    }
}

/// Somebody with two candidates, and two people with an address of their own.
async fn uncertain(tenant: &Tenant) -> String {
    tenant.uses("jane@example.com").await;
    tenant.uses("jd@example.net").await;
    let user = tenant.uses("maria@example.com").await;
    tenant.authors("Jane Doe <jane@example.com>\nMaria Doe <md@example.org>\nMaria Roe <mr@example.org>\n").await;
    tenant.merge().await;
    user
}

#[tokio::test]
async fn an_acceptance_that_breaks_off_at_any_write_is_made_again() {
    assert_converges(async |tenant| format!("POST suggestions/{}/accept", uncertain(tenant).await), "{}").await;
}

#[tokio::test]
async fn a_rejection_that_breaks_off_at_any_write_is_made_again() {
    assert_converges(async |tenant| format!("POST suggestions/{}/reject", uncertain(tenant).await), "").await;
}

const BY_HAND: &str = r#"{"primary":"jd@example.net","others":["jane@example.com"]}"#;

#[tokio::test]
async fn a_merge_by_hand_that_breaks_off_at_any_write_is_made_again() {
    let prepare = async |tenant: &Tenant| {
        uncertain(tenant).await;
        "POST merges".to_owned()
    };
    assert_converges(prepare, BY_HAND).await;
}

#[tokio::test]
async fn an_undo_that_breaks_off_at_any_write_is_made_again() {
    let prepare = async |tenant: &Tenant| {
        uncertain(tenant).await;
        format!("POST merges/{}/undo", tenant.ask("POST merges", BY_HAND).await.text("id"))
    };
    assert_converges(prepare, "").await;
}
