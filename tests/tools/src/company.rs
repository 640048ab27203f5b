//! A generated organisation: people who work on weekdays, each in a few sessions a day, as real clients export it.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::bucket::BUCKET;
use model::time::{DAY, SECOND, SignedDuration, Timestamp};
use serde_json::{Value, json};
use telemetry::activity::dimensions::Dimension;
use telemetry::activity::matching::Subject;
use telemetry::activity::summary::Summary;

use crate::activity::Sent;
use crate::activity::exports::{counters, event, logs, point};

const MODELS: [&str; 3] = ["claude-opus-5-5", "claude-sonnet-5-2", "claude-haiku-4-9"];
const TOOLS: [&str; 6] = ["Bash", "Read", "Edit", "Write", "Grep", "TodoWrite"];
/// Sessions of a person and day.
const SESSIONS: i64 = 3;
/// Buckets of a session.
const BUCKETS: i32 = 2;

/// A number that looks random and is the same every time.
fn noise(seed: i64) -> u64 {
    let mixed = (seed as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed ^ (mixed >> 27)
}

/// Whether people work on the day that begins at `midnight`.
#[must_use]
pub fn is_working_day(midnight: Timestamp) -> bool {
    // The epoch was a Thursday.
    !matches!((midnight.count(DAY) + 4) % 7, 0 | 6)
}

/// What the person with this number sends on the day that begins at `midnight`: one export of events and one of metrics for
/// every bucket of every session.
#[must_use]
pub fn day_of(person: i64, midnight: Timestamp) -> Vec<Sent> {
    let mut sent = Vec::new();
    for session in 0..SESSIONS {
        let seed = person * 1_000_003 + midnight.count(DAY) * 31 + session;
        let first = midnight.plus(SignedDuration::from_hours(8 + session * 3)).plus((noise(seed) % 6) as i32 * BUCKET);
        for bucket in 0..BUCKETS {
            sent.extend(bucket_of(person, seed, first.plus(bucket * BUCKET)));
        }
    }
    sent
}

/// What a session of a person sends in the bucket that begins at `start`.
fn bucket_of(person: i64, session: i64, start: Timestamp) -> [Sent; 2] {
    let (a, b) = (noise(session), noise(session + 7));
    let id = format!("{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}", a as u32, a >> 48, b >> 52, b & 0xfff, a ^ b >> 16);
    let terminal = ["vscode", "iTerm.app", "tmux"][(person % 3) as usize];
    let who = json!({
        "user.email": format!("person{person:04}@example.com"),
        "user.id": format!("{:016x}{:016x}", noise(person), noise(person + 9)),
        "user.account_uuid": format!("account-{:016x}", noise(person + 5)),
        "organization.id": "0d7e3b1c-aaaa-4bbb-8ccc-000000000001",
        "session.id": id,
        "terminal.type": terminal,
        "app.version": "2.1.330",
        "vcs.owner.name": "example",
        "vcs.repository.name": format!("repository-{}", person % 40),
        "team": format!("team-{}", person % 25),
    });
    let with = |more: Value| {
        let mut one = who.clone();
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let mut records = Vec::new();
    // What metrics repeat, by model: input, output, cache read, cache creation, and cost.
    let mut repeated: BTreeMap<&str, [f64; 5]> = BTreeMap::new();
    for n in 0..14_i64 {
        let at = start.0 + n * 60_000;
        let model = MODELS[if n % 7 == 0 { 2 } else { (person % 2) as usize }];
        if n % 4 == 0 {
            records.push(event("user_prompt", at, with(json!({"prompt_length": 80}))));
        }
        let [input, output, read, written] = [20 + n, 300 + n, 30_000 + n, 900];
        let cost = 0.012_345 + n as f64 / 1e4;
        let request = json!({
            "model": model, "input_tokens": input, "output_tokens": output, "cache_read_tokens": read,
            "cache_creation_tokens": written, "cost_usd": cost, "duration_ms": 2_000 + n,
        });
        let amounts = [input as f64, output as f64, read as f64, written as f64, cost];
        let sums = repeated.entry(model).or_default();
        sums.iter_mut().zip(amounts).for_each(|(sum, amount)| *sum += amount);
        records.push(event("api_request", at + 5, with(request)));
        let tool = TOOLS[(n % 6) as usize];
        let success = if n % 9 == 0 { "false" } else { "true" };
        let (decided, done) =
            (json!({"tool_name": tool, "decision": "accept"}), json!({"tool_name": tool, "success": success}));
        records.push(event("tool_decision", at + 9, with(decided)));
        records.push(event("tool_result", at + 30, with(done)));
    }
    let end = start.plus(BUCKET).minus(SECOND).0;
    let points = |points: &[(f64, Value)]| -> Vec<Value> {
        points.iter().map(|(n, more)| point(start.0, end, *n, with(more.clone()))).collect()
    };
    let kinds = ["input", "output", "cacheRead", "cacheCreation"];
    let of_model = |(model, sums): (&&str, &[f64; 5])| {
        let model = *model;
        let tokens = kinds.iter().zip(*sums).map(move |(kind, sum)| (sum, json!({"model": model, "type": kind})));
        tokens.collect::<Vec<_>>()
    };
    let tokens: Vec<(f64, Value)> = repeated.iter().flat_map(of_model).collect();
    let costs: Vec<(f64, Value)> = repeated.iter().map(|(model, sums)| (sums[4], json!({"model": model}))).collect();
    let lines = [(40.0, json!({"type": "added"})), (9.0, json!({"type": "removed"}))];
    let active = [(420.5, json!({"type": "cli"})), (111.5, json!({"type": "user"}))];
    let counted = [
        ("claude_code.token.usage", points(&tokens)),
        ("claude_code.cost.usage", points(&costs)),
        ("claude_code.lines_of_code.count", points(&lines)),
        ("claude_code.active_time.total", points(&active)),
        ("claude_code.commit.count", points(&[(1.0, json!({}))])),
    ];
    [logs(json!({"service.version": "2.1.330"}), &records), counters(1, &counted)]
}

/// The summary of another person who did the same on the same day, in sessions of their own.
#[must_use]
pub fn in_the_name_of(person: i64, summary: &Summary) -> Summary {
    let renamed = |session: &str| -> Arc<str> {
        let own = noise(person + 77).rotate_left(session.len() as u32);
        let mixed = |part: &str| {
            u64::from_str_radix(part, 16).map_or(part.to_owned(), |n| {
                let mask = u64::MAX >> (64 - 4 * part.len().clamp(1, 16));
                format!("{:0width$x}", (n ^ own) & mask, width = part.len())
            })
        };
        session.split('-').map(mixed).collect::<Vec<_>>().join("-").into()
    };
    let mut other = Summary::default();
    for (about, numbers) in &summary.rows {
        let session = about[Dimension::Session].as_deref().map(renamed);
        other.rows.insert(about.clone().with(Dimension::Session, session), numbers.clone());
    }
    for (subject, money) in &summary.comparison.explained {
        let session = subject.session.as_deref().map(renamed);
        other.comparison.explained.insert(Subject { session, model: subject.model.clone() }, *money);
    }
    other.sessions = summary.sessions.iter().map(|(session, span)| (renamed(session), *span)).collect();
    other
}
