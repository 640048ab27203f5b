//! People that somebody looks for: by a word and by group.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::list::git;
use super::{UserState, UserView, git_only};
use crate::people::clients::{Behind, Newest};
use crate::people::directory::{Directory, Person};
use crate::people::lookup::Lookup;
use identity::git_users::GitUser;
use model::order;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::{Store, StoreError};
use telemetry::sighting::Fact;

/// What a search divides people into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Those of a state who use Claude.
    User(UserState),
    /// Those who are known from Git only.
    GitOnly,
}

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What a name, an address, a login or another identity contains, whatever its case.
    pub text: String,
    /// Which of them; everybody who uses Claude unless given.
    pub group: Option<Group>,
    /// What they work with, if that matters.
    pub behind: Behind,
    /// Which page of them, from 1; the last one if there are fewer.
    pub page: usize,
    /// How many stand on a page.
    pub page_size: usize,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The page of those whom the search fits, who was seen last first.
    pub people: Vec<UserView>,
    /// Which page it is, from 1.
    pub page: usize,
    /// How many pages there are.
    pub pages: usize,
    /// How many of each group the text alone fits.
    pub counts: BTreeMap<Group, usize>,
}

impl Found {
    /// How many of those who use Claude the text fits.
    #[must_use]
    pub fn users(&self) -> usize {
        self.counts.iter().filter(|(group, _)| **group != Group::GitOnly).map(|(_, count)| count).sum()
    }
}

impl Search {
    /// Looks for people.
    pub async fn find(&self, store: &Store, organisation: &Organisation) -> Result<Found, StoreError> {
        let uid = &organisation.uid;
        let (directory, git, suggestions) = tokio::try_join!(
            Directory::read(store, uid),
            git(store, uid, true),
            store.suggestions(uid, None, usize::MAX)
        )?;
        let suggestions: BTreeMap<&str, _> = suggestions.iter().map(|found| (found.user.as_str(), found)).collect();
        let suggested = |person: &Person| suggestions.get(&*person.id).copied();
        let lookup = Lookup::new(&directory, &git).await?;
        let authors = lookup.authors();
        let newest = Newest::of(organisation, &directory);
        let text = Text::new(&self.text);
        let known = directory.people().filter(|person| self.behind.has(&newest, &directory, person));
        let users = known.filter(|person| text.is_of_user(&directory, person)).map(|person| {
            let group = Group::User(UserState::of(&directory, person, suggested(person)));
            let last_seen = directory.seen(person).map(|seen| seen.last);
            (group, Place { last_seen: Reverse(last_seen), email: person.email.as_deref(), id: &person.id })
        });
        let others = authors.iter().filter(|_| self.behind.is_anybody());
        let others = others.filter(|(id, authors)| text.is_of_author(id, authors)).map(|(id, authors)| {
            let email = authors.first().map(|author| author.email.as_str());
            (Group::GitOnly, Place { last_seen: Reverse(None), email, id })
        });
        // Of everybody only the order is held: who stands on the page is looked at again.
        let (mut found, mut fitting) = (Found::default(), Vec::new());
        for (group, place) in users.chain(others) {
            *found.counts.entry(group).or_default() += 1;
            if self.group.map_or(group != Group::GitOnly, |wanted| wanted == group) {
                fitting.push(place);
            }
        }
        order::sort_by(&mut fitting, Ord::cmp);
        found.pages = fitting.len().div_ceil(self.page_size.max(1));
        found.page = self.page.clamp(1, found.pages.max(1));
        let shown = fitting.iter().skip((found.page - 1) * self.page_size).take(self.page_size);
        found.people.extend(shown.filter_map(|Place { id, .. }| match authors.get(*id) {
            Some(authors) => Some(git_only::view(id, authors)),
            None => directory.find(id).map(|person| UserView::of(&directory, person, suggested(person))),
        }));
        Ok(found)
    }
}

/// Where somebody stands in the list: who was seen last comes first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place<'a> {
    last_seen: Reverse<Option<Timestamp>>,
    email: Option<&'a str>,
    id: &'a str,
}

/// A text that is looked for, in lower case.
struct Text(String);

impl Text {
    fn new(text: &str) -> Self {
        Self(text.trim().to_lowercase())
    }

    /// Whether anything contains it that somebody is known by in telemetry, or by the merge.
    fn is_of_user(&self, directory: &Directory, person: &Person) -> bool {
        let own = [Some(&*person.id), person.name.as_deref()].into_iter().flatten();
        let emails = person.emails.iter().map(String::as_str);
        let claude = directory.sightings_of(person).flat_map(|sighting| {
            let own = sighting.own_name().map(|name| &**name);
            own.into_iter().chain(
                [Fact::Account, Fact::Client]
                    .into_iter()
                    .flat_map(|fact| sighting.values(fact).map(|(value, _)| value)),
            )
        });
        let git = directory.record(person).into_iter().flat_map(|record| &record.git);
        let git =
            git.flat_map(|git| [Some(git.name.as_str()), Some(git.email.as_str()), git.login.as_deref()]).flatten();
        self.is_in(own.chain(emails).chain(claude).chain(git))
    }

    /// Whether anything contains it that somebody is known by in Git alone.
    fn is_of_author(&self, id: &str, authors: &[&GitUser]) -> bool {
        let names = authors.iter().flat_map(|author| {
            let own = [Some(author.name.as_str()), Some(author.email.as_str()), author.login.as_deref()];
            own.into_iter().flatten().chain(author.emails.iter().map(String::as_str))
        });
        self.is_in(std::iter::once(id).chain(names))
    }

    fn is_in<'t>(&self, mut texts: impl Iterator<Item = &'t str>) -> bool {
        self.0.is_empty() || texts.any(|text| text.to_lowercase().contains(&self.0))
    }
}
