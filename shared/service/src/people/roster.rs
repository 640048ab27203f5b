//! Keeps the [roster](store::roster), and reads pages of people from it.
//!
//! A page reads the roster only if nothing has changed from which it follows, before and after. Otherwise everybody is read: a page costs
//! what it shows as long as who is who stays the same.

use std::collections::{BTreeSet, HashSet};
use std::time::{Duration, Instant};

use super::lookup::GitSide;
use identity::git_users::GitUser;
use model::order::sort_by;
use model::organisation::Uid;
use model::time::Timestamp;
use store::roster::{Part, Shelf, Stored};
use store::{Store, StoreError, StoreErrorKind};

mod keeping;
mod moved;
mod numbered;
mod order;
mod page;

pub use keeping::{keep, keep_users};
pub use moved::Moved;
pub use numbered::{Numbered, numbered};
pub use page::{Few, page};

/// How long whoever holds the roster is waited for: mostly it takes some hundredths of a second.
const LET_GO: Duration = Duration::from_secs(2);
/// How often it is looked whether they still do.
const LOOKS: Duration = Duration::from_millis(20);
/// Entries read at a time by whoever goes through all.
const PAGE: usize = 1_000;

/// Takes out what the roster has of these identities, which telemetry and people name no more, and of authors whom Git knows no more, or
/// otherwise; false if that has to be done later.
///
/// # Errors
/// The database failed; asking again continues.
pub async fn forget(store: &Store, uid: &Uid, identities: &BTreeSet<String>) -> Result<bool, StoreError> {
    // Whoever holds it may have read before they were forgotten. Whoever takes hold of it later has not.
    let waited = Instant::now() + LET_GO;
    while store.is_roster_held(uid, Timestamp::now()).await? {
        if Instant::now() >= waited {
            return Ok(false);
        }
        tokio::time::sleep(LOOKS).await;
    }
    // What cannot be read goes, too.
    let is_kept = |entry: &Stored| entry.user().is_ok_and(|entry| !entry.tells_of(identities));
    let users = delete_unless(store, uid, Shelf::Entries(Part::Users), &is_kept).await?;
    let mut authors: Vec<GitUser> = Vec::new();
    if !store.roster(uid, Shelf::Entries(Part::Authors), None, 1).await?.is_empty() {
        match GitSide::read(store, uid).await {
            Err(error) if error.kind() == StoreErrorKind::Unreadable => {}
            git => authors.extend_from_slice(git?.users()),
        }
    }
    let compare = |a: &GitUser, b: &GitUser| (&a.name, &a.email).cmp(&(&b.name, &b.email));
    sort_by(&mut authors, compare);
    let is_known = |author: &GitUser| {
        let place = authors.binary_search_by(|known| compare(known, author));
        place.is_ok_and(|place| authors[place] == *author)
    };
    let are_known = |entry: &Stored| entry.authors().is_ok_and(|of| of.iter().all(is_known));
    let authors = delete_unless(store, uid, Shelf::Entries(Part::Authors), &are_known).await?;
    for (part, gone) in [(Part::Users, users), (Part::Authors, authors)] {
        let gone: HashSet<String> = gone.into_iter().chain(identities.iter().cloned()).collect();
        delete_unless(store, uid, Shelf::Order(part), &|stored| order::names_none(stored, &gone)).await?;
    }
    Ok(true)
}

/// Takes from a shelf what is not kept, and says what that was by its ids.
async fn delete_unless(
    store: &Store,
    uid: &Uid,
    shelf: Shelf,
    is_kept: &(dyn Fn(&Stored) -> bool + Send + Sync),
) -> Result<Vec<String>, StoreError> {
    let mut gone = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let known = store.roster(uid, shelf, after.as_deref(), PAGE).await?;
        for entry in known.iter().filter(|entry| !is_kept(entry)) {
            store.delete_entry(uid, shelf, &entry.id).await?;
            gone.push(entry.id.clone());
        }
        let Some(last) = known.into_iter().last() else { return Ok(gone) };
        after = Some(last.id);
    }
}
