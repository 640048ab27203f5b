//! `cargo run --release -p tests --example cost`: what the service costs on AWS, as a table.
//!
//! Units are measured: a developer's quarter hour is sent, stored and projected as on AWS, with DynamoDB's own count of every
//! request. Prices are those of `tests/data/prices.json`. Assumed are how much a developer works, and how long the functions run.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a command for developers")]

use std::collections::BTreeSet;

use model::time::{Millis, SECOND};
use serde_json::{Value, json};
use store::keys;
use tools::activity::exports::{event, logs, metrics, point};
use tools::captures::data;
use tools::meter::{Meter, Units};
use tools::stack::{START, Stack};

/// Quarter hours that a developer works with Claude Code in a month: four hours on each of twenty days.
const QUARTERS: f64 = 320.0;
/// Seconds between two events of somebody at work.
const EVENT: i64 = 4;
/// Seconds of the stream's window.
const WINDOW: i64 = 30;
/// Seconds of an execution of ingest and of project-activity, and their memory in GB.
const INGEST: (f64, f64) = (0.012, 0.5);
const PROJECT: (f64, f64) = (0.040, 0.5);
/// Bytes of a pack's key and of the names of its attributes.
const NAMES: f64 = 110.0;
/// How long packs are kept, in months.
const KEPT: f64 = 3.0;

/// What a quarter hour of one developer takes.
#[derive(Debug, Default)]
struct Quarter {
    exports: f64,
    ingest: Units,
    projections: f64,
    projection: Units,
    bytes: f64,
}

#[tokio::main]
async fn main() {
    let prices: Value = serde_json::from_slice(&std::fs::read(data("prices.json")).unwrap()).unwrap();
    println!(
        "List prices of {} as of {}, in USD.\n",
        prices["region"].as_str().unwrap(),
        prices["as_of"].as_str().unwrap()
    );
    println!(
        "| events every | exports a month | write units an export | read units an export | a million exports | a developer's month |"
    );
    println!("| --- | --- | --- | --- | --- | --- |");
    for interval in [5, 30, 60] {
        let quarter = measure(interval).await;
        let month = cost(&quarter, &prices) * QUARTERS;
        let exports = quarter.exports * QUARTERS;
        println!(
            "| {interval} s | {exports:.0} | {:.2} | {:.2} | ${:.2} | ${month:.3} |",
            (quarter.ingest.write_units + quarter.projection.write_units) / quarter.exports,
            (quarter.ingest.read_units + quarter.projection.read_units) / quarter.exports,
            month / exports * 1e6,
        );
    }
    let price = |name: &str| prices[name].as_f64().unwrap();
    let fixed = 2.0 * price("cloudwatch_alarm_month") + 2.0 * price("secret_month");
    println!("\nBeside it, whoever works or not: ${fixed:.2} a month for two alarms and two secrets.");
}

/// Sends a quarter hour of one developer with events every `interval` seconds, projected once a window.
async fn measure(interval: i64) -> Quarter {
    let meter = Meter::default();
    let tenant = Stack::start().through(|client| meter.before(client)).tenant("acme").await;
    let begin = Millis(START.0 / (900 * SECOND) * 900 * SECOND);
    let mut quarter = Quarter::default();
    let mut changed = false;
    // What a session's first export costs once is not what a quarter hour costs.
    let _ = meter.take();
    for second in 1..=900 {
        let now = begin.plus(second * SECOND - 1);
        let mut exports = Vec::new();
        if second % interval == 0 {
            exports.push(events(now, interval));
        }
        if second % interval.max(60) == 0 {
            exports.push(points(now));
        }
        for export in exports {
            tenant.send(&export, now).await;
            quarter.exports += 1.0;
            changed = true;
        }
        quarter.ingest = sum(quarter.ingest, meter.take());
        if second % WINDOW == 0 && changed {
            let keys = tenant.pack_keys().await;
            let _ = meter.take();
            tenant.stream(&keys[..1], now).await;
            quarter.projection = sum(quarter.projection, meter.take());
            quarter.projections += 1.0;
            changed = false;
        }
    }
    let partitions: BTreeSet<_> =
        tenant.pack_keys().await.iter().filter_map(|key| keys::read_pack_partition(&key.pk)).collect();
    for (uid, source, bucket) in partitions {
        let packs = tenant.store.packs(&uid, source, bucket, begin).await.unwrap();
        quarter.bytes += packs.iter().map(|pack| pack.bytes.len() as f64 + NAMES).sum::<f64>();
    }
    quarter
}

