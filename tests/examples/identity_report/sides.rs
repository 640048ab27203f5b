//! Both sides of a population, read from tables.

use std::path::Path;

use identity::{ClaudeId, ClaudeIdentity, GitId, GitIdentity};
use model::time::Timestamp;
use serde::Deserialize;

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

fn list(text: String) -> Vec<String> {
    if text.is_empty() { Vec::new() } else { vec![text] }
}

/// Reads `claude_id,email,user_id`.
pub(crate) fn claude_side(path: &Path) -> Result<Vec<ClaudeIdentity>, csv::Error> {
    let read = |row: ClaudeRow| ClaudeIdentity {
        id: ClaudeId(row.claude_id),
        emails: list(row.email),
        accounts: Vec::new(),
        clients: list(row.user_id),
        first_seen: Timestamp(0),
    };
    csv::Reader::from_path(path)?.deserialize().map(|row| row.map(read)).collect()
}

/// Reads `git_id,name,email,login`.
pub(crate) fn git_side(path: &Path) -> Result<Vec<GitIdentity>, csv::Error> {
    let read = |row: GitRow| GitIdentity {
        id: GitId(row.git_id),
        name: row.name,
        email: row.email,
        login: Some(row.login).filter(|l| !l.is_empty()),
        emails: Vec::new(),
    };
    csv::Reader::from_path(path)?.deserialize().map(|row| row.map(read)).collect()
}
