//! What was stored becomes summaries: once, in any order, whatever happens in between.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use model::bucket::{BUCKET, Bucket};
use model::time::{DAY, MILLISECOND, MINUTE, SECOND, SignedDuration, Timestamp};
use serde_json::{Value, json};
use store::keys;
use store::keys::SummaryPlace;
use store::sighting::{SightingChange, StoredSighting};
use store::stamp::Stamp;
use store::summary::{Stale, StoredSummary, SummaryChange};
use telemetry::activity::summary::{Span, Summary};
use telemetry::claude::source::{SourceId, SourceKind};
use telemetry::sighting::{Fact, Mark};
use tools::activity::exports::{event, logs, metrics, point};
use tools::activity::{Sent, captures, requests, truth};
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

mod aside;
mod full;
mod limits;
mod orders;
mod rebuilding;
mod recounting;
mod thrift;

fn request(session: &str, at: Timestamp, tokens: i64) -> Sent {
    let attributes = json!({"session.id": session, "user.id": "c", "model": "m", "input_tokens": tokens});
    logs(json!({}), &[event("api_request", at.0, attributes)])
}

async fn tokens(tenant: &Tenant) -> i64 {
    tenant.total().await["input_tokens"].as_i64().unwrap()
}

#[tokio::test]
async fn every_capture_adds_up_to_what_a_second_decoder_says() {
    let tenant = Stack::start().tenant("acme").await;
    let mut flat = Vec::new();
    for name in captures() {
        for sent in requests(&name) {
            tenant.send(&sent, START.plus(MINUTE)).await;
            flat.extend(truth::flat(&sent));
        }
    }
    tenant.project(START.plus(90 * SECOND)).await;
    let total = tenant.total().await;
    for (name, number) in truth::row(&flat).as_object().unwrap() {
        assert_eq!(total[name].as_f64(), number.as_f64(), "{name}");
    }
    assert_eq!(total["sessions"], captures().len());
}

#[tokio::test]
async fn repeated_reordered_and_cut_streams_change_nothing() {
    let tenant = Stack::start().tenant("acme").await;
    for sent in ["pb-tools", "pb-oauth", "json-tools"].map(requests).iter().flatten() {
        tenant.send(sent, START).await;
        tenant.send(sent, START.plus(5 * DAY)).await;
    }
    tenant.project(START).await;
    let once = (tenant.summaries().await, tenant.sightings().await);
    let mut keys = tenant.pack_keys().await;
    for _ in 0..3 {
        keys.rotate_left(1);
        tenant.stream(&keys[..2], START).await;
        keys.reverse();
        tenant.stream(&keys, START.plus(DAY)).await;
    }
    let again = (tenant.summaries().await, tenant.sightings().await);
    assert_eq!(once, again);
}

#[tokio::test(flavor = "multi_thread")]
async fn projections_at_once_lose_nothing() {
    let tenant = Stack::start().tenant("acme").await;
    let mut running = tokio::task::JoinSet::new();
    for n in 0..12_i64 {
        let tenant = tenant.clone();
        running.spawn(async move {
            tenant.send(&request(&format!("s{n}"), START.plus(SignedDuration::from_millis(n)), 1 << n), START).await;
            let answer = tenant.stream(&tenant.pack_keys().await, START).await;
            // Whoever met too many others asks to be called again.
            while tenant.stream(&tenant.pack_keys().await, START).await != json!({"batchItemFailures": []}) {}
            answer
        });
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
    assert_eq!(tokens(&tenant).await, (1 << 12) - 1);
    let sightings = tenant.store.sightings(&tenant.organisation().await.uid).await.unwrap();
    assert_eq!(sightings[0].1.traffic.accepted, [12, 0, 0], "sums of headers are exact too");
}

#[tokio::test]
async fn exports_of_days_ago_and_of_wrong_clocks_find_their_buckets() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.send(&request("late", START.minus(6 * DAY), 1), START).await;
    tenant.send(&request("ahead", START.plus(2 * DAY), 2), START).await;
    tenant.send(&request("ahead", START.plus(2 * DAY), 2), START.plus(BUCKET)).await;
    tenant.send(&request("before", Timestamp(1_000), 4), START.plus(BUCKET)).await;
    tenant.project(START.plus(BUCKET)).await;
    let found: Vec<Bucket> = tenant.summaries().await.iter().map(|(bucket, ..)| *bucket).collect();
    let now = Bucket::of(START);
    assert_eq!(found, [Bucket::of(START.minus(6 * DAY)), now, Bucket(now.0 + 1)]);
    assert_eq!(tokens(&tenant).await, 7, "a repeated export counts once, however wrong its clock");
    // Once its time has come, the same claim is believed.
    tenant.send(&request("right", START.plus(2 * DAY).plus(MILLISECOND), 8), START.plus(2 * DAY)).await;
    tenant.project(START.plus(2 * DAY)).await;
    assert_eq!(tokens(&tenant).await, 15);
}