fn sum(a: Units, b: Units) -> Units {
    Units {
        reads: a.reads + b.reads,
        read_units: a.read_units + b.read_units,
        writes: a.writes + b.writes,
        write_units: a.write_units + b.write_units,
    }
}

/// The events of the last `interval` seconds of somebody at work.
fn events(now: Millis, interval: i64) -> tools::activity::Sent {
    let of = |number: i64| {
        let at = now.0 - (number * EVENT) * SECOND;
        let mut attributes = json!({
            "user.id": "ab964e0896aa4510eca2db52d0c659a47acceeac501a7a832b0790cd6737ab47",
            "session.id": "1119c46a-a165-4a4c-bfa2-db2a7b678e7a",
            "user.email": "dana@example.com",
            "organization.id": "0b1c7d1e-5d0c-4c8b-9a34-0f1e2d3c4b5a",
            "terminal.type": "xterm-256color",
            "event.sequence": at / SECOND,
            "prompt.id": "e8493e3d-a6a5-4f16-ac10-e537e5550057",
        });
        let (name, own) = match number % 3 {
            0 => (
                "api_request",
                json!({"model": "claude-opus-5-5", "input_tokens": 1_200 + number, "output_tokens": 340,
                "cache_read_tokens": 48_213, "cache_creation_tokens": 2_048, "cost_usd": 0.04312, "duration_ms": 5_312}),
            ),
            1 => ("tool_decision", json!({"tool_name": "Edit", "decision": "accept", "source": "config"})),
            _ => ("tool_result", json!({"tool_name": "Edit", "success": "true", "duration_ms": 31 + number})),
        };
        attributes.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        event(name, at, attributes)
    };
    let records: Vec<Value> = (0..(interval / EVENT).max(1)).map(of).collect();
    logs(json!({"service.name": "claude-code", "service.version": "2.1.330", "os.type": "linux"}), &records)
}

fn points(now: Millis) -> tools::activity::Sent {
    let of = |kind: &str| {
        let attributes = json!({"user.email": "dana@example.com", "session.id": "1119c46a-a165-4a4c-bfa2-db2a7b678e7a",
            "model": "claude-opus-5-5", "type": kind});
        point(now.0 - 60 * SECOND, now.0, 1_234.0, attributes)
    };
    metrics("claude_code.token.usage", 1, &["input", "output", "cacheRead", "cacheCreation"].map(of))
}

/// What a quarter hour costs.
fn cost(quarter: &Quarter, prices: &Value) -> f64 {
    let price = |name: &str| prices[name].as_f64().unwrap();
    let million = 1e6;
    let executions = |times: f64, (seconds, memory): (f64, f64)| {
        times * (price("lambda_million_requests") / million + seconds * memory * price("lambda_arm64_gb_second"))
    };
    let units = |units: Units| {
        units.write_units * price("dynamodb_million_write_units") / million
            + units.read_units * price("dynamodb_million_read_units") / million
    };
    let kept = quarter.bytes / 1e9 * KEPT * (price("dynamodb_gb_month") + price("dynamodb_recovery_gb_month"));
    quarter.exports * price("api_gateway_million_requests") / million
        + executions(quarter.exports, INGEST)
        + units(quarter.ingest)
        // Who works at the same time shares executions; here nobody does.
        + executions(quarter.projections, PROJECT)
        + units(quarter.projection)
        + kept
}
