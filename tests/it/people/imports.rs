//! An import that goes wrong: seen before, asked about, and taken back.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use local::embedded::Embedded;
use serde_json::{Value, json};
use service::merging::error::UploadError;
use service::merging::import::Intent;
use service::merging::upload::{Form, replace, restore};
use store::range::Reading;
use store::{Item, keys};
use tools::pause::Pause;
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

const PLAIN: [(&str, &str); 1] = [("content-type", "text/plain")];

fn authors(people: std::ops::Range<usize>) -> String {
    people.map(|n| format!("Person Number{n} <p{n}@example.com>\n")).collect()
}

/// An organisation in which 28 of 42 authors use Claude.
async fn matched() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    for n in 0..28 {
        tenant.uses(&format!("p{n}@example.com")).await;
    }
    tenant.authors(&authors(0..42)).await;
    assert_eq!(tenant.merge().await["merged"], 28);
    tenant
}

async fn merged_people(tenant: &Tenant) -> usize {
    let users = tenant.get("/users?limit=1000", START).await;
    users["items"].as_array().unwrap().iter().filter(|user| user["state"] == "merged").count()
}

#[tokio::test]
async fn an_upload_that_takes_away_more_than_a_fifth_replaces_nothing_until_it_is_confirmed() {
    let tenant = matched().await;
    let refused = tenant.upload("", &PLAIN, authors(0..2)).await;
    assert_eq!((refused.status, refused.text("code")), (409, "conflict".into()), "{refused:?}");
    assert!(refused.text("detail").contains("40 of 42"), "{refused:?}");
    tenant.merge().await;
    assert_eq!(merged_people(&tenant).await, 28);

    let preview = tenant.upload("?dry_run=true", &PLAIN, authors(0..2)).await.json();
    let counted = ["received", "stored", "added", "removed", "people_losing_their_match", "people_gaining_one"];
    assert_eq!(counted.map(|field| preview[field].as_u64()), [2, 2, 0, 40, 26, 0].map(Some), "{preview}");
    assert_eq!(preview["losing"].as_array().unwrap().len(), 26);
    assert!(preview["losing"][0]["name"].as_str().unwrap().starts_with("Person Number"), "{preview}");
    assert_eq!(preview["needs_confirmation"], true);
    let id = preview["id"].as_str().unwrap();

    let other = tenant.upload(&format!("?confirm={id}"), &PLAIN, authors(0..3)).await;
    assert_eq!(other.status, 409, "what was looked at is another upload: {other:?}");
    let done = tenant.upload(&format!("?confirm={id}"), &PLAIN, authors(0..2)).await;
    assert_eq!((done.status, done.json()), (200, json!({"received": 2, "stored": 2, "rejected": []})));
    let again = tenant.upload(&format!("?confirm={id}"), &PLAIN, authors(0..2)).await;
    assert_eq!(again.status, 409, "the Git users are others by now: {again:?}");
}

#[tokio::test]
async fn a_set_that_was_replaced_can_be_brought_back_and_so_can_the_one_in_its_place() {
    let tenant = matched().await;
    assert_eq!(tenant.ask("POST git-users/restore", "").await.status, 409, "nothing was replaced");
    tenant.authors(&authors(0..2)).await;
    tenant.merge().await;
    assert_eq!(merged_people(&tenant).await, 2);
    let restored = tenant.ask("POST git-users/restore", "").await;
    assert_eq!((restored.status, restored.json()), (200, json!({"stored": 42})));
    tenant.merge().await;
    assert_eq!(merged_people(&tenant).await, 28);
    assert_eq!(tenant.ask("POST git-users/restore", "").await.json(), json!({"stored": 2}));
}

#[tokio::test]
async fn what_is_only_looked_at_changes_nothing_and_parts_of_it_stay() {
    let tenant = matched().await;
    for (query, status) in [("?dry_run=maybe", 400), ("?dry_run=true&confirm=x", 400), ("?confirm=unknown", 409)] {
        assert_eq!(tenant.upload(query, &PLAIN, authors(0..42)).await.status, status, "{query}");
    }
    let whole = authors(0..5);
    let (first, second) = whole.split_at(whole.len() / 2);
    assert_eq!(tenant.upload("?import=x&part=1&of=2", &PLAIN, first.to_owned()).await.status, 202);
    let preview = tenant.upload("?import=x&part=2&of=2&dry_run=true", &PLAIN, second.to_owned()).await;
    assert_eq!(preview.json()["removed"], 37, "{preview:?}");
    let query = format!("?import=x&part=2&of=2&confirm={}", preview.text("id"));
    assert_eq!(tenant.upload(&query, &PLAIN, second.to_owned()).await.json()["stored"], 5);
}

#[tokio::test]
async fn an_open_quotation_mark_leaves_the_git_users_as_they_were() {
    let tenant = matched().await;
    let csv = [("content-type", "text/csv")];
    let file = format!("name,email\n\"Jane,jane@example.com\n{}", "P,p@example.com\n".repeat(300));
    let refused = tenant.upload("", &csv, file).await;
    assert_eq!((refused.status, refused.text("field")), (400, "body".into()), "{refused:?}");
    assert!(refused.text("detail").contains("line 2"), "{refused:?}");
    assert_eq!(tenant.store.git_users(&tenant.uid).await.unwrap().1.len(), 42);
}

