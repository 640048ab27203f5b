//! A plan in the making: everybody prepared and placed, and joined by decisions, links and e-mails.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::authors::{self, Author};
use super::claims::Claim;
use super::claude_groups::{self, Link, User};
use super::clusters::Clusters;
use super::decision::{self, Decision};
use super::employers;
use super::forms;
use super::normal::{Email, squash};
use super::personal;
use super::population::Population;
use super::reason::{self, Reason};
use super::rule::{Rule, Rules};
use super::terms::{Conflict, PlanInput};
use super::{ClaudeIdentity, GitIdentity, IdentityRef};

/// A plan in the making: members `0..users` are Claude identities, the rest Git identities, each side by id.
pub(super) struct Draft<'a> {
    /// The Claude side, by id.
    pub(super) claude: Vec<&'a ClaudeIdentity>,
    /// The Git side, by id.
    pub(super) git: Vec<&'a GitIdentity>,
    /// The Claude side, prepared.
    pub(super) users: Vec<User>,
    /// The Git side, prepared.
    pub(super) authors: Vec<Author>,
    /// Who is one person with whom so far.
    pub(super) clusters: Clusters,
    /// Why a member is where it is, where that is not plain from its group.
    pub(super) why: BTreeMap<u32, Reason>,
    /// Of Git identities joined by a name or a handle: how many strangers would share it.
    pub(super) chances: HashMap<u32, f64>,
    /// Members that a clash keeps from joining anybody by a pattern.
    pub(super) blocked: Vec<u32>,
    /// What was blocked so far.
    pub(super) conflicts: Vec<Conflict>,
}

/// Sorted by id; of several with one id the smallest.
fn distinct<T: Ord, K: PartialEq>(items: &[T], id: impl Fn(&T) -> &K) -> Vec<&T> {
    let mut items: Vec<&T> = items.iter().collect();
    items.sort_unstable();
    items.dedup_by(|a, b| id(a) == id(b));
    items
}

impl<'a> Draft<'a> {
    /// Reads and places everybody.
    pub(super) fn new(input: &'a PlanInput, rules: &Rules) -> Self {
        let shared: HashSet<String> =
            rules.shared_mailboxes.iter().filter_map(|m| Email::parse(m)).map(|e| e.key).collect();
        let claude = distinct(&input.claude, |c| &c.id);
        let git = distinct(&input.git, |g| &g.id);
        let personal = personal::mailboxes(&claude, &git);
        let users: Vec<User> = claude.iter().map(|c| User::read(c, &shared, &personal)).collect();
        let authors = authors::read(&git, &shared, &personal);
        let clusters = Clusters::new(claude.len() + git.len());
        Self {
            claude,
            git,
            users,
            authors,
            clusters,
            why: BTreeMap::new(),
            chances: HashMap::new(),
            blocked: Vec::new(),
            conflicts: Vec::new(),
        }
    }

    /// The names of both sides; on the Claude side an address of separate words reads as a name.
    pub(super) fn population(&self) -> Population {
        let mut population = Population::default();
        for author in self.authors.iter().filter(|a| a.name.is_full()) {
            population.add(author.name.words.iter().map(String::as_str));
        }
        for email in self.users.iter().flat_map(|u| &u.own_addresses) {
            population.add(email.local.split(|c: char| !c.is_alphabetic()));
            if employers::is_numbered(email)
                && let [one, other] = forms::two_words(&email.local)
            {
                population.add_numbered(one, other);
            }
        }
        for author in self.authors.iter().filter(|a| a.name.is_full()) {
            let (Some(first), Some(last)) = (author.name.words.first(), author.name.words.last()) else { continue };
            let is_name = |local: &str| local == format!("{first}{last}") || local == format!("{last}{first}");
            let letters = |e: &Email| squash(e.local.trim_end_matches(|c: char| c.is_ascii_digit()));
            if author.emails.iter().any(|e| employers::is_numbered(e) && is_name(&letters(e))) {
                population.add_numbered(first, last);
            }
        }
        population.finish()
    }

