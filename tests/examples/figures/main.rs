//! The table of figures in the README, measured anew:
//!
//! ```text
//! cargo run --release -p tests --example figures
//! python3 -m venv peer && peer/bin/pip install rotel      # to compare with another receiver in the same run
//! ROTEL=$(find peer -name rotel-agent) cargo run --release -p tests --example figures
//! ```
//!
//! Times are of the machine it runs on; what carries over to others are the ratios and everything that is counted.

#![expect(clippy::unwrap_used, reason = "a command for developers")]

use std::io::Write;

use tools::endurance::round;
use tools::heat::{READS_OF_A_PARTITION, WRITES_OF_A_PARTITION, simulate, sizes};

mod handling;
mod serving;

/// Faults of the reduced run; the example `faults` takes any number.
const FAULTS: u64 = 2_500;
/// Developers of the organisation in the calculation.
const DEVELOPERS: u32 = 10_000;

/// A line of the table: what, the figure, and how to have it alone.
pub type Line = (String, String, &'static str);

fn main() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut lines = runtime.block_on(handling::lines());
    lines.extend(runtime.block_on(serving::lines())?);
    lines.extend(heat(&runtime));
    drop(runtime);
    lines.push(faults());
    let mut out = std::io::stdout();
    writeln!(out, "| what | figure | how |\n| --- | --- | --- |")?;
    for (what, figure, how) in lines {
        writeln!(out, "| {what} | {figure} | {how} |")?;
    }
    Ok(())
}

fn heat(runtime: &tokio::runtime::Runtime) -> Vec<Line> {
    let heat = simulate(DEVELOPERS, runtime.block_on(sizes()));
    let share =
        |units: &tools::heat::Units| (units.reads / READS_OF_A_PARTITION).max(units.writes / WRITES_OF_A_PARTITION);
    let (kind, count, units) = heat.kinds.iter().max_by(|a, b| share(&a.2).total_cmp(&share(&b.2))).unwrap();
    let hottest = format!(
        "{kind} ({count}): {:.0} reads/s and {:.0} writes/s, {:.0} % of its limit",
        units.reads,
        units.writes,
        100.0 * share(units)
    );
    let hour = heat.developer_hour;
    let units = format!("{:.0} write units, {:.0} read units", hour.writes, hour.reads);
    const HOW: &str = "`cargo run --release -p tests --example heat`, computed with the real keys";
    vec![
        ("10,000 developers of one organisation at work at once: the hottest partition".into(), hottest, HOW),
        ("one developer, an hour of work".into(), units, HOW),
    ]
}

fn faults() -> Line {
    let told = round(1, FAULTS);
    assert_eq!(told.micro_dollars.0, told.micro_dollars.1);
    let figure = format!(
        "{} exports acknowledged, none lost, none doubled; ${:.6} sent, ${:.6} told",
        told.acknowledged,
        told.micro_dollars.0 as f64 / 1e6,
        told.micro_dollars.1 as f64 / 1e6,
    );
    let what = format!("{} faults of DynamoDB, Secrets Manager and the network under load", told.fault_count());
    (what, figure, "`cargo run --release -p tests --example faults -- 100000`")
}
