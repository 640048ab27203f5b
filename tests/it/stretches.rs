//! Buckets that are put together say what they said one by one, whatever arrives when, and whatever is erased.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use model::bucket::Bucket;
use model::time::{DAY, HOUR, MINUTE, SECOND, SignedDuration, Timestamp};
use serde_json::{Value, json};
use service::projection::days::close_days;
use service::projection::stretches::put_stretches;
use service::report::window::{self, Asked, Shards, Span};
use store::keys;
use store::range::Reading;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Grouping, Ledger};
use telemetry::activity::wire::stretch::Stretch;
use telemetry::claude::source::{SourceId, SourceKind};
use tools::activity::exports::{counters, event, logs, point};
use tools::activity::{Sent, filed, packs};
use tools::meter::Meter;
use tools::stack::Stack;
use tools::tenant::Tenant;

mod forgotten;
mod races;

/// The beginning of 22 November 2026 in UTC.
const MIDNIGHT: Timestamp = Timestamp(1_795_305_600_000);
/// How many people work.
const PEOPLE: usize = 20;

/// The requests of putting what a [`crowd`] did before which something else happens: those before them look at the day before, and those
/// after them at shards that have nothing.
const AROUND: Range<usize> = 68..80;

/// A deadline that no test reaches.
fn soon() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

fn at(hour: i64, minute: i64) -> Timestamp {
    MIDNIGHT.plus(SignedDuration::from_mins(60 * hour + minute))
}

/// Names of people whose telemetry is in the first shard, as most of a large organisation's is beside that of many others.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let named = (0..).map(|n| format!("client-{n}"));
    named.filter(|name| keys::shard(source_named(name)) == 0).take(PEOPLE + 4).collect()
});

fn name(person: usize) -> &'static str {
    &NAMES[person]
}

fn source_named(name: &str) -> SourceId {
    SourceId::new(SourceKind::Client, name)
}

fn source(person: usize) -> SourceId {
    source_named(name(person))
}

/// A request of somebody, of so many tokens.
fn request(person: usize, at: Timestamp, tokens: i64) -> Sent {
    let attributes = json!({"session.id": format!("session-{person}-{}", at.count(DAY)), "user.id": name(person),
        "model": format!("model-{}", person % 3), "terminal.type": "tmux", "input_tokens": tokens, "cost_usd": 0.01});
    logs(json!({}), &[event("api_request", at.0, attributes)])
}

/// What one of somebody's two processes has counted since it began.
fn counted(person: usize, process: i64, at: Timestamp) -> Sent {
    let since = MIDNIGHT.minus(5 * HOUR).plus(SignedDuration::from_hours(3 * process) + SECOND);
    let so_far = at.since(since).as_mins();
    let about = json!({"user.id": name(person), "session.id": format!("process-{person}-{process}"), "model": "m"});
    let mut added = about.clone();
    added["type"] = json!("added");
    let points = |value: i64, about: Value| vec![point(since.0, at.0, value as f64, about)];
    let lines = ("claude_code.lines_of_code.count", points(so_far * (person as i64 + 2), added));
    counters(2, &[lines, ("claude_code.cost.usage", points(so_far / 7, about))])
}

/// Projects the packs of these exports, which arrive at `now`.
async fn arrive(tenant: &Tenant, sent: &[Sent], now: Timestamp) {
    for export in sent {
        tenant.send(export, now).await;
    }
    let buckets = filed(sent.iter().flat_map(|sent| packs(sent, now)).collect());
    let is_new = |key: &keys::Key| {
        keys::read_pack_partition(&key.pk).is_some_and(|(_, source, bucket)| buckets.contains_key(&(source, bucket)))
    };
    let mut keys = tenant.pack_keys().await;
    keys.retain(is_new);
    assert_eq!(tenant.stream(&keys, now).await, json!({"batchItemFailures": []}));
}

/// Stretches are looked at for long.
async fn begin(tenant: &Tenant) {
    assert_eq!(put(tenant, at(-4, 0)).await, 0);
}

