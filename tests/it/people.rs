//! Who is the same person as whom, over HTTP and over the database.

use identity::ids::git_id;
use model::text::invisible::is_taken_out;
use model::time::SECOND;
use serde_json::{Value, json};
use service::app::PATIENCE;
use telemetry::claude::source::SourceKind;
use telemetry::sighting::Fact;
use tools::stack::{START, Stack};

mod broken_off;
mod decided;
mod faults;
mod forgotten;
mod imports;
mod lost;
mod piecewise;
mod readers;
mod restored;
mod roster;
mod strays;
mod tables;
mod upload;

#[tokio::test]
async fn an_author_with_the_same_address_is_the_same_person_and_the_history_says_why() {
    let tenant = Stack::start().tenant("acme").await;
    let jane = tenant.uses("jane@example.com").await;
    tenant.uses("alone@example.com").await;
    tenant.authors("Jane Doe <jane@example.com>\nJohn Roe <john@example.com>\n").await;
    let found = tenant.merge().await;
    assert_eq!((&found["merged"], &found["unmatched"], &found["conflicts"]), (&json!(1), &json!(1), &json!(0)));
    let owners = tenant.owners().await;
    let author = git_id("Jane Doe", "jane@example.com").0;
    assert_eq!(owners.owner(&author), jane);
    assert_eq!(owners.person(&jane).unwrap().name.as_deref(), Some("Jane Doe"));

    let history = tenant.ask("GET merges", "").await.json();
    let entry = &history["items"][0];
    assert_eq!(entry["person"], json!({"id": jane, "email": "jane@example.com", "name": "Jane Doe"}));
    assert_eq!((&entry["by"], &entry["joined"][0]["id"]), (&json!("merge"), &json!(author)));
    assert_eq!(entry["reason"], "same e-mail as Jane Doe <jane@example.com>");
    let again = tenant.merge().await;
    assert_eq!(again["merged"], 1, "a run says how things stand");
    assert_eq!(tenant.ask("GET merges", "").await.json(), history, "nothing was left to do");
}

#[tokio::test]
async fn reports_count_by_person_after_a_merge_and_by_the_former_people_after_its_undo() {
    let tenant = Stack::start().tenant("acme").await;
    let (jane, other) = (tenant.uses("jane@example.com").await, tenant.uses("jd@example.org").await);
    tenant.merge().await;
    let activity = [(jane.as_str(), 3), (other.as_str(), 4)];
    let before = tenant.count(&activity).await;
    assert_eq!(before.len(), 2);

    let body = r#"{"primary":"jane@example.com","others":["JD@example.org"]}"#;
    let merged = tenant.ask("POST merges", body).await;
    assert_eq!(merged.status, 201, "{merged:?}");
    assert_eq!((merged.json()["by"].as_str(), merged.json()["person"]["id"].as_str()), (Some("root"), Some(&*jane)));
    assert_eq!(tenant.count(&activity).await, [(jane.clone(), 7)].into());
    tenant.merge().await;
    assert_eq!(tenant.count(&activity).await.len(), 1, "a decision outlives every run");

    let id = merged.text("id");
    for _ in 0..2 {
        let undone = tenant.ask_at(&format!("POST merges/{id}/undo"), "", START.plus(SECOND)).await;
        assert_eq!((undone.status, undone.text("undone_by")), (200, "root".into()));
        assert_eq!(tenant.count(&activity).await, before);
    }
    tenant.merge().await;
    assert_eq!(tenant.count(&activity).await, before);
}

#[tokio::test]
async fn an_automatic_merge_that_was_undone_stays_undone() {
    let tenant = Stack::start().tenant("acme").await;
    let jane = tenant.uses("jane@example.com").await;
    tenant.authors("Jane Doe <jane@example.com>\n").await;
    tenant.merge().await;
    let id = tenant.ask("GET merges", "").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(tenant.ask(&format!("POST merges/{id}/undo"), "").await.status, 200);
    assert_eq!(tenant.owners().await.people().count(), 0);
    tenant.merge().await;
    assert!(tenant.owners().await.person(&jane).is_none());
}