#[tokio::test]
async fn a_record_that_is_too_late_is_shown_at_its_arrival_until_the_organisation_accepts_it() {
    let tenant = Stack::start().tenant("acme").await;
    let (claimed, limit) = (START.minus(7 * DAY).minus(MILLISECOND), START.minus(7 * DAY));
    tenant.send(&request("late", claimed, 1), START).await;
    tenant.send(&request("just", limit, 2), START).await;
    // Sent again, it is the same record.
    tenant.send(&request("late", claimed, 1), START.plus(BUCKET)).await;
    tenant.project(START.plus(BUCKET)).await;
    let shown = async || -> Vec<Bucket> { tenant.summaries().await.iter().map(|(bucket, ..)| *bucket).collect() };
    assert_eq!(shown().await, [Bucket::of(limit), Bucket::of(START)]);
    assert_eq!(tokens(&tenant).await, 3);
    let listed = |now: Timestamp| {
        let (tenant, from) = (tenant.clone(), START.minus(8 * DAY).to_string());
        async move {
            let target = format!("GET /api/orgs/acme/events?from={from}&to={}", START.plus(DAY));
            let page = tenant.ask_at(&target, "", now).await;
            let text = String::from_utf8(page.body.to_vec()).unwrap();
            let times =
                text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["time"].clone());
            times.map(|time| time.as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(listed(START).await, [limit.to_string(), START.to_string()]);
    tenant.ask("PUT /api/orgs/acme", r#"{"limits": {"accept_late_days": 8}}"#).await;
    tenant.ask("POST /api/orgs/acme/rebuild", "").await;
    let soon = std::time::Instant::now() + std::time::Duration::from_secs(600);
    maintain::scheduled(&tenant.stack.handlers.app, START.plus(BUCKET), soon).await.unwrap();
    assert_eq!(listed(START).await, [claimed.to_string(), limit.to_string()]);
    assert_eq!(tokens(&tenant).await, 3, "and no longer at its arrival");
}

#[tokio::test]
async fn a_damaged_pack_neither_blocks_nor_is_lost() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.send(&request("s", START, 1), START).await;
    let uid = tenant.organisation().await.uid;
    let source = SourceId::new(SourceKind::Client, "c");
    let place =
        |first: i64| keys::pack(&uid, otlp::Signal::Logs, source, Bucket::of(START), Timestamp(first), &[9; 16]);
    tenant.store.put_pack(&place(1), b"\x01damaged".to_vec(), START.plus(90 * DAY)).await.unwrap();
    tenant.project(START).await;
    assert_eq!(tokens(&tenant).await, 1);
    assert_eq!(tenant.store.damaged(&uid, START).await.unwrap().len(), 1);
    assert_eq!(tenant.store.damaged(&uid, START.plus(91 * DAY)).await.unwrap().len(), 0, "it expires with the pack");
}

#[tokio::test]
async fn a_pack_of_a_later_release_comes_again_and_holds_up_nobody_else() {
    let tenant = Stack::start().tenant("acme").await;
    let (uid, other) = (tenant.organisation().await.uid, SourceId::new(SourceKind::Client, "other"));
    let later = keys::pack(&uid, otlp::Signal::Logs, other, Bucket::of(START), Timestamp(1), &[9; 16]);
    tenant.store.put_pack(&later, vec![2, 0, 0], START.plus(90 * DAY)).await.unwrap();
    tenant.send(&request("s", START, 1), START).await;
    let mut keys = tenant.pack_keys().await;
    keys.sort_by_key(|key| *key == later);
    let answer = tenant.stream(&keys, START).await;
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "1001"}]}));
    assert_eq!(tokens(&tenant).await, 1);
    assert!(tenant.store.damaged(&uid, START).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_goes_away_or_belongs_to_nobody_is_passed_over_and_what_is_no_pack_is_not() {
    let tenant = Stack::start().tenant("acme").await;
    tenant.send(&request("s", START, 1), START).await;
    tenant.project(START).await;
    let stranger = keys::Key { pk: "aaaaaaaaaaaa#ip9BQre17h18nEqSOtppWQ#01994808".into(), sk: "l#1#x".into() };
    let nonsense = keys::Key { pk: "x".into(), sk: "y".into() };
    let answer = tenant.stream(&[stranger, nonsense], START).await;
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "1001"}]}), "it goes to the dead letters");
    let mut expired = tools::tenant::stream_event(&tenant.pack_keys().await);
    expired["Records"][0]["eventName"] = json!("REMOVE");
    let app = project_activity::Projection::new(tenant.store.clone());
    project_activity::handle(&app, expired, START.plus(91 * DAY)).await.unwrap();
    assert_eq!(tokens(&tenant).await, 1, "what packs told is kept longer than they are");
}

