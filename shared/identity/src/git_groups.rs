//! Git identities of one person.

use std::collections::{HashMap, HashSet};

use super::GitIdentity;
use super::clusters::Clusters;
use super::exclude;
use super::names::Name;
use super::normal::{Email, comparable, fold, squash};
use super::population::{Population, key_of};
use super::provider;

/// Up to how many namesakes may be expected by chance for a name to join two Git identities. Authors of one organisation's
/// repositories are few, and a namesake among them is rarer than among its e-mail addresses.
const NAMESAKES: f64 = 0.5;
/// The same for a handle.
const TAKERS: f64 = 0.1;
/// A mailbox that this many different people commit with is a shared one.
const SHARED: usize = 3;

/// More mailboxes than one person commits with.
const MAX_MAILBOXES: usize = 12;

/// One Git identity, prepared.
#[derive(Debug)]
pub(super) struct Author {
    /// The words of its name.
    pub(super) name: Name,
    /// Its mailboxes, if they are one person's.
    pub(super) emails: Vec<Email>,
    /// Its logins, folded, also those told by a private address of a Git host.
    pub(super) logins: Vec<String>,
}

impl Author {
    /// Reads one identity; a program has neither name nor address.
    fn read(git: &GitIdentity) -> Self {
        if exclude::is_bot(&git.name, git.login.as_deref(), &git.email) {
            return Self { name: Name::default(), emails: Vec::new(), logins: Vec::new() };
        }
        let addresses = || std::iter::once(&git.email).chain(&git.emails);
        let mut logins: Vec<String> = git.login.iter().map(|l| fold(&comparable(l))).collect();
        logins.extend(addresses().filter_map(|a| Email::noreply_login(a)));
        logins.retain(|l| !exclude::is_role(l));
        logins.sort_unstable();
        logins.dedup();
        let own = |a: &&String| Email::noreply_login(a).is_none();
        let mut emails: Vec<Email> = addresses().filter(own).filter_map(|a| Email::parse(a)).filter(is_own).collect();
        emails.sort_unstable();
        emails.dedup();
        emails.shrink_to_fit();
        logins.shrink_to_fit();
        Self { name: Name::parse(&git.name), emails, logins }
    }

    /// True if it has a mailbox or a login: who has neither shows nothing but a name.
    pub(super) fn is_reachable(&self) -> bool {
        !self.emails.is_empty() || !self.logins.is_empty()
    }

    /// What the person goes by besides a name: letters and digits of logins, local parts and one-word names.
    fn handles(&self) -> Vec<String> {
        if !self.is_reachable() {
            return Vec::new();
        }
        let locals = self.emails.iter().filter(|e| !exclude::is_generic(&e.local)).map(|e| squash(&e.local));
        let mut handles: Vec<String> =
            self.logins.iter().map(|l| squash(l)).chain(locals).chain(self.name.handle().map(str::to_owned)).collect();
        if self.name.is_full() {
            let words = &self.name.words;
            handles.push(words.concat());
            handles.push(words.iter().rev().map(String::as_str).collect());
        }
        handles.sort_unstable();
        handles.dedup();
        handles
    }
}

fn is_own(email: &Email) -> bool {
    !exclude::is_role(&email.local) && !exclude::is_placeholder(email)
}

/// All authors, in the order of the identities given, without the mailboxes that several people share: those `declared` by the
/// organisation, and those that three people or more commit with.
pub(super) fn read(git: &[&GitIdentity], declared: &HashSet<String>) -> Vec<Author> {
    let mut authors: Vec<Author> = git.iter().map(|g| Author::read(g)).collect();
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
            if known.len() < SHARED && known.iter().all(|n| !n.agrees_with(&author.name)) {
                known.push(&author.name);
            }
        }
    }
    names.into_iter().filter(|(_, n)| n.len() >= SHARED).map(|(e, _)| e.to_owned()).collect()
}

