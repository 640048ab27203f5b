//! Load on the local gateway, started by this program over a folder of its own: real captures, as many different sessions as it takes.
//!
//! ```text
//! cargo run --release -p tests --example load                  # throughput, latency, saturation
//! cargo run --release -p tests --example load -- soak 900 50   # seconds at so many exports each, with samples of memory
//! ```

use std::io::Write;
use std::time::{Duration, Instant};

use tools::load::{Connections, Outcome, Used, exports, send, size_of};
use tools::program::{Program, built, token_of};

/// Exports of a measurement.
const EXPORTS: usize = 6_000;
/// People at work in a measurement.
const PEOPLE: usize = 200;
/// People at work in a soak: so many that none has more to do in any bucket at its end than at its beginning.
const COMPANY: usize = 5_000;
/// Exports a second of a soak, unless it is told otherwise.
const PACE: usize = 50;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let data = tempfile::tempdir()?;
    let program = Program::start(&built("local"), &["--data", &data.path().to_string_lossy()]);
    let token = token_of(data.path());
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("soak") => {
            let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(900);
            let pace = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(PACE);
            soak(&program, &token, data.path(), Duration::from_secs(seconds), pace).await
        }
        _ => measure(&program, &token, data.path()).await,
    }
}

async fn measure(program: &Program, token: &str, data: &std::path::Path) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let cases = [
        ("one client", 1, Connections::Kept),
        ("16 clients, kept connections", 16, Connections::Kept),
        ("16 clients, new connections", 16, Connections::New),
        ("64 clients", 64, Connections::Kept),
        ("1,000 clients", 1_000, Connections::Kept),
        ("4,000 clients", 4_000, Connections::Kept),
    ];
    for (at, (name, clients, connections)) in cases.into_iter().enumerate() {
        let ready = exports(at * 10_000, if clients == 1 { EXPORTS / 4 } else { EXPORTS }, PEOPLE);
        let (before, disk) = (Used::by(program.id()), size_of(data));
        let outcome = send(&program.base_url, token, ready, clients, connections).await;
        let after = Used::by(program.id());
        writeln!(out, "{name}: {}", told(&outcome, before, after, size_of(data) - disk))?;
    }
    Ok(())
}

fn told(outcome: &Outcome, before: Used, after: Used, disk: u64) -> String {
    let exports = outcome.acknowledged().max(1);
    format!(
        "{:.0} exports/s, p50 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms, {:.2} ms of CPU each, resident {} MiB (peak {}), {} bytes of disk each, answers {:?}, {} lost",
        outcome.rate(),
        outcome.millis(0.5),
        outcome.millis(0.99),
        outcome.millis(0.999),
        (after.cpu - before.cpu).as_secs_f64() * 1e3 / exports as f64,
        after.resident >> 20,
        after.peak >> 20,
        disk / exports,
        outcome.statuses,
        outcome.lost,
    )
}

async fn soak(
    program: &Program,
    token: &str,
    data: &std::path::Path,
    lasts: Duration,
    pace: usize,
) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let begun = Instant::now();
    let (mut session, mut sent, mut worst) = (0, 0, 0.0_f64);
    let mut next_sample = Duration::ZERO;
    while begun.elapsed() < lasts {
        let second = Instant::now();
        let outcome = send(&program.base_url, token, exports(session, pace, COMPANY), 4, Connections::Kept).await;
        assert_eq!(outcome.acknowledged() as usize, pace, "{:?}", outcome.statuses);
        session += pace;
        sent += pace;
        worst = worst.max(outcome.millis(1.0));
        if begun.elapsed() >= next_sample {
            let used = Used::by(program.id());
            writeln!(
                out,
                "{:>5} s: {sent} exports, resident {} KiB ({} KiB without pages of the database's file), disk {} KiB, slowest answer {worst:.0} ms",
                begun.elapsed().as_secs(),
                used.resident >> 10,
                used.own >> 10,
                size_of(data) >> 10,
            )?;
            next_sample += Duration::from_secs(15);
        }
        tokio::time::sleep(Duration::from_secs(1).saturating_sub(second.elapsed())).await;
    }
    Ok(())
}
