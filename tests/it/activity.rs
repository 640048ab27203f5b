//! What packs say in numbers, against a second decoder and against exports whose truth is known.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::bucket::{BUCKET, Bucket};
use model::organisation::Settings;
use model::time::{DAY, Timestamp};
use serde_json::{Value, json};
use service::report::figures::Figures;
use telemetry::activity::bucket::summaries;
use telemetry::activity::day;
use telemetry::activity::dimensions::{Dimension, Dimensions, Label};
use telemetry::activity::growing::Growing;
use telemetry::activity::ledger::{Account, Grouping, Ledger};
use telemetry::activity::measure::{Measure, nanos};
use telemetry::activity::money::Money;
use telemetry::activity::summary::Summary;
use telemetry::activity::wire;
use telemetry::claude::source::{SourceId, SourceKind};
use tools::activity::exports::{event, logs, metrics, point};
use tools::activity::{Filed, Sent, captures, enter, filed, packs, requests, truth};

const NOON: i64 = 1_795_348_800_000;
const ARRIVAL: Timestamp = Timestamp(NOON + 60_000);

type Summaries = BTreeMap<(SourceId, Bucket), Vec<Summary>>;

fn summarised(packs: Vec<Filed>) -> Summaries {
    let settings = Settings::new(&"acme".parse().unwrap());
    let mut all: Summaries = BTreeMap::new();
    for ((source, claimed), packs) in filed(packs) {
        for (shown, summary) in summaries(claimed, &packs, &settings) {
            let stored = wire::decode(&wire::encode(&summary)).unwrap();
            assert_eq!(stored, summary);
            all.entry((source, shown)).or_default().push(stored);
        }
    }
    all
}

fn somebody(source: SourceId, _: &Label) -> Option<Arc<str>> {
    Some(source.encoded().into())
}

fn account(summaries: &Summaries, grouping: &[Grouping]) -> Account {
    let mut ledger = Ledger::new(grouping, somebody);
    for ((source, bucket), list) in summaries {
        for summary in list {
            enter(&mut ledger, *source, Some(*bucket), summary, true);
        }
    }
    ledger.close()
}

fn all_packs(sent: &[Sent]) -> Vec<Filed> {
    sent.iter().flat_map(|s| packs(s, ARRIVAL)).collect()
}

fn figures(sent: &[Sent]) -> Value {
    serde_json::to_value(Figures::from(&account(&summarised(all_packs(sent)), &[]).total)).unwrap()
}

#[track_caller]
fn assert_row(found: &Value, expected: &Value, what: &str) {
    for (name, number) in expected.as_object().unwrap() {
        assert_eq!(found[name].as_f64(), number.as_f64(), "{name} of {what}");
    }
}

#[test]
fn every_capture_says_what_a_second_decoder_says() {
    for name in captures() {
        let sent = requests(&name);
        let flat: Vec<truth::Flat> = sent.iter().flat_map(truth::flat).collect();
        let found = figures(&sent);
        assert_row(&found, &truth::row(&flat), &name);
        assert_eq!((&found["sessions"], &found["active_users"]), (&json!(1), &json!(1)), "{name}");
    }
}

#[test]
fn a_day_says_what_its_buckets_say() {
    let sent: Vec<Sent> = captures().iter().flat_map(|name| requests(name)).collect();
    let buckets = summarised(all_packs(&sent));
    let mut by_source: BTreeMap<SourceId, Vec<(Bucket, Summary)>> = BTreeMap::new();
    for ((source, bucket), list) in &buckets {
        by_source.entry(*source).or_default().extend(list.iter().map(|s| (*bucket, s.clone())));
    }
    let by = [Dimension::Model, Dimension::Tool, Dimension::Version, Dimension::Terminal, Dimension::QuerySource];
    let grouping: Vec<Grouping> = [Grouping::User].into_iter().chain(by.map(Grouping::By)).collect();
    let mut ledger = Ledger::new(&grouping, somebody);
    for (source, buckets) in &by_source {
        let day = day::summary(&[], buckets);
        let summary = &wire::decode(&wire::encode(&day)).unwrap();
        enter(&mut ledger, *source, None, summary, true);
    }
    let (by_day, by_bucket) = (ledger.close(), account(&buckets, &grouping));
    let shown = |account: &Account| -> Vec<String> {
        let lines = account.lines.iter().chain([&account.total]);
        lines.map(|l| format!("{:?} {}", l.key, serde_json::to_string(&Figures::from(l)).unwrap())).collect()
    };
    assert_eq!(shown(&by_day), shown(&by_bucket));
}

