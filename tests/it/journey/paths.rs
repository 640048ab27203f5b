//! What no function serves is answered in the form of those who ask.

use serde_json::json;
use tools::reply::Reply;
use tools::stack::Stack;

const PROBLEM: &str = "application/problem+json";
const JSON: &str = "application/json";

pub(super) async fn of_nobody(service: &Stack) {
    let asked = async |method: &str, path: &str, media_type: &str| {
        let answer = service.deployment().send(method, path, &[("content-type", media_type)], b"{}").await;
        (answer.status, answer.header("content-type").unwrap_or_default().to_owned())
    };
    for (method, path, status, media_type) in [
        ("POST", "/nothing", 404, PROBLEM),
        ("POST", "/openapi.json", 405, PROBLEM),
        ("POST", "/api/orgs/acme/status", 405, PROBLEM),
        ("POST", "/v1/nothing", 404, JSON),
        ("GET", "/v1/logs", 405, JSON),
        ("GET", "/orgs/acme/nothing", 404, "text/html; charset=utf-8"),
    ] {
        assert_eq!(asked(method, path, JSON).await, (status, media_type.to_owned()), "{method} {path}");
    }
    let grpc = asked("POST", "/opentelemetry.proto.collector.logs.v1.LogsService/Export", "application/grpc").await;
    assert!([404, 415].contains(&grpc.0), "{grpc:?}");
    let get = service.deployment().send("GET", "/v1/logs", &[("content-type", JSON)], b"").await;
    assert_eq!(get.header("allow"), Some("POST"));
    let usage = "/v1/organizations/usage_report/claude_code";
    for (method, path, status, kind) in [
        ("GET", "/v1/organizations/nothing", 404, "not_found_error"),
        ("GET", "/v1/organizations/usage_report/claude_code/more", 404, "not_found_error"),
        ("POST", usage, 405, "invalid_request_error"),
        ("GET", usage, 401, "authentication_error"),
    ] {
        let answer = service.deployment().send(method, path, &[], b"").await;
        let said = answer.json();
        assert_eq!((answer.status, &said["type"]), (status, &json!("error")), "{method} {path}: {said}");
        assert_eq!(said["error"]["type"], kind, "{method} {path}: {said}");
        assert!(said["error"]["message"].is_string(), "{said}");
    }
}

/// What is no event at all is named in the log, and whoever sent it gets a 400.
pub(super) async fn strange_events(service: &Stack) {
    for function in ["ingest", "rotate-token"] {
        for strange in
            [json!({}), json!([]), json!({"version": "1.0"}), json!({"version": "2.0", "requestContext": {"http": 7}})]
        {
            let answer = Reply::of_function(&service.deployment().invoke(function, &strange).await.answer());
            assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("unknown_event")), "{strange}");
        }
    }
}
