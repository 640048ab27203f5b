//! Where writes cost money, a summary is put alone, and what is known of its source once per bucket.

use serde_json::{Value, json};

use local::embedded::Embedded;
use model::bucket::{BUCKET, Bucket};
use model::time::{MILLISECOND, MINUTE, SECOND, SignedDuration, Timestamp, from_days};
use service::projection::limits::Bounds;
use service::projection::project_within;
use store::keys;
use store::sighting::StoredSighting;
use telemetry::activity::summary::Summary;
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::sighting::{Fact, Mark};
use tools::activity::exports::{event, logs, metrics, point};
use tools::meter::Meter;
use tools::pause::Pause;
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

pub(super) const DANA: &str = "dana@example.com";

/// A request of so many tokens.
pub(super) async fn works(tenant: &Tenant, version: &str, tokens: u64, at: Timestamp) {
    let who = json!({"user.email": DANA, "session.id": "s", "app.version": version, "model": "claude-opus-5-5",
        "input_tokens": tokens, "cost_usd": 0.01});
    tenant.send(&logs(json!({}), &[event("api_request", at.0 - 1, who)]), at).await;
}

pub(super) fn dana() -> SourceId {
    SourceId::new(SourceKind::Email, DANA)
}

pub(super) async fn sighting(tenant: &Tenant) -> StoredSighting {
    tenant.store.sighting(&tenant.uid, dana()).await.unwrap()
}

pub(super) async fn tokens(tenant: &Tenant) -> Value {
    tenant.total().await["input_tokens"].clone()
}

/// The beginning of a bucket.
pub(super) fn begin() -> Timestamp {
    START.floor(BUCKET)
}

#[tokio::test]
async fn within_a_bucket_a_projection_writes_its_summary_and_nothing_else() {
    let meter = Meter::default();
    let tenant = Stack::start().through(|client| meter.before(client)).bounds(Bounds::thrifty()).tenant("acme").await;
    let mut units = Vec::new();
    for minute in 1..15 {
        let now = begin().plus(SignedDuration::from_mins(minute));
        works(&tenant, "2.1.330", 1, now).await;
        let keys = tenant.pack_keys().await;
        let _ = meter.take();
        tenant.stream(&keys[..1], now).await;
        units.push(meter.take().write_units);
        assert_eq!(tokens(&tenant).await, minute, "numbers are right at once");
    }
    assert!(units[0] > 1.0, "who is new is written down together with the summary");
    assert_eq!(units[2..], [1.0; 12], "{units:?}");
}

#[tokio::test]
async fn a_sighting_is_one_write_unit_whoever_updates_every_day_and_however_much_it_says() {
    let meter = Meter::default();
    let tenant = Stack::start().through(|client| meter.before(client)).bounds(Bounds::thrifty()).tenant("acme").await;
    let work = async |at: Timestamp, version: String| {
        let resource = json!({"service.name": "claude-code", "service.version": version, "os.type": "linux",
            "settings_version": "1", "team": "core"});
        let who = json!({"user.id": "ab964e0896aa4510eca2db52d0c659a47acceeac501a7a832b0790cd6737ab47", "user.email": DANA,
            "user.account_uuid": "3e0f6a52-7d53-4f5b-9c7e-0a1b2c3d4e5f", "user.account_id": "user_01AbCdEfGhIjKlMnOpQrStUv",
            "organization.id": "0b1c7d1e-5d0c-4c8b-9a34-0f1e2d3c4b5a", "anthropic.provider": "firstParty", "anthropic.plan": "max",
            "session.id": "1119c46a-a165-4a4c-bfa2-db2a7b678e7a", "prompt": "hello", "model": "claude-opus-5-5"});
        let events = ["user_prompt", "api_request"].map(|name| event(name, at.0 - 1, who.clone()));
        tenant.send(&logs(resource.clone(), &events), at).await;
        let used = point(at.0 - 60_000, at.0 - 1, 5.0, who);
        tenant.send(&metrics("claude_code.token.usage", 1, &[used]), at).await;
    };
    let mut now = begin();
    for day in 0..40 {
        now = begin().plus(from_days(day)).plus(MINUTE);
        work(now, format!("2.1.3{day:02}")).await;
        tenant.project(now).await;
    }
    for _ in 0..6 {
        now = now.plus(15 * MINUTE);
        work(now, "2.1.339".into()).await;
        let bucket = format!("#{:08}", Bucket::of(now).0);
        let changed = tenant.pack_keys().await.into_iter().filter(|key| key.pk.ends_with(&bucket));
        let changed: Vec<_> = changed.collect();
        let _ = meter.take();
        tenant.stream(&changed[..1], now).await;
        let units = meter.take().write_units;
        let known = sighting(&tenant).await.sighting;
        assert_eq!(known.seen.unwrap().last, now, "it was written");
        assert!((2..=4).contains(&known.counted.len()), "{:?}", known.counted);
        assert!(known.values(Fact::Version).count() > 4 && known.marked(Mark::WorkPoint).is_some(), "{known:?}");
        assert_eq!(
            units,
            2.0,
            "the summary and the sighting, of {} bytes",
            serde_json::to_string(&known).unwrap().len()
        );
    }
}

