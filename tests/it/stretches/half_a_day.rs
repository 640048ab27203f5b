//! Half a day of twenty people, and what is shown and stored of it.

use super::*;

/// The beginning of 22 November 2026 in UTC.
pub(super) const MIDNIGHT: Timestamp = Timestamp(1_795_305_600_000);
/// How many people work.
pub(super) const PEOPLE: usize = 20;

/// The requests of putting what a [`crowd`] did before which something else happens: those before them look at the day before, and those
/// after them at shards that have nothing.
pub(super) const AROUND: Range<usize> = 68..80;

/// A deadline that no test reaches.
pub(super) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

pub(super) fn at(hour: i64, minute: i64) -> Timestamp {
    MIDNIGHT.plus(SignedDuration::from_mins(60 * hour + minute))
}

/// Names of people whose telemetry is in the first shard, as most of a large organisation's is beside that of many others.
pub(super) static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let named = (0..).map(|n| format!("client-{n}"));
    named.filter(|name| keys::shard(source_named(name)) == 0).take(PEOPLE + 4).collect()
});

pub(super) fn name(person: usize) -> &'static str {
    &NAMES[person]
}

pub(super) fn source_named(name: &str) -> SourceId {
    SourceId::new(SourceKind::Client, name)
}

pub(super) fn source(person: usize) -> SourceId {
    source_named(name(person))
}

/// A request of somebody, of so many tokens.
pub(super) fn request(person: usize, at: Timestamp, tokens: i64) -> Sent {
    let attributes = json!({"session.id": format!("session-{person}-{}", at.count(DAY)), "user.id": name(person),
        "model": format!("model-{}", person % 3), "terminal.type": "tmux", "input_tokens": tokens, "cost_usd": 0.01});
    logs(json!({}), &[event("api_request", at.0, attributes)])
}

/// What one of somebody's two processes has counted since it began.
pub(super) fn counted(person: usize, process: i64, at: Timestamp) -> Sent {
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
pub(super) async fn arrive(tenant: &Tenant, sent: &[Sent], now: Timestamp) {
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
pub(super) async fn begin(tenant: &Tenant) {
    assert_eq!(put(tenant, at(-4, 0)).await, 0);
}

/// What everybody sends from four hours before midnight to noon, as it happens.
pub(super) async fn half_a_day(tenant: &Tenant) {
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
pub(super) async fn crowd(tenant: &Tenant) {
    begin(tenant).await;
    let sent: Vec<Sent> = (0..PEOPLE).map(|person| request(person, at(1, 5), 1)).collect();
    arrive(tenant, &sent, at(1, 6)).await;
}

pub(super) async fn with_half_a_day(zone: &str) -> Tenant {
    let tenant = Stack::start().tenant("acme").await;
    tenant.ask("PUT /api/orgs/acme", &json!({"timezone": zone}).to_string()).await;
    half_a_day(&tenant).await;
    tenant
}

pub(super) async fn put(tenant: &Tenant, now: Timestamp) -> usize {
    let put = put_stretches(&tenant.store, &tenant.uid, now, soon()).await.unwrap();
    assert!(put.is_complete);
    put.written
}

pub(super) async fn shown(tenant: &Tenant, now: Timestamp) -> Vec<Value> {
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

pub(super) fn tokens(answer: &Value) -> i64 {
    answer["total"]["input_tokens"].as_i64().unwrap()
}

pub(super) async fn total(tenant: &Tenant, now: Timestamp) -> i64 {
    tokens(&tenant.get("/activity?from=2026-11-21&to=2026-11-23", now).await)
}

/// Whose summaries any stored stretch has, whether it counts or not, and how many.
pub(super) async fn stored(tenant: &Tenant) -> BTreeMap<SourceId, usize> {
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
pub(super) async fn marks(tenant: &Tenant) -> usize {
    let day = (keys::utc_date(Bucket::of(MIDNIGHT)), 0);
    tenant.store.stretches(&tenant.uid, day, Bucket(0), Reading::Latest).await.unwrap().marks.len()
}
