//! What the projection of one bucket of work costs: packs a second, read and write units a pack, at several windows of the stream.
//!
//! `cargo run --release -p tests --example projection -- 100`
//!
//! Every person sends an export of events once a minute and one of metrics every five minutes, as the generated settings have clients
//! do, and a projection writes no more than it has to on AWS.

#![expect(clippy::unwrap_used, reason = "what is missing ends the measurement")]

use std::io::Write;
use std::time::Instant;

use model::bucket::BUCKET;
use model::time::{MINUTE, SignedDuration, Timestamp};
use serde_json::{Value, json};
use service::projection::limits::Bounds;
use tools::activity::exports::{event, logs, metrics, point};
use tools::meter::Meter;
use tools::stack::{START, Stack};
use tools::tenant::Tenant;

/// Exports of events, of which there is one a minute, between two of metrics.
const METRICS: i64 = 5;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let people: i64 = std::env::args().nth(1).map_or(100, |text| text.parse().unwrap());
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:>8} {:>7} {:>9} {:>11} {:>11} {:>12}",
        "window", "packs", "calls", "packs a s", "read units", "write units"
    )?;
    for window in [60, 300] {
        let meter = Meter::default();
        let start = Stack::start().through(|client| meter.before(client)).bounds(Bounds::thrifty());
        let tenant = start.tenant("acme").await;
        let begin = START.floor(BUCKET);
        let (mut packs, mut calls, mut seconds) = (0, 0, 0.0);
        let (mut read_units, mut write_units) = (0.0, 0.0);
        let mut projected = std::collections::BTreeSet::new();
        for tick in 1..=15 {
            let now = begin.plus(SignedDuration::from_mins(tick));
            for person in 0..people {
                send(&tenant, person, tick, now).await;
            }
            if tick * 60 % window != 0 {
                continue;
            }
            let new: Vec<_> =
                tenant.pack_keys().await.into_iter().filter(|key| projected.insert(key.clone())).collect();
            // Lambda is called with what a window brought.
            let _ = meter.take();
            let began = Instant::now();
            for batch in new.chunks(10_000) {
                assert_eq!(tenant.stream(batch, now).await, json!({"batchItemFailures": []}));
                calls += 1;
            }
            seconds += began.elapsed().as_secs_f64();
            let units = meter.take();
            (packs, read_units, write_units) =
                (packs + new.len(), read_units + units.read_units, write_units + units.write_units);
        }
        let each = |sum: f64| sum / packs as f64;
        writeln!(
            out,
            "{:>6} s {packs:>7} {calls:>9} {:>11.0} {:>11.2} {:>12.2}",
            window,
            packs as f64 / seconds,
            each(read_units),
            each(write_units)
        )?;
    }
    Ok(())
}

/// A minute of work of a person.
async fn send(tenant: &Tenant, person: i64, tick: i64, now: Timestamp) {
    let who = |more: Value| {
        let mut one = json!({"user.email": format!("person{person}@example.com"), "user.id": format!("client{person}"),
            "session.id": format!("session{person}"), "terminal.type": "vscode", "app.version": "2.1.330"});
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let mut records = Vec::new();
    for n in 0..8 {
        let at = now.minus(MINUTE).0 + 1 + n * 7_000;
        let request =
            json!({"model": "claude-opus-5-5", "input_tokens": 10 + tick, "output_tokens": 300, "cost_usd": 0.01});
        records.push(event("api_request", at, who(request)));
        records.push(event("tool_result", at + 50, who(json!({"tool_name": "Bash", "success": "true"}))));
    }
    tenant.send(&logs(json!({}), &records), now).await;
    if tick % METRICS == 0 {
        let tokens = ["input", "output", "cacheRead", "cacheCreation"];
        let points: Vec<Value> = tokens
            .iter()
            .map(|kind| {
                point(
                    now.minus(SignedDuration::from_mins(METRICS)).0,
                    now.0 - 1,
                    500.0,
                    who(json!({"model": "claude-opus-5-5", "type": kind})),
                )
            })
            .collect();
        tenant.send(&metrics("claude_code.token.usage", 1, &points), now).await;
    }
}
