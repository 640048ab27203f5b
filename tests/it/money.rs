//! What is told of tokens and cost, whatever was lost on the way: each request once, and parts add up to the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::bucket::Bucket;
use model::organisation::Settings;
use model::time::{DAY, HOUR, MILLISECOND, MINUTE, SECOND, Timestamp, from_days};
use proptest::prelude::*;
use serde_json::{Value, json};
use telemetry::activity::bucket::summaries;
use telemetry::activity::day;
use telemetry::activity::dimensions::{Dimension, Label};
use telemetry::activity::ledger::{Account, Dates, Grouping, Ledger, Place, Role};
use telemetry::activity::measure::Measure;
use telemetry::activity::summary::Summary;
use telemetry::activity::wire;
use telemetry::claude::source::SourceId;
use tools::activity::exports::{counters, event, logs, point};
use tools::activity::{Sent, filed, packs};

use history::{Asked, MIDNIGHT, Naming, Process, Truth, batched, one_each, play, process, truth_of, within_a_day};

mod history;
mod stretched;

/// Days that histories take place in.
const DAYS: i64 = 6;

type Summaries = BTreeMap<SourceId, Vec<(Bucket, Summary)>>;

fn summarised(sent: &[Sent]) -> Summaries {
    let settings = Settings::new(&"acme".parse().unwrap());
    let arrived = MIDNIGHT.plus(from_days(DAYS));
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
    bucket.start().count(DAY)
}

/// What a report tells of the buckets from `from` to `to`, the latter excluded. Days of which `closed` is true are read whole, or by
/// their outlines.
fn told(all: &Summaries, ends: (Bucket, Bucket), closed: impl Fn(i64) -> bool) -> Account {
    told_by(1, all, ends, closed)
}

/// The same, added up by so many at a time, each of whom has some of the sources.
fn told_by(parts: usize, all: &Summaries, (from, to): (Bucket, Bucket), closed: impl Fn(i64) -> bool) -> Account {
    use telemetry::activity::outline::Outline;
    use telemetry::activity::summary::Part;
    let first = Ledger::new(&[Grouping::User, Grouping::By(Dimension::Model)], whose);
    let mut ledgers: Vec<_> = (1..parts).map(|_| first.fork()).collect();
    ledgers.push(first);
    let mut past = Vec::new();
    let start = |day: i64| Bucket::of(Timestamp::after(day, DAY));
    let is_whole = |day: i64| start(day) >= from && start(day + 1) <= to;
    for (number, (source, buckets)) in all.iter().enumerate() {
        let ledger = &mut ledgers[number % parts];
        let place = |bucket: Option<Bucket>, day: i64, role| {
            let ends = Bucket(start(day + 1).0 - 1);
            Place {
                source: *source,
                dates: Arc::new(Dates { day: day.to_string().into(), ..Dates::default() }),
                ends,
                bucket,
                role,
            }
        };
        let days: BTreeSet<i64> = buckets.iter().map(|(bucket, _)| day_of(*bucket)).collect();
        for day in days {
            let of_day: Vec<_> = buckets.iter().filter(|(bucket, _)| day_of(*bucket) == day).cloned().collect();
            if is_whole(day) && closed(day) {
                let before: Vec<_> = buckets.iter().filter(|(bucket, _)| day_of(*bucket) < day).cloned().collect();
                let whole = day::summary(&before, &of_day);
                let place = place(None, day, Role::Shown);
                match number % 2 {
                    0 => wire::decode(&wire::encode(&whole)).unwrap().parts(|part| ledger.add(&place, &part)),
                    _ => Outline::of(&whole).parts(|part| ledger.add(&place, &part)),
                }
            }
            if day < day_of(from) && closed(day) {
                let earlier: Vec<_> = buckets.iter().filter(|(bucket, _)| day_of(*bucket) < day).cloned().collect();
                past.push((number % parts, place(None, day, Role::Past), day::summary(&earlier, &of_day)));
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
                    past.push((number % parts, place(Some(bucket), day, Role::Past), summary.clone()));
                }
                summary.parts(|part| {
                    if role != Role::Before || !matches!(part, Part::Series(..)) {
                        ledger.add(&place(Some(bucket), day, role), &part);
                    }
                });
            }
        }
    }
    for (part, place, summary) in past {
        summary.parts(|of_it| ledgers[part].add(&place, &of_it));
    }
    let whole = ledgers.into_iter().reduce(|mut whole, part| {
        whole.absorb(part);
        whole
    });
    whole.unwrap().close()
}

