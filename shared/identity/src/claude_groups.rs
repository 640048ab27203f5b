//! Claude identities of one person: the same e-mail, the same account, the same installation.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use super::ClaudeIdentity;
use super::clusters::Clusters;
use super::exclude;
use super::normal::{Email, comparable};
use super::rule::Rule;
use model::order;

/// A chain that holds more different users is nobody's.
const MAX_DIFFERENT: usize = 64;

/// One Claude identity, prepared.
#[derive(Debug)]
pub(super) struct User {
    /// Every address it showed or was linked to.
    pub(super) addresses: Vec<Rc<Email>>,
    /// Those that are one person's.
    pub(super) own_addresses: Vec<Rc<Email>>,
    /// Account ids, cleaned.
    pub(super) accounts: Vec<String>,
    clients: Vec<String>,
}

impl User {
    /// Reads one identity; the mailboxes in `shared` are nobody's own, those in `personal` somebody's though a role's by their name.
    pub(super) fn read(claude: &ClaudeIdentity, shared: &HashSet<String>, personal: &HashSet<String>) -> Self {
        let set = |texts: &[String]| {
            let mut set: Vec<String> =
                texts.iter().map(|t| comparable(t).to_lowercase()).filter(|t| !t.is_empty()).collect();
            set.sort_unstable();
            set.dedup();
            set.shrink_to_fit();
            set
        };
        let mut addresses: Vec<Rc<Email>> = claude.emails.iter().filter_map(|e| Email::parse(e)).map(Rc::new).collect();
        addresses.sort_unstable();
        addresses.dedup();
        addresses.shrink_to_fit();
        let is_persons = |e: &Email| !exclude::is_role(&e.local) || personal.contains(&e.key);
        let own = |e: &Email| is_persons(e) && !exclude::is_placeholder(e) && !shared.contains(&e.key);
        let mut own_addresses: Vec<Rc<Email>> = addresses.iter().filter(|e| own(e)).cloned().collect();
        own_addresses.shrink_to_fit();
        Self { addresses, own_addresses, accounts: set(&claude.accounts), clients: set(&claude.clients) }
    }

    /// Adds an address that an admin gave: it is one person's, whatever it looks like.
    pub(super) fn link(&mut self, email: &Email) {
        let email = Rc::new(email.clone());
        for list in [&mut self.addresses, &mut self.own_addresses] {
            if !list.contains(&email) {
                list.push(Rc::clone(&email));
            }
        }
    }
}

/// What the users of one person show between them.
#[derive(Debug, Default, PartialEq)]
struct Shown<'a> {
    addresses: Vec<&'a str>,
    accounts: Vec<&'a str>,
}

impl<'a> Shown<'a> {
    fn add(&mut self, user: &'a User) {
        for address in user.addresses.iter().map(|e| e.key.as_str()) {
            if !self.addresses.contains(&address) {
                self.addresses.push(address);
            }
        }
        for account in user.accounts.iter().map(String::as_str) {
            if !self.accounts.contains(&account) {
                self.accounts.push(account);
            }
        }
    }

    /// True if both show accounts of the same form (`user_…` or uuid), and none in common.
    fn accounts_clash(&self, other: &Self) -> bool {
        [true, false].into_iter().any(|admin_id| {
            let of = |shown: &Self| -> Vec<&'a str> {
                let form = |a: &&str| a.starts_with("user_") == admin_id;
                shown.accounts.iter().copied().filter(form).collect()
            };
            are_disjoint(&of(self), &of(other))
        })
    }
}

/// True if both have something, and nothing in common.
fn are_disjoint(one: &[&str], other: &[&str]) -> bool {
    !one.is_empty() && !other.is_empty() && !one.iter().any(|x| other.contains(x))
}

/// True if users that would become one person show accounts that clash, or, if `emails` count too, several e-mails. Users that
/// are one person already are compared as one, so that an admin's word stands above a clash.
pub(super) fn is_clash(chain: &[u32], users: &[User], clusters: &Clusters, emails: bool) -> bool {
    let mut people: BTreeMap<u32, Shown<'_>> = BTreeMap::new();
    for &member in chain {
        let shown = people.entry(clusters.root(member)).or_default();
        shown.add(&users[member as usize]);
    }
    let mut distinct: Vec<&Shown<'_>> = Vec::new();
    for shown in people.values() {
        let differs =
            |d: &&Shown<'_>| d.accounts_clash(shown) || emails && are_disjoint(&d.addresses, &shown.addresses);
        if distinct.iter().any(differs) || distinct.len() >= MAX_DIFFERENT {
            return true;
        }
        if !distinct.contains(&shown) {
            distinct.push(shown);
        }
    }
    false
}

/// What of a user is compared.
type Keys = fn(&User) -> Vec<&str>;

/// What happened to the users that share something.
#[derive(Debug)]
pub(super) enum Link {
    /// They are one person now, by this rule.
    Joined(Rule, Vec<u32>),
    /// They show several e-mails or accounts, so what they share joins nobody.
    Clash(Rule, Vec<u32>),
}

/// Joins users by e-mail, then by account, then by installation.
///
/// Claims of telemetry can be forged. So an account or installation joins only users that show one e-mail between them, and
/// a clash anywhere in a chain of links blocks the whole chain.
pub(super) fn join(users: &[User], clusters: &mut Clusters) -> Vec<Link> {
    let mut links = Vec::new();
    let rules: [(Rule, Keys); 3] = [
        (Rule::SameEmail, |u| u.own_addresses.iter().map(|e| e.key.as_str()).collect()),
        (Rule::SameAccount, |u| u.accounts.iter().map(String::as_str).collect()),
        (Rule::SameClient, |u| u.clients.iter().map(String::as_str).collect()),
    ];
    for (rule, keys) in rules {
        for chain in chains(users, clusters, keys) {
            let clash = is_clash(&chain, users, clusters, rule != Rule::SameEmail);
            if clash {
                links.push(Link::Clash(rule, chain));
            } else {
                chain.windows(2).for_each(|pair| {
                    clusters.join(pair[0], pair[1]);
                });
                links.push(Link::Joined(rule, chain));
            }
        }
    }
    links
}

/// Users connected by any of their keys or by what joined them before, where that connects several people.
fn chains(users: &[User], clusters: &Clusters, keys: Keys) -> Vec<Vec<u32>> {
    let mut linked = Clusters::new(users.len());
    let mut of_root: BTreeMap<u32, u32> = BTreeMap::new();
    let mut first: BTreeMap<&str, u32> = BTreeMap::new();
    for (i, user) in users.iter().enumerate() {
        let known = *of_root.entry(clusters.root(i as u32)).or_insert(i as u32);
        linked.join(known, i as u32);
        for key in keys(user) {
            let known = *first.entry(key).or_insert(i as u32);
            linked.join(known, i as u32);
        }
    }
    let mut chains: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for i in 0..users.len() as u32 {
        chains.entry(linked.root(i)).or_default().push(i);
    }
    let several = |chain: &Vec<u32>| chain.iter().any(|&m| clusters.root(m) != clusters.root(chain[0]));
    let mut chains: Vec<Vec<u32>> = chains.into_values().filter(several).collect();
    order::sort_by(&mut chains, Ord::cmp);
    chains
}
