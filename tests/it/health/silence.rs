//! Whom nothing comes from any more.

use super::*;

use model::time::{SignedDuration, from_days};

#[tokio::test]
async fn an_organisation_that_never_received_anything_is_told_so() {
    let tenant = Stack::start().tenant("acme").await;
    assert_found(found(&tenant, START).await, &[("nothing_received", &[])]);
    work(&tenant, "dana", json!({}), START).await;
    tenant.project(START).await;
    assert_found(found(&tenant, START).await, &[]);
}

#[tokio::test]
async fn days_without_anything_are_found_and_a_long_weekend_is_not() {
    let tenant = Stack::start().tenant("acme").await;
    for name in ["dana", "eve", "finn"] {
        work(&tenant, name, json!({}), START).await;
    }
    tenant.project(START).await;
    for quiet in [HOUR, 12 * HOUR, 3 * DAY, 4 * DAY + 15 * HOUR] {
        assert_found(found(&tenant, START.plus(quiet)).await, &[]);
    }
    assert_found(found(&tenant, START.plus(5 * DAY)).await, &[("all_silent", &[])]);
}

#[tokio::test]
async fn who_was_seen_once_is_missed_only_while_others_are_at_work() {
    let tenant = Stack::start().tenant("acme").await;
    for name in ["dana", "eve"] {
        work(&tenant, name, json!({}), START).await;
    }
    let later = START.plus(5 * DAY);
    work(&tenant, "dana", json!({}), later).await;
    tenant.project(later).await;
    assert_found(found(&tenant, later.plus(HOUR)).await, &[("silent_since", &["eve"])]);
    assert_found(found(&tenant, later.plus(2 * DAY)).await, &[]);
}

#[tokio::test]
async fn working_weeks_and_quiet_weekends_raise_no_alarm_at_any_hour() {
    let tenant = Stack::start().tenant("acme").await;
    // Three weeks, Monday to Friday, and one who only comes on Mondays.
    let monday = Timestamp::parse("2026-11-02T09:00:00Z").unwrap();
    for day in (0..21).filter(|day| day % 7 < 5) {
        for name in ["dana", "eve", "finn", "gus"] {
            work(&tenant, name, json!({}), monday.plus(from_days(day))).await;
        }
        if day % 7 == 0 {
            work(&tenant, "mona", json!({}), monday.plus(from_days(day))).await;
        }
        let now = monday.plus(from_days(day));
        tenant.project(now).await;
        let until_the_next = if day % 7 == 4 { 71 } else { 23 };
        for hour in (0..=until_the_next).step_by(8) {
            // Of the first week's Friday nobody knows yet that she only comes on Mondays.
            if day >= 7 {
                assert_found(found(&tenant, now.plus(SignedDuration::from_hours(hour))).await, &[]);
            }
        }
    }
}

#[tokio::test]
async fn a_rhythm_is_ones_own() {
    let tenant = Stack::start().tenant("acme").await;
    // Both were last seen on the same day: eve came every other day, mona once a week.
    for day in 0..=14 {
        work(&tenant, "dana", json!({}), START.plus(from_days(day))).await;
        if day % 7 == 0 {
            work(&tenant, "mona", json!({}), START.plus(from_days(day))).await;
        }
        if day % 2 == 0 {
            work(&tenant, "eve", json!({}), START.plus(from_days(day))).await;
        }
    }
    for (days, missed) in [(20, &["eve"][..]), (26, &["eve", "mona"][..])] {
        let now = START.plus(from_days(days));
        work(&tenant, "dana", json!({}), now).await;
        tenant.project(now).await;
        assert_found(found(&tenant, now).await, &[("silent_since", missed)]);
    }
}

async fn commits(tenant: &Tenant, people: &[(&str, Timestamp)]) {
    let users: Vec<Value> = people
        .iter()
        .map(|(name, at)| json!({"name": name, "email": email(name), "last_commit_at": at.to_string()}))
        .collect();
    let request = http::Request::put("/api/orgs/acme/git-users")
        .header("authorization", format!("Bearer {}", tools::stack::ROOT_KEY))
        .header("content-type", "application/json");
    let reply = tenant.request(request.body(json!(users).to_string().into()).unwrap(), START).await;
    assert_eq!((reply.status, reply.json()["stored"].as_u64()), (200, Some(users.len() as u64)), "{reply:?}");
}

#[tokio::test]
async fn who_commits_and_is_silent_is_named_even_when_nobody_else_is_at_work() {
    let tenant = Stack::start().tenant("acme").await;
    for name in ["dana", "eve", "finn", "gus"] {
        work(&tenant, name, json!({}), START).await;
    }
    let now = START.plus(9 * DAY);
    work(&tenant, "finn", json!({}), now).await;
    tenant.project(now).await;
    let people = [
        ("dana", now.minus(HOUR)),
        // Her last commits are of the day on which her telemetry came.
        ("eve", START.plus(HOUR)),
        // His telemetry comes.
        ("finn", now.minus(HOUR)),
        // Only a wrong clock says so.
        ("gus", now.plus(40 * DAY)),
        // Nobody knows whether she uses Claude.
        ("nora", now.minus(HOUR)),
    ];
    commits(&tenant, &people).await;
    assert_found(found(&tenant, now.plus(DAY + HOUR)).await, &[("git_active_but_silent", &["dana"])]);
    // Nobody is named twice.
    let both = [("git_active_but_silent", &["dana"][..]), ("silent_since", &["eve", "gus"])];
    for name in ["hana", "ivo"] {
        work(&tenant, name, json!({}), now.plus(HOUR)).await;
    }
    tenant.project(now.plus(HOUR)).await;
    assert_found(found(&tenant, now.plus(2 * HOUR)).await, &both);
    // A week after the commit it is of no use to anybody any more.
    let quiet = found(&tenant, now.plus(8 * DAY)).await;
    assert!(!quiet.contains_key("git_active_but_silent"), "{quiet:?}");
}

#[tokio::test]
async fn who_commits_and_took_a_day_without_claude_is_not_silent() {
    let tenant = Stack::start().tenant("acme").await;
    work(&tenant, "dana", json!({}), START).await;
    tenant.project(START).await;
    commits(&tenant, &[("dana", START.plus(2 * DAY))]).await;
    assert_found(found(&tenant, START.plus(2 * DAY)).await, &[]);
    assert_found(
        found(&tenant, START.plus(5 * DAY)).await,
        &[("all_silent", &[]), ("git_active_but_silent", &["dana"])],
    );
}
