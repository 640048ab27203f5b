//! A `.mailmap`, by the rules git applies (`git help mailmap`, `git check-mailmap`).
//!
//! Git looks a commit up by its e-mail, then by its name among the entries that give one, and maps it once: an entry
//! is never followed by another. Case does not matter. A later entry replaces what an earlier one says about the same
//! commits. What remains says who is who: every e-mail mapped to a proper identity is a further e-mail of it.

mod any_case;
mod entry;

use std::collections::BTreeMap;
use std::io::BufRead;

use super::clean::{self, Cleaned, Row};
use super::lines::for_each_line;
use super::tally::Tally;
use super::{ParseError, Reason};

use any_case::AnyCase;
use entry::Entry;

pub(super) fn read(input: impl BufRead, tally: &mut Tally<'_>) -> Result<(), ParseError> {
    let limits = tally.limits();
    let mut mailmap = Mailmap::default();
    for_each_line(input, limits.record_bytes, |number, line| {
        if line.is_ok_and(entry::is_comment) {
            return Ok(());
        }
        match line.and_then(Entry::parse) {
            Ok(entry) if mailmap.add(number, entry) => tally.replaced(),
            Ok(_) if mailmap.mapped.len() > limits.users => return Err(tally.too_many_users()),
            Ok(_) => {}
            Err(reason) => tally.row(number, Err(reason))?,
        }
        Ok(())
    })?;
    mailmap.identities(tally)
}

/// The commits an entry is about. In order, those of one e-mail stand together.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Commits {
    email: AnyCase<Box<str>>,
    /// `None` for the commits of every name without an entry of its own.
    name: Option<AnyCase<Box<str>>>,
}

/// What the name and e-mail of commits become; `None` leaves their own.
#[derive(Debug, Default)]
struct Target {
    line: u64,
    name: Option<Box<str>>,
    email: Option<Box<str>>,
}

type Mapping<'a> = (&'a Commits, &'a Target);

#[derive(Debug, Default)]
struct Mailmap {
    mapped: BTreeMap<Commits, Target>,
}

impl Mailmap {
    /// Adds an entry and says whether it replaced an earlier one. An entry without a commit name replaces only what
    /// it gives itself; one with a commit name replaces the earlier one whole.
    fn add(&mut self, line: u64, entry: Entry<'_>) -> bool {
        let commits = Commits {
            email: AnyCase(entry.commit_email.into()),
            name: entry.commit_name.map(|name| AnyCase(name.into())),
        };
        let partly = commits.name.is_none();
        let mut target = Target { line, name: entry.name.map(Into::into), email: entry.email.map(Into::into) };
        let Some(earlier) = self.mapped.get_mut(&commits) else {
            self.mapped.insert(commits, target);
            return false;
        };
        if partly {
            target.name = target.name.or_else(|| earlier.name.take());
            target.email = target.email.or_else(|| earlier.email.take());
        }
        *earlier = target;
        true
    }

    /// Counts every mapping as the user it maps to.
    fn identities(&self, tally: &mut Tally<'_>) -> Result<(), ParseError> {
        let emails_per_user = tally.limits().emails_per_user;
        let names = ProperNames::of(self);
        let mappings: Vec<Mapping<'_>> = self.mapped.iter().collect();
        for of_one_email in mappings.chunk_by(|one, other| one.0.email == other.0.email) {
            let shared = is_shared(of_one_email);
            for &mapping in of_one_email {
                let user = identity(mapping, shared, &names, emails_per_user);
                tally.row(mapping.1.line, user)?;
            }
        }
        Ok(())
    }
}

/// Whether commits of one e-mail are of several people, told apart by name only. Such an e-mail is nobody's: to give
/// it to each would make one person of them all.
fn is_shared(of_one_email: &[Mapping<'_>]) -> bool {
    of_one_email.windows(2).any(|pair| proper_email(pair[0]) != proper_email(pair[1]))
}

fn proper_email<'a>((commits, target): Mapping<'a>) -> AnyCase<&'a str> {
    AnyCase(target.email.as_deref().unwrap_or(&commits.email.0))
}

fn identity(
    mapping: Mapping<'_>,
    shared: bool,
    names: &ProperNames<'_>,
    emails_per_user: usize,
) -> Result<Cleaned, Reason> {
    let (commits, target) = mapping;
    let email = proper_email(mapping);
    let row = Row {
        name: target
            .name
            .as_deref()
            .or_else(|| names.of_email(email))
            .or(commits.name.as_ref().map(|name| &*name.0))
            .unwrap_or_default(),
        email: email.0,
        login: None,
        emails: Some(&*commits.email.0).filter(|email| !shared && clean::email(email).is_ok()),
        last_commit_at: None,
    };
    clean::user(row, emails_per_user)
}

/// The one proper name that goes with a proper e-mail, for entries that give only the e-mail.
struct ProperNames<'a> {
    by_email: BTreeMap<AnyCase<&'a str>, Option<&'a str>>,
}

impl<'a> ProperNames<'a> {
    fn of(mailmap: &'a Mailmap) -> Self {
        let named = || {
            let name = |mapping: Mapping<'a>| Some((mapping, mapping.1.name.as_deref()?));
            mailmap.mapped.iter().filter_map(name)
        };
        let mut by_email = BTreeMap::new();
        for (mapping, name) in named() {
            by_email
                .entry(proper_email(mapping))
                .and_modify(|known: &mut Option<_>| *known = known.filter(|known| *known == name))
                .or_insert(Some(name));
        }
        // What is said of the e-mail itself goes before what is said of others mapped to it.
        for ((commits, _), name) in named() {
            if commits.name.is_none() {
                by_email.insert(AnyCase(&*commits.email.0), Some(name));
            }
        }
        Self { by_email }
    }

    fn of_email(&self, email: AnyCase<&str>) -> Option<&'a str> {
        self.by_email.get(&email).copied().flatten()
    }
}

#[cfg(test)]
mod tests;