#[test]
fn the_same_export_many_times_and_batched_anew_counts_once() {
    let records: Vec<Value> = (0..6).map(|n| request("s", NOON + n, 10)).collect();
    let whole = logs(json!({}), &records);
    let expected = figures(std::slice::from_ref(&whole));
    assert_eq!(expected["input_tokens"], 60);
    let parts = [logs(json!({}), &records[..4]), logs(json!({}), &records[2..]), whole.clone(), whole];
    assert_eq!(figures(&parts), expected);
    // Two equal records of one export are two.
    let twice = logs(json!({}), &[records[0].clone(), records[0].clone()]);
    let once = logs(json!({}), &records[..1]);
    assert_eq!(figures(&[once.clone(), twice, once])["input_tokens"], 20);
}

fn request(session: &str, millis: i64, tokens: i64) -> Value {
    let attributes =
        json!({"session.id": session, "user.id": "c", "model": "m", "input_tokens": tokens, "cost_usd": 0.0000005});
    event("api_request", millis, attributes)
}

fn tokens(session: Option<&str>, start: i64, millis: i64, value: f64) -> Value {
    let mut attributes = json!({"user.id": "c", "model": "m", "type": "input"});
    if let Some(session) = session {
        attributes["session.id"] = json!(session);
    }
    point(start, millis, value, attributes)
}

#[test]
fn money_adds_up_to_half_a_micro_dollar() {
    let records: Vec<Value> = (0..3).map(|n| request("s", NOON + n, 1)).collect();
    assert_eq!(figures(&[logs(json!({}), &records)])["cost_usd"], 0.000002, "1.5 micro-dollars, rounded once");
}

#[test]
fn cumulative_counters_count_what_they_gained_in_any_order() {
    let name = "claude_code.token.usage";
    let at = |start: i64, minute: i64, value: f64| {
        metrics(name, 2, &[tokens(Some("s"), start, NOON + minute * 60_000, value)])
    };
    let mut sent = vec![
        at(NOON, 1, 100.0),
        at(NOON, 2, 150.0),
        at(NOON, 20, 400.0),
        at(NOON, 40, 400.0),
        // The client was started again, then a counter that began again without saying so.
        at(NOON + 50, 45, 30.0),
        at(NOON + 50, 46, 10.0),
    ];
    assert_eq!(figures(&sent)["input_tokens"], 440);
    sent.reverse();
    sent.push(sent[2].clone());
    assert_eq!(figures(&sent)["input_tokens"], 440);
}

#[test]
fn a_range_that_begins_within_a_series_counts_only_what_was_gained_in_it() {
    let name = "claude_code.lines_of_code.count";
    let at = |minute: i64, value: f64| {
        let attributes = json!({"user.id": "c", "session.id": "s", "type": "added"});
        metrics(name, 2, &[point(NOON, NOON + minute * 60_000, value, attributes)])
    };
    let summaries = summarised(all_packs(&[at(1, 100.0), at(20, 130.0), at(35, 135.0)]));
    let mut ledger = Ledger::new(&[], somebody);
    for ((source, bucket), list) in &summaries {
        let shown = bucket.start() >= Timestamp(NOON).plus(BUCKET);
        enter(&mut ledger, *source, Some(*bucket), &list[0], shown);
    }
    assert_eq!(Figures::from(&ledger.close().total).lines_added, 35);
}

