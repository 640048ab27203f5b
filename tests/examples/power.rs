//! Power cuts at every write of a run of the gateway, again and again with other fates of what was not synced.
//!
//! ```text
//! cargo run --release -p tests --example power            # 200 exports of 8 clients, cut at every write, four times
//! cargo run --release -p tests --example power -- 100     # a hundred times
//! ```

use std::io::Write;

use tools::power::record;
use tools::program::built;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let rounds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(4);
    let recorded = record(&arguments.next().unwrap_or_else(|| built("local")), 8, 200);
    let mut out = std::io::stdout();
    for round in 0..rounds {
        match recorded.cut(usize::MAX, round * 1_000_003) {
            Ok(looked) => writeln!(out, "round {round}: {looked:?}: everything acknowledged is counted")?,
            Err(missing) => {
                writeln!(out, "round {round}: {missing}")?;
                std::process::exit(1);
            }
        }
    }
    Ok(())
}
