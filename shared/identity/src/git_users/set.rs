//! Distinct users, folded as rows arrive.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::clean;
use super::reason::Reason;
use super::upload::GitUser;

/// What a set did with a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It is the first of its name and e-mail.
    Stored,
    /// It went into one of the same name and e-mail.
    Folded,
}

/// Users distinct by name and e-mail, both without regard to case, in the order they first appear.
#[derive(Debug, Default)]
pub(super) struct GitUserSet {
    positions: HashMap<Box<str>, usize>,
    users: Vec<GitUser>,
}

impl GitUserSet {
    pub(super) fn len(&self) -> usize {
        self.users.len()
    }

    /// The users, in the order they first appeared.
    pub(super) fn into_users(self) -> impl Iterator<Item = GitUser> {
        self.users.into_iter()
    }

    /// Adds a user or folds it into the one of the same name and e-mail: union of e-mails up to `emails_per_user`,
    /// latest time, first login. On an error the set is as it was.
    pub(super) fn add(&mut self, user: GitUser, emails_per_user: usize) -> Result<Outcome, Reason> {
        match self.positions.entry(user.key()) {
            Entry::Vacant(place) => {
                place.insert(self.users.len());
                self.users.push(user);
                Ok(Outcome::Stored)
            }
            Entry::Occupied(place) => {
                fold(&mut self.users[*place.get()], user, emails_per_user)?;
                Ok(Outcome::Folded)
            }
        }
    }
}

fn fold(known: &mut GitUser, user: GitUser, emails_per_user: usize) -> Result<(), Reason> {
    let before = known.emails.len();
    for email in user.emails {
        if let Err(reason) = clean::add_email(known, email, emails_per_user) {
            known.emails.truncate(before);
            return Err(reason);
        }
    }
    known.last_commit_at = known.last_commit_at.max(user.last_commit_at);
    known.login = known.login.take().or(user.login);
    Ok(())
}