fn whole() -> (Bucket, Bucket) {
    (Bucket::of(MIDNIGHT.minus(DAY)), Bucket::of(MIDNIGHT.plus(from_days(DAYS + 2))))
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

fn history(processes: &[Process]) -> (Summaries, Vec<Truth>) {
    let (mut sent, mut truth) = (Vec::new(), Vec::new());
    for process in processes {
        let (more, true_of_it) = play(process);
        sent.extend(more);
        truth.extend(true_of_it);
    }
    // An intermediary that lost an answer sends some of it again, as it was or several exports in one.
    let again: Vec<Sent> = sent.iter().step_by(3).cloned().collect();
    let together: Vec<Sent> = sent.chunks(5).step_by(2).flat_map(batched).collect();
    sent.extend(again);
    sent.extend(together);
    // The last to be sent is the first to arrive.
    sent.reverse();
    (summarised(&sent), truth)
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
    fn what_several_add_up_comes_to_what_one_adds_up(
        processes in prop::collection::vec(process(true, true, true), 1..6),
        closed in any::<[bool; 8]>(),
        parts in 2..5_usize,
    ) {
        let (all, _) = history(&processes);
        let everything = |account: Account| -> Vec<_> {
            let lines = account.lines.iter().chain([&account.total]);
            lines.map(|line| (line.key.clone(), line.numbers.clone(), line.priced, line.without_cost, line.sessions.len(),
                line.automation_sessions.len(), account.people(line))).collect()
        };
        let is_closed = |day: i64| closed[day as usize % closed.len()];
        let one = everything(told(&all, whole(), is_closed));
        prop_assert_eq!(everything(told_by(parts, &all, whole(), is_closed)), one);
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
fn request(session: &str, at: Timestamp, cost: f64) -> Sent {
    let attributes = json!({"session.id": session, "user.email": "jo@example.com", "model": "m", "cost_usd": cost});
    logs(json!({}), &[event("api_request", at.0, attributes)])
}

/// A point of cost, of the minute before.
fn cost(session: &str, at: Timestamp, cost: f64) -> Sent {
    let attributes = json!({"session.id": session, "user.email": "jo@example.com", "model": "m"});
    counters(1, &[("claude_code.cost.usage", vec![point(at.minus(MINUTE).0, at.0, cost, attributes)])])
}

fn dollars(all: &Summaries, from: Timestamp, to: Timestamp) -> f64 {
    total(&told(all, (Bucket::of(from), Bucket::of(to)), |_| false)).0 as f64 / 1e9
}

#[test]
fn a_session_that_is_resumed_without_events_costs_what_its_metrics_say_on_that_day() {
    let fourth = MIDNIGHT.plus(3 * DAY).plus(HOUR);
    let all = summarised(&[
        request("s", MIDNIGHT.plus(HOUR), 1.0),
        cost("s", MIDNIGHT.plus(HOUR).plus(30 * SECOND), 1.0),
        cost("s", fourth, 2.0),
    ]);
    assert_eq!(dollars(&all, MIDNIGHT, MIDNIGHT.plus(4 * DAY)), 3.0);
    assert_eq!(dollars(&all, MIDNIGHT, MIDNIGHT.plus(DAY)), 1.0);
    assert_eq!(dollars(&all, MIDNIGHT.plus(3 * DAY), MIDNIGHT.plus(4 * DAY)), 2.0);
}

#[test]
fn metrics_under_the_session_that_was_resumed_are_of_the_one_that_sends_events() {
    let fourth = MIDNIGHT.plus(3 * DAY).plus(HOUR);
    let all = summarised(&[
        request("one", MIDNIGHT.plus(HOUR), 1.0),
        cost("one", MIDNIGHT.plus(HOUR).plus(30 * SECOND), 1.0),
        request("two", fourth.minus(20 * SECOND), 2.0),
        cost("one", fourth, 2.0),
    ]);
    assert_eq!(dollars(&all, MIDNIGHT, MIDNIGHT.plus(4 * DAY)), 3.0);
    assert_eq!(dollars(&all, MIDNIGHT.plus(3 * DAY), MIDNIGHT.plus(4 * DAY)), 2.0);
}

#[test]
fn requests_that_are_lost_just_before_and_just_after_midnight_are_both_told_of() {
    let midnight = MIDNIGHT.plus(DAY);
    let all = summarised(&[
        // Of 23:44:40, whose event is lost.
        cost("s", midnight.minus(15 * MINUTE).plus(30 * SECOND), 1.0),
        request("s", midnight.minus(20 * SECOND), 1.0),
        // Of that event and of one of 00:00:10, which is lost.
        cost("s", midnight.plus(20 * SECOND), 1.5),
    ]);
    assert_eq!(dollars(&all, MIDNIGHT, midnight.plus(DAY)), 2.5);
    assert_eq!(dollars(&all, MIDNIGHT, midnight) + dollars(&all, midnight, midnight.plus(DAY)), 2.5);
    assert_eq!(total(&told(&all, whole(), |_| true)).0, 2_500_000_000);
}

#[test]
fn a_laptop_that_sleeps_over_midnight_counts_once() {
    let evening = MIDNIGHT.plus(DAY).minus(2 * HOUR);
    let attributes = json!({"session.id": "s", "user.email": "jo@example.com", "model": "m"});
    let morning = evening.plus(11 * HOUR);
    let slept = counters(1, &[("claude_code.cost.usage", vec![point(evening.0 - 1, morning.0, 4.0, attributes)])]);
    let all = summarised(&[request("s", evening, 3.0), slept, request("s", morning.minus(MILLISECOND), 1.0)]);
    assert_eq!(dollars(&all, MIDNIGHT, MIDNIGHT.plus(3 * DAY)), 4.0);
    assert_eq!(dollars(&all, MIDNIGHT, MIDNIGHT.plus(DAY)), 3.0);
    assert_eq!(total(&told(&all, whole(), |_| true)).0, 4_000_000_000);
}

#[test]
fn what_is_no_difference_and_no_sum_since_a_start_is_not_added_up() {
    let attributes: Value = json!({"session.id": "s", "user.email": "jo@example.com", "model": "m"});
    let points = vec![point(MIDNIGHT.0, MIDNIGHT.plus(MINUTE).0, 4.0, attributes)];
    let unspecified = counters(0, &[("claude_code.cost.usage", points)]);
    assert_eq!(dollars(&summarised(&[unspecified]), MIDNIGHT, MIDNIGHT.plus(DAY)), 0.0);
}
