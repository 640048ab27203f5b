//! The usage report in the shape of Anthropic's own API.

use super::*;
use tools::stack::Stack;

#[tokio::test]
async fn the_usage_report_has_the_shape_and_the_cents_of_anthropics() {
    let (tenant, flat) = with_captures(&["pb-oauth".into(), "pb-tools".into()]).await;
    let key = admin_key(&tenant).await;
    let path = "/v1/organizations/usage_report/claude_code";
    let answer = tenant.ask_as(&key, &format!("GET {path}?starting_at=2026-11-22"), "", NOW).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    let report = answer.json();
    let data = report["data"].as_array().unwrap();
    assert_eq!((data.len(), &report["has_more"], &report["next_page"]), (2, &json!(false), &Value::Null));
    let mut kinds: Vec<&str> = data.iter().map(|record| record["actor"]["type"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["api_actor", "user_actor"]);
    let cents: f64 = data
        .iter()
        .flat_map(|record| record["model_breakdown"].as_array().unwrap())
        .map(|model| model["estimated_cost"]["amount"].as_f64().unwrap())
        .sum();
    let dollars = truth::row(&flat)["cost_usd"].as_f64().unwrap();
    assert!((cents / 100.0 - dollars).abs() < 1e-6);
    let page = tenant.ask_as(&key, &format!("GET {path}?starting_at=2026-11-22&limit=1"), "", NOW).await.json();
    let next = page["next_page"].as_str().unwrap();
    let rest =
        tenant.ask_as(&key, &format!("GET {path}?starting_at=2026-11-22&limit=1&page={next}"), "", NOW).await.json();
    assert_eq!(json!([page["data"][0], rest["data"][0]]), report["data"]);
    let empty = tenant.ask_as(&key, &format!("GET {path}?starting_at=2025-01-01"), "", NOW).await.json();
    assert_eq!(empty, json!({"data": [], "has_more": false, "next_page": null}));
}

#[tokio::test]
async fn the_usage_report_refuses_in_anthropics_words() {
    let tenant = Stack::start().tenant("acme").await;
    let key = admin_key(&tenant).await;
    let path = "/v1/organizations/usage_report/claude_code";
    for (key, call, status, kind) in [
        (key.as_str(), format!("GET {path}"), 400, "invalid_request_error"),
        (key.as_str(), format!("GET {path}?starting_at=yesterday"), 400, "invalid_request_error"),
        (key.as_str(), format!("GET {path}?starting_at=2026-11-22&limit=0"), 400, "invalid_request_error"),
        (key.as_str(), format!("GET {path}?starting_at=2026-11-22&page=x"), 400, "invalid_request_error"),
        ("wrong", format!("GET {path}?starting_at=2026-11-22"), 401, "authentication_error"),
        (key.as_str(), format!("POST {path}"), 405, "invalid_request_error"),
        (key.as_str(), format!("GET {path}/more"), 404, "not_found_error"),
        (key.as_str(), "GET /v1/organizations/nothing".into(), 404, "not_found_error"),
    ] {
        let answer = tenant.ask_as(key, &call, "", NOW).await;
        assert_eq!((answer.status, &answer.json()["error"]["type"]), (status, &json!(kind)), "{call}");
        assert_eq!(answer.json()["type"], "error");
    }
}

#[tokio::test]
async fn whatever_is_lost_below_anthropics_address_is_answered_in_its_words_by_the_gateway_too() {
    let service = Stack::start().over_http().tenant("default").await;
    for (path, status, kind) in [
        ("/v1/organizations/nothing", 404, "not_found_error"),
        ("/v1/organizations/usage_report/claude_code", 405, "invalid_request_error"),
    ] {
        // Also somebody who looks for a page.
        let answer = service.post(path, &[("accept", "text/html")], "{}").await;
        let said = answer.json();
        assert_eq!((answer.status, &said["error"]["type"]), (status, &json!(kind)), "{said}");
        assert!(said["type"] == "error" && said["error"]["message"].is_string(), "{said}");
    }
    // What is larger than anything may be is judged by its head.
    let large = vec![b' '; 64 * 1024 * 1024 + 1];
    let answer = service.post("/v1/organizations/nothing", &[], large).await;
    assert_eq!((answer.status, &answer.json()["error"]["type"]), (404, &json!("not_found_error")));
}
