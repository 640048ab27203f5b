//! Feeds mutations of real exports to everything that reads a body, for as long as asked:
//!
//! ```text
//! cargo run --release -p tests --example fuzz -- SECONDS [SEED]
//! ```
//!
//! A panic names the case; `SEED` repeats it.

use std::io::Write;
use std::time::{Duration, Instant};

use shared::otlp::{Coding, Encoding};
use tests::captures;
use tests::hostile::{Numbers, body_to_records, mutated};

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).filter_map(|a| a.parse::<u64>().ok());
    let end = Instant::now() + Duration::from_secs(arguments.next().unwrap_or(60));
    let mut seed = arguments.next().unwrap_or(1);
    let corpus = captures::all();
    let (mut cases, mut exports, mut records) = (0_u64, 0_u64, 0_u64);
    while Instant::now() < end {
        for _ in 0..1_000 {
            let mut numbers = Numbers(seed);
            let (first, second) = (&corpus[numbers.below(corpus.len())], &corpus[numbers.below(corpus.len())]);
            let body = mutated(&first.body, &second.body, &mut numbers);
            let encoding = if first.is_json() { Encoding::Json } else { Encoding::Protobuf };
            let coding = if first.content_encoding.is_some() { Coding::Gzip } else { Coding::Identity };
            let signal = first.signal();
            let case = std::panic::catch_unwind(move || body_to_records(body.into(), signal, encoding, coding));
            match case {
                Ok(found) => {
                    exports += u64::from(found.is_some());
                    records += found.unwrap_or_default() as u64;
                }
                Err(_) => panic!("the case of seed {seed} panicked"),
            }
            cases += 1;
            seed += 1;
        }
    }
    writeln!(std::io::stdout(), "{cases} cases, {exports} of them exports with {records} records, next seed {seed}")
}
