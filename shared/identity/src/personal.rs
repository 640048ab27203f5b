//! Mailboxes that sound like a function's and are one person's: `hello@` at a domain where nobody else has an address.

use std::collections::{HashMap, HashSet};

use super::exclude;
use super::names::Name;
use super::normal::Email;
use super::provider;
use super::{ClaudeIdentity, GitIdentity};

/// What is seen at one domain.
#[derive(Default)]
struct Domain {
    /// The one mailbox there, if there is only one.
    only: Option<Email>,
    several: bool,
    names: Vec<Name>,
}

/// The mailboxes, by their key, that are personal though their local part says a function.
pub(super) fn mailboxes(claude: &[&ClaudeIdentity], git: &[&GitIdentity]) -> HashSet<String> {
    let is_doubtful = |e: &Email| exclude::is_role(&e.local) && !exclude::is_machine(&e.local);
    let addresses = |g: &GitIdentity| -> Vec<Email> {
        std::iter::once(&g.email).chain(&g.emails).filter_map(|a| Email::parse(a)).collect()
    };
    let of_users = || claude.iter().flat_map(|c| &c.emails).filter_map(|a| Email::parse(a));
    let of_authors = || git.iter().flat_map(|g| addresses(g));
    let mut domains: HashMap<String, Domain> = of_users()
        .chain(of_authors())
        .filter(|e| is_doubtful(e) && !exclude::is_placeholder(e) && !provider::is_public(&e.domain))
        .map(|e| (e.domain, Domain::default()))
        .collect();
    if domains.is_empty() {
        return HashSet::new();
    }
    let mut see = |email: Email, name: Option<&str>| {
        let Some(domain) = domains.get_mut(&email.domain) else {
            return;
        };
        if let Some(name) = name.map(Name::parse).filter(|name| name.is_full() && !domain.names.contains(name)) {
            domain.several |= domain.names.iter().any(|known| !known.can_be(&name));
            domain.names.push(name);
        }
        match &domain.only {
            Some(known) => domain.several |= known.key != email.key,
            None => domain.only = Some(email),
        }
    };
    of_users().for_each(|email| see(email, None));
    for author in git {
        let is_bot = exclude::is_bot(&author.name, author.login.as_deref(), &author.email);
        let name = if is_bot { "" } else { &author.name };
        addresses(author).into_iter().for_each(|email| see(email, Some(name)));
    }
    let personal = |d: Domain| d.only.filter(|e| !d.several && !d.names.is_empty() && is_doubtful(e)).map(|e| e.key);
    domains.into_values().filter_map(personal).collect()
}
