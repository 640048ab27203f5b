//! What the gateway does under load, and another receiver with the same exports in the same run.

use tools::load::{Connections, Outcome, Used, exports, send, size_of};
use tools::peer::Rotel;
use tools::program::{Program, built, token_of};

use super::Line;

/// Exports of a measurement.
const EXPORTS: usize = 5_000;
/// People at work.
const PEOPLE: usize = 200;
const HOW: &str = "`cargo run --release -p tests --example load`";

struct Measured {
    outcome: Outcome,
    cpu_ms: f64,
    peak: u64,
}

async fn measured(
    base_url: &str,
    process: u32,
    token: &str,
    first: usize,
    clients: usize,
    kept: Connections,
) -> Measured {
    let ready = exports(first, EXPORTS, PEOPLE);
    let before = Used::by(process);
    let outcome = send(base_url, token, ready, clients, kept).await;
    let after = Used::by(process);
    let cpu_ms = (after.cpu - before.cpu).as_secs_f64() * 1e3 / outcome.acknowledged().max(1) as f64;
    Measured { outcome, cpu_ms, peak: after.peak >> 20 }
}

fn told(measured: &Measured) -> String {
    let Measured { outcome, cpu_ms, peak } = measured;
    format!(
        "{:.0} exports/s, p50 {:.1} ms, p99 {:.1} ms, p99.9 {:.1} ms, {cpu_ms:.2} ms of CPU each, at most {peak} MiB",
        outcome.rate(),
        outcome.millis(0.5),
        outcome.millis(0.99),
        outcome.millis(0.999),
    )
}

/// The lines about serving.
///
/// # Errors
/// There is no folder for the data.
pub(crate) async fn lines() -> std::io::Result<Vec<Line>> {
    let data = tempfile::tempdir()?;
    let program = Program::start(&built("local"), &["--data", &data.path().to_string_lossy()]);
    let token = token_of(data.path());
    let run =
        async |first, clients, kept| measured(&program.base_url, program.id(), &token, first, clients, kept).await;
    let mut lines = Vec::new();
    let before = size_of(data.path());
    let kept = run(0, 16, Connections::Kept).await;
    let disk = (size_of(data.path()) - before) / EXPORTS as u64;
    lines.push(("the gateway on disk, 16 clients, kept connections".into(), told(&kept), HOW));
    lines.push((
        "its disk, with keys, summaries and the database's own pages".into(),
        format!("{disk} bytes an export"),
        HOW,
    ));
    let new = run(20_000, 16, Connections::New).await;
    lines.push(("the same, a new connection for every export".into(), told(&new), HOW));
    for (first, clients) in [(40_000, 1_000), (60_000, 4_000)] {
        let crowd = run(first, clients, Connections::Kept).await;
        let answers = crowd.outcome.statuses.iter().map(|(status, n)| format!("{status}: {n}")).collect::<Vec<_>>();
        let figure = format!("{}; answers {}; {} exports lost", told(&crowd), answers.join(", "), crowd.outcome.lost);
        lines.push((format!("{clients} clients at once"), figure, HOW));
    }
    if let Ok(path) = std::env::var("ROTEL") {
        let rotel = Rotel::start(&path);
        let theirs = measured(&rotel.base_url, rotel.id(), "none", 0, 16, Connections::Kept).await;
        lines.push((
            "Rotel's agent with the same exports, which stores nothing".into(),
            format!("{}; ours takes {:.1} times its CPU", told(&theirs), kept.cpu_ms / theirs.cpu_ms),
            "`ROTEL=… cargo run --release -p tests --example figures`",
        ));
    }
    Ok(lines)
}