#[tokio::test]
async fn an_optional_field_that_cannot_be_read_is_named_and_the_person_is_stored() {
    let tenant = Stack::start().tenant("acme").await;
    let csv = [("content-type", "text/csv; charset=windows-1252")];
    let file = b"name;email;last_commit_at\nJ\xF6rg;jo@example.com;31.10.2026\n".to_vec();
    let report = tenant.upload("", &csv, file).await.json();
    assert_eq!((&report["stored"], &report["rejected"]), (&json!(1), &json!([])), "{report}");
    assert_eq!(report["ignored"][0]["line"], 2, "{report}");
    assert_eq!(tenant.store.git_users(&tenant.uid).await.unwrap().1[0].name, "J\u{F6}rg");
}

#[tokio::test]
async fn authors_who_are_written_in_another_case_are_not_gone() {
    let tenant = matched().await;
    let again = authors(0..42).to_lowercase();
    let preview = tenant.upload("?dry_run=true", &PLAIN, again.clone()).await.json();
    assert_eq!(["added", "removed"].map(|field| preview[field].as_u64()), [Some(0), Some(0)], "{preview}");
    assert_eq!(tenant.upload("", &PLAIN, again).await.status, 200);
}

#[tokio::test]
async fn git_users_that_cannot_be_read_any_more_are_mended_by_an_upload() {
    for is_there in [false, true] {
        let tenant = matched().await;
        let current = tenant.store.people_state(&tenant.uid).await.unwrap().git.unwrap();
        let chunk = keys::git_chunk(&tenant.uid, &current.set, 0);
        if is_there {
            tenant.store.put(Item::at(chunk).bytes("c", b"damaged".to_vec())).await.unwrap();
        } else {
            tenant.store.delete(chunk).await.unwrap();
        }
        assert!(tenant.store.git_users(&tenant.uid).await.is_err());
        let preview = tenant.upload("?dry_run=true", &PLAIN, authors(0..2)).await.json();
        assert_eq!((&preview["added"], &preview["needs_confirmation"]), (&json!(2), &json!(false)), "{preview}");
        assert_eq!(tenant.upload("", &PLAIN, authors(0..2)).await.json()["stored"], 2);
        assert_eq!(tenant.store.git_users(&tenant.uid).await.unwrap().1.len(), 2);
    }
}

#[tokio::test]
async fn what_is_confirmed_is_what_was_read_in_the_same_charset() {
    let tenant = matched().await;
    let declared = |charset| [("content-type", charset)];
    let (one, other) = (declared("text/plain; charset=utf-8"), declared("text/plain; charset=windows-1252"));
    let file = "J\u{F6}rg <jo@example.com>\n";
    let id = tenant.upload("?dry_run=true", &one, file).await.text("id");
    let refused = tenant.upload(&format!("?confirm={id}"), &other, file).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    assert_eq!(tenant.upload(&format!("?confirm={id}"), &one, file).await.status, 200);
}

#[tokio::test]
async fn what_is_confirmed_takes_the_place_of_no_other_set_than_was_looked_at() {
    for n in 0.. {
        let database = Embedded::in_memory().unwrap();
        let pause = Pause::default();
        let paused = database.store_through(|client| pause.before(client));
        let tenant = Stack::start().over(database.store()).tenant("acme").await;
        tenant.authors(&authors(0..42)).await;
        let id = tenant.upload("?dry_run=true", &PLAIN, authors(0..2)).await.text("id");
        let form = Form::of(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/plain"))])).unwrap();
        let intent = Intent::Replace { confirm: Some(&id) };
        let confirmed = replace(&paused, &tenant.uid, form, authors(0..2).into(), intent, START);
        let other = authors(100..150);
        let (outcome, was_paused) = pause.with(n, confirmed, tenant.authors(&other)).await;
        if !was_paused {
            assert!(outcome.is_ok() && n > 3, "{n} requests are fewer than an import has: {outcome:?}");
            break;
        }
        assert!(matches!(outcome, Ok(_) | Err(UploadError::OtherPreview)), "at request {n}: {outcome:?}");
        let (state, users) = tenant.store.git_users(&tenant.uid).await.unwrap();
        assert_eq!(users.len(), 50, "the last that an admin was sure of, at request {n}");
        let before = if outcome.is_ok() { 2 } else { 42 };
        assert_eq!(restore(&tenant.store, &tenant.uid).await.unwrap().stored, before, "at request {n}");
        let stored = tenant.store.partition(&keys::git_partition(&tenant.uid), Reading::Latest).await.unwrap().len();
        assert_eq!(stored, state.git.into_iter().chain(state.before).map(|set| set.chunks).sum::<usize>());
    }
}

fn known_from_git(users: &Value) -> Vec<&Value> {
    users["items"].as_array().unwrap().iter().filter(|user| user["claude"].as_array().unwrap().is_empty()).collect()
}

#[tokio::test]
async fn one_person_under_several_addresses_is_one_person_without_claude_too() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.uses("somebody@example.com").await;
    let lines = "Jane Zyxwater <jane@example.org>\nJane Zyxwater <jz@example.net>\n\
                 Jane Q. Zyxwater <7654321+jzyx@users.noreply.github.com>\njzyx <7654321+jzyx@users.noreply.github.com>\n\
                 Joan Zyxwater <joan@example.org>\n";
    tenant.authors(lines).await;
    let users = tenant.get("/users?include=git", START).await;
    let people: Vec<usize> = known_from_git(&users).iter().map(|user| user["git"].as_array().unwrap().len()).collect();
    assert_eq!(people.iter().sum::<usize>(), 5, "{users}");
    assert!(people.contains(&4) && people.contains(&1), "{users}");
    for address in ["jane@example.org", "jz@example.net"] {
        let found = tenant.get(&format!("/users/{address}"), START).await;
        assert_eq!(found["git"].as_array().unwrap().len(), 4, "{address}: {found}");
    }
}
