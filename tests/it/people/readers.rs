//! Readers count by the people whom the merge made, and by the former ones after an undo; what is stored stays as it is.

use model::time::{HOUR, SECOND, Timestamp};
use serde_json::{Value, json};
use telemetry::claude::source::{SourceId, SourceKind};
use tools::activity::Sent;
use tools::activity::exports::{event, logs};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

const NOW: Timestamp = START.plus(HOUR);

fn id_of(email: &str) -> String {
    SourceId::new(SourceKind::Email, email).encoded()
}

fn requests(user: &Value, session: &str, tokens: i64) -> Sent {
    let mut attributes = json!({"session.id": session, "model": "m", "terminal.type": "tmux", "input_tokens": tokens});
    attributes.as_object_mut().unwrap().extend(user.as_object().unwrap().clone());
    let prompt = event("user_prompt", START.0 - 1, attributes.clone());
    logs(json!({}), &[prompt, event("api_request", START.0, attributes)])
}

/// Three people at work: two with an address, one on Bedrock without.
async fn tenant() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    for (user, session, tokens) in [
        (json!({"user.email": "jane@example.com"}), "s1", 1),
        (json!({"user.email": "jd@example.org"}), "s2", 10),
        (json!({"user.id": "c0ffee", "anthropic.provider": "bedrock"}), "s3", 100),
    ] {
        tenant.send(&requests(&user, session, tokens), START).await;
    }
    tenant.project(START).await;
    tenant
}

/// Tokens by the e-mail or id of the person.
async fn tokens(tenant: &Tenant) -> Value {
    let answer = tenant.get("/activity?group_by=user", NOW).await;
    let mut found = json!({});
    for row in answer["items"].as_array().unwrap() {
        let name = row["user"]["email"].as_str().or(row["user"]["id"].as_str()).unwrap();
        found[name] = row["input_tokens"].clone();
    }
    found
}

async fn state(tenant: &Tenant, user: &str) -> Value {
    tenant.get(&format!("/users/{user}"), NOW).await["state"].clone()
}

/// Everything that readers say of `user`, of whom `id` and `email` are known.
async fn assert_all_readers_agree(tenant: &Tenant, user: &str, id: &str, sessions: &[&str]) {
    let person = tenant.get(&format!("/users/{user}"), NOW).await;
    assert_eq!(person["id"], id, "{user}");
    let row = tenant.get(&format!("/activity?user={user}"), NOW).await;
    assert_eq!(row["total"]["sessions"], sessions.len(), "{user}");
    let listed = tenant.get(&format!("/sessions?user={user}"), NOW).await;
    let mut found: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, sessions, "{user}");
    assert!(listed["items"].as_array().unwrap().iter().all(|session| session["user"]["id"] == id));
    let events = tenant.ask_at(&format!("GET /api/orgs/acme/events?user={user}"), "", NOW).await;
    let lines: Vec<Value> = events.body.split(|b| *b == b'\n').filter_map(|l| serde_json::from_slice(l).ok()).collect();
    assert_eq!(lines.len(), 2 * sessions.len(), "{user}");
    assert!(lines.iter().all(|line| line["user"]["id"] == id));
}