/// What everybody sends from four hours before midnight to noon, as it happens.
async fn half_a_day(tenant: &Tenant) {
    begin(tenant).await;
    for hour in -4..12 {
        let mut sent = Vec::new();
        for person in 0..PEOPLE {
            sent.push(request(person, at(hour, 3 + person as i64), 1 + person as i64));
            if hour % 2 == 0 {
                let process = i64::from(hour > 0 && person % 2 == 0);
                sent.push(counted(person, process, at(hour, 20 + person as i64)));
            }
        }
        arrive(tenant, &sent, at(hour, 50)).await;
    }
}

/// Twenty people, each with a summary that is over.
async fn crowd(tenant: &Tenant) {
    begin(tenant).await;
    let sent: Vec<Sent> = (0..PEOPLE).map(|person| request(person, at(1, 5), 1)).collect();
    arrive(tenant, &sent, at(1, 6)).await;
}

async fn with_half_a_day(zone: &str) -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    tenant.ask("PUT /api/orgs/acme", &json!({"timezone": zone}).to_string()).await;
    half_a_day(&tenant).await;
    tenant
}

async fn put(tenant: &Tenant, now: Timestamp) -> usize {
    let put = put_stretches(&tenant.store, &tenant.uid, now, soon()).await.unwrap();
    assert!(put.is_complete);
    put.written
}

async fn shown(tenant: &Tenant, now: Timestamp) -> Vec<Value> {
    let mut all = Vec::new();
    for question in [
        "",
        "group_by=day,user,model&limit=1000",
        "group_by=hour&from=2026-11-21&to=2026-11-23",
        "group_by=hour,user&from=2026-11-21&to=2026-11-23&limit=1000",
        "from=2026-11-22T02:30:00Z&to=2026-11-22T09:15:00Z&group_by=terminal,user",
        "from=2026-11-22T05:00:00Z&to=2026-11-22T06:00:00Z&group_by=user",
        "from=2026-11-22&to=2026-11-23&group_by=model",
    ] {
        all.push(tenant.get(&format!("/activity?{question}"), now).await);
    }
    all.push(tenant.get("/sessions?limit=1000", now).await);
    let usage = "GET /v1/organizations/usage_report/claude_code?limit=1000&starting_at=2026-11-22";
    let key = tenant.ask_at("POST admin-keys", "{}", now).await.text("admin_key");
    all.push(tenant.ask_as(&key, usage, "", now).await.json());
    all
}

fn tokens(answer: &Value) -> i64 {
    answer["total"]["input_tokens"].as_i64().unwrap()
}

async fn total(tenant: &Tenant, now: Timestamp) -> i64 {
    tokens(&tenant.get("/activity?from=2026-11-21&to=2026-11-23", now).await)
}

/// Whose summaries any stored stretch has, whether it counts or not, and how many.
async fn stored(tenant: &Tenant) -> BTreeMap<SourceId, usize> {
    let mut found = BTreeMap::new();
    let (mut start, mut is_first) = (None, true);
    while is_first || start.is_some() {
        let scan = tenant.store.client().scan().table_name(tenant.store.activity()).consistent_read(true);
        let page = scan.set_exclusive_start_key(start).send().await.unwrap();
        for item in page.items.unwrap_or_default() {
            let (pk, sk) = (item["pk"].as_s().unwrap(), item["sk"].as_s().unwrap());
            if let (true, Some(AttributeValue::B(bytes))) =
                (pk.contains("#STRETCH#") && sk.contains('!'), item.get("b"))
            {
                let open = Stretch::open(bytes.as_ref()).unwrap();
                for (_, source, bytes) in open.summaries() {
                    let is_something = telemetry::activity::wire::decode(bytes).unwrap() != Default::default();
                    *found.entry(source).or_default() += usize::from(is_something);
                }
            }
        }
        (start, is_first) = (page.last_evaluated_key, false);
    }
    found.retain(|_, count| *count > 0);
    found
}

/// How many marks there are of the day.
async fn marks(tenant: &Tenant) -> usize {
    let day = (keys::utc_date(Bucket::of(MIDNIGHT)), 0);
    tenant.store.stretches(&tenant.uid, day, Bucket(0), Reading::Latest).await.unwrap().marks.len()
}

