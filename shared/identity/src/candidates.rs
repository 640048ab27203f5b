//! Which authors an address could belong to: the strings of both sides brought together, without comparing all with all.

use std::collections::HashMap;

use super::authors::Author;
use super::claude_groups::User;
use super::clusters::Clusters;
use super::employers::{self, Employers};
use super::forms::{self, Part, WORTHLESS};
use super::hit::Hit;
use super::normal::Email;
use super::population::Population;
use super::provider;
use super::rule::Rule;

/// A string that more addresses ask for decides nothing.
const MAX_ASKING: usize = 64;
/// Nobody has more addresses; a user that shows more is none.
const MAX_ADDRESSES: usize = 64;
/// The same local part at another domain of the same owner.
const SAME_OWNER: f64 = 0.05;
/// A given name that begins alike, compared with its first letter alone, which is safe only before a rare surname.
const FORM_OF_GIVEN_NAME: f64 = 1.0;
/// A domain named like somebody's login.
const DOMAIN_IS_HANDLE: f64 = 10.0;

/// A string that one address asks for; there are millions of these.
struct Asking {
    form: forms::MailForm,
    user: u32,
    email: u16,
}

impl Asking {
    fn email<'a>(&self, users: &'a [User]) -> &'a Email {
        &users[self.user as usize].own_addresses[usize::from(self.email)]
    }
}

/// Strings asked for, sorted by key, and where those begin whose keys begin with the same bits.
struct Questions {
    sorted: Vec<Asking>,
    begins: Vec<u32>,
}

const BUCKET_BITS: u32 = 18;

impl Questions {
    fn new(mut sorted: Vec<Asking>) -> Self {
        sorted.sort_unstable_by(|a, b| {
            (a.form.key, a.user, a.email)
                .cmp(&(b.form.key, b.user, b.email))
                .then(a.form.factor.total_cmp(&b.form.factor))
        });
        sorted.dedup_by_key(|a| (a.form.key, a.user, a.email));
        sorted.shrink_to_fit();
        let mut begins = vec![0; (1 << BUCKET_BITS) + 1];
        for asking in &sorted {
            begins[Self::bucket(asking.form.key) + 1] += 1;
        }
        for at in 1..begins.len() {
            begins[at] += begins[at - 1];
        }
        Self { sorted, begins }
    }

    fn bucket(key: u64) -> usize {
        (key >> (u64::BITS - BUCKET_BITS)) as usize
    }

    /// All that ask for one string, none if too many do.
    fn asking(&self, key: u64) -> &[Asking] {
        let bucket = Self::bucket(key);
        let asking = &self.sorted[self.begins[bucket] as usize..self.begins[bucket + 1] as usize];
        let from = asking.partition_point(|a| a.form.key < key);
        let to = asking.partition_point(|a| a.form.key <= key);
        if to - from > MAX_ASKING { &[] } else { &asking[from..to] }
    }
}

/// Every hit between the users that `asks` lets through and the authors, by claimant, then group, then strength.
pub(super) fn hits(
    users: &[User],
    authors: &[Author],
    population: &Population,
    clusters: &Clusters,
    employers: &Employers,
    asks: impl Fn(u32) -> bool,
) -> Vec<Hit> {
    let questions = questions(users, authors, population, clusters, asks);
    let mut found = Vec::new();
    for (i, author) in authors.iter().enumerate() {
        let group = clusters.root((users.len() + i) as u32);
        forms::author::forms(author, population, &mut |form| {
            for asked in questions.asking(form.key) {
                let (rule, chance) = meeting(&form, asked, asked.email(users), author);
                if chance <= WORTHLESS {
                    found.push(Hit { claimant: clusters.root(asked.user), group, author: i as u32, rule, chance });
                }
            }
        });
    }
    employers::weigh(&mut found, employers, users, authors, clusters);
    found.sort_unstable_by(|a, b| {
        (a.claimant, a.group)
            .cmp(&(b.claimant, b.group))
            .then(a.chance.total_cmp(&b.chance))
            .then((a.rule, a.author).cmp(&(b.rule, b.author)))
    });
    found.dedup_by_key(|h| (h.claimant, h.group, h.rule));
    found
}

fn questions(
    users: &[User],
    authors: &[Author],
    population: &Population,
    clusters: &Clusters,
    asks: impl Fn(u32) -> bool,
) -> Questions {
    let domains = people_at_domains(users, authors, clusters);
    let mut asking: Vec<Asking> = Vec::new();
    for (i, user) in users.iter().enumerate() {
        if !asks(clusters.root(i as u32)) {
            continue;
        }
        for (at, email) in user.own_addresses.iter().enumerate().take(MAX_ADDRESSES) {
            let alone = domains.get(email.domain.as_str()).is_none_or(|&n| n < 2);
            forms::address::forms(email, population, &mut |form| {
                if form.part != Part::Domain || alone {
                    asking.push(Asking { form, user: i as u32, email: at as u16 });
                }
            });
        }
    }
    Questions::new(asking)
}

/// What the meeting of one string of each side is worth.
fn meeting(form: &forms::GitForm, asked: &Asking, email: &Email, author: &Author) -> (Rule, f64) {
    let chance = form.chance * f64::from(asked.form.factor);
    let is_same_owner =
        || form.email.is_some_and(|at| employers::are_one_owners(&author.emails[at as usize].domain, &email.domain));
    match (form.rule, asked.form.part) {
        (Rule::FullName, Part::Domain) => (Rule::PersonalDomain, chance),
        (_, Part::Domain) => (Rule::PersonalDomain, chance * DOMAIN_IS_HANDLE),
        (Rule::InitialAndSurname, Part::Words { given }) => {
            let given = forms::two_words(&email.local)[usize::from(given)];
            let alike = author.name.words.first().is_some_and(|first| forms::is_form_of(first, given));
            (Rule::FormOfGivenName, if alike { chance * FORM_OF_GIVEN_NAME } else { f64::INFINITY })
        }
        (_, Part::Words { .. }) => (form.rule, f64::INFINITY),
        (Rule::SameLocalPart, Part::Local) if is_same_owner() => (Rule::SameLocalPart, chance * SAME_OWNER),
        (rule, Part::Local) => (rule, chance),
    }
}

/// How many people have an address at each domain that is not a public one.
fn people_at_domains<'a>(users: &'a [User], authors: &'a [Author], clusters: &Clusters) -> HashMap<&'a str, usize> {
    let of_users = users.iter().enumerate().flat_map(|(i, u)| u.addresses.iter().map(move |e| (&**e, i)));
    let of_authors = authors.iter().enumerate().flat_map(|(i, a)| a.emails.iter().map(move |e| (e, users.len() + i)));
    let mut pairs: Vec<(&str, u32)> = of_users
        .chain(of_authors)
        .filter(|(e, _)| !provider::is_public(&e.domain))
        .map(|(e, i)| (e.domain.as_str(), clusters.root(i as u32)))
        .collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.chunk_by(|a, b| a.0 == b.0).map(|c| (c[0].0, c.len())).collect()
}
