//! Merges a made-up population and prints how long that takes and how much memory. Build with `--release`.
//!
//! * `identity_scale [CLAUDE] [GIT]` plans, by default 100,000 Claude identities against 200,000 Git identities.
//! * `identity_scale fill FILE [CLAUDE] [GIT]` stores them in an embedded database.
//! * `identity_scale plan FILE` reads them from there and plans, `identity_scale apply FILE` takes the steps as well.
//! * `identity_scale list FILE` lists all people of there, page by page.

use std::collections::HashMap;
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use identity::plan::{Rules, plan};

use population::population;

mod population;
mod stored;

/// The memory of this process in MiB, as Linux tells: `VmRSS` is what it holds now, `VmHWM` the most it ever held.
fn memory(figure: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(figure))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1_024)
}

/// The same in words.
fn in_mib(figure: &str) -> String {
    memory(figure).map_or("an unknown number of MiB".into(), |mib| format!("{mib} MiB"))
}

fn plan_alone(claude: usize, git: usize) -> Result<(), Box<dyn Error>> {
    let input = population(claude, git);
    let before = in_mib("VmHWM");
    let start = Instant::now();
    let plan = plan(&input, &Rules::default());
    let took = start.elapsed();
    let mut by_rule: HashMap<String, usize> = HashMap::new();
    for merge in &plan.merges {
        *by_rule.entry(format!("{:?}", merge.reason.rule)).or_default() += 1;
    }
    let mut by_rule: Vec<(String, usize)> = by_rule.into_iter().collect();
    by_rule.sort_unstable();
    let mut terminal = std::io::stdout().lock();
    writeln!(
        terminal,
        "{claude} Claude and {git} Git identities: {} people, {} suggestions",
        plan.persons.len(),
        plan.suggestions.len()
    )?;
    writeln!(terminal, "{by_rule:?}")?;
    writeln!(terminal, "planned in {took:.1?}; at most {} of memory, {before} of it before", in_mib("VmHWM"))?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    // One thread for the embedded database: the memory of every further one would be counted as the merge's.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().max_blocking_threads(1).build()?.block_on(carry_out())
}

async fn carry_out() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let count = |text: Option<&&str>, otherwise: usize| text.map_or(Ok(otherwise), |text| text.parse());
    let said = match &texts[..] {
        ["fill", file, counts @ ..] => {
            stored::fill(Path::new(file), count(counts.first(), 100_000)?, count(counts.get(1), 200_000)?).await?
        }
        ["plan", file] => stored::merge(Path::new(file), false).await?,
        ["apply", file] => stored::merge(Path::new(file), true).await?,
        ["list", file] => stored::list(Path::new(file)).await?,
        counts => return plan_alone(count(counts.first(), 100_000)?, count(counts.get(1), 200_000)?),
    };
    writeln!(std::io::stdout().lock(), "{said}; at most {} of memory", in_mib("VmHWM"))?;
    Ok(())
}
