//! What requests cost whose client says none.

use model::time::{MILLISECOND, MINUTE, SignedDuration};
use tools::activity::Sent;
use tools::activity::exports::{counters, metrics, point};

use super::*;

/// Tokens that a recorded client says $0.005772 for.
const TOKENS: [(&str, i64); 4] =
    [("input_tokens", 130), ("output_tokens", 72), ("cache_read_tokens", 11_310), ("cache_creation_tokens", 310)];

/// A request without a cost, with these attributes beside its tokens.
fn request(at: Timestamp, attributes: Value) -> Sent {
    let mut all = json!({"user.email": "dana@example.com", "session.id": "s", "model": "claude-opus-5-5"});
    let all_of = all.as_object_mut().unwrap();
    all_of.extend(TOKENS.map(|(key, count)| (key.to_owned(), json!(count))));
    all_of.extend(attributes.as_object().unwrap().clone());
    logs(json!({}), &[event("api_request", at.0, all)])
}

/// What metrics report of the same tokens and, if it is given, of their cost.
fn reported(at: Timestamp, cost: Option<f64>) -> Sent {
    let labels = |more: Value| {
        let mut all = json!({"user.email": "dana@example.com", "session.id": "s", "model": "claude-opus-5-5"});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let kinds = ["input", "output", "cacheRead", "cacheCreation"];
    let tokens = kinds
        .iter()
        .zip(TOKENS)
        .map(|(kind, (_, count))| point(at.minus(MINUTE).0, at.0, count as f64, labels(json!({"type": kind}))));
    let mut all = vec![("claude_code.token.usage", tokens.collect())];
    all.extend(
        cost.map(|cost| ("claude_code.cost.usage", vec![point(at.minus(MINUTE).0, at.0, cost, labels(json!({})))])),
    );
    counters(1, &all)
}

/// Cost, requests without one, and who says it.
async fn cost(tenant: &Tenant, query: &str) -> (Value, Value, Value) {
    let total = tenant.get(&format!("/activity{query}"), NOW).await["total"].clone();
    (total["cost_usd"].clone(), total["requests_without_cost"].clone(), total["cost_basis"].clone())
}

async fn told(exports: &[Sent]) -> (Value, Value, Value) {
    let tenant = Stack::start().tenant("acme").await;
    for export in exports {
        tenant.send(export, START).await;
    }
    tenant.project(START).await;
    let told = cost(&tenant, "").await;
    let sessions = tenant.get("/sessions", NOW).await;
    assert_eq!((&sessions["items"][0]["cost_usd"], &sessions["items"][0]["cost_basis"]), (&told.0, &told.2));
    told
}

fn expected(cost: f64, without: i64, basis: &str) -> (Value, Value, Value) {
    (json!(cost), json!(without), json!(basis))
}

#[tokio::test]
async fn tokens_whose_client_says_no_cost_cost_what_the_list_of_prices_says() {
    assert_eq!(told(&[request(START, json!({}))]).await, expected(0.005_772, 0, "price_list"));
    assert_eq!(told(&[request(START, json!({"cost_usd": 0}))]).await, expected(0.005_772, 0, "price_list"));
    assert_eq!(told(&[request(START, json!({"cost_usd": 0.5}))]).await, expected(0.5, 0, "client"));
    let both = [request(START, json!({"cost_usd": 0.5})), request(START.plus(MILLISECOND), json!({}))];
    assert_eq!(told(&both).await, expected(0.505_772, 0, "mixed"));
    let bedrock = request(START, json!({"model": "eu.anthropic.claude-opus-5-5"}));
    assert_eq!(told(&[bedrock]).await, expected(0.005_772, 0, "price_list"));
}

#[tokio::test]
async fn a_request_that_no_list_has_a_price_for_is_counted_and_never_free_in_silence() {
    for unknown in [
        json!({"model": "claude-opus-99"}),
        json!({"model": "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/a1b2"}),
        json!({"speed": "fast"}),
        json!({"model": "claude-haiku-5-5", "input_tokens": 100_001}),
    ] {
        assert_eq!(told(&[request(START, unknown.clone())]).await, expected(0.0, 1, "none"), "{unknown}");
    }
    let fast = request(START, json!({"model": "claude-opus-5", "speed": "fast", "cache_read_tokens": 0}));
    // 2 x (130 x 5 + 72 x 25 + 310 x 6.25) micro-dollars.
    assert_eq!(told(&[fast]).await, expected(0.008_775, 0, "price_list"));
}

#[tokio::test]
async fn a_cost_that_metrics_report_is_not_reckoned_again() {
    let events_without = [request(START, json!({})), reported(START.plus(MILLISECOND), Some(0.005))];
    assert_eq!(told(&events_without).await, expected(0.005, 0, "client"));
    assert_eq!(told(&[reported(START, None)]).await, expected(0.005_772, 0, "price_list"));
    let explained = [request(START, json!({})), reported(START.plus(MILLISECOND), None)];
    assert_eq!(told(&explained).await, expected(0.005_772, 0, "price_list"));
    let unknown = point(
        START.minus(MINUTE).0,
        START.0,
        9.0,
        json!({"type": "input", "model": "claude-opus-99", "session.id": "s"}),
    );
    let unknown = [request(START, json!({"cost_usd": 0.5})), metrics("claude_code.token.usage", 1, &[unknown])];
    let tenant = Stack::start().tenant("acme").await;
    for export in &unknown {
        tenant.send(export, START).await;
    }
    tenant.project(START).await;
    assert_eq!(cost(&tenant, "").await.1, json!(1));
}

#[tokio::test]
async fn parts_of_a_range_add_up_to_what_the_list_of_prices_says_of_the_whole() {
    let tenant = Stack::start().tenant("acme").await;
    for hour in 0..6 {
        let at = START.plus(SignedDuration::from_hours(hour));
        tenant.send(&request(at, json!({})), at).await;
        if hour == 2 {
            tenant.send(&reported(at.plus(MILLISECOND), Some(0.001)), at.plus(MILLISECOND)).await;
        }
    }
    let end = START.plus(6 * HOUR);
    tenant.project(end).await;
    let begin = START.floor(BUCKET);
    let (first, last) = (begin.minus(DAY), begin.plus(DAY));
    let whole = cost(&tenant, &format!("?from={first}&to={last}")).await.0.as_f64().unwrap();
    for cut in (0..24).map(|bucket| begin.plus(bucket * BUCKET)) {
        let mut sum = 0.0;
        for (from, to) in [(first, cut), (cut, last)] {
            sum += cost(&tenant, &format!("?from={from}&to={to}")).await.0.as_f64().unwrap();
        }
        assert!((sum - whole).abs() < 1e-6, "cut at {cut}: {sum} of {whole}");
    }
}

#[tokio::test]
async fn an_organisation_has_prices_of_its_own_from_the_moment_it_names_them() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.send(&request(START, json!({})), START).await;
    tenant.send(&request(START.plus(MILLISECOND), json!({"model": "house-model"})), START).await;
    tenant.project(START).await;
    assert_eq!(cost(&tenant, "").await, expected(0.005_772, 1, "price_list"));
    let change = "PUT /api/orgs/acme";
    let rates = json!({"input": 100, "output": 0, "cacheRead": 0, "cacheWrite": 0});
    let own = json!({"model_pricing": {"multiplier": 0.5, "overrides": {"house-model": rates}}});
    let told = tenant.ask(change, &own.to_string()).await;
    assert_eq!(told.json()["model_pricing"], own["model_pricing"]);
    assert_eq!(cost(&tenant, "").await, expected(0.015_886, 0, "price_list"));
    let settings = tenant.get("/settings/managed.json", NOW).await;
    assert_eq!(settings["modelPricing"], own["model_pricing"], "clients add up the same prices");
    let twice = json!({"claude-opus-5": rates, "claude-opus-5[1m]": rates});
    for wrong in [
        json!({"overrides": twice}),
        json!({"multiplier": 0}),
        json!({"overrides": {"m": {"input": 1}}}),
        json!({"discount": 1}),
    ] {
        let refused = tenant.ask(change, &json!({"model_pricing": wrong}).to_string()).await;
        assert_eq!(refused.status, 400, "{wrong}");
        assert!(refused.json().to_string().contains("model_pricing"), "{}", refused.json());
    }
    tenant.ask(change, r#"{"model_pricing": {}}"#).await;
    assert_eq!(cost(&tenant, "").await, expected(0.005_772, 1, "price_list"));
}

#[tokio::test]
async fn what_has_a_price_and_what_has_none_of_one_bucket_are_told_apart_also_when_the_day_is_closed() {
    let tenant = Stack::start().tenant("acme").await;
    let haiku = |at, prompt: i64| {
        request(at, json!({"model": "claude-haiku-5-5", "input_tokens": prompt, "cache_read_tokens": 0}))
    };
    for (minutes, prompt) in [(0, 50_000), (1, 150_000), (30, 150_000)] {
        let at = START.plus(SignedDuration::from_mins(minutes));
        tenant.send(&haiku(at, prompt), at).await;
    }
    tenant.project(START.plus(HOUR)).await;
    // 50,000 x 0.1 + 72 x 0.5 + 310 x 0.125 micro-dollars.
    let expected = expected(0.005_075, 2, "price_list");
    assert_eq!(cost(&tenant, "").await, expected);
    let (organisation, later) = (tenant.organisation().await, START.plus(4 * DAY));
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(600);
    service::projection::days::close_days(&tenant.store, &organisation, later, deadline).await.unwrap();
    let total = tenant.get("/activity", later).await["total"].clone();
    assert_eq!((&total["cost_usd"], &total["requests_without_cost"]), (&expected.0, &expected.1));
}
