//! Who is one person in Git. It depends on what Git and telemetry know and on what admins decided, and on nothing else, so it is worked
//! out once for the same.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use super::directory::Directory;
use identity::GitIdentity;
use identity::decision::Decision;
use identity::git_users::GitUser;
use identity::plan::git_people;
use store::StoreError;

/// Groups of so many organisations are kept by a process.
const KEPT: usize = 2;

/// The group of each Git user, by id.
pub(super) type Groups = HashMap<String, u32>;

/// Groups, and what they were made of.
type Known = (u64, Arc<Groups>);

static KNOWN: LazyLock<Mutex<Vec<Known>>> = LazyLock::new(Mutex::default);

/// The groups of Git users, beside the people of a directory.
pub(super) async fn of(
    git: &[GitUser],
    decisions: &[Decision],
    directory: &Directory,
) -> Result<Arc<Groups>, StoreError> {
    if git.is_empty() {
        return Ok(Arc::default());
    }
    let addresses = addresses(directory);
    let key = key(git, decisions, &addresses);
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, groups)) = known().iter().find(|(other, _)| *other == key) {
        return Ok(Arc::clone(groups));
    }
    let addresses: Vec<String> = addresses.into_iter().map(str::to_owned).collect();
    let (git, decisions) = (git.to_vec(), decisions.to_vec());
    // Of many authors that takes seconds, which nothing else may wait for.
    let working = tokio::task::spawn_blocking(move || work_out(git, decisions, addresses.iter().map(String::as_str)));
    let groups = Arc::new(working.await.map_err(|error| StoreError::of_task(&error))?);
    let mut known = known();
    if known.len() >= KEPT {
        known.remove(0);
    }
    known.push((key, Arc::clone(&groups)));
    Ok(groups)
}

/// The addresses of people, which tell how common names are.
fn addresses(directory: &Directory) -> Vec<&str> {
    let mut addresses: Vec<&str> = directory.people().filter_map(|person| person.email.as_deref()).collect();
    addresses.sort_unstable();
    addresses
}

fn work_out<'a>(git: Vec<GitUser>, decisions: Vec<Decision>, addresses: impl Iterator<Item = &'a str>) -> Groups {
    let people = git_people(addresses, git.into_iter().map(GitIdentity::from).collect(), decisions);
    people.into_iter().zip(0..).flat_map(|(ids, group)| ids.into_iter().map(move |id| (id.0, group))).collect()
}

fn key(git: &[GitUser], decisions: &[Decision], addresses: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    (addresses, decisions).hash(&mut hasher);
    for GitUser { name, email, login, emails, .. } in git {
        (name, email, login, emails).hash(&mut hasher);
    }
    hasher.finish()
}
