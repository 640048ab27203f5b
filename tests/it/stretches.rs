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
mod half_a_day;
mod races;

use half_a_day::*;

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