#[tokio::test]
async fn buckets_that_are_put_together_say_what_they_said_in_any_time_zone() {
    for zone in ["UTC", "Asia/Kolkata", "America/Los_Angeles"] {
        let tenant = with_half_a_day(zone).await;
        let now = at(12, 0);
        let open = shown(&tenant, now).await;
        assert_eq!(put(&tenant, now).await, 2 + 4, "what three hours have is put at once");
        assert_eq!(stored(&tenant).await.values().sum::<usize>(), 14 * PEOPLE + 7 * PEOPLE, "all but two hours");
        assert!(shown(&tenant, now).await == open, "{zone}");
        assert_eq!(put(&tenant, now.plus(59 * MINUTE)).await, 0);
        for hours in [2, 20] {
            put(&tenant, now.plus(hours * HOUR)).await;
            assert!(shown(&tenant, now).await == open, "{zone} {hours} hours later");
        }
        assert_eq!(marks(&tenant).await, 0, "nothing was late");
        // Days are closed beside them, and come before them.
        let organisation = tenant.organisation().await;
        for hours in [30, 40] {
            close_days(&tenant.store, &organisation, now.plus(hours * HOUR), soon()).await.unwrap();
            assert!(shown(&tenant, now).await == open, "{zone} {hours} hours later");
        }
    }
}

#[tokio::test]
async fn what_is_open_is_read_in_few_items() {
    let meter = Meter::default();
    let tenant = Stack::start().through(|client| meter.before(client)).tenant("acme").await;
    half_a_day(&tenant).await;
    let organisation = tenant.organisation().await;
    let now = at(14, 0);
    let read = async || {
        let _ = meter.take();
        let ledger = Ledger::new(&[Grouping::User], |source: SourceId, _: &Label| Some(source.encoded().into()));
        let span = Span { from: Bucket::of(MIDNIGHT), to: Bucket::of(now) };
        let asked = Asked { shards: Shards::of([source(0)]), ..span.into() };
        let told = window::read(&tenant.store, &organisation, asked, now, ledger).await.unwrap().close();
        (meter.take().read_units, told.total.numbers)
    };
    let (before, told) = read().await;
    put(&tenant, now).await;
    let (after, same) = read().await;
    assert!(told == same && after * 2.0 < before, "{before} read units became {after}");
}

#[tokio::test]
async fn what_is_put_once_an_hour_takes_one_read_in_between() {
    let meter = Meter::default();
    let tenant = Stack::start().through(|client| meter.before(client)).tenant("acme").await;
    half_a_day(&tenant).await;
    put(&tenant, at(12, 1)).await;
    let _ = meter.take();
    put(&tenant, at(12, 50)).await;
    let between = meter.take();
    assert_eq!((between.reads, between.writes), (1, 0));
    assert_eq!(put(&tenant, at(13, 0)).await, 1);
    let hourly = meter.take();
    assert_eq!(hourly.writes, 2, "a stretch with its head, and that all was looked at");
}

#[tokio::test]
async fn nothing_is_put_while_functions_of_a_release_may_be_at_work_that_leave_no_marks() {
    let tenant = Stack::start().tenant("acme").await;
    let sent: Vec<Sent> = (0..PEOPLE).map(|person| request(person, at(1, 5), 1)).collect();
    arrive(&tenant, &sent, at(1, 6)).await;
    let written = async |minutes| put(&tenant, at(6, minutes)).await;
    assert_eq!([written(0).await, written(5).await, written(59).await, written(60).await], [0, 0, 0, 1]);
}

#[tokio::test]
async fn a_late_export_shows_at_once_and_for_as_long_as_stretches_are_used() {
    let tenant = with_half_a_day("UTC").await;
    let (now, stranger) = (at(12, 0), PEOPLE + 3);
    put(&tenant, now).await;
    let before = total(&tenant, now).await;
    arrive(&tenant, &[request(7, at(4, 10), 1_000)], now).await;
    assert_eq!(total(&tenant, now).await, before + 1_000);
    arrive(&tenant, &[request(7, at(4, 11), 2_000), request(stranger, at(5, 0), 4_000)], now).await;
    assert_eq!(total(&tenant, now).await, before + 7_000, "again, and of somebody new");
    assert_eq!(marks(&tenant).await, 2);
    for hours in (1..80).step_by(6) {
        let later = now.plus(hours * HOUR);
        put(&tenant, later).await;
        assert_eq!(total(&tenant, later).await, before + 7_000, "{hours} hours later");
    }
    // After that, too.
    arrive(&tenant, &[request(7, at(4, 12), 8_000)], now.plus(5 * DAY)).await;
    assert_eq!(total(&tenant, now.plus(5 * DAY)).await, before + 15_000);
    assert_eq!(marks(&tenant).await, 2, "nobody would read it");
}

