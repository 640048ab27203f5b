//! `DELETE …/users/{id}`: forgets a person: events, activity, identities, and what the merge and admins made of them.
//!
//! What is to be forgotten is written down first, with how far that is, so that an attempt that ends early is continued from there by the
//! next one or by the schedule.
//!
//! * `person` deletes what something leads to, without looking at anybody else's events: the keys of the summaries of a person's sources
//!   name every quarter hour in which these sent something, hence every partition of their packs. Then nobody can see the person any more.
//! * `strays` deletes what nothing leads to: packs that were never projected, or outlived their summaries. Nothing but the Events table
//!   itself tells of them, so it is gone through, once for everybody who waits for it, and after all that others wait for. Only then a
//!   person is said to be erased.

use std::collections::BTreeSet;
use std::time::Instant;

use serde::Serialize;

use crate::people::UnknownPerson;
use crate::people::directory::{Directory, Person};
use crate::people::lookup::{Found, GitSide, Lookup};
use crate::people::wanted::Wanted;
use crate::projection::ProjectError;
use model::organisation::Organisation;
use model::time::{MILLISECOND, Timestamp};
use store::erasure::{PendingErasure, Stage};
use store::{Store, StoreError};

mod bucket;
mod person;
mod strays;

/// Why a person is not erased.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// There is none.
    #[error(transparent)]
    Unknown(#[from] UnknownPerson),
    /// The database failed before it was written down that the person is to be erased.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It has begun and failed. [`carry_on`] continues it, and so does asking again.
    #[error("a person is not erased yet: {0}")]
    Unfinished(#[source] ProjectError),
}

/// Whether anything is left to be erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Something is left.
    Running,
    /// Nothing is left.
    Done,
}

/// How far the erasing of a person is.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = Erasure)]
pub struct ErasureView {
    /// The person, by id.
    pub person: String,
    /// `running` or `done`.
    #[schema(value_type = String)]
    pub status: Status,
}

impl ErasureView {
    fn new(person: &str, is_complete: bool) -> Self {
        Self { person: person.to_owned(), status: if is_complete { Status::Done } else { Status::Running } }
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.status == Status::Done
    }
}

/// Erases everything that arrived until `now` of whoever has this id or e-mail address, under whichever identity it came, until `deadline`.
///
/// # Errors
/// See [`ErasureError`].
pub async fn erase(
    store: &Store,
    organisation: &Organisation,
    id_or_email: &str,
    now: Timestamp,
    deadline: Instant,
) -> Result<ErasureView, ErasureError> {
    let uid = &organisation.uid;
    let (directory, begun) = tokio::try_join!(Directory::read(store, uid), store.erasures(uid))?;
    let git = GitSide::read_for(store, uid, &directory, id_or_email).await?;
    let erasure = match Lookup::new(&directory, &git).await?.find(id_or_email) {
        Some(Found::User(person)) => {
            let erasure = pending(&directory, person, &begun, now);
            store.put_erasure(uid, &erasure).await?;
            erasure
        }
        // What Git knows is uploaded, not collected: of whom it alone knows there is nothing to erase, unless that has begun.
        Some(Found::Author { .. }) | None => find(begun, id_or_email).ok_or(UnknownPerson)?,
    };
    let erasing = async {
        let mut erasure = erasure.clone();
        if person::erase(store, organisation, &mut erasure, now, deadline).await? {
            strays::go_on(store, organisation, now, deadline).await?;
        }
        Ok(())
    };
    let outcome = erasing.await;
    // What failed may have been the erasing of somebody else, for whom the same pass is.
    let view = look(store, organisation, &erasure.person).await?;
    match outcome {
        Err(error) if !view.is_complete() => Err(ErasureError::Unfinished(error)),
        _ => Ok(view),
    }
}

/// How far the erasing of the person with this id is. Of somebody who was erased nothing is known, so nobody can be told from them.
pub async fn look(store: &Store, organisation: &Organisation, id: &str) -> Result<ErasureView, StoreError> {
    let begun = store.erasures(&organisation.uid).await?;
    Ok(ErasureView::new(id, find(begun, id).is_none()))
}

/// Goes on with what earlier attempts to erase somebody left undone, until `deadline`: how many people are erased, and whether nothing is
/// left. One whose erasing fails holds up no other.
///
/// # Errors
/// The database failed, or a later release wrote a pack; of several the first. The next time tries again.
pub async fn carry_on(
    store: &Store,
    organisation: &Organisation,
    now: Timestamp,
    deadline: Instant,
) -> Result<(usize, bool), ProjectError> {
    let (mut is_complete, mut failed) = (true, None);
    for mut erasure in store.erasures(&organisation.uid).await? {
        match person::erase(store, organisation, &mut erasure, now, deadline).await {
            Ok(is_done) => is_complete &= is_done,
            Err(error) => {
                failed.get_or_insert(error);
            }
        }
    }
    let (erased, are_found) = strays::go_on(store, organisation, now, deadline).await?;
    failed.map_or(Ok((erased, is_complete && are_found)), Err)
}

/// The erasing, begun earlier, of the person with this id or e-mail address.
fn find(begun: Vec<PendingErasure>, id_or_email: &str) -> Option<PendingErasure> {
    let wanted = Wanted::new(id_or_email);
    let own = wanted.person_id();
    let is_it = |known: &String| wanted.is_id(known) || **known == *own;
    begun.into_iter().find(|erasure| erasure.identities.iter().any(is_it))
}

/// All that is the person's, and what an earlier attempt has left. A source of which only some rows are the person's, by an
/// organisation's own attribute, is another's.
fn pending(directory: &Directory, person: &Person, begun: &[PendingErasure], now: Timestamp) -> PendingErasure {
    let own =
        directory.sources_of(person).filter(|source| directory.whose(*source, &None).as_ref() == Some(&person.id));
    let mut identities: BTreeSet<String> = own.map(|source| source.encoded()).collect();
    identities.extend(directory.record(person).into_iter().flat_map(|record| &record.claude).map(|id| id.0.clone()));
    identities.insert(person.id.to_string());
    let earlier = begun.iter().filter(|erasure| *erasure.person == *person.id);
    identities.extend(earlier.flat_map(|erasure| erasure.identities.iter().cloned()));
    PendingErasure {
        person: person.id.to_string(),
        identities: identities.into_iter().collect(),
        before: now.plus(MILLISECOND),
        stage: Stage::Summaries(None),
    }
}
