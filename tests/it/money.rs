//! What is told of tokens and cost, whatever was lost on the way: each request once, and parts add up to the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::bucket::Bucket;
use model::organisation::Settings;
use model::time::{DAY, HOUR, MINUTE, Millis, SECOND};
use proptest::prelude::*;
use serde_json::{Value, json};
use telemetry::activity::day;
use telemetry::activity::dimensions::Label;
use telemetry::activity::ledger::{Account, Grouping, Ledger, Place, Role};
use telemetry::activity::measure::Measure;
use telemetry::activity::quarter::summaries;
use telemetry::activity::summary::Summary;
use telemetry::activity::wire;
use telemetry::claude::source::SourceId;
use tools::activity::exports::{counters, event, logs, point};
use tools::activity::{Sent, filed, packs};

/// Midnight of a day in UTC.
const MIDNIGHT: i64 = 1_795_305_600_000;
/// Days that histories take place in.
const DAYS: i64 = 6;

/// How the records of a session name it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Naming {
    Right,
    /// Metrics carry the id of the session that was resumed.
    Wrong,
    /// Metrics carry none.
    Without,
    /// Metrics carry neither it nor the address of the person, whose installation they name.
    Stripped,
}

/// A request of a session.
#[derive(Debug, Clone)]
struct Asked {
    /// Seconds since the one before.
    after: i64,
    micros: i64,
    tokens: i64,
    is_event_lost: bool,
    /// Whether its event says nothing of its cost.
    is_without_cost: bool,
}

/// A process of a client.
#[derive(Debug, Clone)]
struct Process {
    person: u8,
    session: u8,
    model: u8,
    /// Minutes from the first midnight.
    begins: i64,
    /// Seconds between two exports of metrics.
    interval: i64,
    naming: Naming,
    is_cumulative: bool,
    requests: Vec<Asked>,
    /// Which exports of metrics are lost, by their numbers.
    lost: BTreeSet<usize>,
}

/// A request as it was, and which signals of it arrived.
#[derive(Debug, Clone)]
struct Truth {
    micros: i64,
    tokens: i64,
    by_event: bool,
    by_metric: bool,
}

/// What a process sends, and what is true of it.
fn play(process: &Process) -> (Vec<Sent>, Vec<Truth>) {
    let email = format!("person{}@example.com", process.person);
    let client = format!("client-{}", process.person);
    let session = format!("session-{}-{}", process.person, process.session);
    let model = format!("model-{}", process.model);
    let begins = MIDNIGHT + process.begins * MINUTE;
    let (mut sent, mut truth, mut at) = (Vec::new(), Vec::new(), begins);
    let step = process.interval * SECOND;
    let mut exports: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for asked in &process.requests {
        at += asked.after * SECOND + 7;
        let mut attributes = json!({
            "session.id": session, "user.email": email, "user.id": client, "model": model,
            "input_tokens": asked.tokens, "request_id": format!("{at}-{}", process.session),
        });
        if !asked.is_without_cost {
            attributes["cost_usd"] = json!(asked.micros as f64 / 1e6);
        }
        if !asked.is_event_lost {
            sent.push(logs(json!({}), &[event("api_request", at, attributes)]));
        }
        exports.entry((at - begins).div_euclid(step)).or_default().push(truth.len());
        truth.push(Truth {
            micros: asked.micros,
            tokens: asked.tokens,
            by_event: !asked.is_event_lost,
            by_metric: false,
        });
    }
    let mut attributes = json!({"user.id": client, "model": model});
    match process.naming {
        Naming::Right => attributes["session.id"] = json!(session),
        Naming::Wrong => attributes["session.id"] = json!("resumed"),
        Naming::Without | Naming::Stripped => {}
    }
    if process.naming != Naming::Stripped {
        attributes["user.email"] = json!(email);
    }
    let (mut micros, mut tokens, mut waiting) = (0, 0, Vec::new());
    let mut since = begins;
    for (number, (index, requests)) in exports.into_iter().enumerate() {
        let ends = begins + (index + 1) * step;
        let (mut more_micros, mut more_tokens) = (0, 0);
        for request in requests {
            more_micros += truth[request].micros;
            more_tokens += truth[request].tokens;
            waiting.push(request);
        }
        (micros, tokens) = (micros + more_micros, tokens + more_tokens);
        let told = if process.is_cumulative { (micros, tokens, begins) } else { (more_micros, more_tokens, since) };
        since = ends;
        if process.lost.contains(&number) {
            if !process.is_cumulative {
                waiting.clear();
            }
            continue;
        }
        // A counter since the start tells of what was lost before.
        waiting.drain(..).for_each(|request| truth[request].by_metric = true);
        let mut of_tokens = attributes.clone();
        of_tokens["type"] = json!("input");
        let points = [
            ("claude_code.cost.usage", vec![point(told.2, ends, told.0 as f64 / 1e6, attributes.clone())]),
            ("claude_code.token.usage", vec![point(told.2, ends, told.1 as f64, of_tokens)]),
        ];
        sent.push(counters(if process.is_cumulative { 2 } else { 1 }, &points));
    }
    (sent, truth)
}

