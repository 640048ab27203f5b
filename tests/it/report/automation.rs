//! Runs of automation are not people.

use super::*;

use model::time::{MILLISECOND, SignedDuration};

/// A run of CI with an installation and a session of its own, as a fresh container has.
fn run(number: usize, resource: Value, at: Timestamp) -> tools::activity::Sent {
    let who =
        json!({"user.id": format!("run-{number}"), "session.id": format!("ci-{number}"), "terminal.type": "dumb"});
    let mut request = who.clone();
    request.as_object_mut().unwrap().extend(json!({"model": "m", "cost_usd": 0.25}).as_object().unwrap().clone());
    logs(resource, &[event("user_prompt", at.0, who), event("api_request", at.0, request)])
}

async fn with_runs(resource: Value) -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    tenant.send(&prompt(json!({"user.email": "dana@example.com"}), "s", START), START).await;
    for number in 0..30 {
        tenant
            .send(&run(number, resource.clone(), START.plus(SignedDuration::from_millis(number as i64))), START)
            .await;
    }
    tenant.project(START).await;
    tenant
}

#[tokio::test]
async fn thirty_runs_of_ci_are_thirty_sessions_and_nobody() {
    let tenant = with_runs(json!({})).await;
    let answer = tenant.get("/activity?group_by=terminal", NOW).await;
    let total = &answer["total"];
    assert_eq!((&total["active_users"], &total["sessions"]), (&json!(1), &json!(31)));
    assert_eq!((&total["automation_sessions"], &total["prompts"]), (&json!(30), &json!(31)));
    assert_eq!((&total["cost_usd"], &answer["items"][0]["active_users"]), (&json!(7.500001), &json!(0)));
    let status = tenant.get("/status", NOW).await;
    assert_eq!(status["users"], json!({"total": 1, "active_24h": 1, "unattributed": 0, "automation": 30}));
    let users = tenant.get("/users?limit=1000", NOW).await;
    let automated = users["items"].as_array().unwrap().iter().filter(|user| user["automation"] == true).count();
    assert_eq!(automated, 30, "each can still be said to be somebody's");
    let key = admin_key(&tenant).await;
    let report = "GET /v1/organizations/usage_report/claude_code?starting_at=2026-11-22";
    let report = tenant.ask_as(&key, report, "", NOW).await.json();
    let [automation, person] = &report["data"].as_array().unwrap()[..] else { panic!("{report}") };
    assert_eq!(automation["actor"], json!({"type": "api_actor", "api_key_name": "automation"}));
    assert_eq!(automation["core_metrics"]["num_sessions"], 30);
    assert_eq!(automation["model_breakdown"][0]["estimated_cost"]["amount"], 750.0);
    assert_eq!(person["actor"]["email_address"], "dana@example.com");
}

#[tokio::test]
async fn whoever_comes_again_the_next_day_is_a_person_unless_it_says_that_it_is_ci() {
    let tomorrow = START.plus(DAY);
    for (resource, active) in [(json!({}), 2), (json!({"cicd.pipeline.run.id": "4711"}), 1)] {
        let tenant = with_runs(resource.clone()).await;
        tenant.send(&run(7, resource, tomorrow), tomorrow).await;
        tenant.project(tomorrow).await;
        let total = tenant.get("/activity", tomorrow.plus(HOUR)).await["total"].clone();
        assert_eq!((&total["active_users"], &total["automation_sessions"]), (&json!(active), &json!(31 - active)));
    }
}

#[tokio::test]
async fn somebody_with_an_address_is_a_person_at_once_also_where_ci_works_for_them() {
    let tenant = Stack::start().tenant("acme").await;
    let dana = json!({"user.email": "dana@example.com"});
    tenant.send(&prompt(dana.clone(), "at-the-desk", START), START).await;
    let in_ci = json!({"user.email": "dana@example.com", "app.entrypoint": "claude-code-github-action"});
    tenant.send(&prompt(in_ci, "in-ci", START.plus(MILLISECOND)), START.plus(MILLISECOND)).await;
    tenant.send(&prompt(dana, "at-the-desk", START.plus(2 * MILLISECOND)), START.plus(2 * MILLISECOND)).await;
    tenant.project(START.plus(2 * MILLISECOND)).await;
    let total = tenant.get("/activity", NOW).await["total"].clone();
    let found = ["active_users", "sessions", "automation_sessions"].map(|name| total[name].clone());
    assert_eq!(found, [json!(1), json!(2), json!(1)]);
}

#[tokio::test]
async fn a_session_is_a_persons_also_where_its_metrics_come_under_no_name() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.send(&prompt(json!({"user.email": "dana@example.com"}), "s", START), START).await;
    let points = [point(START.0, START.0, 5.0, json!({"session.id": "s", "type": "user"}))];
    tenant.send(&metrics("claude_code.active_time.total", 1, &points), START).await;
    tenant.project(START).await;
    let total = tenant.get("/activity", NOW).await["total"].clone();
    let found = ["active_users", "sessions", "automation_sessions"].map(|name| total[name].clone());
    assert_eq!(found, [json!(1), json!(1), json!(0)]);
}
