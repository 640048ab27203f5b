//! Lets requests to DynamoDB and Secrets Manager fail by chance while an organisation works, and compares what is stored with
//! what was sent:
//!
//! ```text
//! cargo run --release -p tests --example faults -- 100000 [SEED]
//! ```
//!
//! A broken promise is a panic that names the seed of its round.

use std::io::Write;
use std::time::Instant;

use tools::endurance::{Report, round};

/// Faults of a round.
const ROUND: u64 = 2_500;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).filter_map(|a| a.parse::<u64>().ok());
    let wanted = arguments.next().unwrap_or(10_000);
    let mut seed = arguments.next().unwrap_or(1);
    let begun = Instant::now();
    let mut all = Report::default();
    let mut out = std::io::stdout();
    while all.fault_count() < wanted {
        all.add(&round(seed, ROUND.min(wanted - all.fault_count())));
        writeln!(out, "seed {seed}: {} faults in {} s", all.fault_count(), begun.elapsed().as_secs())?;
        seed += 1;
    }
    writeln!(out, "{all:#?}")
}
