//! Plans the people of two CSV files, writes who was put together and, where the truth is known, how often that is right.
//!
//! * `identity_report CLAUDE.csv GIT.csv OUT_DIR [TRUTH.csv]`
//! * `identity_report company OUT_DIR [PEOPLE] [SEED]` does it for a made-up company.
//! * `identity_report across ONE_DIR OTHER_DIR` chooses limits by each of two communities, alone and with made-up companies, and judges them by
//!   the other and by other companies. Each folder has `claude_side.csv`, `git_side.csv` and `truth.csv`.
//!
//! The tables:
//!
//! * `CLAUDE.csv`: `claude_id,email,user_id`; `GIT.csv`: `git_id,name,email,login`
//! * `TRUTH.csv`: `id,person,class,unsure` (`unsure`: ids that may be the same person, separated by spaces)
//! * writes `CLUSTERS.csv` (`cluster,id`), `SUGGESTIONS.csv` (`claude_id,rank,git_id,rule,score`) with the reasons `MERGES.csv`, and, where the truth is
//!   known, `WRONG.csv`

mod across;
mod company;
mod figures;
mod outcomes;
mod sides;
mod truth;
mod written;

use std::error::Error;
use std::io::Write;
use std::path::Path;

use identity::plan::{PlanInput, Rules, plan};

use figures::Figures;
use truth::Truth;

const USAGE: &str = "usage: identity_report CLAUDE.csv GIT.csv OUT_DIR [TRUTH.csv] | identity_report company OUT_DIR [PEOPLE] [SEED] \
     | identity_report across ONE_DIR OTHER_DIR";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (input, truth, out) = match &texts[..] {
        ["across", one, other] => return across::write([Path::new(one), Path::new(other)]),
        ["company", out, numbers @ ..] => {
            let people = numbers.first().map_or(Ok(20_000), |n| n.parse())?;
            let (input, truth) = company::company(people, numbers.get(1).map_or(Ok(1), |n| n.parse())?);
            (input, Some(truth), Path::new(out))
        }
        [claude, git, out, truth @ ..] => {
            let input = PlanInput {
                claude: sides::claude_side(Path::new(claude))?,
                git: sides::git_side(Path::new(git))?,
                ..PlanInput::default()
            };
            let truth = truth.first().map(|path| Truth::read(Path::new(path))).transpose()?;
            (input, truth, Path::new(out))
        }
        _ => return Err(USAGE.into()),
    };
    let plan = plan(&input, &Rules::default());
    std::fs::create_dir_all(out)?;
    written::write_clusters(&plan, &out.join("CLUSTERS.csv"))?;
    written::write_suggestions(&plan, &out.join("SUGGESTIONS.csv"))?;
    written::write_merges(&plan, &out.join("MERGES.csv"))?;
    let mut terminal = std::io::stdout().lock();
    writeln!(
        terminal,
        "{} people, {} identities joined, {} suggestions, {} conflicts",
        plan.persons.len(),
        plan.merges.len(),
        plan.suggestions.len(),
        plan.conflicts.len()
    )?;
    if let Some(truth) = truth {
        written::write_wrong(&input, &plan, &truth, &out.join("WRONG.csv"))?;
        write!(terminal, "{}", Figures::of(&input, &plan, &truth))?;
    }
    Ok(())
}
