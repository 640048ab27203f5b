//! People that somebody looks for: by a word and by group.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::list::git;
use super::{UserState, UserView, git_only};
use crate::people::clients::{Behind, Newest};
use crate::people::directory::{Directory, Person};
use crate::people::lookup::Lookup;
use model::order;
use model::organisation::Organisation;
use store::{Store, StoreError};

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
        let of_user = |person: &Person| UserView::of(&directory, person, suggestions.get(&*person.id).copied());
        let lookup = Lookup::new(&directory, &git).await?;
        let authors = lookup.authors();
        let newest = Newest::of(organisation, &directory);
        let users = directory.people().filter(|person| self.behind.has(&newest, &directory, person)).map(|person| {
            let view = of_user(person);
            (Group::User(view.state), view)
        });
        let others = authors
            .iter()
            .filter(|_| self.behind.is_anybody())
            .map(|(id, authors)| (Group::GitOnly, git_only::view(id, authors)));
        let (mut found, mut fitting) = (Found::default(), Vec::new());
        let text = self.text.trim().to_lowercase();
        // Of everybody only the order is held: who stands on the page is looked at again.
        for (group, view) in users.chain(others).filter(|(_, view)| has(view, &text)) {
            *found.counts.entry(group).or_default() += 1;
            if self.group.map_or(group != Group::GitOnly, |wanted| wanted == group) {
                fitting.push((Reverse(view.last_seen), view.email, view.id));
            }
        }
        order::sort_by(&mut fitting, Ord::cmp);
        found.pages = fitting.len().div_ceil(self.page_size.max(1));
        found.page = self.page.clamp(1, found.pages.max(1));
        let shown = fitting.iter().skip((found.page - 1) * self.page_size).take(self.page_size);
        found.people.extend(shown.filter_map(|(_, _, id)| match authors.get(id) {
            Some(authors) => Some(git_only::view(id, authors)),
            None => directory.find(id).map(of_user),
        }));
        Ok(found)
    }
}

/// Whether anything that a person is known by contains `text`, which is in lower case.
fn has(view: &UserView, text: &str) -> bool {
    let claude = view.claude.iter().map(|name| &name.value);
    let git = view.git.iter().flat_map(|git| [Some(&git.name), Some(&git.email), git.login.as_ref()]).flatten();
    let mut known = [&view.id].into_iter().chain(&view.name).chain(&view.emails).chain(claude).chain(git);
    text.is_empty() || known.any(|known| known.to_lowercase().contains(text))
}
