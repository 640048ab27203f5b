//! People that somebody looks for: by a word and by group.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::list::git;
use super::{UserView, git_only};
use crate::people::clients::{Behind, Newest};
use crate::people::directory::{Directory, Person};
use crate::people::lookup::Lookup;
use crate::people::place::Place;
use crate::people::roster::{Numbered, numbered};
use crate::people::state::{Group, UserState};
use identity::git_users::GitUser;
use model::order;
use model::organisation::{Organisation, Uid};
use model::time::Timestamp;
use store::queries::Queries;
use store::{Store, StoreError};
use telemetry::sighting::Fact;

/// Suggestions read at a time.
const PARALLEL: usize = 32;

/// In which order people are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By name.
    #[default]
    Name,
    /// Who was seen last first.
    LastSeen,
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
    /// In which order.
    pub order: Order,
    /// Which page of them, from 1; the last one if there are fewer.
    pub page: usize,
    /// How many stand on a page.
    pub page_size: usize,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// The page of those whom the search fits.
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
    /// Looks for people. Whoever looks for everybody, or a group, in order of name, reads those who are found; otherwise everybody is looked at.
    pub async fn find(&self, store: &Store, organisation: &Organisation) -> Result<Found, StoreError> {
        let is_any = self.text.trim().is_empty() && self.behind.is_anybody() && self.order == Order::Name;
        let page = (self.page, self.page_size);
        if is_any && let Some(few) = numbered(store, &organisation.uid, self.group, page).await? {
            return shown(store, &organisation.uid, few).await;
        }
        self.look_at_all(store, organisation).await
    }

    async fn look_at_all(&self, store: &Store, organisation: &Organisation) -> Result<Found, StoreError> {
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
        let seen = |last: Option<Timestamp>| Reverse(last.filter(|_| self.order == Order::LastSeen));
        let known = directory.people().filter(|person| self.behind.has(&newest, &directory, person));
        let users = known.filter(|person| text.is_of_user(&directory, person)).map(|person| {
            let group = Group::User(UserState::of(&directory, person, suggested(person)));
            (group, (seen(directory.seen(person).map(|seen| seen.last)), Place::of_user(person)))
        });
        let others = authors.iter().filter(|_| self.behind.is_anybody());
        let others = others
            .filter(|(id, authors)| text.is_of_author(id, authors))
            .map(|(id, authors)| (Group::GitOnly, (seen(None), Place::of_author(id, authors))));
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
        found.people.extend(shown.filter_map(|(_, Place { id, .. })| match authors.get(*id) {
            Some(authors) => Some(git_only::view(id, authors)),
            None => directory.find(id).map(|person| UserView::of(&directory, person, suggested(person))),
        }));
        Ok(found)
    }
}

/// What was found by number.
async fn shown(store: &Store, uid: &Uid, numbered: Numbered) -> Result<Found, StoreError> {
    let Numbered { few, order, page, pages, counts } = numbered;
    let suggested = order.iter().filter(|(group, _)| *group == Group::User(UserState::Suggested));
    let reads = suggested.map(|(_, id)| {
        let (store, uid, id) = (store.clone(), uid.clone(), id.clone());
        async move { store.suggestion(&uid, &id).await }
    });
    let mut reads = Queries::new(reads.collect(), PARALLEL);
    let mut suggestions = BTreeMap::new();
    while let Some(suggestion) = reads.next().await? {
        suggestions.extend(suggestion.map(|found| (found.user.clone(), found)));
    }
    let mut people = Vec::new();
    for (_, id) in order {
        let authors = few.authors.iter().find(|(of, _)| *of == id);
        if let Some((_, authors)) = authors {
            people.push(git_only::view(&id, &authors.iter().collect::<Vec<_>>()));
        } else if let Some(person) = few.directory.find(&id) {
            people.push(UserView::of(&few.directory, person, suggestions.get(&id)));
        }
    }
    Ok(Found { people, page, pages, counts })
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
