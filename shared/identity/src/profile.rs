//! What a person in Git is known by, and whether two of them can be one.

use std::collections::{HashMap, HashSet};

use super::authors::Author;
use super::clusters::Clusters;
use super::employers::{Employers, are_numbered};
use super::names::Name;
use super::normal::Email;

/// More mailboxes than one person commits with: more are a tool's default or a department.
const MAX_MAILBOXES: usize = 12;
/// More full names than one person goes by.
const MAX_NAMES: usize = 8;

/// Up to how many namesakes may be expected by chance for two mailboxes of employers to be one person's, weighed by how seldom one
/// person has both.
const TWO_MAILBOXES: f64 = 0.04;

/// Authors with something in common.
#[derive(Debug)]
pub(super) struct Block {
    /// Their places, ascending.
    pub(super) authors: Vec<u32>,
    /// How many strangers would have it by chance.
    pub(super) chance: f64,
}

/// What the Git identities of one person show between them.
#[derive(Clone, Debug, Default)]
struct Profile<'a> {
    names: Vec<&'a Name>,
    mailboxes: Vec<&'a Email>,
    logins: Vec<&'a str>,
}

impl<'a> Profile<'a> {
    fn add(&mut self, author: &'a Author) {
        if author.name.is_full() && !self.names.iter().any(|n| n.words == author.name.words) {
            self.names.push(&author.name);
        }
        for email in &author.emails {
            if !self.mailboxes.iter().any(|known| known.key == email.key) {
                self.mailboxes.push(email);
            }
        }
        for login in &author.logins {
            if !self.logins.contains(&login.as_str()) {
                self.logins.push(login);
            }
        }
    }

    fn absorb(&mut self, other: Self) {
        for name in other.names {
            if !self.names.iter().any(|known| known.words == name.words) {
                self.names.push(name);
            }
        }
        self.mailboxes.extend(other.mailboxes);
        self.logins.extend(other.logins);
    }

    /// True unless something says that the two are two people.
    fn can_be(&self, other: &Self) -> bool {
        let logins_differ = !self.logins.is_empty()
            && !other.logins.is_empty()
            && !self.logins.iter().any(|login| other.logins.contains(login));
        let names_agree = self.names.is_empty()
            || other.names.is_empty()
            || self.names.iter().any(|one| other.names.iter().any(|two| one.can_be(two)));
        !logins_differ && names_agree && !self.has_pair(other, are_numbered)
    }

    /// True if a mailbox of the one and one of the other stand to each other like this.
    fn has_pair(&self, other: &Self, is_so: impl Fn(&Email, &Email) -> bool) -> bool {
        self.mailboxes.iter().any(|one| other.mailboxes.iter().any(|two| is_so(one, two)))
    }
}

/// The profiles of people in Git, by the representative of their set.
pub(super) struct Profiles<'a> {
    known: HashMap<u32, Profile<'a>>,
    employers: &'a Employers,
    first: u32,
}

impl<'a> Profiles<'a> {
    /// Those of all people that stand in a block. Author `i` is member `first + i`.
    pub(super) fn of(
        blocks: &[Block],
        authors: &'a [Author],
        employers: &'a Employers,
        clusters: &Clusters,
        first: usize,
    ) -> Self {
        let first = first as u32;
        let in_blocks: HashSet<u32> =
            blocks.iter().flat_map(|block| &block.authors).map(|&i| clusters.root(i + first)).collect();
        let mut known: HashMap<u32, Profile<'a>> = HashMap::with_capacity(in_blocks.len());
        for (author, member) in authors.iter().zip(first..) {
            let root = clusters.root(member);
            if in_blocks.contains(&root) {
                known.entry(root).or_default().add(author);
            }
        }
        Self { known, employers, first }
    }

    /// Makes one person of all in a block, unless something says that they are several. True if they are one now and were not.
    pub(super) fn join(&mut self, block: &Block, clusters: &mut Clusters) -> bool {
        let mut roots: Vec<u32> = block.authors.iter().map(|&i| clusters.root(i + self.first)).collect();
        roots.sort_unstable();
        roots.dedup();
        if roots.len() < 2 || clusters.hold_apart(&roots) {
            return false;
        }
        let Some(whole) = self.whole(&roots, block.chance) else {
            return false;
        };
        for &root in &roots {
            clusters.join(roots[0], root);
            self.known.remove(&root);
        }
        self.known.insert(clusters.root(roots[0]), whole);
        true
    }

    /// What they show together, if nothing says that they are several.
    fn whole(&self, roots: &[u32], chance: f64) -> Option<Profile<'a>> {
        let mut whole = Profile::default();
        for part in roots.iter().filter_map(|root| self.known.get(root)) {
            let weight = |one: &Email, two: &Email| self.employers.weight(one, two);
            let are_two =
                |one: &Email, two: &Email| weight(one, two) > 1.0 && chance * weight(one, two) > TWO_MAILBOXES;
            if !whole.can_be(part) || whole.has_pair(part, are_two) {
                return None;
            }
            whole.absorb(part.clone());
            if whole.mailboxes.len() > MAX_MAILBOXES || whole.names.len() > MAX_NAMES {
                return None;
            }
        }
        Some(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GitId, GitIdentity};

    /// True if two authors of one name, which so many strangers would bear, become one person.
    fn are_joined(chance: f64, emails: [&str; 2]) -> bool {
        let identities = emails.map(|email| GitIdentity {
            id: GitId(email.to_owned()),
            name: "Jane Doe".to_owned(),
            email: email.to_owned(),
            login: None,
            emails: Vec::new(),
        });
        let none = HashSet::new();
        let authors = crate::authors::read(&identities.each_ref(), &none, &none);
        let (block, employers) = (Block { authors: vec![0, 1], chance }, Employers::default());
        let mut clusters = Clusters::new(2);
        let blocks = [block];
        Profiles::of(&blocks, &authors, &employers, &clusters.clone(), 0).join(&blocks[0], &mut clusters)
    }

    #[test]
    fn two_mailboxes_at_one_employer_need_a_rarer_name() {
        assert!(are_joined(0.02, ["jane@example.org", "jd@example.net"]));
        assert!(!are_joined(0.02, ["jane@example.org", "jd@example.org"]));
        assert!(are_joined(0.005, ["jane@example.org", "jd@example.org"]));
    }
}
