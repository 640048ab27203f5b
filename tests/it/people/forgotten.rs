//! A merged person who is forgotten leaves nothing, however often that is broken off.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use local::embedded::Embedded;
use model::time::{DAY, HOUR, MILLISECOND, Timestamp};
use serde_json::json;
use service::merging::error::UploadError;
use service::merging::forget::forget;
use service::merging::upload::restore;
use store::keys;
use store::range::Reading;
use store::roster::{Part, Shelf};
use tools::activity::exports::{event, logs};
use tools::faults::{Fault, Faults};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

const LATER: Timestamp = START.plus(HOUR);
/// Whatever names the person.
const NAMES: [&str; 4] = ["jane@example.com", "jd@example.org", "Jane Doe", "c0ffee"];

/// Jane, who is an address, another one by hand, a client by link and an author; and Zed.
async fn tenant() -> (Tenant, Faults) {
    let faults = Faults::default();
    let tenant = Stack::start().through(|client| faults.before(client)).tenant("acme").await;
    for user in [
        json!({"user.email": "jane@example.com"}),
        json!({"user.email": "jd@example.org"}),
        json!({"user.id": "c0ffee"}),
        json!({"user.email": "zed@example.com"}),
    ] {
        let mut attributes = json!({"session.id": "s", "model": "m", "input_tokens": 1});
        attributes.as_object_mut().unwrap().extend(user.as_object().unwrap().clone());
        tenant.send(&logs(json!({}), &[event("api_request", START.0, attributes)]), START).await;
    }
    tenant.project(START).await;
    tenant.authors("Jane Doe <jane@example.com>\nJane D. <jd@example.org>\n").await;
    tenant.authors("Jane Doe <jane@example.com>\nZed Zedder <zed@example.com>\n").await;
    let plain = [("content-type", "text/plain")];
    for import in ["one", "other"] {
        let query = format!("?import={import}&part=2&of=3");
        assert_eq!(tenant.upload(&query, &plain, "Jane Doe <jane@example.com>\n").await.status, 202);
    }
    tenant.merge().await;
    tenant.ask("POST merges", r#"{"primary":"jane@example.com","others":["jd@example.org"]}"#).await;
    let users = tenant.get("/users", START).await;
    let opaque = users["items"].as_array().unwrap().iter().find(|user| user["email"].is_null()).unwrap()["id"].clone();
    let link = format!("POST users/{}/link", opaque.as_str().unwrap());
    assert_eq!(tenant.ask(&link, r#"{"email":"jane@example.com"}"#).await.status, 200);
    assert!(tenant.keep_roster(START).await);
    (tenant, faults)
}

/// Everything of the Activity table that names the person, as text.
async fn traces(tenant: &Tenant) -> Vec<String> {
    let scan = tenant.store.client().scan().table_name(tenant.store.activity()).send().await.unwrap();
    let mut found = Vec::new();
    // The list of authors has what Git knows.
    let authors = keys::roster_partition(&tenant.uid, Shelf::Entries(Part::Authors));
    let others = scan.items.unwrap().into_iter().filter(|item| item["pk"] != AttributeValue::S(authors.clone()));
    for (name, value) in others.flatten() {
        let text = match value.as_b() {
            Ok(bytes) => String::from_utf8_lossy(bytes.as_ref()).into_owned(),
            Err(_) => format!("{value:?}"),
        };
        // What Git knows was uploaded, and stays until the next upload.
        if name != "c" && NAMES.iter().any(|name| text.contains(name)) {
            found.push(format!("{name}: {text}"));
        }
    }
    found
}

async fn assert_forgotten(tenant: &Tenant, what: &str) {
    assert_eq!(traces(tenant).await, Vec::<String>::new(), "{what}");
    let chunks = tenant.store.partition(&keys::git_partition(&tenant.uid), Reading::Latest).await.unwrap();
    assert_eq!(chunks.len(), 1, "{what}: only what was uploaded last is left");
    let restored = tenant.ask("POST git-users/restore", "").await;
    assert_eq!(restored.status, 409, "{what}: {restored:?}");
    assert!(restored.text("detail").contains("a person was erased since"), "{restored:?}");
    assert_eq!(tenant.pack_keys().await.len(), 1, "{what}");
    for user in &NAMES[..2] {
        assert_eq!(
            tenant.ask_at(&format!("DELETE /api/orgs/acme/users/{user}"), "", LATER).await.status,
            404,
            "{what}"
        );
    }
    tenant.merge().await;
    let users = tenant.get("/users", LATER).await;
    let [zed] = &users["items"].as_array().unwrap()[..] else { panic!("{what}: {users}") };
    assert_eq!((&zed["email"], &zed["state"]), (&json!("zed@example.com"), &json!("merged")), "{what}");
    assert_eq!(tenant.ask("GET merges", "").await.json()["items"].as_array().unwrap().len(), 1, "{what}");
}

#[tokio::test]
async fn a_merged_person_is_forgotten_with_all_identities_and_what_was_decided() {
    let (tenant, _) = tenant().await;
    assert!(traces(&tenant).await.len() > 5);
    // By an identity that is the person's own no more.
    assert_eq!(tenant.ask_at("DELETE /api/orgs/acme/users/jd@example.org", "", LATER).await.status, 204);
    assert_forgotten(&tenant, "undisturbed").await;
}

#[tokio::test]
async fn that_somebody_was_erased_is_remembered_for_36_days_unless_they_are_seen_again() {
    let (tenant, _) = tenant().await;
    assert_eq!(tenant.ask_at("DELETE /api/orgs/acme/users/jd@example.org", "", LATER).await.status, 204);
    let marks = async || {
        let scan = tenant.store.client().scan().table_name(tenant.store.activity());
        let found = scan.filter_expression("attribute_exists(erased_before)").send().await.unwrap().items.unwrap();
        let end = |item: &std::collections::HashMap<String, AttributeValue>| {
            item.get("ttl").map(|ttl| ttl.as_n().unwrap().parse::<i64>().unwrap())
        };
        let mut ends: Vec<_> = found.iter().map(end).collect();
        ends.sort();
        ends
    };
    let end = Some(LATER.plus(MILLISECOND).plus(36 * DAY).seconds());
    assert_eq!(marks().await, [end, end, end], "two addresses and a client");
    let attributes = json!({"user.email": "jane@example.com", "session.id": "s", "model": "m", "input_tokens": 1});
    tenant.send(&logs(json!({}), &[event("api_request", LATER.0, attributes)]), LATER.plus(HOUR)).await;
    tenant.project(LATER.plus(HOUR)).await;
    assert_eq!(marks().await, [None, end, end]);
}

#[tokio::test]
async fn what_git_users_leave_behind_is_deleted_whole_however_often_that_is_broken_off() {
    let nobody = BTreeSet::new();
    for fault in Fault::ALL {
        for n in 0.. {
            let (database, faults) = (Embedded::in_memory().unwrap(), Faults::default());
            let faulty = database.store_through(|client| faults.before(client));
            let tenant = Stack::start().over(database.store()).tenant("acme").await;
            let (store, uid) = (&tenant.store, &tenant.uid);
            // Two chunks that could be brought back, and a part of an upload.
            tenant.authors(&(0..1_500).map(|n| format!("P{n} <p{n}@example.com>\n")).collect::<String>()).await;
            tenant.authors("Zed Zedder <zed@example.com>\n").await;
            let part = tenant.upload("?import=one&part=1&of=2", &[("content-type", "text/plain")], "Jane").await;
            assert_eq!(part.status, 202);
            faults.arm_writes(n, fault);
            let _ = faults.or_dies(forget(&faulty, uid, &nobody)).await;
            if faults.disarm() {
                assert!(n > 7, "{n} writes are fewer than it takes");
                break;
            }
            forget(store, uid, &nobody).await.unwrap();
            for (partition, left) in [
                (keys::git_partition(uid), 1),
                (keys::imports_partition(uid), 0),
                (keys::import_partition(uid, "one"), 0),
                (keys::import_piece(uid, "one", 1, 0).pk, 0),
            ] {
                let found = store.partition(&partition, Reading::Latest).await.unwrap().len();
                assert_eq!(found, left, "{partition}: {fault:?} at write {n}");
            }
            assert!(matches!(restore(store, uid).await, Err(UploadError::NothingBefore)), "{fault:?} at write {n}");
        }
    }
}

#[tokio::test]
async fn forgetting_that_breaks_off_at_any_write_is_finished_by_asking_again_or_by_the_clock() {
    // Every third write: each goes over 400 days of four shards, twice.
    for n in (0..).step_by(3) {
        let (tenant, faults) = tenant().await;
        faults.arm_writes(n, Fault::DiesBefore);
        let call = "DELETE /api/orgs/acme/users/jane@example.com";
        let _ = faults.or_dies(tenant.ask_at(call, "", LATER)).await;
        if faults.disarm() {
            assert!(n > 10, "{n} writes are fewer than it takes");
            return;
        }
        // Before the first write nothing says that it was asked for.
        if n % 6 == 0 {
            // All that may be left then is how far the pass was that looked for strays.
            let is_done = n > 0 && tenant.store.erasures(&tenant.uid).await.unwrap().is_empty();
            let expected = if is_done { 404 } else { 204 };
            assert_eq!(tenant.ask_at(call, "", LATER).await.status, expected, "at write {n}");
        } else {
            let deadline = std::time::Instant::now() + std::time::Duration::from_secs(600);
            let tally = maintain::scheduled(&tenant.stack.handlers.app, LATER, deadline).await.unwrap();
            assert_eq!((tally.done, tally.failed), (1, 0), "at write {n}");
        }
        assert_forgotten(&tenant, &format!("at write {n}")).await;
    }
}
