//! `cargo run --release -p tests --example cost`: what the service costs on AWS, as a table.
//!
//! Units are measured: a developer's quarter hour is sent, stored and projected as on AWS, with DynamoDB's own count of every
//! request. Prices are those of `tests/data/prices.json`, windows and sizes those of the template. Assumed are how much a developer
//! works, and how long the functions run.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a command for developers")]

use std::collections::BTreeSet;

use model::bucket::BUCKET;
use model::time::{MILLISECOND, SignedDuration, Timestamp, from_days};
use serde_json::{Value, json};
use service::projection::limits::Bounds;
use store::keys;
use tools::activity::exports::{event, logs, metrics, point};
use tools::meter::{Meter, Units};
use tools::prices::{HOURS, Prices};
use tools::stack::{START, Stack};
use tools::template::Template;

/// Buckets that a developer works with Claude Code in a month: four hours on each of twenty days.
const BUCKETS: f64 = 320.0;
/// Seconds between two events of somebody at work.
const EVENT: i64 = 4;
/// Days on which the developer was seen before, each with a version of its own: sightings grow with what is known.
const KNOWN_DAYS: i64 = 60;
/// Seconds of an execution of ingest, and of project-activity for each bucket: what it waits for, it waits for ten times at once.
const INGEST: f64 = 0.012;
const PROJECT: f64 = 0.004;
/// Developers at work at the same time, who share executions of project-activity, and shards of the stream, which have their own.
const AT_WORK: f64 = 300.0;
const SHARDS: f64 = 8.0;
/// Bytes of a pack's key and of the names of its attributes, and what DynamoDB counts for an item beside:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>.
const NAMES: f64 = 110.0;
const ITEM: f64 = 100.0;
/// How long packs are kept, in months.
const KEPT: f64 = 3.0;
/// Bytes of a line of the access log. Accepted exports have no line of their own in ingest's.
const LINE: f64 = 330.0;

/// How often clients send, in seconds.
#[derive(Debug, Clone, Copy)]
struct Intervals {
    events: i64,
    metrics: i64,
}

/// What a bucket of one developer takes.
#[derive(Debug, Default)]
struct Work {
    exports: f64,
    ingest: Units,
    projections: f64,
    projection: Units,
    items: f64,
    bytes: f64,
}

/// What the template says.
struct Deployed {
    window: i64,
    batch: f64,
    ingest_gb: f64,
    project_gb: f64,
}

#[tokio::main]
async fn main() {
    let prices = Prices::read();
    let deployed = deployed();
    let (region, day) = prices.origin();
    println!(
        "List prices of {region} as of {day}, in USD; the stream's window is {} s unless named.\n",
        deployed.window
    );
    println!(
        "| events, metrics every | window | exports a month | write units an export | read units an export | a million exports | a developer's month |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for (intervals, window) in [
        (Intervals { events: 5, metrics: 60 }, deployed.window),
        (Intervals { events: 30, metrics: 60 }, deployed.window),
        (Intervals { events: 60, metrics: 300 }, 30),
        (Intervals { events: 60, metrics: 300 }, deployed.window),
        (Intervals { events: 60, metrics: 300 }, 300),
    ] {
        let work = measure(intervals, window).await;
        let month = cost(&work, &deployed, window, &prices) * BUCKETS;
        let exports = work.exports * BUCKETS;
        println!(
            "| {} s, {} s | {window} s | {exports:.0} | {:.2} | {:.2} | ${:.2} | ${month:.3} |",
            intervals.events,
            intervals.metrics,
            (work.ingest.write_units + work.projection.write_units) / work.exports,
            (work.ingest.read_units + work.projection.read_units) / work.exports,
            month / exports * 1e6,
        );
    }
    let idle = prices.idle(&Template::read());
    println!("\nBeside it, whoever works or not: ${idle:.2} a month; and the metrics of ingest:");
    for hours in [220.0, HOURS] {
        println!("${:.2} a month with exports in {hours} hours of it.", prices.metrics(hours));
    }
}

fn deployed() -> Deployed {
    let template = Template::read();
    let stream = template.events("ProjectActivity", "DynamoDB").next().unwrap().clone();
    let gb = |function: &str| template.properties(function)["MemorySize"].as_f64().unwrap() / 1024.0;
    Deployed {
        window: template.section("Parameters")["StreamWindowSeconds"]["Default"].as_i64().unwrap(),
        batch: stream["BatchSize"].as_f64().unwrap(),
        ingest_gb: gb("Ingest"),
        project_gb: gb("ProjectActivity"),
    }
}

