//! Closed days say what their buckets say, whatever arrives when; and everything can be made again from the events.

use std::time::{Duration, Instant};

use model::bucket::Bucket;
use model::time::{DAY, HOUR, SECOND, Timestamp, from_days};
use serde_json::{Value, json};
use service::projection::days::close_days;
use service::projection::rebuild;
use store::keys;
use store::range::Reading;
use store::summary::Stale;
use telemetry::activity::day;
use telemetry::activity::summary::Summary;
use telemetry::activity::wire;
use telemetry::claude::source::{SourceId, SourceKind};
use tools::activity::exports::{event, logs, metrics, point};
use tools::activity::{Sent, captures, filed, packs, requests};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

mod blocks;
mod sessions;

/// Long after the days of the captures.
const LATER: Timestamp = START.plus(from_days(3));

fn request(session: &str, at: Timestamp, tokens: i64) -> Sent {
    let attributes = json!({"session.id": session, "user.id": "c", "model": "m", "input_tokens": tokens});
    logs(json!({}), &[event("api_request", at.0, attributes)])
}

/// A deadline that no test reaches.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

/// Closes days at `now`, when the time zone is known for long.
async fn close(tenant: &Tenant, now: Timestamp) -> usize {
    let organisation = tenant.organisation().await;
    let first = close_days(&tenant.store, &organisation, now.minus(2 * HOUR), soon()).await.unwrap();
    first.written + close_days(&tenant.store, &organisation, now, soon()).await.unwrap().written
}

async fn shown(tenant: &Tenant, now: Timestamp) -> Value {
    let mut all = Vec::new();
    for question in
        ["group_by=day,user,model,tool&limit=1000", "group_by=day", "from=2026-11-20&to=2026-11-24&group_by=terminal"]
    {
        all.push(tenant.get(&format!("/activity?{question}"), now).await);
    }
    all.push(tenant.get("/sessions?limit=1000", now).await);
    json!(all)
}

async fn with_captures() -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    for sent in captures().iter().flat_map(|name| requests(name)) {
        tenant.send(&sent, START.plus(HOUR)).await;
    }
    // Points around midnight, with and without a session, and a cumulative counter over three days.
    let midnight = Timestamp::parse("2026-11-22T00:00:00Z").unwrap();
    for (session, at) in
        [(Some("m"), midnight.plus(20 * SECOND)), (None, midnight.plus(20 * SECOND)), (None, midnight.plus(HOUR))]
    {
        let mut attributes = json!({"user.id": "c", "model": "m", "type": "input"});
        if let Some(session) = session {
            attributes["session.id"] = json!(session);
        }
        tenant.send(&metrics("claude_code.token.usage", 1, &[point(at.0, at.0, 7.0, attributes)]), START).await;
    }
    tenant.send(&request("m", midnight.minus(10 * SECOND), 7), START).await;
    for (day, value) in [(-1, 3.0), (0, 5.0), (1, 9.0)] {
        let at = START.plus(from_days(day));
        let attributes = json!({"user.id": "c", "session.id": "m"});
        let points = [point(midnight.minus(2 * DAY).0, at.0, value, attributes)];
        tenant.send(&metrics("claude_code.commit.count", 2, &points), START.plus(DAY)).await;
    }
    tenant.project(START.plus(DAY)).await;
    tenant
}

#[tokio::test]
async fn closed_days_say_what_their_buckets_say() {
    let tenant = with_captures().await;
    let open = shown(&tenant, LATER).await;
    assert!(close(&tenant, LATER).await > 3);
    assert_eq!(shown(&tenant, LATER).await, open);
    assert_eq!(close(&tenant, LATER.plus(DAY)).await, 0, "closed once");
}

