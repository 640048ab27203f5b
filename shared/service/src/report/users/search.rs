//! People that somebody looks for: by a word and by state.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::list::git;
use super::{UserView, git_only};
use crate::http::Problem;
use crate::people::directory::{Directory, Person};
use crate::people::lookup::Lookup;
use model::organisation::Uid;
use store::Store;

/// The state of somebody who is known from Git only, as a search names it.
pub const GIT_ONLY: &str = "git";

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What a name, an address, a login or another identity contains, whatever its case.
    pub text: String,
    /// The state, or [`GIT_ONLY`]; everybody who uses Claude unless given.
    pub state: Option<String>,
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
    /// How many in each state the text alone fits.
    pub counts: BTreeMap<&'static str, usize>,
}

impl Found {
    /// How many of those who use Claude the text fits.
    #[must_use]
    pub fn users(&self) -> usize {
        self.counts.iter().filter(|(state, _)| **state != GIT_ONLY).map(|(_, count)| count).sum()
    }
}

impl Search {
    /// Looks for people.
    ///
    /// # Errors
    /// The database failed.
    pub async fn find(&self, store: &Store, uid: &Uid) -> Result<Found, Problem> {
        let (directory, git, suggestions) = tokio::try_join!(
            Directory::read(store, uid),
            git(store, uid, true),
            store.suggestions(uid, None, usize::MAX)
        )?;
        let suggestions: BTreeMap<&str, _> = suggestions.iter().map(|found| (found.user.as_str(), found)).collect();
        let of_user = |person: &Person| UserView::of(&directory, person, suggestions.get(&*person.id).copied());
        let lookup = Lookup::new(&directory, &git);
        let authors = lookup.authors();
        let users = directory.people().map(|person| {
            let view = of_user(person);
            (view.state, view)
        });
        let others = authors.iter().map(|(id, authors)| (GIT_ONLY, git_only::view(id, authors)));
        let (mut found, mut fitting) = (Found::default(), Vec::new());
        let text = self.text.trim().to_lowercase();
        // Of everybody only the order is held: who stands on the page is looked at again.
        for (state, view) in users.chain(others).filter(|(_, view)| has(view, &text)) {
            *found.counts.entry(state).or_default() += 1;
            if self.state.as_deref().map_or(state != GIT_ONLY, |wanted| wanted == state) {
                fitting.push((Reverse(view.last_seen), view.email, view.id));
            }
        }
        fitting.sort_unstable();
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