#[tokio::test]
async fn what_is_new_of_a_source_is_known_at_once_and_when_it_was_seen_last_to_a_bucket() {
    let tenant = Stack::start().bounds(Bounds::thrifty()).tenant("acme").await;
    let seen = async |version, minute| {
        let now = begin().plus(SignedDuration::from_mins(minute));
        works(&tenant, version, 1, now).await;
        tenant.project(now).await;
        sighting(&tenant).await.sighting.seen.unwrap().last.since(begin()).as_mins()
    };
    assert_eq!(seen("2.1.330", 1).await, 1);
    assert_eq!(seen("2.1.330", 2).await, 1);
    assert_eq!(seen("2.1.331", 3).await, 3, "another version");
    assert_eq!(seen("2.1.331", 14).await, 3);
    assert_eq!(seen("2.1.331", 16).await, 16, "another bucket");
}

#[tokio::test]
async fn records_are_counted_once_however_rarely_the_sum_is_written() {
    let tenant = Stack::start().bounds(Bounds::thrifty()).tenant("acme").await;
    for minute in 1..=60 {
        let now = begin().plus(SignedDuration::from_mins(minute));
        works(&tenant, "2.1.330", 1, now).await;
        tenant.project(now).await;
    }
    let accepted = |stored: &StoredSighting| stored.sighting.traffic.accepted[0];
    let counted = accepted(&sighting(&tenant).await);
    assert!((15..60).contains(&counted), "all but the last three buckets: {counted}");
    let end = settle(&tenant, begin().plus(76 * MINUTE)).await;
    let late = end.plus(MINUTE);
    let who = json!({"user.email": DANA, "session.id": "s", "model": "claude-opus-5-5", "input_tokens": 1});
    tenant.send(&logs(json!({}), &[event("api_request", begin().0 + 5, who)]), late).await;
    tenant.project(late).await;
    let settled = sighting(&tenant).await;
    assert_eq!((accepted(&settled), tokens(&tenant).await), (64, json!(64)));
}

/// A request in each of the next three buckets, with which those before them are settled. Gives the time of the last one.
pub(super) async fn settle(tenant: &Tenant, from: Timestamp) -> Timestamp {
    let times = [0, 15, 30].map(|minutes| from.plus(SignedDuration::from_mins(minutes)));
    for now in times {
        works(tenant, "2.1.330", 1, now).await;
        tenant.project(now).await;
    }
    times[2]
}

#[tokio::test]
async fn whoever_sends_what_was_kept_for_hours_is_counted_once_and_remembered_shortly() {
    let tenant = Stack::start().bounds(Bounds::thrifty()).tenant("acme").await;
    let late = begin().plus(20 * 15 * MINUTE);
    for again in 1..=2 {
        let now = late.plus(SignedDuration::from_mins(again));
        for bucket in 0..20 {
            let who = json!({"user.email": DANA, "session.id": "s", "model": "claude-opus-5-5", "input_tokens": again});
            let at = begin().plus(bucket * BUCKET).0 + again;
            tenant.send(&logs(json!({}), &[event("api_request", at, who)]), now).await;
        }
        tenant.project(now).await;
        assert!(sighting(&tenant).await.sighting.counted.len() <= 8);
    }
    let end = settle(&tenant, late.plus(15 * MINUTE)).await;
    settle(&tenant, end.plus(15 * MINUTE)).await;
    let stored = sighting(&tenant).await.sighting;
    assert_eq!((stored.traffic.accepted[0], stored.counted.len()), (46, 3));
}

