//! What two mailboxes of one employer say: it gives most people one, and tells those of one name apart by numbers.

use std::collections::{HashMap, HashSet};

use super::authors::Author;
use super::claude_groups::User;
use super::clusters::Clusters;
use super::hit::Hit;
use super::normal::Email;
use super::owner::owned;
use super::provider;

/// How much likelier than else a match is a coincidence where both have a mailbox at one employer.
const COLLEAGUES: f64 = 4.0;

/// A domain with so many mailboxes is an employer's whose people this organisation knows.
const CROWD: usize = 30;

/// The domains at which this organisation's people have their mailboxes.
#[derive(Debug, Default)]
pub(super) struct Employers(HashSet<String>);

impl Employers {
    /// Those of both sides.
    pub(super) fn of(users: &[User], authors: &[Author]) -> Self {
        let of_users = users.iter().flat_map(|u| u.own_addresses.iter().map(|e| &**e));
        let mut mailboxes: Vec<(&str, &str)> = of_users
            .chain(authors.iter().flat_map(|a| &a.emails))
            .filter(|e| !provider::is_public(&e.domain))
            .map(|e| (e.domain.as_str(), e.key.as_str()))
            .collect();
        mailboxes.sort_unstable();
        mailboxes.dedup();
        let crowded = mailboxes.chunk_by(|a, b| a.0 == b.0).filter(|chunk| chunk.len() >= CROWD);
        Self(crowded.map(|chunk| chunk[0].0.to_owned()).collect())
    }

    /// True for two mailboxes of which one person seldom has both: two at one employer, or at two whose people are known here.
    pub(super) fn are_colleagues(&self, one: &Email, other: &Email) -> bool {
        one.key != other.key
            && (one.domain == other.domain && !provider::is_public(&one.domain)
                || self.0.contains(&one.domain) && self.0.contains(&other.domain) && one.local != other.local)
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
        if pairs().any(|(one, two)| employers.are_colleagues(one, two)) {
            hit.chance *= COLLEAGUES;
        }
        true
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(address: &str) -> Email {
        Email::parse(address).unwrap()
    }

    /// Employers of whom two are known by many mailboxes.
    fn employers() -> Employers {
        Employers(HashSet::from(["example.com".to_owned(), "example.net".to_owned()]))
    }

    #[test]
    fn one_person_seldom_has_two_mailboxes_at_one_employer_or_one_each_at_two_that_are_known_here() {
        for (one, other, expected) in [
            ("jane@example.org", "jd@example.org", true),
            ("jane@example.com", "jd@example.net", true),
            ("jane@example.com", "jane@example.net", false),
            ("jane@example.com", "jd@example.org", false),
            ("jane@gmail.com", "jd@gmail.com", false),
            ("jane@example.org", "Jane@example.org", false),
        ] {
            assert_eq!(employers().are_colleagues(&email(one), &email(other)), expected, "{one} {other}");
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
