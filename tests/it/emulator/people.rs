//! People are put together there as in the gateway of one machine.

use serde_json::json;

use super::figures::Both;

pub(super) async fn are_merged_as_by_the_gateway(both: &Both<'_>) {
    let users = both.ask("GET /api/orgs/acme/users?limit=1000", "").await;
    let email = users["items"].as_array().unwrap().iter().find_map(|user| user["email"].as_str()).unwrap();
    let git = json!([{"name": "Dana Doe", "email": email}, {"name": "Robin Roe", "email": "robin@example.com"}]);
    let stored = both.ask("PUT /api/orgs/acme/git-users", &git.to_string()).await;
    assert_eq!(stored["stored"], 2, "{stored}");
    let merged = both.ask("POST /api/orgs/acme/merge/run", "").await;
    assert!(merged["merged"].as_u64() > Some(0), "{merged}");
    let users = both.ask("GET /api/orgs/acme/users?limit=1000&include=git", "").await;
    let dana = users["items"].as_array().unwrap().iter().find(|user| user["email"] == *email).unwrap();
    assert_eq!((&dana["name"], &dana["state"]), (&json!("Dana Doe"), &json!("merged")));
}
