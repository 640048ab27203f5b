//! Whose match in Git an import takes away: the name stays, health says so, and both end with what caused them.

use model::time::{DAY, HOUR, MILLISECOND, Timestamp, from_days};
use serde_json::{Value, json};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

const CODE: &str = "git_match_lost";
const BOTH: &str = "Jane Doe <jane@example.com>\nZed Zedder <zed@example.com>\n";
const ZED_ALONE: &str = "Zed Zedder <zed@example.com>\n";

/// An organisation in which Jane and Zed are matched in Git.
async fn tenant() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    for email in ["jane@example.com", "zed@example.com"] {
        tenant.uses(email).await;
    }
    tenant.authors(BOTH).await;
    assert_eq!(tenant.merge().await["merged"], 2);
    tenant
}

async fn jane(tenant: &Tenant) -> Value {
    tenant.get("/users/jane@example.com", START).await
}

async fn finding(tenant: &Tenant, now: Timestamp) -> Option<Value> {
    let status = tenant.get("/status", now).await;
    status["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == CODE).cloned()
}

async fn assert_nobody_lost_anything(tenant: &Tenant, what: &str) {
    assert_eq!(finding(tenant, START).await, None, "{what}");
    let lost = tenant.store.people(&tenant.uid).await.unwrap().into_iter().filter(|person| person.lost.is_some());
    assert_eq!(lost.count(), 0, "{what}");
}

#[tokio::test]
async fn whose_match_an_import_takes_away_keeps_the_name_and_is_named_until_it_is_brought_back() {
    let tenant = tenant().await;
    let before = jane(&tenant).await;
    assert_eq!((&before["name"], &before["name_kept_since"]), (&json!("Jane Doe"), &Value::Null));
    assert_nobody_lost_anything(&tenant, "before").await;

    tenant.authors(ZED_ALONE).await;
    assert_eq!(tenant.merge().await["unmatched"], 1);
    let lost = jane(&tenant).await;
    assert_eq!((&lost["name"], &lost["state"], &lost["git"]), (&json!("Jane Doe"), &json!("unmatched"), &json!([])));
    assert_eq!(lost["name_kept_since"], START.to_string());
    assert!(lost["reason"].as_str().unwrap().contains("not in the current import"), "{lost}");
    let found = finding(&tenant, START).await.unwrap();
    let named = json!([{"id": lost["id"], "email": "jane@example.com", "name": "Jane Doe"}]);
    assert_eq!((&found["users"], &found["severity"]), (&named, &json!("warning")));
    let (message, remedy) = (found["message"].as_str().unwrap(), found["remedy"].as_str().unwrap());
    assert!(message.starts_with("1 person has no match in Git any more, since "), "{message}");
    assert!(remedy.contains("POST …/git-users/restore"), "{remedy}");
    let history = tenant.ask("GET merges", "").await.json();
    assert_eq!(history["items"][0]["released"].as_array().unwrap().len(), 1, "{history}");

    // Neither another run nor another import without her says anything new.
    let stands = tenant.people().await;
    tenant.ask_at("POST merge/run", "", START.plus(DAY)).await;
    assert_eq!(tenant.people().await, stands);
    tenant.authors("Zed Zedder <zed@example.com>\nZed Z. <zz@example.com>\n").await;
    tenant.ask_at("POST merge/run", "", START.plus(DAY)).await;
    assert_eq!(jane(&tenant).await["name_kept_since"], START.to_string());

    tenant.authors(BOTH).await;
    tenant.merge().await;
    assert_eq!(jane(&tenant).await["name_kept_since"], Value::Null);
    assert_nobody_lost_anything(&tenant, "with a complete list").await;
    tenant.authors(ZED_ALONE).await;
    tenant.merge().await;
    assert!(finding(&tenant, START).await.is_some());
    assert_eq!(tenant.ask("POST git-users/restore", "").await.status, 200);
    tenant.merge().await;
    assert_nobody_lost_anything(&tenant, "restored").await;
    assert_eq!(jane(&tenant).await["state"], "merged");
}

#[tokio::test]
async fn it_is_said_for_thirty_days_and_the_name_stays() {
    let tenant = tenant().await;
    tenant.authors(ZED_ALONE).await;
    tenant.merge().await;
    assert!(finding(&tenant, START.plus(from_days(30))).await.is_some());
    assert_eq!(finding(&tenant, START.plus(from_days(30)).plus(MILLISECOND)).await, None);
    assert_eq!(jane(&tenant).await["name"], "Jane Doe");
    // What cannot be brought back is not offered.
    assert_eq!(tenant.ask("DELETE users/zed@example.com", "").await.status, 204);
    let remedy = finding(&tenant, START).await.unwrap()["remedy"].clone();
    assert!(!remedy.as_str().unwrap().contains("restore"), "{remedy}");
}

#[tokio::test]
async fn who_lost_a_match_at_different_times_is_told_of_in_one_finding() {
    let tenant = tenant().await;
    tenant.authors(ZED_ALONE).await;
    tenant.merge().await;
    tenant.authors("Somebody Else <else@example.com>\n").await;
    tenant.ask_at("POST merge/run", "", START.plus(HOUR)).await;
    let found = finding(&tenant, START.plus(HOUR)).await.unwrap();
    let message = found["message"].as_str().unwrap();
    assert!(message.starts_with("2 people have no match") && message.contains("the last since"), "{message}");
    assert_eq!(found["users"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_admin_who_separates_them_leaves_no_name() {
    for is_lost_first in [false, true] {
        let tenant = tenant().await;
        let history = tenant.ask("GET merges", "").await.json();
        let merges = history["items"].as_array().unwrap();
        let entry = merges.iter().find(|entry| entry["person"]["email"] == "jane@example.com").unwrap();
        let undo = format!("POST merges/{}/undo", entry["id"].as_str().unwrap());
        if is_lost_first {
            tenant.authors(ZED_ALONE).await;
            tenant.merge().await;
        }
        assert_eq!(tenant.ask(&undo, "").await.status, 200);
        tenant.authors(ZED_ALONE).await;
        tenant.merge().await;
        assert_nobody_lost_anything(&tenant, &format!("{is_lost_first}")).await;
        assert_eq!(jane(&tenant).await["name"], Value::Null, "{is_lost_first}");
    }
}

#[tokio::test]
async fn who_was_merged_by_hand_keeps_the_name_until_that_is_undone() {
    let tenant = tenant().await;
    tenant.uses("sam@example.com").await;
    tenant.authors(&format!("{BOTH}Samuel Sample <other@example.org>\n")).await;
    // The Git user gives the id: without it nobody has that any more.
    let body = r#"{"primary":"other@example.org","others":["sam@example.com"]}"#;
    let merged = tenant.ask("POST merges", body).await;
    assert_eq!(merged.status, 201, "{merged:?}");
    tenant.authors(BOTH).await;
    tenant.merge().await;
    let sam = tenant.get("/users/sam@example.com", START).await;
    assert_eq!((&sam["name"], &sam["state"]), (&json!("Samuel Sample"), &json!("unmatched")), "{sam}");
    let last = tenant.ask("GET merges", "").await.json()["items"][0].clone();
    assert_eq!((&last["person"]["id"], last["released"].as_array().unwrap().len()), (&sam["id"], 1), "{last}");
    assert_eq!(tenant.ask(&format!("POST merges/{}/undo", merged.text("id")), "").await.status, 200);
    assert_eq!(tenant.get("/users/sam@example.com", START).await["name"], Value::Null);
    assert_nobody_lost_anything(&tenant, "undone").await;
}

#[tokio::test]
async fn who_is_matched_no_more_although_git_has_them_all_loses_the_name() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.uses("jane.zyxwater@example.com").await;
    let one = json!({"name": "Jane Zyxwater", "email": "jz@example.org", "login": "quokka"});
    let other = json!({"name": "Jane Zyxwater", "email": "other@example.net", "login": "wombat"});
    let json = [("content-type", "application/json")];
    assert_eq!(tenant.upload("", &json, json!([one]).to_string()).await.status, 200);
    assert_eq!(tenant.merge().await["merged"], 1);
    // Now two have the name that spells the address.
    assert_eq!(tenant.upload("", &json, json!([one, other]).to_string()).await.status, 200);
    tenant.merge().await;
    let user = tenant.get("/users/jane.zyxwater@example.com", START).await;
    assert_ne!(user["state"], "merged", "{user}");
    assert_eq!(user["name"], Value::Null, "it may be somebody else's: {user}");
    assert_nobody_lost_anything(&tenant, "everybody is in Git").await;
}

/// Everything of the Activity table but what was uploaded that has Jane's name, as text.
async fn traces(tenant: &Tenant) -> Vec<String> {
    let scan = tenant.store.client().scan().table_name(tenant.store.activity()).send().await.unwrap();
    let items = scan.items.unwrap().into_iter().flatten().filter(|(name, _)| name != "c");
    let texts = items.map(|(name, value)| match value.as_b() {
        Ok(bytes) => format!("{name}: {}", String::from_utf8_lossy(bytes.as_ref())),
        Err(_) => format!("{name}: {value:?}"),
    });
    texts.filter(|text| text.contains("Jane Doe") || text.contains("jane@example.com")).collect()
}

#[tokio::test]
async fn a_kept_name_is_forgotten_with_the_person() {
    let tenant = tenant().await;
    tenant.authors(ZED_ALONE).await;
    tenant.merge().await;
    assert!(traces(&tenant).await.len() > 2, "the person, the history and what was seen");
    assert_eq!(tenant.ask("DELETE users/jane@example.com", "").await.status, 204);
    assert_eq!(traces(&tenant).await, Vec::<String>::new());
    tenant.merge().await;
    assert_eq!(traces(&tenant).await, Vec::<String>::new());
    assert_nobody_lost_anything(&tenant, "forgotten").await;
}
