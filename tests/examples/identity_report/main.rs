//! Plans the people of two CSV files, writes who was put together and, where the truth is known, how often that is right.
//!
//! `identity_report CLAUDE.csv GIT.csv OUT_DIR [TRUTH.csv]`, or `identity_report company OUT_DIR [PEOPLE] [SEED]` for a made-up company.
//!
//! * `CLAUDE.csv`: `claude_id,email,user_id`; `GIT.csv`: `git_id,name,email,login`
//! * `TRUTH.csv`: `id,person,class,unsure` (`unsure`: ids that may be the same person, separated by spaces)
//! * writes `CLUSTERS.csv` (`cluster,id`), `SUGGESTIONS.csv` (`claude_id,rank,git_id,rule,score`) with the reasons `MERGES.csv`, and, where the truth is
//!   known, `WRONG.csv`

mod company;
mod figures;

use std::error::Error;
use std::io::Write;
use std::path::Path;

use identity::plan::{MergePlan, PlanInput, Rules, plan};
use identity::{ClaudeId, ClaudeIdentity, GitId, GitIdentity, IdentityRef};
use model::time::Timestamp;
use serde::Deserialize;

use figures::Truth;

#[derive(Deserialize)]
struct ClaudeRow {
    claude_id: String,
    email: String,
    user_id: String,
}

#[derive(Deserialize)]
struct GitRow {
    git_id: String,
    name: String,
    email: String,
    login: String,
}

const USAGE: &str =
    "usage: identity_report CLAUDE.csv GIT.csv OUT_DIR [TRUTH.csv] | identity_report company OUT_DIR [PEOPLE] [SEED]";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let texts: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (input, truth, out) = match &texts[..] {
        ["company", out, numbers @ ..] => {
            let people = numbers.first().map_or(Ok(20_000), |n| n.parse())?;
            let (input, truth) = company::company(people, numbers.get(1).map_or(Ok(1), |n| n.parse())?);
            (input, Some(truth), Path::new(out))
        }
        [claude, git, out, truth @ ..] => {
            let input = PlanInput {
                claude: claude_side(Path::new(claude))?,
                git: git_side(Path::new(git))?,
                ..PlanInput::default()
            };
            let truth = truth.first().map(|path| Truth::read(Path::new(path))).transpose()?;
            (input, truth, Path::new(out))
        }
        _ => return Err(USAGE.into()),
    };
    let plan = plan(&input, &Rules::default());
    std::fs::create_dir_all(out)?;
    write_clusters(&plan, &out.join("CLUSTERS.csv"))?;
    write_suggestions(&plan, &out.join("SUGGESTIONS.csv"))?;
    write_merges(&plan, &out.join("MERGES.csv"))?;
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
        figures::write_wrong(&input, &plan, &truth, &out.join("WRONG.csv"))?;
        figures::write(&input, &plan, &truth, &mut terminal)?;
    }
    Ok(())
}

fn list(text: String) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { vec![text] }
}

fn claude_side(path: &Path) -> Result<Vec<ClaudeIdentity>, csv::Error> {
    let read = |row: ClaudeRow| ClaudeIdentity {
        id: ClaudeId(row.claude_id),
        emails: list(row.email),
        accounts: Vec::new(),
        clients: list(row.user_id),
        first_seen: Timestamp(0),
    };
    csv::Reader::from_path(path)?.deserialize().map(|row| row.map(read)).collect()
}

fn git_side(path: &Path) -> Result<Vec<GitIdentity>, csv::Error> {
    let read = |row: GitRow| GitIdentity {
        id: GitId(row.git_id),
        name: row.name,
        email: row.email,
        login: Some(row.login).filter(|l| !l.is_empty()),
        emails: Vec::new(),
    };
    csv::Reader::from_path(path)?.deserialize().map(|row| row.map(read)).collect()
}

fn write_clusters(plan: &MergePlan, path: &Path) -> Result<(), csv::Error> {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(["cluster", "id"])?;
    for (n, person) in plan.persons.iter().enumerate() {
        for id in person.claude.iter().map(|c| &c.0).chain(person.git.iter().map(|g| &g.0)) {
            out.write_record([&n.to_string(), id])?;
        }
    }
    out.flush().map_err(Into::into)
}

fn write_suggestions(plan: &MergePlan, path: &Path) -> Result<(), csv::Error> {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(["claude_id", "rank", "git_id", "rule", "score"])?;
    for suggestion in &plan.suggestions {
        for (rank, candidate) in suggestion.candidates.iter().enumerate() {
            let (rank, rule) = ((rank + 1).to_string(), format!("{:?}", candidate.reason.rule));
            for git in &candidate.git {
                out.write_record([text(&suggestion.user), &rank, &git.0, &rule, &candidate.reason.score.to_string()])?;
            }
        }
    }
    out.flush().map_err(Into::into)
}

fn write_merges(plan: &MergePlan, path: &Path) -> Result<(), csv::Error> {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(["primary", "joined", "rule", "score", "text"])?;
    for merge in &plan.merges {
        let rule = format!("{:?}", merge.reason.rule);
        out.write_record([
            text(&merge.primary),
            text(&merge.joined),
            &rule,
            &merge.reason.score.to_string(),
            &merge.reason.text,
        ])?;
    }
    out.flush().map_err(Into::into)
}

fn text(identity: &IdentityRef) -> &str {
    match identity {
        IdentityRef::Claude(id) => &id.0,
        IdentityRef::Git(id) => &id.0,
    }
}