#[tokio::test]
async fn authors_are_merged_with_users_and_every_reader_says_so_until_the_undo() {
    let tenant = tenant().await;
    let before = tokens(&tenant).await;
    let stored = tenant.summaries().await;
    tenant.authors("Jane Doe <jane@example.com>\nJane Doe <private@example.net>\nZed Zedder <zed@example.com>\n").await;
    assert_eq!(tenant.merge().await["merged"], 1);

    let jane = tenant.get("/users/jane@example.com", NOW).await;
    assert_eq!((&jane["state"], &jane["name"]), (&json!("merged"), &json!("Jane Doe")));
    let author = json!({"name": "Jane Doe", "email": "jane@example.com", "login": null});
    assert!(jane["git"].as_array().unwrap().contains(&author), "{jane}");
    assert!(jane["merged_at"].is_string() && jane["reason"].as_str().unwrap().contains("same e-mail"), "{jane}");
    assert_eq!(tokens(&tenant).await, before, "who is merged with authors does as much as before");
    let rows = tenant.get("/activity?group_by=user,model", NOW).await;
    assert!(rows["items"].to_string().contains(r#""name":"Jane Doe""#), "{rows}");

    let history = tenant.ask("GET merges", "").await.json();
    let id = history["items"][0]["id"].as_str().unwrap();
    assert_eq!(tenant.ask_at(&format!("POST merges/{id}/undo"), "", START.plus(SECOND)).await.status, 200);
    let jane = tenant.get("/users/jane@example.com", NOW).await;
    assert_eq!((&jane["state"], &jane["git"], &jane["merged_at"]), (&json!("unmatched"), &json!([]), &Value::Null));
    assert_eq!(tenant.summaries().await, stored, "nothing stored was rewritten");
}

#[tokio::test]
async fn two_people_merged_by_hand_count_as_one_and_as_two_again_after_the_undo() {
    let tenant = tenant().await;
    let (before, stored) = (tokens(&tenant).await, tenant.summaries().await);
    let body = r#"{"primary":"jane@example.com","others":["jd@example.org"]}"#;
    let merged = tenant.ask("POST merges", body).await;
    assert_eq!(merged.status, 201, "{merged:?}");
    let jane = id_of("jane@example.com");
    assert_eq!(tokens(&tenant).await, json!({"jane@example.com": 11, (id_of_client()): 100}));
    for user in ["jane@example.com", "JD@example.org", &jane, &id_of("jd@example.org")] {
        assert_all_readers_agree(&tenant, user, &jane, &["s1", "s2"]).await;
    }
    let person = tenant.get(&format!("/users/{jane}"), NOW).await;
    assert_eq!(
        (&person["state"], &person["emails"]),
        (&json!("merged"), &json!(["jane@example.com", "jd@example.org"]))
    );
    assert_eq!(tenant.get("/users", NOW).await["items"].as_array().unwrap().len(), 2);
    let users = json!({"total": 1, "active_24h": 1, "unattributed": 0, "automation": 1});
    assert_eq!(tenant.get("/status", NOW).await["users"], users, "who names nobody may be a run of CI");
    assert_eq!(tenant.get("/activity", NOW).await["total"]["active_users"], 1);
    let key = tenant.ask("POST admin-keys", "{}").await.text("admin_key");
    let day = "GET /v1/organizations/usage_report/claude_code?starting_at=2026-11-22";
    let usage = tenant.ask_as(&key, day, "", NOW).await.json();
    let sessions: Vec<&Value> =
        usage["data"].as_array().unwrap().iter().map(|r| &r["core_metrics"]["num_sessions"]).collect();
    assert_eq!(sessions.len(), 2, "{usage}");
    assert!(sessions.contains(&&json!(2)));

    let undo = format!("POST merges/{}/undo", merged.text("id"));
    assert_eq!(tenant.ask(&undo, "").await.status, 200, "in the same millisecond, too");
    assert_eq!(tokens(&tenant).await, before);
    assert_all_readers_agree(&tenant, "jd@example.org", &id_of("jd@example.org"), &["s2"]).await;
    tenant.merge().await;
    assert_eq!(tokens(&tenant).await, before);
    assert_eq!(tenant.summaries().await, stored, "nothing stored was rewritten");
}

fn id_of_client() -> String {
    SourceId::new(SourceKind::Client, "c0ffee").encoded()
}

#[tokio::test]
async fn the_past_activity_of_somebody_on_bedrock_counts_for_whom_an_admin_says() {
    let tenant = tenant().await;
    let opaque = id_of_client();
    assert_eq!(state(&tenant, &opaque).await, "unattributed");
    let linked = tenant.ask(&format!("POST users/{opaque}/link"), r#"{"email":"jane@example.com"}"#).await;
    assert_eq!((linked.status, linked.text("email")), (200, "jane@example.com".into()), "{linked:?}");
    assert_eq!(tokens(&tenant).await, json!({"jane@example.com": 101, "jd@example.org": 10}));
    for user in [&*opaque, "jane@example.com", &id_of("jane@example.com")] {
        assert_all_readers_agree(&tenant, user, &linked.text("id"), &["s1", "s3"]).await;
    }
    assert_eq!(tenant.get("/status", NOW).await["users"]["unattributed"], 0);
}

#[tokio::test]
async fn somebody_linked_to_an_address_that_nobody_uses_goes_by_it() {
    let tenant = tenant().await;
    let opaque = id_of_client();
    tenant.ask(&format!("POST users/{opaque}/link"), r#"{"email":"new@example.com"}"#).await;
    assert_all_readers_agree(&tenant, "new@example.com", &opaque, &["s3"]).await;
    assert_eq!(tokens(&tenant).await["new@example.com"], 100);
    assert_eq!(state(&tenant, &opaque).await, "unmatched");
}

#[tokio::test]
async fn an_account_that_is_said_to_be_somebody_else_is_not_counted_for_the_only_address_seen_with_it() {
    let tenant = tenant().await;
    tenant.send(&requests(&json!({"user.account_uuid": "a"}), "s4", 1_000), START).await;
    let both = json!({"user.email": "jane@example.com", "user.account_uuid": "a"});
    tenant.send(&requests(&both, "s5", 0), START).await;
    tenant.project(START).await;
    assert_eq!(tokens(&tenant).await["jane@example.com"], 1_001);
    tenant.merge().await;
    assert_eq!(tokens(&tenant).await["jane@example.com"], 1_001);
    let history = tenant.ask("GET merges", "").await.json();
    let id = history["items"][0]["id"].as_str().unwrap();
    assert_eq!(tenant.ask(&format!("POST merges/{id}/undo"), "").await.status, 200);
    assert_eq!(tokens(&tenant).await["jane@example.com"], 1, "an admin knows better");
}

#[tokio::test]
async fn people_are_listed_by_state_and_with_those_whom_only_git_knows() {
    let tenant = tenant().await;
    tenant.send(&requests(&json!({"user.email": "maria@example.com"}), "s6", 1), START).await;
    tenant.project(START).await;
    let rows = "Jane Doe <jane@example.com>\nMaria Doe <md@example.org>\nMaria Roe <mr@example.org>\n\
                Zed Zedder <zed@example.com>\nZ Zedder <Zed@example.com>\ndependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>\n";
    tenant.authors(rows).await;
    tenant.merge().await;
    let states = |list: &Value| -> Vec<(String, String)> {
        let items = list["items"].as_array().unwrap();
        let text = |value: &Value| value.as_str().unwrap_or("nobody").to_owned();
        let mut found: Vec<_> = items.iter().map(|user| (text(&user["email"]), text(&user["state"]))).collect();
        found.sort();
        found
    };
    let own = |list: &[(&str, &str)]| -> Vec<(String, String)> {
        list.iter().map(|(email, state)| ((*email).to_owned(), (*state).to_owned())).collect()
    };
    let users = [
        ("jane@example.com", "merged"),
        ("jd@example.org", "unmatched"),
        ("maria@example.com", "suggested"),
        ("nobody", "unattributed"),
    ];
    let listed = tenant.get("/users", NOW).await;
    assert_eq!(states(&listed), own(&users));
    let maria = listed["items"].as_array().unwrap().iter().find(|user| user["email"] == "maria@example.com").unwrap();
    assert!(maria["reason"].as_str().unwrap().starts_with("2 candidates, the likeliest: "), "{maria}");

    let mut paged = json!({"items": []});
    let mut cursor = String::new();
    loop {
        let page = tenant.get(&format!("/users?include=git&limit=2{cursor}"), NOW).await;
        paged["items"].as_array_mut().unwrap().extend(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let mut everybody = own(&users);
    let git = ["md@example.org", "mr@example.org", "zed@example.com"];
    everybody.extend(git.map(|email| (email.to_owned(), "unmatched".to_owned())));
    everybody.sort();
    let lower =
        |found: Vec<(String, String)>| -> Vec<_> { found.into_iter().map(|(e, s)| (e.to_lowercase(), s)).collect() };
    assert_eq!(
        lower(states(&paged)),
        everybody,
        "an author with two names and one address is one person, a program nobody"
    );
    let zed = tenant.get("/users/zed@example.com", NOW).await;
    assert_eq!((zed["git"].as_array().unwrap().len(), &zed["claude"]), (2, &json!([])));
    assert_eq!(tenant.ask_at("GET /api/orgs/acme/users?include=all", "", NOW).await.status, 400);
}

#[tokio::test]
async fn a_retired_token_is_used_by_the_person_that_identities_became() {
    let tenant = tenant().await;
    tenant.ask("POST merges", r#"{"primary":"jane@example.com","others":["jd@example.org"]}"#).await;
    tenant.ask("POST token/rotate", "{}").await;
    let late = requests(&json!({"user.email": "jd@example.org"}), "s7", 1);
    assert_eq!(tenant.try_to_send(&late, START.plus(SECOND)).await.status, 401);
    let token = tenant.ask_at("GET token", "", NOW).await.json();
    let user = &token["previous"][0]["still_used_by"][0]["user"];
    assert_eq!(user, &json!({"id": id_of("jane@example.com"), "email": "jane@example.com", "name": null}), "{token}");
}

#[tokio::test]
async fn an_address_names_the_same_person_to_every_call() {
    let tenant = tenant().await;
    let jane = tenant.uses("jane.doe@gmail.com").await;
    let merge = async |primary: &str| {
        tenant.ask("POST merges", &json!({"primary": primary, "others": ["jd@example.org"]}).to_string()).await
    };
    // To the planner it is the same mailbox; to whoever looks somebody up it is nobody's.
    let other = "janedoe@gmail.com";
    for method in ["GET", "DELETE"] {
        assert_eq!(
            tenant.ask_at(&format!("{method} /api/orgs/acme/users/{other}"), "", NOW).await.status,
            404,
            "{method}"
        );
    }
    assert_eq!(merge(other).await.text("field"), "primary");
    let same = "Jane.Doe@Gmail.com";
    assert_eq!(tenant.get(&format!("/users/{same}"), NOW).await["id"], jane);
    let merged = merge(same).await;
    assert_eq!((merged.status, merged.json()["person"]["id"].as_str()), (201, Some(&*jane)));
}
