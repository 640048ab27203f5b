//! Invented histories of what clients did, what they sent of it, and what is true of it.

use std::collections::{BTreeMap, BTreeSet};

use model::time::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use tools::activity::Sent;
use tools::activity::exports::{counters, event, logs, point};

/// The midnight, in UTC, that histories begin after.
pub(super) const MIDNIGHT: Timestamp = Timestamp(1_795_305_600_000);

/// How the records of a session name it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Naming {
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
pub(super) struct Asked {
    /// Seconds since the one before.
    pub(super) after: i64,
    pub(super) micros: i64,
    pub(super) tokens: i64,
    pub(super) is_event_lost: bool,
    /// Whether its event says nothing of its cost.
    pub(super) is_without_cost: bool,
}

/// A process of a client.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub(super) person: u8,
    pub(super) session: u8,
    pub(super) model: u8,
    /// Minutes from the first midnight.
    pub(super) begins: i64,
    /// Seconds between two exports of metrics.
    pub(super) interval: i64,
    pub(super) naming: Naming,
    pub(super) is_cumulative: bool,
    pub(super) requests: Vec<Asked>,
    /// Which exports of metrics are lost, by their numbers.
    pub(super) lost: BTreeSet<usize>,
}

/// A request as it was, and which signals of it arrived.
#[derive(Debug, Clone)]
pub(super) struct Truth {
    pub(super) micros: i64,
    pub(super) tokens: i64,
    pub(super) by_event: bool,
    pub(super) by_metric: bool,
}

/// What a process sends, and what is true of it.
pub(super) fn play(process: &Process) -> (Vec<Sent>, Vec<Truth>) {
    let email = format!("person{}@example.com", process.person);
    let client = format!("client-{}", process.person);
    let session = format!("session-{}-{}", process.person, process.session);
    let model = format!("model-{}", process.model);
    let begins = MIDNIGHT.plus(SignedDuration::from_mins(process.begins)).0;
    let (mut sent, mut truth, mut at) = (Vec::new(), Vec::new(), begins);
    let step = process.interval * 1_000;
    let mut exports: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for asked in &process.requests {
        at += asked.after * 1_000 + 7;
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

/// The same exports in one for each signal.
pub(super) fn batched(sent: &[Sent]) -> Vec<Sent> {
    let mut together: BTreeMap<&str, (Sent, Vec<Value>)> = BTreeMap::new();
    for one in sent {
        let body: Value = serde_json::from_slice(&one.body).unwrap();
        let (name, resources) = ["resourceLogs", "resourceMetrics"]
            .into_iter()
            .find_map(|name| Some((name, body[name].as_array()?)))
            .unwrap();
        together.entry(name).or_insert_with(|| (one.clone(), Vec::new())).1.extend(resources.iter().cloned());
    }
    let body = |name: &str, resources: Vec<Value>| json!({name: resources}).to_string().into_bytes();
    together.into_iter().map(|(name, (sent, all))| Sent { body: body(name, all), ..sent }).collect()
}

prop_compose! {
    pub(super) fn asked(may_lose: bool)(
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
    pub(super) fn process(events: bool, points: bool, is_odd: bool)(
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

/// One process for each person. Where one person's processes overlap around midnight, events of one may be taken for those of the
/// other: what is told is near the truth then, and parts still add up.
pub(super) fn one_each(processes: Vec<Process>) -> Vec<Process> {
    processes.into_iter().zip(0..).map(|(process, person)| Process { person, ..process }).collect()
}

/// Processes that end on the day they begin on: what is left over before midnight may explain a lost event after it, too.
pub(super) fn within_a_day(mut processes: Vec<Process>) -> Vec<Process> {
    for process in &mut processes {
        process.begins %= 600;
        process.requests.iter_mut().for_each(|asked| asked.after = asked.after.min(4_000));
    }
    processes
}

pub(super) fn truth_of(truth: &[Truth], holds: impl Fn(&Truth) -> bool) -> (i64, i64) {
    let held = truth.iter().filter(|truth| holds(truth));
    held.fold((0, 0), |(micros, tokens), truth| (micros + truth.micros * 1_000, tokens + truth.tokens))
}