#[tokio::test]
async fn buckets_that_are_projected_at_once_are_both_counted() {
    for after in 0.. {
        let (database, pause) = (Embedded::in_memory().unwrap(), Pause::default());
        let tenant = Stack::start().over(database.store()).bounds(Bounds::thrifty()).tenant("acme").await;
        for minute in [1, 2, 16] {
            let now = begin().plus(SignedDuration::from_mins(minute));
            works(&tenant, "2.1.330", 1, now).await;
            tenant.project(now).await;
        }
        // More of the first, late; and meanwhile the third, which makes the first an old one.
        let (now, organisation) = (begin().plus(31 * MINUTE), tenant.organisation().await);
        let who = json!({"user.email": DANA, "session.id": "s", "model": "claude-opus-5-5", "input_tokens": 1});
        tenant.send(&logs(json!({}), &[event("api_request", begin().0 + 5, who)]), now).await;
        let slow = database.store_through(|client| pause.before(client));
        let (bounds, bucket) = (Bounds::thrifty(), Bucket::of(begin()));
        let projecting = project_within(&bounds, &slow, &organisation, dana(), bucket, now);
        let between = async {
            works(&tenant, "2.1.330", 1, now).await;
            let third = tenant.pack_keys().await.into_iter().filter(|key| is_of(key, now)).collect::<Vec<_>>();
            tenant.stream(&third, now).await;
        };
        let (projected, happened) = pause.with(after, projecting, between).await;
        projected.unwrap();
        if !happened {
            assert!(after > 4, "only {after} requests");
            break;
        }
        settle(&tenant, now.plus(15 * MINUTE)).await;
        let counted = sighting(&tenant).await.sighting.traffic.accepted[0];
        assert_eq!((counted, tokens(&tenant).await), (8, json!(8)), "before {after}");
    }
}

/// Whether a pack is of the bucket of this moment.
fn is_of(key: &keys::Key, at: Timestamp) -> bool {
    keys::read_pack_partition(&key.pk).is_some_and(|(_, _, bucket)| bucket == Bucket::of(at.minus(MILLISECOND)))
}

#[tokio::test]
async fn an_erasure_in_the_middle_of_a_projection_leaves_nothing_of_the_person() {
    overtaken_by("DELETE users/{id}").await;
}

#[tokio::test]
async fn a_removal_in_the_middle_of_a_projection_leaves_nothing_of_what_came_with_the_token() {
    overtaken_by("DELETE activity?token_generation=1&from=2026-01-01&to=2027-01-01&confirm=true").await;
}

/// Does something between any two requests of a projection, of who is known and of who is not.
async fn overtaken_by(call: &str) {
    for is_known in [true, false] {
        for after in 0.. {
            let (database, pause) = (Embedded::in_memory().unwrap(), Pause::default());
            let tenant = Stack::start().over(database.store()).bounds(Bounds::thrifty()).tenant("acme").await;
            if is_known {
                works(&tenant, "2.1.330", 1, START).await;
                tenant.project(START).await;
            }
            works(&tenant, "2.1.330", 1, START.plus(SECOND)).await;
            let (now, organisation) = (START.plus(2 * SECOND), tenant.organisation().await);
            let slow = database.store_through(|client| pause.before(client));
            let (bounds, bucket) = (Bounds::thrifty(), Bucket::of(START));
            let call = call.replace("{id}", &dana().encoded());
            let projecting = project_within(&bounds, &slow, &organisation, dana(), bucket, now);
            let between = async {
                // Who is not known yet is nobody to be erased.
                let reply = tenant.ask_at(&call, "", now).await;
                assert!(reply.status == 204 || !is_known, "{reply:?}");
            };
            let (projected, happened) = pause.with(after, projecting, between).await;
            projected.unwrap();
            if !happened {
                assert!(after > 4, "{call}: only {after} requests");
                break;
            }
            if !is_known {
                // Who was not known when it was asked is found when it is asked again, as the schedule does.
                assert_eq!(tenant.ask_at(&call, "", now).await.status, 204);
            }
            let left: Vec<_> = tenant.summaries().await.into_iter().map(|(.., summary)| summary).collect();
            assert!(left.iter().all(|summary| *summary == Summary::default()), "{call} before {after}: {left:?}");
            assert!(tenant.pack_keys().await.is_empty(), "{call} before {after}");
        }
    }
}