#[tokio::test]
async fn a_merge_undone_in_the_same_millisecond_stays_in_the_history_with_its_reason() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.uses("jane@example.com").await;
    tenant.uses("jd@example.org").await;
    tenant.authors("Jane Doe <jane@example.com>\n").await;
    tenant.merge().await;
    let by_hand = r#"{"primary":"jane@example.com","others":["jd@example.org"]}"#;
    for _ in 0..2 {
        // Every call is at the same millisecond.
        assert_eq!(tenant.ask("POST merges", by_hand).await.status, 201);
        let before = tenant.ask("GET merges", "").await.json()["items"].as_array().unwrap().clone();
        let id = before[0]["id"].as_str().unwrap();
        assert_eq!(tenant.ask(&format!("POST merges/{id}/undo"), "").await.status, 200);
        let after = tenant.ask("GET merges", "").await.json()["items"].as_array().unwrap().clone();
        assert_eq!(after.len(), before.len() + 1);
        assert_eq!((&after[0]["released"][0], &after[0]["joined"]), (&before[0]["joined"][0]["id"], &json!([])));
        assert_eq!(after[0]["reason"], "the evidence is gone, or an admin separated them");
        assert_eq!((&after[1]["id"], &after[1]["reason"]), (&json!(id), &json!("joined by hand")));
        assert_eq!((&after[1]["joined"], &after[1]["undone_by"]), (&before[0]["joined"], &json!("root")));
        assert_eq!(after[2..], before[1..], "what was before stays as it was");
    }
    let oldest = tenant.ask("GET merges", "").await.json()["items"][4].clone();
    let undo = format!("POST merges/{}/undo", oldest["id"].as_str().unwrap());
    assert_eq!(tenant.ask(&undo, "").await.status, 200);
    let history = tenant.ask("GET merges", "").await.json()["items"].as_array().unwrap().clone();
    assert_eq!((history.len(), &history[5]["reason"]), (6, &json!("same e-mail as Jane Doe <jane@example.com>")));
    assert_eq!(history[5]["undone_by"], "root", "what a run did is undone alike");
    assert_eq!(history[0]["released"], json!([oldest["joined"][0]["id"]]));
}

#[tokio::test]
async fn what_is_joined_by_hand_and_by_evidence_comes_apart_by_one_undo() {
    let tenant = Stack::start().tenant("acme").await;
    let facts = [(Fact::Account, "user_1")];
    let one = tenant.seen(SourceKind::Email, "jane@example.com", &[]).await;
    let other = tenant.seen(SourceKind::Account, "user_1", &[]).await;
    let body = json!({"primary": one, "others": [other]}).to_string();
    let merged = tenant.ask("POST merges", &body).await;
    // Only now telemetry shows that they are one.
    tenant.seen(SourceKind::Email, "jane@example.com", &facts).await;
    let undo = format!("POST merges/{}/undo", merged.text("id"));
    assert_eq!(tenant.ask(&undo, "").await.status, 200);
    assert_ne!(tenant.owners().await.owner(&one), tenant.owners().await.owner(&other));
}

