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
async fn a_record_that_arrives_between_two_pages_neither_repeats_nor_hides_another() {
    let tenant = Stack::start().tenant("acme").await;
    let key = admin_key(&tenant).await;
    let arrive = async |names: &[&str]| {
        for name in names {
            let user = json!({"user.email": format!("{name}@example.com")});
            tenant.send(&prompt(user, name, START), START).await;
        }
        tenant.project(NOW).await;
    };
    let page = async |query: &str| {
        // A time names its day, as the date does.
        let call = format!("GET /v1/organizations/usage_report/claude_code?starting_at={START}&limit=2{query}");
        tenant.ask_as(&key, &call, "", NOW).await.json()
    };
    let people = |page: &Value| -> Vec<String> {
        let records = page["data"].as_array().unwrap().iter();
        records.map(|record| record["actor"]["email_address"].as_str().unwrap().to_owned()).collect()
    };
    arrive(&["a", "b", "c", "d", "e"]).await;
    let first = page("").await;
    let mut shown = people(&first);
    arrive(&["f", "g", "h", "i", "j", "k", "l", "m"]).await;
    let mut next = first["next_page"].as_str().map(str::to_owned);
    while let Some(place) = next {
        let following = page(&format!("&page={place}")).await;
        shown.extend(people(&following));
        next = following["next_page"].as_str().map(str::to_owned);
        assert_eq!(following["has_more"], next.is_some());
    }
    shown.sort();
    let once = shown.iter().collect::<std::collections::BTreeSet<_>>().len();
    assert_eq!(once, shown.len(), "nobody twice: {shown:?}");
    for early in ["a", "b", "c", "d", "e"] {
        assert!(shown.contains(&format!("{early}@example.com")), "{early} is hidden: {shown:?}");
    }
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
        (key.as_str(), format!("GET {path}?starting_at=2026-11-22&page=page_1"), 400, "invalid_request_error"),
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
