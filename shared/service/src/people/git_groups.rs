//! Who is one person in Git. It depends on what Git and telemetry know and on nothing else, so it is worked out once for the same.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::directory::Directory;
use crate::merging::inputs::git_identity;
use identity::git_users::GitUser;
use identity::plan::git_people;

/// Groups of so many organisations are kept by a process.
const KEPT: usize = 2;

/// The group of each Git user, by id.
pub(super) type Groups = HashMap<String, u32>;

/// Groups, and what they were made of.
type Known = (u64, Arc<Groups>);

static KNOWN: LazyLock<Mutex<Vec<Known>>> = LazyLock::new(Mutex::default);

/// The groups of Git users, beside the people of a directory.
pub(super) fn of(git: &[GitUser], directory: &Directory) -> Arc<Groups> {
    let mut addresses: Vec<&str> = directory.people().filter_map(|person| person.email.as_deref()).collect();
    addresses.sort_unstable();
    let key = key(git, &addresses);
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, groups)) = known().iter().find(|(other, _)| *other == key) {
        return Arc::clone(groups);
    }
    let people = git_people(addresses.into_iter(), git.iter().cloned().map(git_identity).collect());
    let numbered = people.into_iter().zip(0..).flat_map(|(ids, group)| ids.into_iter().map(move |id| (id.0, group)));
    let groups: Arc<Groups> = Arc::new(numbered.collect());
    let mut known = known();
    if known.len() >= KEPT {
        known.remove(0);
    }
    known.push((key, Arc::clone(&groups)));
    groups
}

fn key(git: &[GitUser], addresses: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    addresses.hash(&mut hasher);
    for GitUser { name, email, login, emails, .. } in git {
        (name, email, login, emails).hash(&mut hasher);
    }
    hasher.finish()
}
