//! Attacks on the local gateway, one after the other, each on a new one: what they cost it, and what an honest client sees meanwhile.
//!
//! ```text
//! cargo run --release -p tests --example attack                          # all attacks on this workspace's gateway
//! cargo run --release -p tests --example attack -- --gateway FILE        # on another build of it
//! cargo run --release -p tests --example attack -- --only "no token"     # those whose name has these words
//! cargo run -p tests --example attack -- --brief                         # those that are over within seconds
//! ```
//!
//! It fails if an attacker does not see what they have to, or an attack costs more than its row allows, keeps an honest export out or
//! ends the gateway.
//! Traffic goes to addresses of this machine alone.

#![expect(clippy::unwrap_used, reason = "what is missing ends the example")]

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tools::program::built;

mod attacks;
mod bodies;
mod honest;
mod target;

use attacks::{ATTACKS, Attack};
use honest::{Honest, Seen};
use target::Target;

/// Attacks the gateway.
#[derive(Debug, Parser)]
struct Options {
    /// The program to attack, in place of this workspace's.
    #[arg(long)]
    gateway: Option<String>,
    /// Only attacks whose name has these words.
    #[arg(long, default_value = "")]
    only: String,
    /// Only attacks that are over within seconds.
    #[arg(long)]
    brief: bool,
}

/// What an attack came to.
struct Outcome {
    told: String,
    cpu: Option<Duration>,
    peak: Option<u64>,
    honest: Seen,
    ended: Option<Duration>,
}

#[tokio::main]
async fn main() -> std::io::Result<ExitCode> {
    rlimit::increase_nofile_limit(rlimit::INFINITY)?;
    let options = Options::parse();
    let gateway = options.gateway.clone().unwrap_or_else(|| built("local"));
    let mut out = std::io::stdout();
    writeln!(out, "| attack | processor | memory at most | what the attacker saw | honest exports | SIGTERM |")?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    let mut failed = Vec::new();
    for attack in ATTACKS.iter().filter(|attack| is_wanted(attack, &options)) {
        let outcome = carry_out(attack, &gateway).await?;
        writeln!(out, "| {} | {} |", attack.name, row(&outcome))?;
        out.flush()?;
        if !holds(attack, &outcome) {
            failed.push(attack.name);
        }
    }
    if !failed.is_empty() {
        writeln!(std::io::stderr(), "not withstood: {}", failed.join("; "))?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn is_wanted(attack: &Attack, options: &Options) -> bool {
    attack.name.contains(&options.only) && (attack.is_brief || !options.brief)
}

async fn carry_out(attack: &Attack, gateway: &str) -> std::io::Result<Outcome> {
    let data = tempfile::tempdir()?;
    let mut target = Target::start(gateway, data.path());
    let before = target.used();
    let honest = Honest::begin(target.base_url(), &target.token);
    let told = (attack.carry_out)(&target, data.path()).await;
    let honest = honest.end().await;
    let after = target.used();
    let ended = target.end().await;
    let told = match attack.afterwards {
        Some(afterwards) => format!("{told}; {}", afterwards(gateway, data.path()).await),
        None => told,
    };
    let cpu = before.zip(after).map(|(before, after)| after.cpu - before.cpu);
    Ok(Outcome { told, cpu, peak: after.map(|used| used.peak), honest, ended })
}

fn row(outcome: &Outcome) -> String {
    let cpu = outcome.cpu.map_or("it ended".to_owned(), |cpu| format!("{:.1} s", cpu.as_secs_f64()));
    let peak = outcome.peak.map_or("over 2 GiB".to_owned(), |peak| format!("{} MiB", peak >> 20));
    let Seen { taken, not_taken, slowest } = outcome.honest;
    let honest = format!("{taken} taken, {not_taken} not, slowest {:.2} s", slowest.as_secs_f64());
    let ended = outcome.ended.map_or("not within 20 s".to_owned(), |took| format!("{:.1} s", took.as_secs_f64()));
    format!("{cpu} | {peak} | {} | {honest} | {ended}", outcome.told)
}

/// Whether the attacker saw what they have to, and it cost no more than it may: processor time and memory, not time on the clock, of
/// which a busy machine has less.
fn holds(attack: &Attack, outcome: &Outcome) -> bool {
    outcome.told.contains(attack.sees)
        && outcome.cpu.is_some_and(|cpu| cpu <= attack.cpu)
        && outcome.peak.is_some_and(|peak| peak >> 20 <= attack.mebibytes)
        && (attack.keeps_out || outcome.honest.not_taken == 0)
        && outcome.ended.is_some()
}
