//! The description of the API agrees with what is answered.

use api::endpoint;
use serde_json::{Value, json};
use tools::reply::Reply;
use tools::stack::{START, Stack};

async fn description(stack: &Stack) -> Value {
    let reply = stack.ask_as("", "GET /openapi.json", "", START).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

/// Checks that `reply` to `call` is what the description says of this path, method and status.
fn agrees(description: &Value, path: &str, call: &str, reply: &Reply) {
    let method = call.split(' ').next().unwrap().to_lowercase();
    let responses = &description["paths"][path][&method]["responses"];
    let described = responses.get(reply.status.to_string()).unwrap_or(&responses["default"]);
    let Some(content) = described.get("content") else {
        assert!(reply.body.is_empty(), "{call}");
        return;
    };
    let media_type = reply.headers["content-type"].to_str().unwrap();
    let schema = content.get(media_type).unwrap_or_else(|| panic!("{call} answers {media_type}"));
    let whole = json!({"components": description["components"], "allOf": [schema["schema"]]});
    let body = reply.json();
    let errors: Vec<_> = jsonschema::validator_for(&whole).unwrap().iter_errors(&body).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{call} {body} {errors:?}");
}

#[tokio::test]
async fn it_is_openapi_3_1_and_has_every_call() {
    let stack = Stack::start().await;
    let description = description(&stack).await;
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    for endpoint in endpoint::all() {
        let described = &description["paths"][endpoint.path][endpoint.method.as_str().to_lowercase()];
        assert!(!described["summary"].as_str().unwrap_or_default().is_empty(), "{endpoint:?}");
        let parameters = endpoint.path.matches('{').count() + endpoint.parameters.len();
        assert_eq!(described["parameters"].as_array().map_or(0, Vec::len), parameters, "{endpoint:?}");
    }
}

#[tokio::test]
async fn every_reference_in_it_leads_somewhere() {
    let stack = Stack::start().await;
    let description = description(&stack).await;
    let text = description.to_string();
    let references: Vec<_> = text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(references.len() > 10);
    for reference in references {
        assert!(description.pointer(reference).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn answers_are_what_it_says() {
    let stack = Stack::start().await;
    let description = description(&stack).await;
    let (org, token) = ("/api/orgs/{org}", "/api/orgs/{org}/token");
    for (path, call, body) in [
        (org, "PUT /api/orgs/acme", ""),
        (org, "PUT /api/orgs/acme", r#"{"identity_attributes":["work"]}"#),
        (org, "PUT /api/orgs/acme", r#"{"timezone":1}"#),
        (org, "PUT /api/orgs/acme", r#"{"name":null,"timezone":null,"retention_days":null,"store_content":null}"#),
        ("/openapi.json", "GET /openapi.json", ""),
        ("/v1/check", "GET /v1/check", ""),
        ("/api/orgs/{org}/settings/{variant}", "GET /api/orgs/acme/settings/managed.json", ""),
        (org, "GET /api/orgs/acme", ""),
        (org, "GET /api/orgs/missing", ""),
        ("/api/orgs", "GET /api/orgs", ""),
        ("/api/orgs/{org}/admin-keys", "POST /api/orgs/acme/admin-keys", r#"{"name":"CI"}"#),
        ("/api/orgs/{org}/admin-keys", "POST /api/orgs/acme/admin-keys", ""),
        ("/api/orgs/{org}/admin-keys", "GET /api/orgs/acme/admin-keys", ""),
        ("/api/orgs/{org}/merge/run", "POST /api/orgs/acme/merge/run", ""),
        ("/api/orgs/{org}/rebuild", "GET /api/orgs/acme/rebuild", ""),
        ("/api/orgs/{org}/rebuild", "POST /api/orgs/acme/rebuild", ""),
        ("/api/orgs/{org}/rebuild", "GET /api/orgs/acme/rebuild", ""),
        ("/api/orgs/{org}/merges", "GET /api/orgs/acme/merges", ""),
        ("/api/orgs/{org}/merges", "POST /api/orgs/acme/merges", r#"{"primary":"a","others":[]}"#),
        ("/api/orgs/{org}/suggestions", "GET /api/orgs/acme/suggestions", ""),
        ("/api/orgs/{org}/suggestions/{id}/accept", "POST /api/orgs/acme/suggestions/a/accept", ""),
        ("/api/orgs/{org}/token/rotate", "POST /api/orgs/acme/token/rotate", r#"{"overlap_seconds":60}"#),
        (token, "GET /api/orgs/acme/token", ""),
        ("/api/orgs/{org}/token/revoke-previous", "POST /api/orgs/acme/token/revoke-previous", ""),
        ("/api/orgs/{org}/token/revoke", "POST /api/orgs/acme/token/revoke", ""),
        (token, "GET /api/orgs/acme/token", ""),
        (org, "DELETE /api/orgs/acme", ""),
    ] {
        agrees(&description, path, call, &stack.ask(call, body).await);
    }
    let token = stack.enable("other").await;
    let check = "GET /v1/check";
    agrees(&description, "/v1/check", check, &stack.ask_as(&token, check, "", START).await);
}

#[tokio::test]
async fn whatever_a_body_may_hold_by_the_description_is_taken() {
    let stack = Stack::start().await;
    let description = description(&stack).await;
    stack.enable("acme").await;
    let (mut nulls, mut refused) = (0, 0);
    for endpoint in endpoint::all() {
        let described = &description["paths"][endpoint.path][endpoint.method.as_str().to_lowercase()];
        let schema = &described["requestBody"]["content"]["application/json"]["schema"];
        let whole = json!({"components": description["components"], "allOf": [schema]});
        let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()).unwrap_or_default();
        for (member, _) in description["components"]["schemas"][name]["properties"].as_object().into_iter().flatten() {
            let body = json!({ member: null });
            let call = format!("{} {}", endpoint.method, endpoint.path.replace("{org}", "acme").replace("{id}", "a"));
            let reply = stack.ask(&call, &body.to_string()).await;
            let is_described = jsonschema::validator_for(&whole).unwrap().is_valid(&body);
            nulls += usize::from(is_described);
            refused += usize::from(reply.status == 400);
            assert_eq!(reply.status == 400, !is_described, "{call} {body} {reply:?}");
        }
    }
    assert!(nulls > 5 && refused > 2, "{nulls} {refused}");
}
