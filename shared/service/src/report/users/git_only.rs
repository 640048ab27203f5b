//! People who commit and of whom no telemetry is known to be theirs.

use super::{GitName, UserView};
use crate::people::place::name_in_git;
use crate::people::state::UserState;
use identity::git_users::GitUser;

/// One of them, in full.
pub(super) fn view(id: &str, authors: &[&GitUser]) -> UserView {
    let mut emails: Vec<String> = Vec::new();
    for email in authors.iter().flat_map(|author| std::iter::once(&author.email).chain(&author.emails)) {
        if !emails.iter().any(|known| known.eq_ignore_ascii_case(email)) {
            emails.push(email.clone());
        }
    }
    let git = authors.iter().map(|author| GitName {
        name: author.name.clone(),
        email: author.email.clone(),
        login: author.login.clone(),
    });
    UserView {
        id: id.to_owned(),
        name: name_in_git(authors).cloned(),
        name_kept_since: None,
        email: emails.first().cloned(),
        emails,
        state: UserState::Unmatched,
        automation: false,
        version: None,
        settings_generation: None,
        claude: Vec::new(),
        git: git.collect(),
        first_seen: None,
        last_seen: None,
        merged_at: None,
        reason: "known from Git only: no telemetry is known to be this person's".into(),
    }
}
