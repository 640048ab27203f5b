//! Erasing one person, rebuilding, removing what came with a token and purging, in a table with millions of packs.
//!
//! `cargo run --release -p tests --example erasing -- FOLDER [MILLIONS [RUNS]]`: of the millions, one is of the organisation.
//! `cargo run -p tests --example erasing -- --brief FOLDER`: it has few thousand packs, beside five millions of another one, of which there
//! are the keys alone. It fails if a deed does not end, or takes more memory or larger or more pages than it may.
//!
//! The folder is filled once. Each deed is done as the schedule does it, in runs that end at a deadline and go on where the one before
//! ended, at most so many of them, without the pace of background work; what is printed is what that took.

#![expect(clippy::unwrap_used, reason = "what is missing ends the measurement")]

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use local::embedded::Embedded;
use model::organisation::Organisation;
use model::time::{DAY, HOUR, Timestamp};
use service::organisations::purge;
use service::projection::rebuild;
use service::{erasure, removal};
use store::Store;
use store::removal::{Haul, RemovalRecord};
use store::secrets::{Embedded as EmbeddedSecrets, Secrets};
use tools::meter::Meter;
use tools::multitude::{Multitude, email_of};
use tools::stack::{START, Stack};

#[global_allocator]
static ALLOCATOR: local::Allocator = local::Allocator;

/// What somebody sends within 90 days who works for eight hours on each of them, each quarter hour in 15 packs.
const ONE: Multitude = Multitude { people: 1, buckets: 2_880, packs: 15 };
/// What two people send within three days.
const FEW: Multitude = Multitude { people: 2, buckets: 96, packs: 15 };
/// The time that a run has.
const RUN: Duration = Duration::from_secs(30);
/// The most memory that a deed may take, the embedded database included.
const MEMORY: u64 = 1 << 30;
/// The largest answer that there may be: a page of DynamoDB, in base64.
const PAGE: usize = 1_400_000;
/// Items of a page of the whole table.
const ITEMS: u64 = 1_000;

/// Where it is measured.
struct Table {
    store: Store,
    meter: Meter,
    organisation: Organisation,
    /// The most runs of a deed.
    runs: usize,
    /// The most pages of the whole table that a deed may read, where that is looked at.
    pages: Option<u64>,
}