#[test]
fn a_wrong_clock_shows_at_arrival_and_keeps_its_numbers() {
    let sent = [
        logs(json!({}), &[request("s", NOON, 1)]),
        logs(json!({}), &[request("s", Timestamp(NOON).plus(2 * DAY).0, 2)]),
        logs(json!({}), &[request("s", 1_000, 4)]),
    ];
    let summaries = summarised(all_packs(&sent));
    let shown: Vec<Bucket> = summaries.keys().map(|(_, bucket)| *bucket).collect();
    assert_eq!(shown, [Bucket::of(Timestamp(NOON))]);
    assert_eq!(summaries.values().next().unwrap().len(), 3, "one for each claimed bucket");
    assert_eq!(figures(&sent)["input_tokens"], 7);
}

#[test]
fn only_sessions_with_work_in_them_are_counted() {
    let start_up = logs(json!({}), &[event("plugin_loaded", NOON, json!({"session.id": "a", "user.id": "c"}))]);
    let started =
        |session: &str, kind: &str| point(NOON, NOON, 1.0, json!({"session.id": session, "start_type": kind}));
    let starts = metrics("claude_code.session.count", 1, &[started("a", "fresh"), started("b", "agents_view")]);
    let view = logs(json!({}), &[request("b", NOON, 1)]);
    assert_eq!(figures(&[start_up.clone(), starts.clone()])["sessions"], 0);
    let found = figures(&[start_up, starts, view, logs(json!({}), &[request("c", NOON, 1)])]);
    assert_eq!(found["sessions"], 1, "the agents' view is a dashboard");
}

#[test]
fn acceptance_is_what_people_decided_themselves() {
    let decided = |decision: &str, source: &str, times: f64| {
        let attributes = json!({"session.id": "s", "decision": decision, "source": source, "tool_name": "Edit"});
        point(NOON, NOON, times, attributes)
    };
    let points = [
        decided("accept", "config", 90.0),
        decided("reject", "hook", 5.0),
        decided("accept", "user_temporary", 3.0),
        decided("reject", "user_reject", 1.0),
    ];
    let found = figures(&[metrics("claude_code.code_edit_tool.decision", 1, &points)]);
    assert_eq!((&found["edits_accepted"], &found["edits_rejected"]), (&json!(93), &json!(6)));
    assert_eq!(found["acceptance_rate"], 0.75);
}

#[test]
fn sums_of_the_largest_numbers_that_are_permitted_stop_at_the_largest_amount_there_is() {
    let mut growing = Growing::default();
    let about = Dimensions::default();
    // A million requests of $1,000 and a billion tokens each, as often as it takes to be beyond any sum.
    let (cost, tokens) = (nanos(1_000.0) * 1_000_000, 1_000_000_000 * 1_000_000);
    for _ in 0..10_000 {
        growing.add(&about, Measure::Work, 1);
        growing.add(&about, Measure::ApiRequests, 1_000_000);
        growing.add(&about, Measure::Cost, cost);
        growing.report((Timestamp(NOON), Timestamp(NOON)), &about, Money::of_metric(Measure::PointCost, cost).unwrap());
        growing.add(&about, Measure::Input, tokens);
        growing.add(&about, Measure::OwnAccepted, tokens);
        growing.add(&about, Measure::OwnRejected, tokens);
    }
    let summary = growing.finish();
    assert_eq!(wire::decode(&wire::encode(&summary)).unwrap(), summary);
    let mut ledger = Ledger::new(&[Grouping::By(Dimension::Model)], somebody);
    for person in 0..3 {
        let source = SourceId::new(SourceKind::Client, &person.to_string());
        enter(&mut ledger, source, Some(Bucket::of(Timestamp(NOON))), &summary, true);
    }
    let figures = Figures::from(&ledger.close().total);
    assert_eq!((figures.cost_usd, figures.input_tokens), (9_223_372_036.854_776, i64::MAX));
    assert_eq!((figures.api_requests, figures.acceptance_rate), (30_000_000_000, Some(1.0)));
}