    /// The place of an identity.
    pub(super) fn place(&self, identity: &IdentityRef) -> Option<u32> {
        let place = match identity {
            IdentityRef::Claude(id) => self.claude.binary_search_by(|c| c.id.cmp(id)).ok()?,
            IdentityRef::Git(id) => self.claude.len() + self.git.binary_search_by(|g| g.id.cmp(id)).ok()?,
        };
        Some(place as u32)
    }

    /// The identity at a place.
    pub(super) fn identity(&self, member: u32) -> IdentityRef {
        let at = member as usize;
        match at.checked_sub(self.claude.len()) {
            None => IdentityRef::Claude(self.claude[at].id.clone()),
            Some(at) => IdentityRef::Git(self.git[at].id.clone()),
        }
    }

    fn conflict(&mut self, text: &str, members: &[u32]) {
        let identities = members.iter().map(|&m| self.identity(m)).collect();
        self.conflicts.push(Conflict { text: text.to_owned(), identities });
    }

    fn explain(&mut self, member: u32, rule: Rule, text: &str, score: f64) {
        self.why.entry(member).or_insert_with(|| Reason { rule, text: text.to_owned(), score, evidence: None });
    }

    /// Applies decisions, before all else. Answers the primaries that admins chose, latest first.
    pub(super) fn decide(&mut self, decisions: &[Decision]) -> Vec<u32> {
        let in_force = decision::in_force(decisions, |identity| self.place(identity));
        for &(one, other) in &in_force.apart {
            self.clusters.keep_apart(one, other);
        }
        for &(primary, other) in &in_force.together {
            if self.clusters.join(primary, other) {
                self.explain(primary, Rule::Decision, "joined by hand", 1.0);
                self.explain(other, Rule::Decision, "joined by hand", 1.0);
            } else {
                self.conflict("decisions contradict each other: these were joined by hand, and others of the same person kept apart", &[primary, other]);
            }
        }
        self.link(&in_force.emails);
        in_force.together.iter().map(|&(primary, _)| primary).collect()
    }

    /// Joins Claude identities with everything that has the e-mail an admin gave them.
    fn link(&mut self, linked: &[(u32, Email)]) {
        let having = self.having(linked);
        for (claude, email) in linked {
            self.users[*claude as usize].link(email);
            self.explain(*claude, Rule::Decision, "linked to this e-mail by hand", 1.0);
            for &member in having.get(email.key.as_str()).into_iter().flatten() {
                if self.clusters.join(*claude, member) {
                    self.explain(member, Rule::Decision, "has the e-mail that was linked by hand", 1.0);
                } else {
                    let text = "linked by hand to an e-mail of somebody it was kept apart from";
                    self.conflict(text, &[*claude, member]);
                }
            }
        }
    }

