//! Looks people up, those included who are known from Git only.

use std::collections::BTreeMap;
use std::ptr;

use super::directory::{Directory, Person};
use super::git_groups::{self, Groups};
use super::wanted::Wanted;
use identity::IdentityRef;
use identity::decision::Decision;
use identity::exclude::is_bot;
use identity::git_users::GitUser;
use identity::ids::{git_id, identity_ref};
use model::organisation::Uid;
use store::{Store, StoreError};

/// What Git knows, and what admins decided of it.
#[derive(Debug, Default)]
pub struct GitSide {
    users: Vec<GitUser>,
    decisions: Vec<Decision>,
}

impl GitSide {
    /// All Git users.
    #[must_use]
    pub fn users(&self) -> &[GitUser] {
        &self.users
    }

    /// Reads it.
    pub async fn read(store: &Store, uid: &Uid) -> Result<Self, StoreError> {
        let ((_, users), decisions) = tokio::try_join!(store.git_users(uid), store.decisions(uid))?;
        Ok(Self { users, decisions: decisions.into_iter().map(|record| record.decision).collect() })
    }

    /// Reads it, unless whoever has this id or e-mail address is known without: there may be many authors.
    pub async fn read_for(
        store: &Store,
        uid: &Uid,
        directory: &Directory,
        id_or_email: &str,
    ) -> Result<Self, StoreError> {
        if directory.find(id_or_email).is_some() { Ok(Self::default()) } else { Self::read(store, uid).await }
    }
}

/// Everybody who can be looked up.
#[derive(Debug)]
pub struct Lookup<'a> {
    directory: &'a Directory,
    git: &'a [GitUser],
    authors: BTreeMap<String, Vec<&'a GitUser>>,
}

/// Whoever was looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<'a> {
    /// Somebody whom telemetry knows.
    User(&'a Person),
    /// Somebody who is known from Git only.
    Author {
        /// The id that they are listed under; a program is not listed, and has its own.
        id: String,
        /// The one of their names in Git that was looked up.
        author: &'a GitUser,
    },
}

impl<'a> Lookup<'a> {
    /// Of whom telemetry and Git know.
    ///
    /// # Errors
    /// Who is one person in Git could not be worked out.
    pub async fn new(directory: &'a Directory, git: &'a GitSide) -> Result<Self, StoreError> {
        let groups = git_groups::of(&git.users, &git.decisions, directory).await?;
        let authors = authors(&git.users, &groups, directory);
        Ok(Self { directory, git: &git.users, authors })
    }

    /// The authors whom nobody's telemetry belongs to, by id, as people: those whom the merge would make one person of. Programs are nobody.
    #[must_use]
    pub fn authors(&self) -> &BTreeMap<String, Vec<&'a GitUser>> {
        &self.authors
    }

    /// Whoever has this id or e-mail address, or once had it: see [`Wanted`]. Whom telemetry knows by it goes before whom Git knows by
    /// it. An address that Git knows of several people names none of them.
    #[must_use]
    pub fn find(&self, id_or_email: &str) -> Option<Found<'a>> {
        if let Some(person) = self.directory.find(id_or_email) {
            return Some(Found::User(person));
        }
        let mut named = self.named(&Wanted::new(id_or_email)).into_iter().map(|author| self.whose(author));
        let first = named.next()?;
        named.all(|other| is_one_person(&first, &other)).then_some(first)
    }

    /// The identity that an id or an e-mail address names: the id itself if it is one, else that identity of whoever has the address
    /// which shows it.
    #[must_use]
    pub fn identity(&self, id_or_email: &str) -> Option<String> {
        let wanted = Wanted::new(id_or_email);
        let person = match self.find(id_or_email)? {
            Found::Author { author, .. } => return Some(id_of(author)),
            Found::User(person) => person,
        };
        if self.directory.with_id(&wanted).is_some() {
            return Some(id_or_email.to_owned());
        }
        let own = wanted.person_id();
        if person.united.contains(&own) || self.directory.owners().owner(&own) == &*person.id {
            return Some(own.to_string());
        }
        let record = self.directory.record(person);
        let known = record.and_then(|record| record.git.iter().find(|git| wanted.is_email(&git.email)));
        let is_theirs = |id: &String| self.directory.owners().owner(id) == &*person.id;
        let shown = || self.named(&wanted).into_iter().map(id_of).find(is_theirs);
        // An address that only an admin gave is the person's as a whole.
        known.map(|git| git.id.clone()).or_else(shown).or_else(|| Some(person.id.to_string()))
    }

    /// The authors with this id, else those with this address of their own, else those whom the host knows by it too.
    fn named(&self, wanted: &Wanted<'_>) -> Vec<&'a GitUser> {
        let all = self.git.iter();
        if matches!(identity_ref(wanted.id()), IdentityRef::Git(_)) {
            return all.filter(|author| wanted.is_id(&id_of(author))).collect();
        }
        let own: Vec<&GitUser> = all.clone().filter(|author| wanted.is_email(&author.email)).collect();
        if !own.is_empty() {
            return own;
        }
        all.filter(|author| author.emails.iter().any(|email| wanted.is_email(email))).collect()
    }

    /// The person that an author is.
    fn whose(&self, author: &'a GitUser) -> Found<'a> {
        let id = id_of(author);
        let owner = self.directory.owners().find(&id);
        if let Some(person) = owner.and_then(|owner| self.directory.find(owner)) {
            return Found::User(person);
        }
        let listed = self.authors.iter().find(|(_, authors)| authors.iter().any(|known| ptr::eq(*known, author)));
        Found::Author { id: listed.map_or(id, |(id, _)| id.clone()), author }
    }
}

fn is_one_person(one: &Found<'_>, other: &Found<'_>) -> bool {
    match (one, other) {
        (Found::User(one), Found::User(other)) => one.id == other.id,
        (Found::Author { id: one, .. }, Found::Author { id: other, .. }) => one == other,
        _ => false,
    }
}

fn id_of(author: &GitUser) -> String {
    git_id(&author.name, &author.email).0
}

fn authors<'a>(git: &'a [GitUser], groups: &Groups, directory: &Directory) -> BTreeMap<String, Vec<&'a GitUser>> {
    let mut people: BTreeMap<u32, BTreeMap<String, &GitUser>> = BTreeMap::new();
    for user in git.iter().filter(|user| !is_bot(&user.name, user.login.as_deref(), &user.email)) {
        let id = id_of(user);
        if directory.owners().find(&id).is_some() {
            continue;
        }
        if let Some(group) = groups.get(&id) {
            people.entry(*group).or_default().insert(id, user);
        }
    }
    let people = people.into_values();
    people.filter_map(|group| Some((group.keys().next()?.clone(), group.into_values().collect()))).collect()
}

#[cfg(test)]
mod tests;
