//! `DELETE …/users/{id}`: forgets a person: events, activity, identities, and what the merge and admins made of them.
//!
//! What is to be forgotten is written down first, so that an attempt that ends early is finished by the next one or by the schedule.
//! Then each sighting is emptied and says from then on what is erased, so that a projection under way cannot put back what it read
//! before.

use std::collections::BTreeSet;
use std::time::Instant;

use serde::Serialize;

use crate::merging::forget::forget;
use crate::people::UnknownPerson;
use crate::people::directory::{Directory, Person};
use crate::people::lookup::{Found, GitSide, Lookup};
use crate::people::wanted::Wanted;
use crate::projection::{ProjectError, project};
use model::bucket::Bucket;
use model::organisation::Organisation;
use model::time::{MILLISECOND, Timestamp, from_days};
use store::erasure::PendingErasure;
use store::keys;
use store::keys::SummaryPlace;
use store::summary::{LIFE, StandingSummary};
use store::{Store, StoreError};
use telemetry::claude::source::SourceId;

/// How often the sighting is read anew because an export of the person was projected meanwhile.
const ATTEMPTS: usize = 12;

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
    let is_complete = finish(store, organisation, &erasure, now, deadline).await.map_err(ErasureError::Unfinished)?;
    Ok(ErasureView::new(&erasure.person, is_complete))
}

/// How far the erasing of the person with this id is. Of somebody who was erased nothing is known, so nobody can be told from them.
pub async fn look(store: &Store, organisation: &Organisation, id: &str) -> Result<ErasureView, StoreError> {
    let begun = store.erasures(&organisation.uid).await?;
    Ok(ErasureView::new(id, find(begun, id).is_none()))
}

/// Finishes what earlier attempts to erase somebody left undone, until `deadline`: how many people, and whether nothing is left.
///
/// # Errors
/// The database failed, or a pack cannot be read; the next time tries again.
pub async fn carry_on(
    store: &Store,
    organisation: &Organisation,
    now: Timestamp,
    deadline: Instant,
) -> Result<(usize, bool), ProjectError> {
    let pending = store.erasures(&organisation.uid).await?;
    let mut erased = 0;
    for erasure in &pending {
        erased += usize::from(finish(store, organisation, erasure, now, deadline).await?);
    }
    Ok((erased, erased == pending.len()))
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
    }
}

/// Erases until `deadline`; says whether nothing is left.
async fn finish(
    store: &Store,
    organisation: &Organisation,
    erasure: &PendingErasure,
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let uid = &organisation.uid;
    let sources: BTreeSet<SourceId> = erasure.identities.iter().filter_map(|id| SourceId::parse(id)).collect();
    for source in &sources {
        mark(store, organisation, *source, erasure.before).await?;
    }
    let standing = store.places_of(uid, &sources, now).await?;
    let mut buckets: BTreeSet<(SourceId, Bucket)> =
        standing.iter().map(|StandingSummary { place, .. }| (place.source, place.claimed)).collect();
    if from_days(organisation.settings.retention_days.into()) > LIFE {
        // Where events outlive what is told of them, only the events themselves say where they are.
        let keys = store.pack_keys(uid, now).await?;
        buckets.extend(
            keys.iter().map(|(_, key)| (key.source, key.bucket)).filter(|(source, _)| sources.contains(source)),
        );
    }
    // All packs before any summary, since it is by the summaries that a later attempt finds them. What is not projected yet is deleted
    // when it is.
    for (source, claimed) in buckets {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        // Deletes what arrived before, and keeps what arrived since.
        project(store, organisation, source, claimed, now).await?;
    }
    for token_use in store.token_uses(uid).await? {
        if let Some(user) = token_use.user.map(|claim| claim.source()).filter(|user| sources.contains(user)) {
            store.delete(keys::token_use(uid, token_use.generation, user)).await?;
        }
    }
    store.forget_rejections(uid, &sources).await?;
    for StandingSummary { place, .. } in &standing {
        forget_summary(store, organisation, place).await?;
    }
    if !store.forget_days(uid, &sources, now, deadline).await? {
        return Ok(false);
    }
    // Last: until then the identities of one person are known to be one.
    forget(store, uid, &erasure.identities.iter().cloned().collect()).await?;
    // Until nothing is left in any file, the next attempt has something to continue with.
    store.scrub().await?;
    store.delete_erasure(uid, &erasure.person).await?;
    Ok(true)
}

/// Forgets a summary and the days that it may be in, in any time zone: one that is about to be closed is not put then.
async fn forget_summary(store: &Store, organisation: &Organisation, place: &SummaryPlace) -> Result<(), StoreError> {
    let days = keys::around(keys::utc_date(place.shown));
    let mut attempts = 0;
    loop {
        attempts += 1;
        let Some(known) = store.summary(place).await? else { return Ok(()) };
        let erasures = store.sighting(&organisation.uid, place.source).await?.erasure.times;
        // What was projected since was made from what is left.
        if known.stamp.erasures >= erasures {
            return Ok(());
        }
        match store.delete_summary(place, &known, &days).await {
            // It changed, or another transaction was only in the way: another look tells.
            Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
            outcome => return outcome,
        }
    }
}

async fn mark(
    store: &Store,
    organisation: &Organisation,
    source: SourceId,
    before: Timestamp,
) -> Result<(), StoreError> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        let known = store.sighting(&organisation.uid, source).await?;
        match store.erase_sighting(&organisation.uid, source, &known, before).await {
            Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
            outcome => return outcome,
        }
    }
}
