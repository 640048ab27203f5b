//! Erasing one person, rebuilding and purging an organisation with a million packs, in a table with five million.
//!
//! `cargo run --release -p tests --example erasing -- FOLDER [MILLIONS [RUNS]]`
//!
//! The folder is filled once. Each deed is done as the schedule does it, in runs that end at a deadline and go on where the one before
//! ended, at most so many of them, without the pace of background work; what is printed is what that took.

#![expect(clippy::unwrap_used, reason = "what is missing ends the measurement")]

use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use local::embedded::Embedded;
use model::time::{DAY, HOUR};
use service::erasure;
use service::organisations::purge;
use service::projection::rebuild;
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};
use tools::meter::Meter;
use tools::multitude::{Multitude, email_of};
use tools::stack::{START, Stack};

#[global_allocator]
static ALLOCATOR: local::Allocator = local::Allocator;

/// What somebody sends within 90 days who works for eight hours on each of them, each quarter hour in 15 packs.
const ONE: Multitude = Multitude { people: 1, buckets: 2_880, packs: 15 };
/// The time that a run has.
const RUN: Duration = Duration::from_secs(30);

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "erasing".into());
    let millions: usize = arguments.next().map_or(5, |text| text.parse().unwrap());
    let runs: usize = arguments.next().map_or(usize::MAX, |text| text.parse().unwrap());
    std::fs::create_dir_all(&folder)?;
    let file = Path::new(&folder).join("database");
    let is_filled = file.exists();
    let meter = Meter::default();
    let store = Embedded::open(&file).unwrap().store_through(|client| meter.before(client));
    if !is_filled {
        fill(&file, millions * 1_000_000).await?;
    }
    let uid_of = async |org: &str| store.organisation(&org.parse().unwrap()).await.unwrap().unwrap();
    let acme = uid_of("acme").await;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:8} {:>5} {:>8} {:>8} {:>7} {:>8} {:>7} {:>11} {:>8} {:>11} {:>9} {:>6} {:>5}",
        "deed",
        "runs",
        "seconds",
        "longest",
        "CPU s",
        "reads",
        "pages",
        "read units",
        "writes",
        "write units",
        "KiB",
        "MiB",
        "done"
    )?;
    drop(out);
    let address = email_of(3);
    deed("erase", runs, &meter, async |deadline| {
        let erased = erasure::erase(&store, &acme, &address, START.plus(HOUR), deadline).await.unwrap();
        erased.is_complete()
    })
    .await?;
    rebuild::begin(&store, &acme.uid, START.plus(HOUR)).await.unwrap();
    deed("rebuild", runs, &meter, async |deadline| {
        let done = rebuild::carry_on(&store, &acme, START.plus(HOUR), usize::MAX, deadline).await.unwrap();
        done.is_complete
    })
    .await?;
    purge::purge(&store, &acme, START.plus(HOUR)).await.unwrap();
    let secrets = Secrets::Embedded(EmbeddedSecrets::in_memory());
    deed("purge", runs, &meter, async |deadline| {
        purge::carry_on(&store, &secrets, START.plus(DAY), deadline).await.unwrap() == 0
    })
    .await
}

/// A million packs of one organisation, and the others of another one.
async fn fill(file: &Path, packs: usize) -> std::io::Result<()> {
    let began = Instant::now();
    let stack = Stack::start().over(Embedded::open(file).unwrap().store()).await;
    let own = 1_000_000_usize.div_ceil(ONE.packs());
    let others = packs.div_ceil(ONE.packs()).saturating_sub(own);
    for (org, people) in [("acme", own), ("other", others)] {
        stack.enable(org).await;
        Multitude { people, ..ONE }.fill(file, org).await;
    }
    let (all, seconds) = ((own + others) * ONE.packs(), began.elapsed().as_secs());
    let size = std::fs::metadata(file)?.len() >> 20;
    writeln!(std::io::stdout().lock(), "{all} packs put in {seconds} s, {size} MiB")
}

/// Does something in runs, and writes what that took.
async fn deed(
    name: &str,
    most: usize,
    meter: &Meter,
    mut run: impl AsyncFnMut(Instant) -> bool,
) -> std::io::Result<()> {
    std::fs::write("/proc/self/clear_refs", "5")?;
    let _ = meter.take();
    let (began, before) = (Instant::now(), processor()?);
    let (mut runs, mut longest, mut is_done) = (0, Duration::ZERO, false);
    while !is_done && runs < most {
        let begun = Instant::now();
        is_done = run(begun + RUN).await;
        longest = longest.max(begun.elapsed());
        runs += 1;
    }
    let units = meter.take();
    writeln!(
        std::io::stdout().lock(),
        "{name:8} {runs:>5} {:>8.1} {:>8.1} {:>7.1} {:>8} {:>7} {:>11.0} {:>8} {:>11.0} {:>9} {:>6} {is_done:>5}",
        began.elapsed().as_secs_f64(),
        longest.as_secs_f64(),
        processor()? - before,
        units.reads,
        units.scans,
        units.read_units,
        units.writes,
        units.write_units,
        units.largest >> 10,
        memory("VmHWM")? >> 10,
    )
}

fn memory(name: &str) -> std::io::Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    Ok(line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default())
}

/// What this process has used of the processor, in seconds.
fn processor() -> std::io::Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // After the name: user and system time are the 12th and 13th, in hundredths of a second.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(ticks as f64 / 100.0)
}