/// Sends a bucket of one developer, projected once a window.
async fn measure(intervals: Intervals, window: i64) -> Work {
    let meter = Meter::default();
    let tenant = Stack::start().through(|client| meter.before(client)).bounds(Bounds::thrifty()).tenant("acme").await;
    let begin = START.floor(BUCKET);
    for day in (1..=KNOWN_DAYS).rev() {
        let then = begin.minus(from_days(day));
        tenant.send(&events(then, 60, &format!("2.1.{day}")), then).await;
        tenant.send(&points(then, 300), then).await;
        tenant.project(then).await;
    }
    let old: BTreeSet<_> = tenant.pack_keys().await.into_iter().collect();
    let mut work = Work::default();
    let mut changed = None;
    let _ = meter.take();
    for second in 1..=900 {
        let now = begin.plus(SignedDuration::from_secs(second)).minus(MILLISECOND);
        let mut exports = Vec::new();
        if second % intervals.events == 0 {
            exports.push(events(now, intervals.events, "2.1.1"));
        }
        if second % intervals.metrics == 0 {
            exports.push(points(now, intervals.metrics));
        }
        for export in exports {
            tenant.send(&export, now).await;
            work.exports += 1.0;
            changed = Some(now);
        }
        work.ingest = sum(work.ingest, meter.take());
        if second % window == 0 && changed.take().is_some() {
            let keys: Vec<_> = tenant.pack_keys().await.into_iter().filter(|key| !old.contains(key)).collect();
            let _ = meter.take();
            tenant.stream(&keys[..1], now).await;
            work.projection = sum(work.projection, meter.take());
            work.projections += 1.0;
        }
    }
    let new = tenant.pack_keys().await.into_iter().filter(|key| !old.contains(key));
    let partitions: BTreeSet<_> = new.filter_map(|key| keys::read_pack_partition(&key.pk)).collect();
    for (uid, source, bucket) in partitions {
        let packs = tenant.store.packs(&uid, source, bucket, begin).await.unwrap();
        work.items += packs.len() as f64;
        work.bytes += packs.iter().map(|pack| pack.bytes.len() as f64 + NAMES).sum::<f64>();
    }
    work
}

fn sum(a: Units, b: Units) -> Units {
    Units {
        reads: a.reads + b.reads,
        read_units: a.read_units + b.read_units,
        writes: a.writes + b.writes,
        write_units: a.write_units + b.write_units,
        scans: a.scans + b.scans,
        largest: a.largest.max(b.largest),
    }
}

/// The events of the last `interval` seconds of somebody at work.
fn events(now: Timestamp, interval: i64, version: &str) -> tools::activity::Sent {
    let of = |number: i64| {
        let at = now.minus(SignedDuration::from_secs(number * EVENT));
        let mut attributes = json!({
            "user.id": "ab964e0896aa4510eca2db52d0c659a47acceeac501a7a832b0790cd6737ab47",
            "session.id": "1119c46a-a165-4a4c-bfa2-db2a7b678e7a",
            "user.email": "dana@example.com",
            "organization.id": "0b1c7d1e-5d0c-4c8b-9a34-0f1e2d3c4b5a",
            "terminal.type": "xterm-256color",
            "event.sequence": at.seconds(),
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
        event(name, at.0, attributes)
    };
    let records: Vec<Value> = (0..(interval / EVENT).max(1)).map(of).collect();
    logs(json!({"service.name": "claude-code", "service.version": version, "os.type": "linux"}), &records)
}

fn points(now: Timestamp, interval: i64) -> tools::activity::Sent {
    let of = |kind: &str| {
        let attributes = json!({"user.email": "dana@example.com", "session.id": "1119c46a-a165-4a4c-bfa2-db2a7b678e7a",
            "model": "claude-opus-5-5", "type": kind});
        point(now.minus(SignedDuration::from_secs(interval)).0, now.0, 1_234.0, attributes)
    };
    metrics("claude_code.token.usage", 1, &["input", "output", "cacheRead", "cacheCreation"].map(of))
}

/// What a bucket costs.
fn cost(work: &Work, deployed: &Deployed, window: i64, prices: &Prices) -> f64 {
    let price = |name: &str| prices.of(name);
    let million = 1e6;
    let memory = |gb_seconds: f64| gb_seconds * price("lambda_arm64_gb_second");
    let units = |units: Units| {
        units.write_units * price("dynamodb_million_write_units") / million
            + units.read_units * price("dynamodb_million_read_units") / million
    };
    // Lambda calls when the window ends, or earlier when there are as many records as a batch has.
    let full = work.exports * AT_WORK / SHARDS / deployed.batch;
    let invocations = (900.0 / window as f64).max(full) * SHARDS / AT_WORK;
    let kept = (work.bytes + work.items * ITEM) / 1e9
        * KEPT
        * (price("dynamodb_gb_month") + price("dynamodb_recovery_gb_month"));
    work.exports * (price("api_gateway_million_requests") + price("lambda_million_requests")) / million
        + work.exports * LINE / 1e9 * price("cloudwatch_log_gb")
        + memory(work.exports * INGEST * deployed.ingest_gb)
        + units(work.ingest)
        + invocations * price("lambda_million_requests") / million
        + memory(work.projections * PROJECT * deployed.project_gb)
        + units(work.projection)
        + kept
}