#[tokio::test]
async fn a_sighting_tells_when_and_under_which_names_a_source_was_seen() {
    let tenant = Stack::start().tenant("acme").await;
    for (sent, at) in requests("pb-oauth").iter().zip([START, START.plus(BUCKET)]) {
        tenant.send(sent, at).await;
    }
    tenant.project(START.plus(BUCKET)).await;
    let sightings = tenant.store.sightings(&tenant.organisation().await.uid).await.unwrap();
    let [(_, sighting)] = &sightings[..] else { panic!("{sightings:?}") };
    assert_eq!(sighting.kind.as_deref(), Some("email"));
    let seen = sighting.seen.unwrap();
    assert_eq!((seen.first, seen.last), (START, START.plus(BUCKET)), "by arrival");
    assert_eq!(sighting.values(Fact::Client).count(), 1);
    assert_eq!(sighting.values(Fact::Generation).next().unwrap().0, "1");
    assert!(sighting.marked(Mark::Work).is_some() && sighting.marked(Mark::Cumulative).is_none());
    let flat: Vec<Value> = requests("pb-oauth").iter().map(|s| json!(truth::flat(s).len())).collect();
    assert_eq!(json!(sighting.traffic.accepted[..2]), json!(flat));
}

#[tokio::test]
async fn a_summary_too_large_for_one_item_is_stored_in_parts() {
    let tenant = Stack::start().tenant("acme").await;
    let mut summary = Summary::default();
    for n in 0..60_000_u64 {
        let noise = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let session: Arc<str> = format!("{noise:016x}{:016x}", noise.rotate_left(31).wrapping_mul(noise)).into();
        summary.sessions.insert(session, Span { first: Timestamp(n as i64), last: Timestamp(n as i64) });
    }
    let uid = tenant.organisation().await.uid;
    let source = SourceId::new(SourceKind::Client, "c");
    let bucket = Bucket::of(START);
    let place = SummaryPlace { uid, source, claimed: bucket, shown: bucket };
    let sighting = |revision| StoredSighting { revision, ..StoredSighting::default() };
    let [none, first, second] = [0, 1, 2].map(sighting);
    let change = |before, summary| SummaryChange {
        place: &place,
        before,
        stamp: Stamp { packs: 1, ..Stamp::default() },
        summary,
        sighting: Some(SightingChange { known: &none, after: &first }),
        stale: Stale::default(),
    };
    tenant.store.change_summary(&change(None, &summary)).await.unwrap();
    let stored = tenant.store.summary(&place).await.unwrap().unwrap();
    assert_eq!(stored.summary, summary);
    assert!(tenant.store.change_summary(&change(None, &summary)).await.unwrap_err().is_conflict());
    // A smaller one leaves no parts behind.
    let small = Summary::default();
    let next = SummaryChange {
        sighting: Some(SightingChange { known: &first, after: &second }),
        ..change(Some(&stored), &small)
    };
    tenant.store.change_summary(&next).await.unwrap();
    assert_eq!(tenant.store.summary(&place).await.unwrap().unwrap().summary, small);
}

#[tokio::test]
async fn a_summary_is_replaced_whether_or_not_it_has_the_zeros_that_earlier_releases_wrote() {
    let tenant = Stack::start().tenant("acme").await;
    let uid = tenant.organisation().await.uid;
    let bucket = Bucket::of(START);
    for (client, has_zeros) in [("earlier", true), ("now", false)] {
        let place = SummaryPlace {
            uid: uid.clone(),
            source: SourceId::new(SourceKind::Client, client),
            claimed: bucket,
            shown: bucket,
        };
        let summary = Summary::default();
        let change = async |before: Option<&StoredSummary>, stamp| {
            let (place, summary, stale) = (&place, &summary, Stale::default());
            let change = SummaryChange { place, before, stamp, summary, sighting: None, stale };
            tenant.store.change_summary(&change).await
        };
        let [first, second, erased] =
            [(1, 0), (2, 0), (2, 1)].map(|(packs, erasures)| Stamp { packs, erasures, epoch: 0 });
        change(None, first).await.unwrap();
        if has_zeros {
            let key = keys::summary(&place, 0);
            let update = tenant.store.client().update_item().table_name(tenant.store.activity());
            let update = update.key("pk", AttributeValue::S(key.pk)).key("sk", AttributeValue::S(key.sk));
            let update = update.update_expression("SET erasures = :zero, epoch = :zero, parts = :one");
            let update = update.expression_attribute_values(":zero", AttributeValue::N("0".into()));
            update.expression_attribute_values(":one", AttributeValue::N("1".into())).send().await.unwrap();
        }
        let before = tenant.store.summary(&place).await.unwrap().unwrap();
        assert_eq!(before.stamp, first);
        for stamp in [second, erased] {
            let known = tenant.store.summary(&place).await.unwrap().unwrap();
            change(Some(&known), stamp).await.unwrap();
            assert_eq!(tenant.store.summary(&place).await.unwrap().unwrap().stamp, stamp);
            assert!(change(Some(&before), second).await.unwrap_err().is_conflict());
        }
    }
}
