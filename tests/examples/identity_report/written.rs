//! A plan as tables.

use std::collections::HashMap;
use std::path::Path;

use identity::plan::{MergePlan, PlanInput};
use identity::{ClaudeIdentity, GitIdentity, IdentityRef};

use crate::truth::{Truth, Verdict};

/// Writes every identity with the number of its person.
pub(crate) fn write_clusters(plan: &MergePlan, path: &Path) -> Result<(), csv::Error> {
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(["cluster", "id"])?;
    for (n, person) in plan.persons.iter().enumerate() {
        for id in person.claude.iter().map(|c| &c.0).chain(person.git.iter().map(|g| &g.0)) {
            out.write_record([&n.to_string(), id])?;
        }
    }
    out.flush().map_err(Into::into)
}

/// Writes the candidates of every suggestion, best first.
pub(crate) fn write_suggestions(plan: &MergePlan, path: &Path) -> Result<(), csv::Error> {
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

/// Writes who joins whom, and why.
pub(crate) fn write_merges(plan: &MergePlan, path: &Path) -> Result<(), csv::Error> {
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

/// Writes down what went wrong: each user with a stranger's Git identity, and all that it was put together with.
pub(crate) fn write_wrong(input: &PlanInput, plan: &MergePlan, truth: &Truth, path: &Path) -> Result<(), csv::Error> {
    let authors: HashMap<&str, &GitIdentity> = input.git.iter().map(|g| (g.id.0.as_str(), g)).collect();
    let users: HashMap<&str, &ClaudeIdentity> = input.claude.iter().map(|c| (c.id.0.as_str(), c)).collect();
    let mut out = csv::Writer::from_path(path)?;
    out.write_record(["claude_id", "claude_email", "git_id", "name", "email", "login", "same_person"])?;
    for person in &plan.persons {
        for user in &person.claude {
            if truth.verdict(&user.0, person.git.iter().map(|g| g.0.as_str())) != Verdict::False {
                continue;
            }
            for git in &person.git {
                let author = authors[git.0.as_str()];
                let login = author.login.as_deref().unwrap_or_default();
                let is_same = truth.is_same(&user.0, &git.0).to_string();
                let email = users[user.0.as_str()].emails.first().map_or("", String::as_str);
                out.write_record([&user.0, email, &git.0, &author.name, &author.email, login, &is_same])?;
            }
        }
    }
    out.flush().map_err(Into::into)
}