type Summaries = BTreeMap<SourceId, Vec<(Bucket, Summary)>>;

fn summarised(sent: &[Sent]) -> Summaries {
    let settings = Settings::new(&"acme".parse().unwrap());
    let arrived = Millis(MIDNIGHT + DAYS * DAY);
    let mut all = Summaries::new();
    for ((source, claimed), packs) in filed(sent.iter().flat_map(|sent| packs(sent, arrived)).collect()) {
        for (shown, summary) in summaries(claimed, &packs, &settings) {
            let stored = wire::decode(&wire::encode(&summary)).unwrap();
            assert_eq!(stored, summary);
            all.entry(source).or_default().push((shown, stored));
        }
    }
    all
}

/// Whose a source is, as merges would say it.
fn whose(source: SourceId, _: &Label) -> Option<Arc<str>> {
    use telemetry::claude::source::SourceKind;
    let persons = (0..8).map(|n| (n, format!("person{n}@example.com"), format!("client-{n}")));
    let found = persons.into_iter().find(|(_, email, client)| {
        source == SourceId::new(SourceKind::Email, email) || source == SourceId::new(SourceKind::Client, client)
    });
    Some(found.map_or_else(|| source.encoded().into(), |(n, ..)| format!("person {n}").into()))
}

fn day_of(bucket: Bucket) -> i64 {
    bucket.start().0.div_euclid(DAY)
}

/// What a report tells of the buckets from `from` to `to`, the latter excluded. Days of which `closed` is true are read whole.
fn told(all: &Summaries, (from, to): (Bucket, Bucket), closed: impl Fn(i64) -> bool) -> Account {
    use telemetry::activity::summary::Part;
    let mut ledger = Ledger::new(&[Grouping::User, Grouping::Model], whose);
    let mut past = Vec::new();
    let is_whole = |day: i64| Bucket::of(day * DAY) >= from && Bucket::of((day + 1) * DAY) <= to;
    for (source, quarters) in all {
        let place = |bucket: Option<Bucket>, day: i64, role| {
            let ends = Bucket(Bucket::of((day + 1) * DAY).0 - 1);
            Place { source: *source, day: day.to_string().into(), ends, bucket, role }
        };
        let days: BTreeSet<i64> = quarters.iter().map(|(bucket, _)| day_of(*bucket)).collect();
        for day in days {
            let of_day: Vec<_> = quarters.iter().filter(|(bucket, _)| day_of(*bucket) == day).cloned().collect();
            if is_whole(day) && closed(day) {
                let before: Vec<_> = quarters.iter().filter(|(bucket, _)| day_of(*bucket) < day).cloned().collect();
                let whole = day::summary(&before, &of_day);
                let stored = wire::decode(&wire::encode(&whole)).unwrap();
                stored.parts(|part| ledger.add(&place(None, day, Role::Shown), &part));
            }
            if day < day_of(from) && closed(day) {
                let earlier: Vec<_> = quarters.iter().filter(|(bucket, _)| day_of(*bucket) < day).cloned().collect();
                past.push((place(None, day, Role::Past), day::summary(&earlier, &of_day)));
            }
            for (bucket, summary) in of_day {
                let role = match (bucket >= from && bucket < to, day) {
                    _ if is_whole(day) && closed(day) => Role::Before,
                    (true, _) => Role::Shown,
                    (false, day) if day >= day_of(from) && day <= day_of(Bucket(to.0 - 1)) => Role::Hidden,
                    (false, day) if day < day_of(from) => Role::Before,
                    _ => continue,
                };
                if day < day_of(from) && !closed(day) {
                    past.push((place(Some(bucket), day, Role::Past), summary.clone()));
                }
                summary.parts(|part| {
                    if role != Role::Before || !matches!(part, Part::Series(..)) {
                        ledger.add(&place(Some(bucket), day, role), &part);
                    }
                });
            }
        }
    }
    for (place, summary) in past {
        summary.parts(|part| ledger.add(&place, &part));
    }
    ledger.close()
}