#[tokio::main]
async fn main() -> std::io::Result<ExitCode> {
    let mut arguments = std::env::args().skip(1).peekable();
    let is_brief = arguments.next_if(|first| first == "--brief").is_some();
    let folder = arguments.next().unwrap_or_else(|| "erasing".into());
    let millions: usize = arguments.next().map_or(5, |text| text.parse().unwrap());
    let runs: usize = arguments.next().map_or(usize::MAX, |text| text.parse().unwrap());
    std::fs::create_dir_all(&folder)?;
    let file = Path::new(&folder).join("database");
    if !file.exists() {
        fill(&file, millions, is_brief).await?;
    }
    let meter = Meter::default();
    let store = Embedded::open(&file).unwrap().store_through(|client| meter.before(client));
    // Writing the whole file anew is measured where it is large because of what is deleted.
    let store = if is_brief { store.scrubbed_by(async || Ok(())) } else { store };
    let organisation = store.organisation(&"acme".parse().unwrap()).await.unwrap().unwrap();
    let pages = is_brief.then(|| (FEW.packs() + others(millions, FEW).packs()) as u64 / ITEMS + 10);
    let table = Table { store, meter, organisation, runs, pages };
    writeln!(
        std::io::stdout().lock(),
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
    let is_well = table.deeds(if is_brief { 0 } else { 3 }).await?;
    Ok(if is_well || !is_brief { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Those of another organisation, with whom there are so many millions of packs.
fn others(millions: usize, own: Multitude) -> Multitude {
    let people = (millions * 1_000_000).div_ceil(ONE.packs()).saturating_sub(own.packs() / ONE.packs());
    Multitude { people, ..ONE }
}

/// Packs of one organisation, and those of another one.
async fn fill(file: &Path, millions: usize, is_brief: bool) -> std::io::Result<()> {
    let began = Instant::now();
    let stack = Stack::start().over(Embedded::open(file).unwrap().store()).await;
    let own = if is_brief { FEW } else { Multitude { people: 1_000_000_usize.div_ceil(ONE.packs()), ..ONE } };
    let others = others(millions, own);
    stack.enable("acme").await;
    stack.enable("other").await;
    own.fill(file, "acme").await;
    match is_brief {
        true => others.fill_with_keys(file, "other").await,
        false => others.fill(file, "other").await,
    }
    let (all, seconds) = (own.packs() + others.packs(), began.elapsed().as_secs());
    let size = std::fs::metadata(file)?.len() >> 20;
    writeln!(std::io::stdout().lock(), "{all} packs put in {seconds} s, {size} MiB")
}

impl Table {
    /// All deeds; the one who is erased is a person of the organisation. Says whether all is as it may be.
    async fn deeds(&self, person: usize) -> std::io::Result<bool> {
        let Self { store, organisation, .. } = self;
        let (now, address, uid) = (START.plus(HOUR), email_of(person), &organisation.uid);
        let erased = self.deed("erase", 1, async |deadline| {
            erasure::erase(store, organisation, &address, now, deadline).await.unwrap().is_complete()
        });
        let mut is_well = erased.await?;
        rebuild::begin(store, uid, now).await.unwrap();
        let rebuilt = self.deed("rebuild", 1, async |deadline| {
            rebuild::carry_on(store, organisation, now, usize::MAX, deadline).await.unwrap().is_complete
        });
        is_well &= rebuilt.await?;
        store.put_removal(uid, &asked(now)).await.unwrap();
        let removed = self
            .deed("remove", 0, async |deadline| removal::carry_on(store, organisation, now, deadline).await.unwrap());
        is_well &= removed.await?;
        purge::purge(store, organisation, now).await.unwrap();
        let secrets = Secrets::Embedded(EmbeddedSecrets::in_memory());
        // In the other table there is next to nothing.
        let purged = self.deed("purge", 1, async |deadline| {
            purge::carry_on(store, &secrets, START.plus(DAY), deadline).await.unwrap() == 0
        });
        Ok(is_well & purged.await?)
    }

    /// Does something in runs, and writes what that took; says whether that is what it may take that goes through the table so often.
    async fn deed(&self, name: &str, passes: u64, mut run: impl AsyncFnMut(Instant) -> bool) -> std::io::Result<bool> {
        std::fs::write("/proc/self/clear_refs", "5")?;
        let _ = self.meter.take();
        let (began, before) = (Instant::now(), processor()?);
        let (mut runs, mut longest, mut is_done) = (0, Duration::ZERO, false);
        while !is_done && runs < self.runs {
            let begun = Instant::now();
            is_done = run(begun + RUN).await;
            longest = longest.max(begun.elapsed());
            runs += 1;
        }
        let (units, memory) = (self.meter.take(), memory("VmHWM")?);
        let mut out = std::io::stdout().lock();
        writeln!(
            out,
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
            memory >> 10,
        )?;
        let is_well = [
            (is_done, "it is not done"),
            (memory << 10 <= MEMORY, "it takes too much memory"),
            (units.largest <= PAGE, "an answer is too large"),
            (self.pages.is_none_or(|pages| units.scans <= passes * pages), "it reads too many pages of the table"),
            (self.pages.is_none_or(|pages| units.scans >= passes * (pages - 20)), "it has not gone through the table"),
        ];
        for (_, what) in is_well.iter().filter(|(is_well, _)| !is_well) {
            writeln!(out, "{name}: {what}")?;
        }
        Ok(is_well.iter().all(|(is_well, _)| *is_well))
    }
}

/// The removal of everything that came with the first token.
fn asked(now: Timestamp) -> RemovalRecord {
    RemovalRecord {
        id: "1".into(),
        haul: Haul { generation: 1, from: Timestamp(0), to: now },
        is_open: false,
        asked_at: now,
        after: String::new(),
        rounds: 0,
        finished_at: None,
        packs: 0,
        sources: 0,
    }
}

/// A line of what the system says of this process, in KiB.
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
