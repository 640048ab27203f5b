//! What two mailboxes of one employer say: it gives most people one, and tells those of one name apart by numbers.

use std::collections::HashMap;

use super::authors::Author;
use super::claude_groups::User;
use super::clusters::Clusters;
use super::crowd::Crowds;
use super::hit::Hit;
use super::normal::Email;
use super::owner::owned;
use super::population::Population;
use super::provider;
use super::second_mailbox::SecondMailboxes;

/// How much likelier than else a match is a coincidence where both have a mailbox at one employer, if nothing tells it better.
const COLLEAGUES: f64 = 4.0;

/// The employers of this organisation's people, and how many of their mailboxes one person has.
#[derive(Debug, Default)]
pub(super) struct Employers {
    crowds: Crowds,
    second: SecondMailboxes,
}

impl Employers {
    /// Those of both sides.
    pub(super) fn of(users: &[User], authors: &[Author], population: &Population) -> Self {
        let crowds = Crowds::of(users, authors);
        let second = SecondMailboxes::of(authors, population, &crowds);
        Self { crowds, second }
    }

    /// How much likelier than else it is that two mailboxes are two people's: 1 unless both are at one employer, or at two whose people
    /// are known here. A local part is often kept at the next employer, so the same at two employers says that only where it was learned.
    pub(super) fn weight(&self, one: &Email, other: &Email) -> f64 {
        match (self.crowds.employer(one), self.crowds.employer(other)) {
            _ if one.key == other.key => 1.0,
            (Some(a), Some(b)) if one.local != other.local => self.second.rarity(a, b, COLLEAGUES),
            (Some(a), Some(b)) if a != b => self.second.rarity(a, b, 1.0),
            _ if one.domain == other.domain && !provider::is_public(&one.domain) => COLLEAGUES,
            _ => 1.0,
        }
    }
}

/// True if the employer tells the bearers of a name apart by numbers: `jane.doe1@`, `jane.doe2@`.
pub(super) fn are_numbered(one: &Email, other: &Email) -> bool {
    fn stem(email: &Email) -> &str {
        email.local.trim_end_matches(|c: char| c.is_ascii_digit())
    }
    one.local != other.local && stem(one) == stem(other) && are_one_owners(&one.domain, &other.domain)
}

/// True for `jane.doe2@` an employer's domain: somebody was there before. A year is no such number.
pub(super) fn is_numbered(email: &Email) -> bool {
    let digits = email.local.chars().rev().take_while(char::is_ascii_digit).count();
    (1..=2).contains(&digits) && digits < email.local.len() && !provider::is_public(&email.domain)
}

/// True for two domains of one owner, as `example.com` and `mail.example.com`; those where anybody has an address are nobody's.
pub(super) fn are_one_owners(one: &str, other: &str) -> bool {
    let own = owned(one);
    !own.is_empty() && !provider::is_public(one) && own == owned(other)
}

/// Weighs hits between people who both have a mailbox at one employer, and drops those of people whom it tells apart.
pub(super) fn weigh(
    hits: &mut Vec<Hit>,
    employers: &Employers,
    users: &[User],
    authors: &[Author],
    clusters: &Clusters,
) {
    let mut of: HashMap<u32, Vec<&Email>> = HashMap::new();
    hits.iter().for_each(|hit| {
        of.insert(hit.claimant, Vec::new());
        of.insert(hit.group, Vec::new());
    });
    let of_users = users.iter().enumerate().flat_map(|(i, u)| u.own_addresses.iter().map(move |e| (i, &**e)));
    let of_authors = authors.iter().enumerate().flat_map(|(i, a)| a.emails.iter().map(move |e| (users.len() + i, e)));
    for (member, email) in of_users.chain(of_authors) {
        if let Some(mailboxes) = of.get_mut(&clusters.root(member as u32))
            && !provider::is_public(&email.domain)
        {
            mailboxes.push(email);
        }
    }
    hits.retain_mut(|hit| {
        let pairs = || of[&hit.claimant].iter().flat_map(|one| of[&hit.group].iter().map(move |two| (*one, *two)));
        if pairs().any(|(one, two)| are_numbered(one, two)) {
            return false;
        }
        hit.chance *= pairs().map(|(one, two)| employers.weight(one, two)).fold(1.0, f64::max);
        true
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(address: &str) -> Email {
        Email::parse(address).unwrap()
    }

    /// Employers of whom two are known by many mailboxes, and nothing else is.
    fn employers() -> Employers {
        let mailboxes = |domain: &str| (0..30).map(|n| email(&format!("p{n}@{domain}"))).collect::<Vec<_>>();
        let emails = ["example.com", "example.net"].iter().flat_map(|domain| mailboxes(domain)).collect();
        Employers::of(&[], &[Author { emails, ..Author::default() }], &Population::default())
    }

    #[test]
    fn one_person_seldom_has_two_mailboxes_at_one_employer_or_one_each_at_two_that_are_known_here() {
        for (one, other, expected) in [
            ("jane@example.org", "jd@example.org", COLLEAGUES),
            ("jane@example.com", "jd@example.net", COLLEAGUES),
            ("jane@example.com", "jane@example.net", 1.0),
            ("jane@example.com", "jd@example.org", 1.0),
            ("jane@gmail.com", "jd@gmail.com", 1.0),
            ("jane@example.org", "Jane@example.org", 1.0),
        ] {
            assert_eq!(employers().weight(&email(one), &email(other)), expected, "{one} {other}");
        }
    }

    #[test]
    fn a_number_tells_colleagues_apart_and_a_year_or_a_mail_provider_does_not() {
        assert!(are_numbered(&email("jane.doe@example.com"), &email("jane.doe2@mail.example.com")));
        assert!(!are_numbered(&email("jane.doe@gmail.com"), &email("jane.doe2@gmail.com")));
        assert!(!are_numbered(&email("jane.doe@example.com"), &email("jane.doe2@example.org")));
        for (address, expected) in [
            ("jane.doe2@example.com", true),
            ("jane.doe12@example.com", true),
            ("jane.doe1987@example.com", false),
            ("jane.doe2@gmail.com", false),
            ("42@example.com", false),
        ] {
            assert_eq!(is_numbered(&email(address)), expected, "{address}");
        }
    }
}