fn whole() -> (Bucket, Bucket) {
    (Bucket::of(MIDNIGHT - DAY), Bucket::of(MIDNIGHT + (DAYS + 2) * DAY))
}

fn sums(account: &Account) -> BTreeMap<Vec<Label>, (i64, i64)> {
    let line = |line: &telemetry::activity::ledger::Line| {
        (line.key.clone(), (line.numbers[Measure::Cost], line.numbers[Measure::Input]))
    };
    account.lines.iter().map(line).filter(|(_, sums)| *sums != (0, 0)).collect()
}

fn total(account: &Account) -> (i64, i64) {
    (account.total.numbers[Measure::Cost], account.total.numbers[Measure::Input])
}

prop_compose! {
    fn asked(may_lose: bool)(
        after in prop_oneof![4 => 1..90_i64, 1 => 90..4_000_i64, 1 => Just(9 * 3_600)],
        micros in 1..900_i64,
        tokens in 0..50_i64,
        lost in prop::bool::weighted(0.3),
        without in prop::bool::weighted(0.15),
    ) -> Asked {
        Asked { after, micros, tokens, is_event_lost: may_lose && lost, is_without_cost: may_lose && without }
    }
}

prop_compose! {
    fn process(events: bool, points: bool, is_odd: bool)(
        person in 0..3_u8,
        session in 0..4_u8,
        model in 0..2_u8,
        begins in 0..2 * 24 * 60_i64,
        interval in prop_oneof![Just(60_i64), Just(300), Just(10), Just(1_500)],
        naming in prop_oneof![
            4 => Just(Naming::Right), 1 => Just(Naming::Wrong), 1 => Just(Naming::Without), 1 => Just(Naming::Stripped),
        ],
        is_cumulative in prop::bool::weighted(0.25),
        requests in prop::collection::vec(asked(events), 1..9),
        lost in prop::collection::btree_set(0..10_usize, 0..4),
    ) -> Process {
        let (naming, is_cumulative) = if is_odd { (naming, is_cumulative) } else { (Naming::Right, false) };
        let lost = if points { lost } else { BTreeSet::new() };
        Process { person, session, model, begins, interval, naming, is_cumulative, requests, lost }
    }
}

fn history(processes: &[Process]) -> (Summaries, Vec<Truth>) {
    let (mut sent, mut truth) = (Vec::new(), Vec::new());
    for process in processes {
        let (more, true_of_it) = play(process);
        sent.extend(more);
        truth.extend(true_of_it);
    }
    // An intermediary that lost an answer sends some of it again.
    let again: Vec<Sent> = sent.iter().step_by(3).cloned().collect();
    sent.extend(again);
    (summarised(&sent), truth)
}

/// One process for each person. Where one person's processes overlap around midnight, events of one may be taken for those of the
/// other: what is told is near the truth then, and parts still add up.
fn one_each(processes: Vec<Process>) -> Vec<Process> {
    processes.into_iter().zip(0..).map(|(process, person)| Process { person, ..process }).collect()
}

/// Processes that end on the day they begin on: what is left over before midnight may explain a lost event after it, too.
fn within_a_day(mut processes: Vec<Process>) -> Vec<Process> {
    for process in &mut processes {
        process.begins %= 600;
        process.requests.iter_mut().for_each(|asked| asked.after = asked.after.min(4_000));
    }
    processes
}

