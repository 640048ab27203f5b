//! People who commit and of whom no telemetry is known to be theirs.

use std::collections::BTreeMap;

use super::{GitName, UserView};
use crate::people::owners::Owners;
use identity::exclude::{is_bot, is_placeholder, is_role};
use identity::git_users::GitUser;
use identity::ids::git_id;
use identity::normal::Email;

/// The authors whom nobody's telemetry belongs to, by id. Those with one address are one person, unless it is an address that several
/// people may commit with; programs are nobody.
pub(super) fn people<'a>(git: &'a [GitUser], owners: &Owners) -> BTreeMap<String, Vec<&'a GitUser>> {
    let mut by_mailbox: BTreeMap<String, BTreeMap<String, &GitUser>> = BTreeMap::new();
    for user in git.iter().filter(|user| !is_bot(&user.name, user.login.as_deref(), &user.email)) {
        let id = git_id(&user.name, &user.email).0;
        if owners.find(&id).is_some() {
            continue;
        }
        let own = Email::parse(&user.email).filter(|email| !is_role(&email.local) && !is_placeholder(email));
        let mailbox = own.map_or_else(|| id.clone(), |email| email.key);
        by_mailbox.entry(mailbox).or_default().insert(id, user);
    }
    let groups = by_mailbox.into_values();
    groups.filter_map(|group| Some((group.keys().next()?.clone(), group.into_values().collect()))).collect()
}

/// One of them, in full.
pub(super) fn view(id: &str, authors: &[&GitUser]) -> UserView {
    let mut emails: Vec<String> = Vec::new();
    for email in authors.iter().flat_map(|author| std::iter::once(&author.email).chain(&author.emails)) {
        if !emails.iter().any(|known| known.eq_ignore_ascii_case(email)) {
            emails.push(email.clone());
        }
    }
    let name = authors.iter().map(|author| &author.name).max_by_key(|name| name.contains(' '));
    let git = authors.iter().map(|author| GitName {
        name: author.name.clone(),
        email: author.email.clone(),
        login: author.login.clone(),
    });
    UserView {
        id: id.to_owned(),
        name: name.filter(|name| !name.is_empty()).cloned(),
        email: emails.first().cloned(),
        emails,
        state: "unmatched",
        claude: Vec::new(),
        git: git.collect(),
        first_seen: None,
        last_seen: None,
        merged_at: None,
        reason: "known from Git only: no telemetry is known to be this person's".into(),
    }
}
