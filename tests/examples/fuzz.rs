//! Feeds mutations of real data to what reads it, for as long as asked:
//!
//! ```text
//! cargo run --release -p tests --example fuzz -- bodies SECONDS [SEED]    # exports as clients send them
//! cargo run --release -p tests --example fuzz -- packs SECONDS [SEED]     # packs and summaries as they are stored
//! ```
//!
//! A panic names the case; `SEED` repeats it. Memory is measured with every case: a few kilobytes must not take more than what
//! the readers' budgets allow.

use std::io::Write;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use otlp::{Coding, Encoding};
use peak_alloc::PeakAlloc;
use tools::captures::{self, Capture};
use tools::hostile::{Numbers, body_to_records, mutated, mutated_pack, real_packs, stored_to_records};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most a case may take, in bytes: twice the budget of 64 MiB that the readers of packs and of bodies have.
const MOST: usize = 128 << 20;

fn body(corpus: &[Capture], numbers: &mut Numbers) -> Option<usize> {
    let (first, second) = (&corpus[numbers.below(corpus.len())], &corpus[numbers.below(corpus.len())]);
    let body = mutated(&first.body, &second.body, numbers);
    let encoding = if first.is_json() { Encoding::Json } else { Encoding::Protobuf };
    let coding = if first.content_encoding.is_some() { Coding::Gzip } else { Coding::Identity };
    body_to_records(body.into(), first.signal(), encoding, coding)
}

fn stored(corpus: &[Vec<u8>], numbers: &mut Numbers) -> Option<usize> {
    let (first, second) = (&corpus[numbers.below(corpus.len())], &corpus[numbers.below(corpus.len())]);
    Some(stored_to_records(&mutated_pack(first, second, numbers))).filter(|records| *records > 0)
}

fn main() -> std::io::Result<()> {
    let target = std::env::args().nth(1).unwrap_or_default();
    let mut arguments = std::env::args().skip(2).filter_map(|a| a.parse::<u64>().ok());
    let end = Instant::now() + Duration::from_secs(arguments.next().unwrap_or(60));
    let mut seed = arguments.next().unwrap_or(1);
    let (bodies, packs) = (captures::all(), real_packs());
    let (mut cases, mut readable, mut records, mut most) = (0_u64, 0_u64, 0_u64, 0_usize);
    while Instant::now() < end {
        for _ in 0..1_000 {
            let mut numbers = Numbers(seed);
            let before = MEMORY.current_usage();
            MEMORY.reset_peak_usage();
            let case = std::panic::catch_unwind(AssertUnwindSafe(|| match target.as_str() {
                "packs" => stored(&packs, &mut numbers),
                _ => body(&bodies, &mut numbers),
            }));
            let Ok(found) = case else { panic!("the case of seed {seed} panicked") };
            most = most.max(MEMORY.peak_usage().saturating_sub(before));
            assert!(most <= MOST, "the case of seed {seed} takes {most} bytes");
            readable += u64::from(found.is_some());
            records += found.unwrap_or_default() as u64;
            cases += 1;
            seed += 1;
        }
    }
    let most = most >> 20;
    writeln!(
        std::io::stdout(),
        "{cases} cases, {readable} of them readable with {records} records, at most {most} MiB each, next seed {seed}"
    )
}
