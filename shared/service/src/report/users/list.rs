//! Pages of people, and one of them.

use std::collections::HashMap;

use super::{UserView, git_only};
use crate::http::page::{Page, PageRequest};
use crate::http::query::Query;
use crate::people::clients::{Behind, Newest};
use crate::people::directory::{Directory, Person};
use crate::people::lookup::{Found, GitSide, Lookup};
use crate::people::{PersonError, UnknownPerson, roster};
use crate::report::error::{QuestionError, ReportError};
use crate::report::range::instant;
use identity::git_users::GitUser;
use model::order;
use model::organisation::{Organisation, Uid};
use store::{Store, StoreError};

/// A page of people ends when it is longer than this, in bytes.
const LONGEST: usize = 4 * 1024 * 1024 - 64 * 1024;

/// Somebody in the list.
enum Listed<'a> {
    User(&'a Person),
    Author(&'a [&'a GitUser]),
}

/// A page of the people who use Claude, in order of id; with `include=git` those too who are known from Git only, unless those alone are
/// asked for who work with something [older](Behind).
///
/// # Errors
/// A parameter makes no sense, or the database failed.
pub async fn users(
    store: &Store,
    organisation: &Organisation,
    page: &PageRequest,
    query: &Query<'_>,
) -> Result<Page<UserView>, ReportError> {
    let (uid, behind) = (&organisation.uid, behind(query, organisation)?);
    let with_git = match query.get("include") {
        None => false,
        Some("git") => true,
        Some(_) => return Err(QuestionError::UnknownInclusion.into()),
    };
    if behind.is_anybody()
        && let Some(few) = roster::page(store, uid, with_git, page.after.as_deref(), page.look_for()).await?
    {
        let users = few.directory.people().map(|person| (&*person.id, Listed::User(person)));
        let authors: Vec<(&str, Vec<&GitUser>)> =
            few.authors.iter().map(|(id, authors)| (id.as_str(), authors.iter().collect())).collect();
        let authors = authors.iter().map(|(id, authors)| (*id, Listed::Author(authors)));
        return Ok(show(store, uid, page, &few.directory, users.chain(authors).collect()).await?);
    }
    let (directory, git) = tokio::try_join!(Directory::read(store, uid), git(store, uid, with_git))?;
    let lookup = Lookup::new(&directory, &git).await?;
    let newest = Newest::of(organisation, &directory);
    let wanted = directory.people().filter(|person| behind.has(&newest, &directory, person));
    let known = wanted.map(|person| (&*person.id, Listed::User(person)));
    let others = lookup
        .authors()
        .iter()
        .filter(|_| behind.is_anybody())
        .map(|(id, authors)| (id.as_str(), Listed::Author(authors)));
    let after = page.after.as_deref().unwrap_or_default();
    let listed = known.chain(others).filter(|(id, _)| *id > after).collect();
    Ok(show(store, uid, page, &directory, listed).await?)
}

/// The page of those who are listed, by id, which begins with the first of them.
async fn show(
    store: &Store,
    uid: &Uid,
    page: &PageRequest,
    directory: &Directory,
    mut listed: Vec<(&str, Listed<'_>)>,
) -> Result<Page<UserView>, StoreError> {
    order::sort_by_key(&mut listed, |(id, _)| *id);
    listed.truncate(page.look_for());
    let ends = listed.first().zip(listed.last()).map(|(first, last)| (first.0, last.0));
    let suggested: HashMap<String, _> = match ends {
        None => HashMap::new(),
        Some(ends) => {
            store.suggestions_between(uid, ends).await?.into_iter().map(|found| (found.user.clone(), found)).collect()
        }
    };
    let mut found: Vec<(String, UserView)> = Vec::new();
    let (mut size, mut limit) = (0, page.limit);
    for (id, somebody) in listed {
        let view = match somebody {
            Listed::User(person) => UserView::of(directory, person, suggested.get(id)),
            Listed::Author(authors) => git_only::view(id, authors),
        };
        size += serde_json::to_vec(&view).map_or(0, |bytes| bytes.len());
        found.push((id.to_owned(), view));
        // Somebody with many names can be long: a page also ends before it is.
        if size > LONGEST && found.len() > 1 {
            limit = limit.min(found.len() - 1);
            break;
        }
    }
    Ok(PageRequest { limit, ..page.clone() }.page(found, |(id, _)| id, |(_, view)| view))
}

/// What the people of a list work with, if not everybody is listed.
///
/// # Errors
/// A parameter makes no sense.
pub fn behind(query: &Query<'_>, organisation: &Organisation) -> Result<Behind, QuestionError> {
    let is_older = |parameter: &'static str| match query.get(parameter) {
        None => Ok(false),
        Some("older") => Ok(true),
        Some(_) => Err(QuestionError::UnknownAge { parameter }),
    };
    Ok(Behind {
        older_settings: is_older("settings")?,
        older_version: is_older("version")?,
        active_since: instant(query, "active_since", organisation)?,
    })
}

/// Whoever has this id or e-mail address, or once had it.
///
/// # Errors
/// Nobody has, or the database failed.
pub async fn user(store: &Store, uid: &Uid, id_or_email: &str) -> Result<UserView, PersonError> {
    let directory = Directory::read(store, uid).await?;
    let git = GitSide::read_for(store, uid, &directory, id_or_email).await?;
    let lookup = Lookup::new(&directory, &git).await?;
    match lookup.find(id_or_email).ok_or(UnknownPerson)? {
        Found::User(person) => {
            let suggestion = store.suggestion(uid, &person.id).await?;
            Ok(UserView::of(&directory, person, suggestion.as_ref()))
        }
        Found::Author { id, .. } => Ok(author(&lookup, &id).ok_or(UnknownPerson)?),
    }
}

/// Whoever has each of these ids or e-mail addresses; none where nobody has. What is suggested about them is not looked at.
pub async fn several(store: &Store, uid: &Uid, wanted: &[&str]) -> Result<Vec<Option<UserView>>, StoreError> {
    let (directory, git) = tokio::try_join!(Directory::read(store, uid), git(store, uid, true))?;
    let lookup = Lookup::new(&directory, &git).await?;
    let look = |wanted: &&str| match lookup.find(wanted)? {
        Found::User(person) => Some(UserView::of(&directory, person, None)),
        Found::Author { id, .. } => author(&lookup, &id),
    };
    Ok(wanted.iter().map(look).collect())
}

fn author(lookup: &Lookup<'_>, id: &str) -> Option<UserView> {
    lookup.authors().get(id).map(|authors| git_only::view(id, authors))
}

/// The Git side, if it is wanted.
pub(super) async fn git(store: &Store, uid: &Uid, is_wanted: bool) -> Result<GitSide, StoreError> {
    if is_wanted { GitSide::read(store, uid).await } else { Ok(GitSide::default()) }
}
