//! The order of the roster: everybody whom telemetry knows, those of each group of them, and those who are known from Git only, as
//! [`Place`] says.

use std::collections::{BTreeMap, HashSet};

use crate::people::directory::Directory;
use crate::people::place::Place;
use crate::people::state::{Group, UserState};
use identity::git_users::GitUser;
use model::order;
use store::roster::Stored;
use store::roster::order::{COUNTS, Counts, Listed, counts, runs};
use store::suggestion::SuggestionRecord;

/// The list of everybody whom telemetry knows.
const USERS: &str = "users";

/// The name of the list of a group, or of everybody whom telemetry knows.
pub(super) fn list(group: Option<Group>) -> &'static str {
    group.map_or(USERS, Group::name)
}

/// Those whom telemetry knows.
pub(super) fn of_users(directory: &Directory, suggestions: &[SuggestionRecord]) -> Vec<Stored> {
    let suggestions: BTreeMap<&str, _> = suggestions.iter().map(|found| (found.user.as_str(), found)).collect();
    let placed = directory.people().map(|person| {
        let state = UserState::of(directory, person, suggestions.get(&*person.id).copied());
        (Place::of_user(person), Group::User(state))
    });
    in_runs(placed.collect(), true)
}

/// Those who are known from Git only.
pub(super) fn of_authors(authors: &BTreeMap<String, Vec<&GitUser>>) -> Vec<Stored> {
    let placed = authors.iter().map(|(id, authors)| (Place::of_author(id, authors), Group::GitOnly));
    in_runs(placed.collect(), false)
}

fn in_runs(mut placed: Vec<(Place<'_>, Group)>, are_users: bool) -> Vec<Stored> {
    order::sort_by(&mut placed, Ord::cmp);
    let mut lists: BTreeMap<&str, Vec<Listed>> = BTreeMap::new();
    for (place, group) in placed {
        let listed = Listed { id: place.id.to_owned(), group: group.name().to_owned() };
        if are_users {
            lists.entry(USERS).or_default().push(listed.clone());
        }
        lists.entry(group.name()).or_default().push(listed);
    }
    let mut found: Vec<Stored> = Vec::new();
    for (list, people) in &lists {
        found.extend(runs(list, people));
    }
    let sizes: Counts = lists.iter().map(|(list, people)| ((*list).to_owned(), people.len())).collect();
    found.push(counts(&sizes));
    found
}

/// Whether what is stored of the order names none of these.
pub(super) fn names_none(stored: &Stored, ids: &HashSet<String>) -> bool {
    // Counts name nobody.
    stored.id == COUNTS || stored.run().is_some_and(|run| !run.iter().any(|listed| ids.contains(&listed.id)))
}
