//! Git identities, read and prepared.

use std::collections::{HashMap, HashSet};

use super::GitIdentity;
use super::exclude;
use super::names::Name;
use super::normal::{Email, comparable, fold, squash};

/// A mailbox that this many different people commit with is a shared one.
const SHARED: usize = 3;

/// One Git identity, prepared.
#[derive(Debug, Default)]
pub(super) struct Author {
    /// The words of its name.
    pub(super) name: Name,
    /// Its mailboxes, if they are one person's.
    pub(super) emails: Vec<Email>,
    /// Its logins, folded, also those told by a private address of a Git host.
    pub(super) logins: Vec<String>,
    /// Its accounts at Git hosts by their numbers, which outlive a change of the login.
    pub(super) accounts: Vec<String>,
}

impl Author {
    /// Reads one identity; a program has neither name nor address.
    fn read(git: &GitIdentity, personal: &HashSet<String>) -> Self {
        if exclude::is_bot(&git.name, git.login.as_deref(), &git.email) {
            return Self::default();
        }
        let addresses = || std::iter::once(&git.email).chain(&git.emails);
        let mut logins: Vec<String> = git.login.iter().map(|l| fold(&comparable(l))).collect();
        logins.extend(addresses().filter_map(|a| Email::noreply_login(a)));
        logins.retain(|l| !exclude::is_role(l));
        logins.sort_unstable();
        logins.dedup();
        let own = |a: &&String| Email::noreply_login(a).is_none();
        let mut emails: Vec<Email> =
            addresses().filter(own).filter_map(|a| Email::parse(a)).filter(|e| is_own(e, personal)).collect();
        emails.sort_unstable();
        emails.dedup();
        let mut accounts: Vec<String> = addresses().filter_map(|a| Email::noreply_account(a)).collect();
        accounts.sort_unstable();
        accounts.dedup();
        emails.shrink_to_fit();
        logins.shrink_to_fit();
        accounts.shrink_to_fit();
        Self { name: Name::parse(&git.name), emails, logins, accounts }
    }

    /// True if it has a mailbox or a login: who has neither shows nothing but a name.
    pub(super) fn is_reachable(&self) -> bool {
        !self.emails.is_empty() || !self.logins.is_empty()
    }

    /// What the person goes by besides a name: letters and digits of logins, local parts and one-word names.
    pub(super) fn handles(&self) -> Vec<String> {
        if !self.is_reachable() {
            return Vec::new();
        }
        let locals = self.emails.iter().filter(|e| !exclude::is_generic(&e.local)).map(|e| squash(&e.local));
        let mut handles: Vec<String> =
            self.logins.iter().map(|l| squash(l)).chain(locals).chain(self.name.handle().map(str::to_owned)).collect();
        if self.name.is_full() {
            handles.push(self.name.words.concat());
        }
        handles.sort_unstable();
        handles.dedup();
        handles
    }
}

fn is_own(email: &Email, personal: &HashSet<String>) -> bool {
    (!exclude::is_role(&email.local) || personal.contains(&email.key)) && !exclude::is_placeholder(email)
}

/// All authors, in the order of the identities given, without the mailboxes that several people share: those `declared` by the
/// organisation, and those that three people or more commit with. Those in `personal` are somebody's though a role's by their name.
pub(super) fn read(git: &[&GitIdentity], declared: &HashSet<String>, personal: &HashSet<String>) -> Vec<Author> {
    let mut authors: Vec<Author> = git.iter().map(|g| Author::read(g, personal)).collect();
    let shared = shared_mailboxes(&authors);
    for author in &mut authors {
        author.emails.retain(|e| !shared.contains(&e.key) && !declared.contains(&e.key));
    }
    authors
}

fn shared_mailboxes(authors: &[Author]) -> HashSet<String> {
    let mut names: HashMap<&str, Vec<&Name>> = HashMap::new();
    for author in authors.iter().filter(|a| a.name.is_full()) {
        for email in &author.emails {
            let known = names.entry(&email.key).or_default();
            if known.len() < SHARED && known.iter().all(|n| !n.has_word_of(&author.name)) {
                known.push(&author.name);
            }
        }
    }
    names.into_iter().filter(|(_, n)| n.len() >= SHARED).map(|(e, _)| e.to_owned()).collect()
}