fn truth_of(truth: &[Truth], holds: impl Fn(&Truth) -> bool) -> (i64, i64) {
    let held = truth.iter().filter(|truth| holds(truth));
    held.fold((0, 0), |(micros, tokens), truth| (micros + truth.micros * 1_000, tokens + truth.tokens))
}

/// Histories per property. A longer run sets `MONEY_CASES`.
fn cases() -> ProptestConfig {
    let cases = std::env::var("MONEY_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn any_division_of_a_range_adds_up_to_the_whole(
        processes in prop::collection::vec(process(true, true, true), 1..6),
        cuts in prop::collection::btree_set(0..(DAYS + 1) * 96, 1..8),
        closed in any::<[bool; 8]>(),
    ) {
        let (all, _) = history(&processes);
        let (from, to) = whole();
        let open = sums(&told(&all, (from, to), |_| false));
        let first = day_of(from);
        let is_closed = |day: i64| closed[(day - first) as usize % closed.len()];
        prop_assert_eq!(&sums(&told(&all, (from, to), is_closed)), &open, "closed days");
        let mut ends = vec![from];
        ends.extend(cuts.iter().map(|cut| Bucket(Bucket::of(MIDNIGHT).0 + cut)));
        ends.push(to);
        let mut parts: BTreeMap<Vec<Label>, (i64, i64)> = BTreeMap::new();
        for ends in ends.windows(2) {
            for (key, (micros, tokens)) in sums(&told(&all, (ends[0], ends[1]), is_closed)) {
                let sum = parts.entry(key).or_default();
                *sum = (sum.0 + micros, sum.1 + tokens);
            }
        }
        prop_assert_eq!(parts, open, "parts");
    }

    #[test]
    fn nothing_is_told_twice_and_nothing_that_arrived_is_left_out_whatever_is_lost(
        processes in prop::collection::vec(process(true, true, false), 1..6),
    ) {
        let (all, truth) = history(&within_a_day(one_each(processes)));
        let (cost, tokens) = total(&told(&all, whole(), |_| false));
        let arrived = truth_of(&truth, |request| request.by_event || request.by_metric);
        prop_assert!(cost <= arrived.0 && tokens <= arrived.1, "{cost} {tokens} {arrived:?}");
        let by_metric = truth_of(&truth, |request| request.by_metric);
        prop_assert!(cost >= by_metric.0 && tokens >= by_metric.1, "{cost} {tokens} {by_metric:?}");
        prop_assert!(tokens >= truth_of(&truth, |request| request.by_event).1);
    }

    #[test]
    fn where_events_are_lost_metrics_tell_of_them_to_the_nano_dollar(mut process in process(true, false, false), other in process(false, false, false)) {
        process.person = other.person + 1;
        let (all, truth) = history(&within_a_day(vec![process, other]));
        prop_assert_eq!(total(&told(&all, whole(), |_| false)), truth_of(&truth, |_| true));
        prop_assert_eq!(total(&told(&all, whole(), |_| true)), truth_of(&truth, |_| true));
    }

    #[test]
    fn where_metrics_are_lost_or_named_wrongly_events_tell_of_all(mut processes in prop::collection::vec(process(false, true, true), 1..5)) {
        for process in &mut processes {
            if process.naming == Naming::Stripped {
                // Metrics of another source are held against events by days, and so are not against those of the day before.
                process.naming = Naming::Without;
            }
        }
        let (all, truth) = history(&one_each(processes));
        prop_assert_eq!(total(&told(&all, whole(), |_| false)), truth_of(&truth, |_| true));
    }
}

#[test]
fn metrics_without_session_and_address_are_explained_by_events_of_the_same_person() {
    let begins = 9 * 60;
    let asked = Asked { after: 20, micros: 5, tokens: 1, is_event_lost: false, is_without_cost: false };
    let requests = vec![asked.clone(), asked.clone(), Asked { is_event_lost: true, ..asked }];
    let (person, session, model, interval, lost) = (1, 1, 0, 60, BTreeSet::new());
    let process = Process {
        person,
        session,
        model,
        begins,
        interval,
        naming: Naming::Stripped,
        is_cumulative: false,
        requests,
        lost,
    };
    let (all, truth) = history(&[process]);
    assert_eq!(total(&told(&all, whole(), |_| false)), truth_of(&truth, |_| true));
    assert_eq!(total(&told(&all, whole(), |_| true)), truth_of(&truth, |_| true));
}