#[tokio::test]
async fn a_suggestion_is_accepted_or_rejected_for_good() {
    let tenant = Stack::start().tenant("acme").await;
    let user = tenant.uses("jane@example.com").await;
    tenant.authors("Jane Doe <jd@example.org>\nJane Roe <jr@example.org>\n").await;
    let found = tenant.merge().await;
    assert_eq!(found["suggested"], 1, "{found}");
    let listed = tenant.ask("GET suggestions", "").await.json();
    let suggestion = &listed["items"][0];
    assert_eq!(suggestion["user"], json!({"id": user, "email": "jane@example.com", "name": null}));
    let candidates = suggestion["candidates"].as_array().unwrap();
    assert_eq!(candidates.len(), 2);
    let chosen = candidates[1]["id"].as_str().unwrap();

    let wrong = tenant.ask(&format!("POST suggestions/{user}/accept"), r#"{"candidate":"git.nobody"}"#).await;
    assert_eq!((wrong.status, wrong.text("field")), (400, "candidate".into()));
    let body = json!({"candidate": chosen}).to_string();
    let accepted = tenant.ask(&format!("POST suggestions/{user}/accept"), &body).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    assert_eq!(tenant.owners().await.owner(chosen), user);
    assert_eq!(tenant.ask("GET suggestions", "").await.json()["items"], json!([]));

    let undo = format!("POST merges/{}/undo", accepted.text("id"));
    assert_eq!(tenant.ask(&undo, "").await.status, 200);
    let again = tenant.ask("GET suggestions", "").await.json();
    assert_eq!(again, listed, "an acceptance taken back leaves the suggestion");
    let rejected = tenant.ask(&format!("POST suggestions/{user}/reject"), "").await;
    assert_eq!(rejected.status, 204);
    tenant.merge().await;
    assert_eq!(tenant.ask("GET suggestions", "").await.json()["items"], json!([]));
    assert_eq!(tenant.ask(&format!("POST suggestions/{user}/accept"), "").await.status, 404);

    let apart = tenant.ask("GET rejections", "").await.json();
    let rejection = &apart["items"][0];
    assert_eq!(rejection["one"], json!({"id": user, "identity": "jane@example.com"}), "{apart}");
    let others: Vec<&str> =
        rejection["others"].as_array().unwrap().iter().map(|other| other["identity"].as_str().unwrap()).collect();
    assert_eq!(others, ["Jane Doe <jd@example.org>", "Jane Roe <jr@example.org>"]);
    let take_back = format!("POST rejections/{}/undo", rejection["id"].as_str().unwrap());
    assert_eq!(tenant.ask(&take_back, "").await.status, 204);
    assert_eq!(
        tenant.ask("GET suggestions", "").await.json(),
        listed,
        "a rejection taken back brings the suggestion back"
    );
    assert_eq!(tenant.ask("GET rejections", "").await.json()["items"], json!([]));
    let again = tenant.ask(&take_back, "").await;
    assert_eq!((again.status, again.json()["code"].as_str()), (404, Some("not_found")));
}

#[tokio::test]
async fn an_address_that_nothing_is_matched_by_says_so() {
    let tenant = Stack::start().tenant("acme").await;
    for (address, excluded) in [
        ("jane@laptop.local", true),
        ("jane@acme.example", true),
        ("jane@example.org", false),
        ("you@example.com", true),
    ] {
        let user = tenant.uses(address).await;
        tenant.authors(&format!("Jane <{address}>\nSam <sam@example.net>\n")).await;
        if !excluded {
            tenant.authors("Sam <sam@example.net>\n").await;
        }
        tenant.merge().await;
        let shown = tenant.ask(&format!("GET users/{user}"), "").await.json();
        assert_eq!(shown["state"], "unmatched", "{shown}");
        assert_eq!(shown["reason"].as_str().unwrap().contains("are excluded from matching"), excluded, "{shown}");
    }
}

#[tokio::test]
async fn whom_somebody_was_kept_apart_from_is_forgotten_with_them() {
    let tenant = Stack::start().tenant("acme").await;
    let user = tenant.uses("jane@example.com").await;
    tenant.authors("Jane Doe <jd@example.org>\n").await;
    tenant.merge().await;
    assert_eq!(tenant.ask(&format!("POST suggestions/{user}/reject"), "").await.status, 204);
    assert!(tenant.ask("GET rejections", "").await.json().to_string().contains("jane@example.com"));
    assert!(tenant.ask(&format!("DELETE users/{user}"), "").await.status < 300);
    assert_eq!(tenant.ask("GET rejections", "").await.json()["items"], json!([]));
    assert_eq!(tenant.store.decisions(&tenant.uid).await.unwrap(), []);

    // Whom they were kept apart from is known by name for as long as Git knows it.
    let user = tenant.uses("joan@example.com").await;
    tenant.authors("Joan Doe <jd2@example.org>\n").await;
    tenant.merge().await;
    assert_eq!(tenant.ask(&format!("POST suggestions/{user}/reject"), "").await.status, 204);
    let named = |list: Value| list["items"][0]["others"][0]["identity"].clone();
    assert_eq!(named(tenant.ask("GET rejections", "").await.json()), "Joan Doe <jd2@example.org>");
    tenant.authors("Sam <sam@example.net>\n").await;
    assert_eq!(named(tenant.ask("GET rejections", "").await.json()), Value::Null);
}

#[tokio::test]
async fn git_users_are_not_read_to_name_two_of_telemetry_who_are_kept_apart() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.seen(SourceKind::Email, "jane@example.com", &[(Fact::Account, "user_1")]).await;
    tenant.seen(SourceKind::Account, "user_1", &[]).await;
    tenant.authors("Sam <sam@example.net>\n").await;
    assert_eq!(tenant.merge().await["merged"], 1);
    let merge = tenant.ask("GET merges", "").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(tenant.ask(&format!("POST merges/{merge}/undo"), "").await.status, 200);
    let current = tenant.store.people_state(&tenant.uid).await.unwrap().git.unwrap();
    let chunk = store::keys::git_chunk(&tenant.uid, &current.set, 0);
    tenant.store.put(store::Item::at(chunk).bytes("c", b"damaged".to_vec())).await.unwrap();
    assert!(tenant.store.git_users(&tenant.uid).await.is_err());
    let listed = tenant.ask("GET rejections", "").await;
    assert_eq!(listed.status, 200, "{listed:?}");
    assert!(listed.json()["items"][0].to_string().contains("jane@example.com"), "{listed:?}");
}

