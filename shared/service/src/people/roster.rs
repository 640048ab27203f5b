//! Keeps the [roster](store::roster), and reads pages of people from it.
//!
//! A page reads the roster only if nothing has changed from which it follows. Otherwise everybody is read, so that a page is always right;
//! it costs what it shows as long as who is who stays the same.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::lookup::{GitSide, id_of};
use model::organisation::Uid;
use model::time::Timestamp;
use store::roster::Part;
use store::{Store, StoreError};

mod keeping;
mod moved;
mod page;

pub use keeping::{keep, keep_users};
pub use moved::Moved;
pub use page::{Few, page};

/// How long whoever holds the roster is waited for: mostly it takes some hundredths of a second.
const LET_GO: Duration = Duration::from_secs(2);
/// How often it is looked whether they still do.
const LOOKS: Duration = Duration::from_millis(20);
/// Entries read at a time by whoever goes through all.
const PAGE: usize = 1_000;

/// Takes out what the roster has of these identities, which telemetry and people name no more, and of authors whom Git knows no more;
/// false if that has to be done later.
///
/// # Errors
/// The database failed; asking again continues.
pub async fn forget(
    store: &Store,
    uid: &Uid,
    identities: &BTreeSet<String>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    // Whoever holds it may have read before they were forgotten. Whoever takes hold of it later has not.
    let waited = Instant::now() + LET_GO;
    while store.is_roster_held(uid, now).await? {
        if Instant::now() >= waited {
            return Ok(false);
        }
        tokio::time::sleep(LOOKS).await;
    }
    let mut after: Option<String> = None;
    loop {
        let known = store.roster(uid, Part::Users, after.as_deref(), PAGE).await?;
        for entry in &known {
            if entry.user()?.tells_of(identities) {
                store.delete_entry(uid, Part::Users, &entry.id).await?;
            }
        }
        let Some(last) = known.into_iter().last() else { break };
        after = Some(last.id);
    }
    let mut authors: Option<BTreeSet<String>> = None;
    let mut after: Option<String> = None;
    loop {
        let known = store.roster(uid, Part::Authors, after.as_deref(), PAGE).await?;
        if authors.is_none() && !known.is_empty() {
            authors = Some(GitSide::read(store, uid).await?.users().iter().map(id_of).collect());
        }
        for entry in &known {
            let is_known = |id: String| authors.as_ref().is_some_and(|authors| authors.contains(&id));
            if !entry.authors()?.iter().map(id_of).all(is_known) {
                store.delete_entry(uid, Part::Authors, &entry.id).await?;
            }
        }
        let Some(last) = known.into_iter().last() else { return Ok(true) };
        after = Some(last.id);
    }
}