    /// Everybody who has one of the linked e-mails, also where it is a role's.
    fn having<'e>(&self, linked: &'e [(u32, Email)]) -> HashMap<&'e str, Vec<u32>> {
        let mut having: HashMap<&str, Vec<u32>> = HashMap::new();
        having.extend(linked.iter().map(|(_, email)| (email.key.as_str(), Vec::new())));
        if having.is_empty() {
            return having;
        }
        let mut note = |email: &Email, member: u32| {
            if let Some(members) = having.get_mut(email.key.as_str()) {
                members.push(member);
            }
        };
        for (user, at) in self.users.iter().zip(0..) {
            user.addresses.iter().for_each(|e| note(e, at));
        }
        for (git, at) in self.git.iter().zip(self.users.len() as u32..) {
            let addresses = std::iter::once(&git.email).chain(&git.emails);
            addresses.filter_map(|a| Email::parse(a)).for_each(|e| note(&e, at));
        }
        having
    }

    /// Joins Claude identities by what they share.
    pub(super) fn join_users(&mut self) {
        for link in claude_groups::join(&self.users, &mut self.clusters) {
            match link {
                Link::Joined(rule, chain) => {
                    let text = match rule {
                        Rule::SameEmail => "same e-mail",
                        Rule::SameAccount => "same account",
                        _ => "same installation, which no other e-mail uses",
                    };
                    chain.iter().for_each(|&m| self.explain(m, rule, text, 1.0));
                }
                Link::Clash(rule, chain) => {
                    let text = match rule {
                        Rule::SameEmail => "one e-mail with several accounts",
                        Rule::SameAccount => "one account with several e-mails",
                        _ => "one installation with several e-mails or accounts",
                    };
                    self.conflict(text, &chain);
                }
            }
        }
    }

    /// Gives Git people to the Claude people with the same e-mail, unless accounts clash among all whom that would join.
    pub(super) fn join_same_emails(&mut self) {
        let pairs = self.same_emails();
        let mut linked = Clusters::new(self.users.len() + self.git.len());
        for member in 0..(self.users.len() + self.git.len()) as u32 {
            linked.join(self.clusters.root(member), member);
        }
        for &(user, author) in &pairs {
            linked.join(user, author);
        }
        let mut chains: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for user in 0..self.users.len() as u32 {
            chains.entry(linked.root(user)).or_default().push(user);
        }
        let is_clash = |chain: &[u32]| claude_groups::is_clash(chain, &self.users, &self.clusters, false);
        chains.retain(|_, chain| chain.len() > 1 && is_clash(chain));
        for chain in chains.values() {
            self.conflict("several accounts use e-mails of the same Git person", chain);
        }
        for (user, author) in pairs {
            if chains.contains_key(&linked.root(user)) {
                self.blocked.extend([user, author]);
            } else if self.clusters.join(user, author) {
                self.explain_same_email(user, author);
            }
        }
    }

    /// Claude identities and one Git identity of each Git person with the same e-mail.
    fn same_emails(&self) -> Vec<(u32, u32)> {
        let mut by_key: HashMap<&str, Vec<u32>> = HashMap::new();
        for (author, at) in self.authors.iter().zip(self.users.len() as u32..) {
            for email in &author.emails {
                let known = by_key.entry(&email.key).or_default();
                if known.iter().all(|&k| self.clusters.root(k) != self.clusters.root(at)) {
                    known.push(at);
                }
            }
        }
        let mut pairs = Vec::new();
        for (user, at) in self.users.iter().zip(0..) {
            let same = user.own_addresses.iter().filter_map(|e| by_key.get(e.key.as_str()));
            pairs.extend(same.flatten().map(|&author| (at, author)));
        }
        pairs
    }

    fn explain_same_email(&mut self, user: u32, author: u32) {
        let text = reason::sentence(Rule::SameEmail, self.git[author as usize - self.users.len()], true);
        for member in [author, user] {
            self.explain(member, Rule::SameEmail, &text, 1.0);
            self.show(member, author);
        }
    }

    /// Names the Git identity that shows a reason, if it has none yet.
    fn show(&mut self, member: u32, author: u32) {
        let evidence = self.identity(author);
        if let Some(reason) = self.why.get_mut(&member).filter(|r| r.rule != Rule::Decision) {
            reason.evidence.get_or_insert(evidence);
        }
    }

    /// The sets that hold members of both sides, and those that a clash blocks.
    pub(super) fn taken(&self) -> HashSet<u32> {
        let root = |member: u32| self.clusters.root(member);
        let first = self.users.len() as u32;
        let users: HashSet<u32> = (0..first).map(root).collect();
        let git = first..first + self.git.len() as u32;
        let of_both = git.map(root).filter(|root| users.contains(root));
        of_both.chain(self.blocked.iter().map(|&m| root(m))).collect()
    }

    /// Does what the claims say.
    pub(super) fn join_claims(&mut self, safe: &[Claim]) {
        for claim in safe {
            let author = self.users.len() as u32 + claim.best.author;
            if self.clusters.join(claim.claimant, author) {
                let text = reason::sentence(claim.best.rule, self.git[claim.best.author as usize], true);
                self.explain(author, claim.best.rule, &text, claim.best.score());
                self.show(author, author);
            }
        }
    }
}
