//! Which partition of DynamoDB gets how many units a second from ten thousand developers of one organisation:
//! `cargo run --release -p tests --example heat [DEVELOPERS]`.

use std::io::Write;

use tools::heat::{READS_OF_A_PARTITION, WRITES_OF_A_PARTITION, simulate, sizes};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let developers = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let sizes = sizes().await;
    let heat = simulate(developers, sizes);
    let mut out = std::io::stdout();
    writeln!(out, "{developers} developers at work at the same time; {sizes:?} (bytes, the largest of real sessions)")?;
    for (kind, count, units) in &heat.kinds {
        writeln!(
            out,
            "{kind}: {count} partitions, the hottest {:.1} reads/s ({:.1} % of its limit), {:.1} writes/s ({:.1} %)",
            units.reads,
            100.0 * units.reads / READS_OF_A_PARTITION,
            units.writes,
            100.0 * units.writes / WRITES_OF_A_PARTITION,
        )?;
    }
    for (table, units) in heat.tables {
        writeln!(out, "the {table} table: {:.0} reads/s, {:.0} writes/s", units.reads, units.writes)?;
    }
    let hour = heat.developer_hour;
    writeln!(out, "one developer in one hour of work: {:.0} read units, {:.0} write units", hour.reads, hour.writes)
}