/// Joins the authors of one person in `clusters`, where author `i` is member `first + i`.
pub(super) fn join(authors: &[Author], population: &Population, clusters: &mut Clusters, first: usize) {
    let same = blocks(authors, |author, emit| {
        author.emails.iter().for_each(|e| emit(key_of(&["mail", &e.key])));
        author.logins.iter().for_each(|l| emit(key_of(&["login", l])));
    });
    same.iter().for_each(|block| join_all(block, clusters, first));
    let names = blocks(authors, |author, emit| {
        if let Some(key) = author.name.key()
            && expected_namesakes(&author.name, population) <= NAMESAKES
        {
            emit(key_of(&["name", &key]));
        }
    });
    let handles = blocks(authors, |author, emit| {
        let handles = author.handles().into_iter();
        handles.filter(|h| population.choosing(h) <= TAKERS).for_each(|h| emit(key_of(&["handle", &h])));
    });
    for block in names.iter().chain(&handles) {
        if is_one_persons(block, authors)
            && names_agree(block, authors)
            && !are_numbered(block, authors)
            && logins_agree(block, authors, clusters, first)
        {
            join_all(block, clusters, first);
        }
    }
}

/// True if no more mailboxes commit under a name or handle than one person has: more are a tool's default or a department.
fn is_one_persons(block: &[u32], authors: &[Author]) -> bool {
    let mut mailboxes: HashSet<&str> = HashSet::new();
    block.iter().flat_map(|&i| &authors[i as usize].emails).all(|e| {
        mailboxes.insert(&e.key);
        mailboxes.len() <= MAX_MAILBOXES
    })
}

/// Authors under each key that two or more of them have, in the order of their first member.
fn blocks(authors: &[Author], keys: impl Fn(&Author, &mut dyn FnMut(u64))) -> Vec<Vec<u32>> {
    let mut pairs: Vec<(u64, u32)> = Vec::new();
    for (i, author) in authors.iter().enumerate() {
        keys(author, &mut |key| pairs.push((key, i as u32)));
    }
    pairs.sort_unstable();
    pairs.dedup();
    let mut blocks: Vec<Vec<u32>> =
        pairs.chunk_by(|a, b| a.0 == b.0).filter(|c| c.len() > 1).map(|c| c.iter().map(|p| p.1).collect()).collect();
    blocks.sort_unstable();
    blocks
}

fn join_all(block: &[u32], clusters: &mut Clusters, first: usize) {
    for pair in block.windows(2) {
        clusters.join(pair[0] + first as u32, pair[1] + first as u32);
    }
}

fn expected_namesakes(name: &Name, population: &Population) -> f64 {
    let (Some(one), Some(other)) = (name.words.first(), name.words.last()) else {
        return f64::INFINITY;
    };
    population.sharing_both(one, other)
}

/// True unless two people of the block are known under different logins: then neither a name nor a handle makes them one.
fn logins_agree(block: &[u32], authors: &[Author], clusters: &Clusters, first: usize) -> bool {
    let mut of: Option<(u32, &[String])> = None;
    block.iter().all(|&i| {
        let (root, logins) = (clusters.root(i + first as u32), authors[i as usize].logins.as_slice());
        match of {
            _ if logins.is_empty() => true,
            None => {
                of = Some((root, logins));
                true
            }
            Some((known, theirs)) => known == root || logins.iter().any(|l| theirs.contains(l)),
        }
    })
}

/// True if one domain tells the bearers of a name apart by numbers: `jane.doe1@`, `jane.doe2@`.
fn are_numbered(block: &[u32], authors: &[Author]) -> bool {
    let mut seen: HashMap<(&str, &str), &str> = HashMap::new();
    block.iter().flat_map(|&i| &authors[i as usize].emails).filter(|e| !provider::is_public(&e.domain)).any(|e| {
        let stem = e.local.trim_end_matches(|c: char| c.is_ascii_digit());
        seen.insert((stem, &e.domain), &e.local).is_some_and(|other| other != e.local)
    })
}

/// True if no two full names of the block have nothing in common.
fn names_agree(block: &[u32], authors: &[Author]) -> bool {
    let mut full: Vec<&Name> = Vec::new();
    for name in block.iter().map(|&i| &authors[i as usize].name).filter(|n| n.is_full()) {
        if !full.iter().any(|n| n.words == name.words) {
            full.push(name);
        }
        if full.len() > 8 {
            return false;
        }
    }
    full.iter().enumerate().all(|(at, one)| full[at + 1..].iter().all(|other| one.agrees_with(other)))
}
