//! What a month costs, what it will cost, and what changed.

use super::*;

use model::time::{MILLISECOND, from_days};

/// A Friday noon, ten days before the end of the month.
const NOON: &str = "2026-11-20T12:00:00Z";

/// A request that cost so much, of a team and a model.
async fn request(tenant: &Tenant, at: Timestamp, team: Option<&str>, model: &str, cost: f64) {
    let attributes = json!({"user.email": "dana@example.com", "session.id": "s", "model": model, "cost_usd": cost,
        "input_tokens": 10, "cache_read_tokens": 1_000_000, "cache_creation_tokens": 100_000, "output_tokens": 10});
    let resource = team.map_or_else(|| json!({}), |team| json!({"team": team}));
    tenant.send(&logs(resource, &[event("api_request", at.0, attributes)]), at).await;
}

fn noon() -> Timestamp {
    Timestamp::parse(NOON).unwrap()
}

async fn spend(tenant: &Tenant, query: &str) -> Value {
    tenant.get(&format!("/spend{query}"), noon()).await
}

/// Two months of two teams.
async fn two_months() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    for (at, team, model, cost) in [
        ("2026-10-05T10:00:00Z", Some("core"), "claude-opus-5", 40.0),
        ("2026-10-20T11:59:59Z", Some("web"), "claude-haiku-5-5", 5.0),
        ("2026-10-20T12:30:00Z", Some("web"), "claude-haiku-5-5", 7.0),
        ("2026-11-02T10:00:00Z", Some("core"), "claude-opus-5", 350.0),
        ("2026-11-03T10:00:00Z", None, "claude-haiku-5-5", 50.0),
        ("2026-11-19T10:00:00Z", Some("core"), "claude-haiku-5-5", 100.0),
    ] {
        request(&tenant, Timestamp::parse(at).unwrap(), team, model, cost).await;
    }
    tenant.project(noon()).await;
    tenant
}