#[tokio::test]
async fn a_late_export_shows_at_once_and_the_day_is_closed_again() {
    let tenant = with_captures().await;
    close(&tenant, LATER).await;
    let tokens = |answer: Value| answer["total"]["input_tokens"].as_i64().unwrap();
    let before = tokens(tenant.get("/activity", LATER).await);
    // One of a known source, one of a new one.
    tenant.send(&request("late", START, 1000), LATER).await;
    let stranger = json!({"session.id": "new", "user.id": "new", "model": "m", "input_tokens": 100});
    tenant.send(&logs(json!({}), &[event("api_request", START.0, stranger)]), LATER).await;
    tenant.project(LATER).await;
    assert_eq!(tokens(tenant.get("/activity", LATER).await), before + 1100);
    // The day, and the two after it that are over: points of theirs may reach back to it.
    assert_eq!(close(&tenant, LATER.plus(DAY)).await, 2 * 3);
    assert_eq!(close(&tenant, LATER.plus(2 * DAY)).await, 0, "a day of nothing is closed as well");
    assert_eq!(tokens(tenant.get("/activity", LATER.plus(DAY)).await), before + 1100);
}

/// Points of one cumulative counter, by minutes from the midnight that 22 November begins with.
async fn count(tenant: &Tenant, source: &str, points: &[(i64, f64)]) {
    let midnight = Timestamp::parse("2026-11-22T00:00:00Z").unwrap();
    let about = || json!({"user.id": source, "session.id": "m"});
    let at = |(minute, value): &(i64, f64)| point(midnight.minus(DAY).0, midnight.0 + minute * 60_000, *value, about());
    let points: Vec<Value> = points.iter().map(at).collect();
    tenant.send(&metrics("claude_code.commit.count", 2, &points), LATER).await;
    tenant.project(LATER).await;
}

/// What 22 November gained in an answer by day and user, for each of these questions.
async fn gained(tenant: &Tenant, source: &str, from: [&str; 3]) -> Vec<i64> {
    let mut all = Vec::new();
    for from in from {
        let answer =
            tenant.get(&format!("/activity?from={from}&to=2026-11-23&group_by=day&user={source}"), LATER).await;
        let day = answer["items"].as_array().unwrap().iter().find(|row| row["day"] == "2026-11-22").unwrap().clone();
        all.push(day["commits"].as_i64().unwrap());
    }
    all
}

#[tokio::test]
async fn a_closed_day_gains_what_its_cumulative_counters_gained_in_it_wherever_the_range_begins() {
    // The day before begins in the middle, is whole, or is not asked for.
    const FROM: [&str; 3] = ["2026-11-21T12:00:00Z", "2026-11-21", "2026-11-22"];
    let tenant = Stack::start().tenant("acme").await;
    count(&tenant, "c", &[(-120, 6000.0), (-1, 7000.0), (1, 7060.0), (14, 7800.0), (60, 10600.0)]).await;
    let source = SourceId::new(SourceKind::Client, "c").encoded();
    assert_eq!(gained(&tenant, &source, FROM).await, [3600; 3], "open");
    close(&tenant, LATER).await;
    assert_eq!(gained(&tenant, &source, FROM).await, [3600; 3], "closed");
    // Others on all shards make the day be read by buckets, for themselves alone.
    for other in 0..40 {
        count(&tenant, &format!("other-{other}"), &[(30, 1.0)]).await;
    }
    assert_eq!(gained(&tenant, &source, FROM).await, [3600; 3], "beside days that are open again");
}

#[tokio::test]
async fn a_counter_goes_on_from_the_last_bucket_of_a_day_that_changed_late() {
    let tenant = Stack::start().tenant("acme").await;
    count(&tenant, "c", &[(-120, 6000.0), (1, 7060.0), (60, 10600.0)]).await;
    close(&tenant, LATER).await;
    let source = SourceId::new(SourceKind::Client, "c").encoded();
    let from = ["2026-11-21T12:00:00Z", "2026-11-21", "2026-11-22"];
    assert_eq!(gained(&tenant, &source, from).await, [4600; 3]);
    count(&tenant, "c", &[(-1, 7000.0)]).await;
    assert_eq!(gained(&tenant, &source, from).await, [3600; 3]);
}