#[tokio::test]
async fn a_stretch_of_which_much_changed_is_read_by_bucket() {
    let tenant = with_half_a_day("UTC").await;
    let now = at(12, 0);
    put(&tenant, now).await;
    let before = shown(&tenant, now).await;
    let late: Vec<Sent> = (0..PEOPLE).map(|person| request(person, at(4, 1), 1_000)).collect();
    arrive(&tenant, &late, now).await;
    let after = shown(&tenant, now).await;
    assert_eq!(tokens(&after[0]), tokens(&before[0]) + 1_000 * PEOPLE as i64);
    // In another organisation nothing was put together.
    let open = with_half_a_day("UTC").await;
    arrive(&open, &late, now).await;
    assert!(shown(&open, now).await[..8] == after[..8]);
}

#[tokio::test]
async fn who_does_little_is_read_by_bucket_until_it_is_worth_a_stretch() {
    let tenant = Stack::start().tenant("acme").await;
    begin(&tenant).await;
    for hour in 0..10 {
        let sent: Vec<Sent> = (0..3).map(|person| request(person, at(hour, 3), 1)).collect();
        arrive(&tenant, &sent, at(hour, 50)).await;
        put(&tenant, at(hour, 55)).await;
        assert_eq!(total(&tenant, at(hour, 55)).await, 3 * (hour + 1));
    }
    assert_eq!(stored(&tenant).await.values().sum::<usize>(), 18, "of six hours");
}

#[tokio::test]
async fn a_rebuild_leaves_what_stands_right() {
    let tenant = with_half_a_day("UTC").await;
    let now = at(12, 0);
    put(&tenant, now).await;
    let before = shown(&tenant, now).await;
    tenant.ask_at("POST rebuild", "", now).await;
    assert!(shown(&tenant, now).await == before);
    assert_eq!(marks(&tenant).await, 0, "nothing came to anything else");
    // A summary that was lost, and one that says something else: both come back.
    let places = tenant.summary_places().await;
    let at_four: Vec<_> = places.iter().filter(|place| place.shown == Bucket::of(at(4, 5))).collect();
    let known = tenant.store.summary(at_four[0]).await.unwrap().unwrap();
    tenant.store.delete_summary(at_four[0], &known, &Default::default()).await.unwrap();
    let wrong = tenant.store.summary(at_four[1]).await.unwrap().unwrap();
    let change = store::summary::SummaryChange {
        place: at_four[1],
        before: Some(&wrong),
        stamp: wrong.stamp,
        summary: &Default::default(),
        sighting: None,
        stale: Default::default(),
    };
    tenant.store.change_summary(&change).await.unwrap();
    tenant.ask_at("POST rebuild", "", now.plus(HOUR)).await;
    assert!(shown(&tenant, now).await == before);
    assert_eq!(marks(&tenant).await, 2);
}

#[tokio::test]
async fn a_purge_leaves_nothing() {
    let tenant = with_half_a_day("UTC").await;
    put(&tenant, at(12, 0)).await;
    arrive(&tenant, &[request(7, at(4, 10), 1_000)], at(12, 0)).await;
    let of_stretches = async || {
        let items = tenant.items_with(tenant.uid.as_str()).await;
        items.into_iter().filter(|item| item.contains("#STRETCH")).count()
    };
    assert!(of_stretches().await > 6);
    tenant.ask("DELETE /api/orgs/acme?purge=true", "").await;
    for days in 1..3 {
        let (store, secrets) = (&tenant.store, &tenant.secrets);
        service::organisations::purge::carry_on(store, secrets, at(12, 0).plus(days * DAY), soon()).await.unwrap();
    }
    assert_eq!(of_stretches().await, 0);
}