#[tokio::test]
async fn a_month_to_date_stands_beside_the_same_part_of_the_month_before() {
    let tenant = two_months().await;
    let found = spend(&tenant, "").await;
    let whole = |name: &str| found[name].as_f64().unwrap();
    assert_eq!((found["month"].clone(), found["budget"].clone()), (json!("2026-11"), json!(null)));
    assert_eq!((whole("to_date"), whole("previous_to_date"), whole("previous_month")), (500.0, 45.0, 52.0));
    let row = |team: Value, cost: f64, share: f64, before: f64| {
        json!({"team": team, "cost_usd": cost, "share": share, "previous_to_date": before, "change": cost - before,
            "requests_without_cost": 0})
    };
    let rows =
        [row(json!("core"), 450.0, 0.9, 40.0), row(json!(null), 50.0, 0.1, 0.0), row(json!("web"), 0.0, 0.0, 5.0)];
    assert_eq!(found["by"], json!(rows));
    let movers: Vec<_> = found["movers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (m["team"].clone(), m["model"].clone(), m["change"].clone()))
        .collect();
    assert_eq!(movers[0], (json!("core"), json!("claude-opus-5"), json!(310.0)));
    assert_eq!(movers.last().unwrap(), &(json!("web"), json!("claude-haiku-5-5"), json!(-5.0)));
    assert_eq!(found["days"][0], json!({"day": "2026-11-02", "cost_usd": 350.0}));
}

#[tokio::test]
async fn a_month_that_is_over_is_whole_and_has_no_forecast() {
    let tenant = two_months().await;
    let october = spend(&tenant, "?month=2026-10&by=model").await;
    assert_eq!(
        (&october["to_date"], &october["forecast"], &october["movers"]),
        (&json!(52.0), &json!(null), &json!([]))
    );
    assert_eq!(october["by"][1]["model"], json!("claude-haiku-5-5"));
}

#[tokio::test]
async fn a_month_and_its_rows_are_what_activity_says_of_the_same_time() {
    let (tenant, _) = with_captures(&captures()).await;
    let now = NOW;
    let month = &now.to_string()[..7];
    for by in ["team", "user", "model", "repository", "cost_center", "version"] {
        let spend = tenant.get(&format!("/spend?by={by}&limit=1000"), now).await;
        let activity = tenant.get(&format!("/activity?from={month}-01&group_by={by}&limit=1000"), now).await;
        assert_eq!(spend["to_date"], activity["total"]["cost_usd"], "{by}");
        assert!(spend["to_date"].as_f64().unwrap() > 0.0);
        for row in activity["items"].as_array().unwrap().iter().filter(|row| row["cost_usd"] != json!(0.0)) {
            let own = spend["by"].as_array().unwrap().iter().find(|own| own[by] == row[by]);
            assert_eq!(own.unwrap()["cost_usd"], row["cost_usd"], "{by}");
        }
    }
}

#[tokio::test]
async fn a_forecast_goes_on_as_the_weekdays_of_the_last_weeks_did() {
    let tenant = Stack::start().tenant("acme").await;
    // Four weeks and four days of workdays, from a Monday on.
    let monday = Timestamp::parse("2026-10-19T10:00:00Z").unwrap();
    for day in (0..32).filter(|day| day % 7 < 5) {
        let is_last_week = day >= 25;
        let cost = if is_last_week { 20.0 } else { 10.0 };
        request(&tenant, monday.plus(from_days(day)), Some("core"), "claude-opus-5", cost).await;
    }
    tenant.project(noon()).await;
    let found = spend(&tenant, "").await;
    // Nine workdays at 10, five at 20; seven remain, today with them.
    assert_eq!(found["to_date"], json!(190.0));
    assert_eq!(found["forecast"], json!({"low": 260.0, "expected": 277.5, "high": 330.0, "weeks": 4}));
    assert_eq!(spend(&tenant, "?team=nobody").await["forecast"], json!(null), "of nothing there is no forecast");
}

#[tokio::test]
async fn what_the_cache_saves_is_told_in_money() {
    let tenant = Stack::start().tenant("acme").await;
    request(&tenant, noon(), None, "claude-opus-99", 1.0).await;
    tenant.project(noon()).await;
    assert_eq!(spend(&tenant, "").await["cache_savings"], json!(null), "nobody knows what that model costs");
    request(&tenant, noon().plus(MILLISECOND), None, "claude-opus-5", 1.0).await;
    tenant.project(noon()).await;
    // Per million: input $5, read from the cache $0.50, written to it $6.25.
    assert_eq!(spend(&tenant, "").await["cache_savings"], json!(4.5 - 0.125));
}

#[tokio::test]
async fn the_rows_come_in_pages_and_as_a_table_with_the_same_filters() {
    let tenant = two_months().await;
    let first = spend(&tenant, "?limit=2").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = spend(&tenant, &format!("?limit=2&cursor={cursor}")).await;
    assert_eq!((first["by"].as_array().unwrap().len(), &rest["by"][0]["team"]), (2, &json!("web")));
    assert_eq!((&rest["by"][1], &rest["next_cursor"]), (&json!(null), &json!(null)));
    let table = tenant.ask_at("GET spend?format=csv&by=model&team=core,none", "", noon()).await;
    let expected = "model,cost_usd,share,previous_to_date,change,requests_without_cost\n\
                    claude-opus-5,350,0.7000,40,310,0\nclaude-haiku-5-5,150,0.3000,0,150,0\n";
    assert_eq!(String::from_utf8_lossy(&table.body), expected);
}

#[tokio::test]
async fn what_is_no_month_or_no_name_is_refused_with_what_is_allowed() {
    let tenant = two_months().await;
    for (query, field, allowed) in [
        ("month=2026-13", "month", "as 2026-11"),
        ("month=november", "month", "as 2026-11"),
        ("month=2026-12", "month", "this month or one before it"),
        ("by=day", "by", "cost_center"),
        ("by=everything", "by", "cost_center"),
        ("format=xml", "format", "json or csv"),
        ("from=2026-11-01", "from", "month"),
    ] {
        let answer = tenant.ask_at(&format!("GET spend?{query}"), "", noon()).await;
        assert_eq!(answer.status, 400, "{query}");
        let text = String::from_utf8_lossy(&answer.body);
        assert!(text.contains(&format!("\"{field}\"")) && text.contains(allowed), "{query}: {text}");
    }
    assert_eq!(tenant.ask_at("GET spend?user=nobody@example.com", "", noon()).await.status, 404);
}
