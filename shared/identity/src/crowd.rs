//! Whose domains many of this organisation's people have mailboxes at.

use std::collections::HashMap;

use super::authors::Author;
use super::claude_groups::User;
use super::normal::Email;
use super::owner::owned;
use super::provider;

/// A domain with so many mailboxes is an employer's whose people this organisation knows.
const CROWD: usize = 30;

/// Employers whose people are known here, by their domains: domains of one owner are one employer's.
#[derive(Debug, Default)]
pub(super) struct Crowds(HashMap<String, u32>);

impl Crowds {
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
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let crowded = mailboxes.chunk_by(|a, b| a.0 == b.0).filter(|chunk| chunk.len() >= CROWD);
        let numbered = crowded.map(|chunk| {
            let next = numbers.len() as u32;
            (chunk[0].0.to_owned(), *numbers.entry(owned(chunk[0].0)).or_insert(next))
        });
        Self(numbered.collect())
    }

    /// The employer at whose domain a mailbox is.
    pub(super) fn employer(&self, mailbox: &Email) -> Option<u32> {
        self.0.get(&mailbox.domain).copied()
    }
}
