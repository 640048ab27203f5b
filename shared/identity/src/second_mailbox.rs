//! How seldom one person has a mailbox at each of two employers, as this organisation's own people show it.
//!
//! Of people whose name is nearly theirs alone, all mailboxes are seen. Where mailboxes at two employers stand beside each other there
//! far less often than mailboxes drawn at random would, people have one of them, and two with one name are two people. Where nobody's
//! mailboxes say anything of two employers, nothing is learned.

use std::collections::HashMap;

use super::authors::Author;
use super::crowd::Crowds;
use super::normal::Email;
use super::population::{Population, key_of};
use model::order;

/// A name that so few strangers would bear by chance is one person's.
const ONE_PERSON: f64 = 0.005;
/// More mailboxes under one name are not looked at: they are not one person's.
const MAX_MAILBOXES: usize = 12;

/// Pairs of different mailboxes under one name, by the employers at which they are.
#[derive(Debug, Default)]
pub(super) struct SecondMailboxes {
    /// How many there are at two employers, the smaller number first.
    seen: HashMap<(u32, u32), u32>,
    /// How many there are at all.
    all: u32,
    /// The share of all mailboxes in Git that is at each employer.
    shares: HashMap<u32, f64>,
}

impl SecondMailboxes {
    /// Learns from the authors.
    pub(super) fn of(authors: &[Author], population: &Population, crowds: &Crowds) -> Self {
        let mut learned = Self { shares: shares(authors, crowds), ..Self::default() };
        let mut named: Vec<(u64, &Email)> = Vec::new();
        for author in authors {
            let (Some(one), Some(other)) = (author.name.words.first(), author.name.words.last()) else {
                continue;
            };
            if let Some(name) = author.name.key(false)
                && population.sharing_both(one, other) <= ONE_PERSON
            {
                named.extend(author.emails.iter().map(|email| (key_of(&[&name]), email)));
            }
        }
        order::sort_by(&mut named, |a, b| (a.0, &a.1.key).cmp(&(b.0, &b.1.key)));
        named.dedup_by(|a, b| a.0 == b.0 && a.1.key == b.1.key);
        for mailboxes in named.chunk_by(|a, b| a.0 == b.0).filter(|chunk| chunk.len() <= MAX_MAILBOXES) {
            for (at, (_, one)) in mailboxes.iter().enumerate() {
                mailboxes[at + 1..]
                    .iter()
                    .for_each(|(_, other)| learned.see(crowds.employer(one), crowds.employer(other)));
            }
        }
        learned
    }

    fn see(&mut self, one: Option<u32>, other: Option<u32>) {
        self.all += 1;
        if let (Some(one), Some(other)) = (one, other) {
            *self.seen.entry((one.min(other), one.max(other))).or_default() += 1;
        }
    }

    /// How many times rarer than chance it is that one person has a mailbox at each of two employers, or two at one. `unlearned` is the
    /// answer where nothing speaks of them, and the least one; it weighs as much as one pair that was seen.
    pub(super) fn rarity(&self, one: u32, other: u32, unlearned: f64) -> f64 {
        let share = |employer: u32| self.shares.get(&employer).copied().unwrap_or(0.0);
        let orders = if one == other { 1.0 } else { 2.0 };
        let expected = f64::from(self.all) * orders * share(one) * share(other);
        let seen = self.seen.get(&(one.min(other), one.max(other))).copied().unwrap_or(0);
        ((expected + unlearned) / (f64::from(seen) + 1.0)).max(unlearned)
    }
}

/// The share of all mailboxes of the authors that is at each employer.
fn shares(authors: &[Author], crowds: &Crowds) -> HashMap<u32, f64> {
    let mut mailboxes: Vec<&Email> = authors.iter().flat_map(|author| &author.emails).collect();
    order::sort_by(&mut mailboxes, |a, b| a.key.cmp(&b.key));
    mailboxes.dedup_by(|a, b| a.key == b.key);
    let mut shares: HashMap<u32, f64> = HashMap::new();
    for employer in mailboxes.iter().filter_map(|mailbox| crowds.employer(mailbox)) {
        *shares.entry(employer).or_default() += 1.0 / mailboxes.len() as f64;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Name;

    /// So many people of two employers, each with a mailbox at one, and one at the other as well or elsewhere.
    fn learned(people: usize, of_both: bool) -> (SecondMailboxes, [u32; 2]) {
        let second = if of_both { "example.net" } else { "gmail.com" };
        let email = |text: String| Email::parse(&text);
        let author = |n: usize| {
            let emails = [email(format!("p{n}@example.com")), email(format!("q{n}@{second}"))].into_iter().flatten();
            let letters: String = n.to_string().bytes().map(|digit| (digit + 49) as char).collect();
            Author {
                name: Name::parse(&format!("Jane{letters} Doe{letters}")),
                emails: emails.collect(),
                ..Author::default()
            }
        };
        let others = (0..people).filter_map(|n| email(format!("r{n}@example.net")));
        let others = others.map(|mailbox| Author { emails: vec![mailbox], ..Author::default() });
        let authors: Vec<Author> = (0..people).map(author).chain(others).collect();
        let crowds = Crowds::of(&[], &authors);
        let employers =
            ["a@example.com", "a@example.net"].map(|at| Email::parse(at).and_then(|at| crowds.employer(&at)));
        let mut population = Population::default();
        authors.iter().for_each(|author| population.add(author.name.words.iter().map(String::as_str)));
        (
            SecondMailboxes::of(&authors, &population.finish(), &crowds),
            employers.map(|employer| employer.unwrap_or(u32::MAX)),
        )
    }

    #[test]
    fn what_nobody_has_is_the_rarer_the_more_people_could_have_it() {
        let (few, [one, other]) = learned(30, false);
        let (many, _) = learned(300, false);
        assert!(few.rarity(one, other, 4.0) > 8.0);
        assert!(many.rarity(one, other, 4.0) > 5.0 * few.rarity(one, other, 4.0));
        assert_eq!(many.rarity(one, other, 1.0), many.rarity(other, one, 1.0));
    }

    #[test]
    fn what_people_have_or_what_nothing_speaks_of_is_as_rare_as_is_thought_of_others() {
        let (both, [one, other]) = learned(300, true);
        assert_eq!(both.rarity(one, other, 4.0), 4.0);
        assert_eq!(both.rarity(one, 7, 4.0), 4.0);
    }
}