#[tokio::test]
async fn an_unattributed_user_is_linked_to_an_address() {
    let tenant = Stack::start().tenant("acme").await;
    let opaque = tenant.seen(SourceKind::Client, "c0ffee", &[]).await;
    let jane = tenant.uses("jane@example.com").await;
    let linked = tenant.ask(&format!("POST users/{opaque}/link"), r#"{"email":"jane@example.com"}"#).await;
    assert_eq!((linked.status, linked.text("email")), (200, "jane@example.com".into()), "{linked:?}");
    let owners = tenant.owners().await;
    assert_eq!(owners.owner(&opaque), owners.owner(&jane));

    let other = tenant.seen(SourceKind::Client, "decaf", &[]).await;
    let unseen = tenant.ask(&format!("POST users/{other}/link"), r#"{"email":"new@example.com"}"#).await;
    assert_eq!(unseen.json(), json!({"id": other, "email": "new@example.com", "name": null}));
    assert_eq!(tenant.ask(&format!("POST users/{other}/link"), r#"{"email":"no"}"#).await.text("field"), "email");
    assert_eq!(tenant.ask("POST users/nobody/link", r#"{"email":"a@example.com"}"#).await.status, 404);
}

#[tokio::test]
async fn two_organisations_never_mix() {
    let stack = Stack::start().await;
    let one = stack.tenant("acme").await;
    let two = stack.tenant("globex").await;
    let jane = one.uses("jane@example.com").await;
    two.uses("jane@example.com").await;
    one.authors("Jane Doe <jane@example.com>\n").await;
    one.merge().await;
    let before = one.people().await;
    assert_eq!(two.merge().await["merged"], 0, "the other's Git users are none of its own");
    assert_eq!(two.owners().await.people().count(), 0);
    two.authors("Somebody <else@example.com>\n").await;
    two.ask("POST merges", &json!({"primary": jane, "others": ["else@example.com"]}).to_string()).await;
    assert_eq!(one.people().await, before);
    let id = before["merges"][0]["id"].as_str().unwrap();
    assert_eq!(two.ask(&format!("POST merges/{id}/undo"), "").await.status, 404);
}

#[tokio::test]
async fn a_run_that_is_not_done_is_finished_without_being_asked_for() {
    let mut tenant = Stack::start().tenant("acme").await;
    tenant.uses("jane@example.com").await;
    tenant.authors("Jane Doe <jane@example.com>\n").await;
    tenant.stack.handlers.app.patience = std::time::Duration::ZERO;
    let begun = tenant.ask("POST merge/run", "").await;
    assert_eq!((begun.status, begun.text("status")), (202, "running".into()));
    let location = begun.headers["location"].to_str().unwrap().to_owned();
    let path = location.strip_prefix(tools::stack::BASE_URL).unwrap();
    tenant.stack.handlers.app.patience = PATIENCE;
    assert_eq!(tenant.ask(&format!("GET {path}"), "").await.status, 202, "asking changes nothing");
    let soon = std::time::Instant::now() + PATIENCE;
    maintain::scheduled(&tenant.stack.handlers.app, START, soon).await.unwrap();
    let done = tenant.ask(&format!("GET {path}"), "").await;
    assert_eq!((done.status, &done.json()["merged"]), (200, &json!(1)));
    assert_eq!(tenant.ask("GET merge/runs/00000000000000", "").await.status, 404);
    tenant.stack.handlers.app.patience = std::time::Duration::ZERO;
    let late = tenant.ask("POST merge/run", "").await;
    assert_eq!(late.status, 202, "without time left nobody waits for a plan, not even for one of nothing");
}

#[tokio::test]
async fn the_schedule_merges_every_organisation_and_leaves_what_the_deadline_forbids() {
    let stack = Stack::start().await;
    let mut tenants = Vec::new();
    for org in ["acme", "globex", "initech"] {
        let tenant = stack.tenant(org).await;
        tenant.uses("jane@example.com").await;
        tenant.authors("Jane Doe <jane@example.com>\n").await;
        tenants.push(tenant);
    }
    // A sighting that no release wrote stops this organisation, and no other.
    let broken =
        store::keys::sighting(&tenants[1].uid, telemetry::claude::source::SourceId::new(SourceKind::Client, "x"));
    stack.store.put(store::Item::at(broken).number("revision", 1)).await.unwrap();
    let past = std::time::Instant::now();
    let tally = merge_users::scheduled(&stack.handlers.app, START, past).await.unwrap();
    assert_eq!((tally.done, tally.failed, tally.left), (0, 0, 3));
    let later = past + std::time::Duration::from_secs(600);
    let tally = merge_users::scheduled(&stack.handlers.app, START, later).await.unwrap();
    assert_eq!((tally.done, tally.failed, tally.left), (2, 1, 0));
    for (tenant, merged) in tenants.iter().zip([1, 0, 1]) {
        assert_eq!(tenant.owners().await.people().count(), merged);
    }
}

#[tokio::test]
async fn hostile_names_never_reach_an_answer_raw() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.uses("jane\u{202e}@example.com").await;
    tenant.uses("j\u{7}ohn@example.com").await;
    let rows = json!([
        {"name": "Jane \u{202e}\u{1b}[31mDoe\u{0}", "email": "jane@example.com", "login": "jd"},
        {"name": "<script>alert(1)</script>\u{2066}", "email": "john@example.com"},
        {"name": "Jane Roe\u{200f}", "email": "jr@example.org"},
    ]);
    tenant.upload("", &[("content-type", "application/json")], rows.to_string()).await;
    tenant.merge().await;
    for call in ["GET merges", "GET suggestions"] {
        let answer = tenant.ask(call, "").await.json().to_string();
        assert!(!answer.chars().any(is_taken_out) && !answer.contains("\\u00"), "{answer}");
    }
}