#[tokio::test]
async fn a_day_that_changes_while_it_is_closed_is_not_put() {
    let tenant = with_captures().await;
    let uid = tenant.organisation().await.uid;
    let (date, source) = (keys::utc_date(Bucket::of(START)), SourceId::new(SourceKind::Client, "c"));
    let version = || async {
        let days = tenant.store.days(&uid, keys::shard(source), (date, date), Reading::Latest).await.unwrap();
        days.days.iter().find(|day| day.source == Some(source)).map_or(0, |day| day.version)
    };
    // What the job read before the late export was projected.
    let (read, stale) = (version().await, Summary::default());
    tenant.send(&request("late", START, 1000), LATER).await;
    tenant.project(LATER).await;
    assert!(!tenant.store.put_day(&uid, date, source, "UTC", read, &stale).await.unwrap());
    assert!(tenant.store.put_day(&uid, date, source, "UTC", version().await, &stale).await.unwrap());
}

#[tokio::test]
async fn a_new_time_zone_counts_at_once_and_old_days_no_more() {
    let tenant = with_captures().await;
    close(&tenant, LATER).await;
    tenant.ask("PUT /api/orgs/acme", r#"{"timezone": "Asia/Kathmandu"}"#).await;
    let open = shown(&tenant, LATER).await;
    let organisation = tenant.organisation().await;
    assert_eq!(
        close_days(&tenant.store, &organisation, LATER, soon()).await.unwrap().opened,
        0,
        "not before it is known for long"
    );
    assert_eq!(shown(&tenant, LATER).await, open);
    assert!(close(&tenant, LATER.plus(4 * HOUR)).await > 3);
    assert_eq!(shown(&tenant, LATER).await, open);
}

#[tokio::test]
async fn a_forgotten_person_is_in_no_day() {
    let tenant = with_captures().await;
    close(&tenant, LATER).await;
    let rows = tenant.get("/activity?group_by=user&limit=1000", LATER).await;
    let count = rows["items"].as_array().unwrap().len();
    let id = rows["items"][0]["user"]["id"].as_str().unwrap();
    assert_eq!(tenant.ask_at(&format!("DELETE /api/orgs/acme/users/{id}"), "", LATER).await.status, 204);
    let left = tenant.get("/activity?group_by=user&limit=1000", LATER).await;
    assert_eq!(left["items"].as_array().unwrap().len(), count - 1);
    close(&tenant, LATER.plus(DAY)).await;
    assert_eq!(tenant.get("/activity?group_by=user&limit=1000", LATER).await, left);
}

#[tokio::test]
async fn a_rebuild_in_steps_makes_the_same_again() {
    let mut tenant = with_captures().await;
    let organisation = tenant.organisation().await;
    let before = (shown(&tenant, LATER).await, tenant.summaries().await, tenant.get("/status", LATER).await);
    let mut steps = 0;
    let patience = std::mem::take(&mut tenant.stack.handlers.app.patience);
    let asked = tenant.ask("POST /api/orgs/acme/rebuild", "").await;
    assert_eq!((asked.status, asked.text("status")), (202, "running".into()));
    while !rebuild::carry_on(&tenant.store, &organisation, LATER, 3, soon()).await.unwrap().is_complete {
        steps += 1;
    }
    assert!(steps > 2);
    assert_eq!((shown(&tenant, LATER).await, tenant.summaries().await, tenant.get("/status", LATER).await), before);
    // Derived items that were lost or damaged come back.
    tenant.stack.handlers.app.patience = patience;
    let lost: Vec<_> = tenant.summary_places().await;
    for (number, place) in lost[..lost.len() / 2].iter().enumerate() {
        if number % 2 == 0 {
            let known = tenant.store.summary(place).await.unwrap().unwrap();
            tenant.store.delete_summary(place, &known, &Stale::default()).await.unwrap();
        } else {
            damage(&tenant, &keys::summary(place, 0)).await;
        }
    }
    tenant.ask("POST /api/orgs/acme/rebuild", "").await;
    let done = tenant.ask("GET /api/orgs/acme/rebuild", "").await.json();
    assert_eq!((&done["status"], &done["projected"]), (&json!("done"), &json!(buckets(&tenant).await)), "{done}");
    assert_eq!((shown(&tenant, LATER).await, tenant.summaries().await, tenant.get("/status", LATER).await), before);
}

/// How many buckets of somebody there are.
async fn buckets(tenant: &Tenant) -> usize {
    let keys = tenant.pack_keys().await;
    keys.iter().map(|key| &key.pk).collect::<std::collections::BTreeSet<_>>().len()
}

/// Overwrites the content of an item of a summary.
async fn damage(tenant: &Tenant, key: &keys::Key) {
    let ends = Some((key.sk.as_str(), key.sk.as_str()));
    for item in tenant.store.between(&key.pk, ends, Reading::Latest).await.unwrap() {
        tenant.store.put(item.bytes("b", b"damaged".to_vec())).await.unwrap();
    }
}

#[tokio::test]
async fn a_rebuild_applies_new_identity_attributes() {
    let tenant = Stack::start().tenant("acme").await;
    let attributes = json!({"session.id": "s", "user.id": "ci"});
    let sent = logs(json!({"ci.actor": "dana@example.com"}), &[event("user_prompt", START.0, attributes)]);
    tenant.send(&sent, START).await;
    tenant.project(START).await;
    tenant.ask("PUT /api/orgs/acme", r#"{"identity_attributes": ["ci.actor"]}"#).await;
    tenant.ask("POST /api/orgs/acme/rebuild", "").await;
    // The clock asks for what nobody waits for.
    let tally = maintain::scheduled(&tenant.stack.handlers.app, START, soon()).await.unwrap();
    assert_eq!((tally.done, tally.failed, tally.left), (1, 0, 0));
    assert_eq!(tenant.get("/activity?user=dana@example.com", LATER).await["total"]["prompts"], 1);
}

/// Read units of DynamoDB that a month of 1,000 people costs: 21 closed working days, and eventually consistent reads, of which
/// a unit is 8 KB.
#[test]
fn a_month_of_a_thousand_people_costs_less_than_two_thousand_read_units() {
    // A busy day: eight sessions of the longest captures, each a session of its own.
    let names = [
        "pb-tools",
        "pb-tools-gzip",
        "json-tools",
        "json-tools-gzip",
        "pb-oauth",
        "pb-tui",
        "pb-resource",
        "pb-via-managed",
    ];
    let settings = model::organisation::Settings::new(&"acme".parse().unwrap());
    let mut buckets = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let all = requests(name).iter().flat_map(|sent| packs(sent, START)).collect();
        for ((_, bucket), packs) in filed(all) {
            for (_, summary) in telemetry::activity::bucket::summaries(bucket, &packs, &settings) {
                buckets.push((Bucket(bucket.0 + index as i64), summary));
            }
        }
    }
    let key = keys::day(
        &model::organisation::Uid::parse("AbCdEfGhIjKl").unwrap(),
        keys::utc_date(Bucket::of(START)),
        SourceId::new(SourceKind::None, ""),
    );
    let names_of_attributes = "pkskzoneversionb".len() + "UTC".len() + 4;
    let item = wire::encode(&day::summary(&[], &buckets)).len() + key.pk.len() + key.sk.len() + names_of_attributes;
    let units = 1_000 * 21 * item / 8192;
    println!("{item} bytes a person and day, {units} read units a month of 1,000 people");
    assert!(units < 2_000, "{item} bytes a person and day make {units} read units");
}