/// A request's event, alone.
fn request(session: &str, at: i64, cost: f64) -> Sent {
    let attributes = json!({"session.id": session, "user.email": "jo@example.com", "model": "m", "cost_usd": cost});
    logs(json!({}), &[event("api_request", at, attributes)])
}

/// A point of cost, of the minute before.
fn cost(session: &str, at: i64, cost: f64) -> Sent {
    let attributes = json!({"session.id": session, "user.email": "jo@example.com", "model": "m"});
    counters(1, &[("claude_code.cost.usage", vec![point(at - MINUTE, at, cost, attributes)])])
}

fn dollars(all: &Summaries, from: i64, to: i64) -> f64 {
    total(&told(all, (Bucket::of(from), Bucket::of(to)), |_| false)).0 as f64 / 1e9
}

#[test]
fn a_session_that_is_resumed_without_events_costs_what_its_metrics_say_on_that_day() {
    let fourth = MIDNIGHT + 3 * DAY + HOUR;
    let all = summarised(&[
        request("s", MIDNIGHT + HOUR, 1.0),
        cost("s", MIDNIGHT + HOUR + 30 * SECOND, 1.0),
        cost("s", fourth, 2.0),
    ]);
    assert_eq!(dollars(&all, MIDNIGHT, MIDNIGHT + 4 * DAY), 3.0);
    assert_eq!(dollars(&all, MIDNIGHT, MIDNIGHT + DAY), 1.0);
    assert_eq!(dollars(&all, MIDNIGHT + 3 * DAY, MIDNIGHT + 4 * DAY), 2.0);
}

#[test]
fn metrics_under_the_session_that_was_resumed_are_of_the_one_that_sends_events() {
    let fourth = MIDNIGHT + 3 * DAY + HOUR;
    let all = summarised(&[
        request("one", MIDNIGHT + HOUR, 1.0),
        cost("one", MIDNIGHT + HOUR + 30 * SECOND, 1.0),
        request("two", fourth - 20 * SECOND, 2.0),
        cost("one", fourth, 2.0),
    ]);
    assert_eq!(dollars(&all, MIDNIGHT, MIDNIGHT + 4 * DAY), 3.0);
    assert_eq!(dollars(&all, MIDNIGHT + 3 * DAY, MIDNIGHT + 4 * DAY), 2.0);
}

#[test]
fn a_laptop_that_sleeps_over_midnight_counts_once() {
    let evening = MIDNIGHT + DAY - 2 * HOUR;
    let attributes = json!({"session.id": "s", "user.email": "jo@example.com", "model": "m"});
    let morning = evening + 11 * HOUR;
    let slept = counters(1, &[("claude_code.cost.usage", vec![point(evening - 1, morning, 4.0, attributes)])]);
    let all = summarised(&[request("s", evening, 3.0), slept, request("s", morning - 1, 1.0)]);
    assert_eq!(dollars(&all, MIDNIGHT, MIDNIGHT + 3 * DAY), 4.0);
    assert_eq!(dollars(&all, MIDNIGHT, MIDNIGHT + DAY), 3.0);
    assert_eq!(total(&told(&all, whole(), |_| true)).0, 4_000_000_000);
}

#[test]
fn what_is_no_difference_and_no_sum_since_a_start_is_not_added_up() {
    let attributes: Value = json!({"session.id": "s", "user.email": "jo@example.com", "model": "m"});
    let points = vec![point(MIDNIGHT, MIDNIGHT + MINUTE, 4.0, attributes)];
    let unspecified = counters(0, &[("claude_code.cost.usage", points)]);
    assert_eq!(dollars(&summarised(&[unspecified]), MIDNIGHT, MIDNIGHT + DAY), 0.0);
}
