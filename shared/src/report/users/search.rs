//! People that somebody looks for: by a word and by state.

use std::collections::BTreeMap;

use super::list::git;
use super::{UserView, git_only};
use crate::api::Problem;
use crate::organisation::Uid;
use crate::people::directory::Directory;
use crate::store::Store;

/// The state of somebody who is known from Git only, as a search names it.
pub const GIT_ONLY: &str = "git";

/// What is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// What a name, an address, a login or another identity contains, whatever its case.
    pub text: String,
    /// The state, or [`GIT_ONLY`]; everybody who uses Claude unless given.
    pub state: Option<String>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Whom the search fits, who was seen last first.
    pub people: Vec<UserView>,
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
        let users = directory.people().map(|person| {
            let view = UserView::of(&directory, person, suggestions.get(&*person.id).copied());
            (view.state, view)
        });
        let authors = git_only::people(&git, directory.owners());
        let others = authors.iter().map(|(id, authors)| (GIT_ONLY, git_only::view(id, authors)));
        let mut found = Found::default();
        let text = self.text.trim().to_lowercase();
        for (state, view) in users.chain(others).filter(|(_, view)| has(view, &text)) {
            *found.counts.entry(state).or_default() += 1;
            if self.state.as_deref().map_or(state != GIT_ONLY, |wanted| wanted == state) {
                found.people.push(view);
            }
        }
        found
            .people
            .sort_by(|a, b| b.last_seen.cmp(&a.last_seen).then_with(|| (&a.email, &a.id).cmp(&(&b.email, &b.id))));
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
