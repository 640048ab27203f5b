//! `DELETE …/users/{id}`: forgets a person: events, activity, identities, and what the merge and admins made of them.
//!
//! What is to be forgotten is written down first, so that an attempt that ends early is finished by the next one or by the schedule.
//! Then each sighting is emptied and says from then on what is erased, so that a projection under way cannot put back what it read
//! before.

use std::collections::BTreeSet;

use crate::http::Problem;
use crate::merging::forget::forget;
use crate::people::NO_USER;
use crate::people::directory::{Directory, Person};
use crate::people::lookup::{Found, Lookup, git_for};
use crate::people::wanted::Wanted;
use crate::projection::{ProjectError, project};
use model::bucket::Bucket;
use model::organisation::Organisation;
use model::time::{DAY, Millis};
use store::erasure::PendingErasure;
use store::keys;
use store::keys::SummaryPlace;
use store::summary::{LIFE, StandingSummary};
use store::{Store, StoreError};
use telemetry::claude::source::SourceId;

/// How often the sighting is read anew because an export of the person was projected meanwhile.
const ATTEMPTS: usize = 12;

/// Forgets everything that arrived until `now` of whoever has this id or e-mail address, under whichever identity it came.
///
/// # Errors
/// There is nobody, the database failed, or a pack cannot be read; asking again goes on.
pub async fn erase(store: &Store, organisation: &Organisation, id_or_email: &str, now: Millis) -> Result<(), Problem> {
    let uid = &organisation.uid;
    let (directory, begun) = tokio::try_join!(Directory::read(store, uid), store.erasures(uid))?;
    let git = git_for(store, uid, &directory, id_or_email).await?;
    let erasure = match Lookup::new(&directory, &git).find(id_or_email) {
        Some(Found::User(person)) => {
            let erasure = pending(&directory, person, &begun, now);
            store.put_erasure(uid, &erasure).await?;
            erasure
        }
        // What Git knows is uploaded, not collected: of whom it alone knows there is nothing to forget, unless that has begun.
        Some(Found::Author { .. }) | None => {
            let wanted = Wanted::new(id_or_email);
            let own = wanted.person_id();
            let is_it = |known: &String| wanted.is_id(known) || **known == *own;
            let mut begun = begun.into_iter();
            begun.find(|erasure| erasure.identities.iter().any(is_it)).ok_or(NO_USER)?
        }
    };
    finish(store, organisation, &erasure, now).await.map_err(|error| {
        tracing::error!(%error, "a person could not be forgotten; asking again, or the schedule, goes on");
        Problem::Unavailable
    })
}

/// Finishes what earlier attempts to forget somebody left undone.
///
/// # Errors
/// The database failed, or a pack cannot be read; the next time goes on.
pub async fn carry_on(store: &Store, organisation: &Organisation, now: Millis) -> Result<usize, ProjectError> {
    let pending = store.erasures(&organisation.uid).await?;
    for erasure in &pending {
        finish(store, organisation, erasure, now).await?;
    }
    Ok(pending.len())
}

/// All that is the person's, and what an earlier attempt has left. A source of which only some rows are the person's, by an
/// organisation's own attribute, is another's.
fn pending(directory: &Directory, person: &Person, begun: &[PendingErasure], now: Millis) -> PendingErasure {
    let own = person.sources.iter().filter(|source| directory.whose(**source, &None).as_ref() == Some(&person.id));
    let mut identities: BTreeSet<String> = own.map(SourceId::encoded).collect();
    identities.extend(directory.record(person).into_iter().flat_map(|record| &record.claude).map(|id| id.0.clone()));
    identities.insert(person.id.to_string());
    let earlier = begun.iter().filter(|erasure| *erasure.person == *person.id);
    identities.extend(earlier.flat_map(|erasure| erasure.identities.iter().cloned()));
    PendingErasure { person: person.id.to_string(), identities: identities.into_iter().collect(), before: now.plus(1) }
}

async fn finish(
    store: &Store,
    organisation: &Organisation,
    erasure: &PendingErasure,
    now: Millis,
) -> Result<(), ProjectError> {
    let uid = &organisation.uid;
    let sources: BTreeSet<SourceId> = erasure.identities.iter().filter_map(|id| SourceId::parse(id)).collect();
    for source in &sources {
        mark(store, organisation, *source, erasure.before).await?;
    }
    let standing = store.places_of(uid, &sources, now).await?;
    let mut quarters: BTreeSet<(SourceId, Bucket)> =
        standing.iter().map(|StandingSummary { place, .. }| (place.source, place.claimed)).collect();
    if i64::from(organisation.settings.retention_days) * DAY > LIFE {
        // Where events outlive what is told of them, only the events themselves say where they are.
        let keys = store.pack_keys(uid, now).await?;
        quarters.extend(
            keys.iter().map(|(_, key)| (key.source, key.bucket)).filter(|(source, _)| sources.contains(source)),
        );
    }
    // All packs before any summary, since it is by the summaries that a later attempt finds them. What is not projected yet is deleted
    // when it is.
    for (source, claimed) in quarters {
        // Deletes what arrived before, and keeps what arrived since.
        project(store, organisation, source, claimed, now).await?;
    }
    for token_use in store.token_uses(uid).await? {
        if let Some(user) = token_use.user.map(|claim| claim.source()).filter(|user| sources.contains(user)) {
            store.delete(keys::token_use(uid, token_use.generation, user)).await?;
        }
    }
    for rejection in store.rejections(uid).await?.iter().filter(|rejection| sources.contains(&rejection.source)) {
        store.delete(keys::rejection(uid, rejection.generation, rejection.reason)).await?;
    }
    for StandingSummary { place, .. } in &standing {
        forget_summary(store, organisation, place).await?;
    }
    // Last: until then the identities of one person are known to be one.
    forget(store, uid, &erasure.identities.iter().cloned().collect()).await?;
    // Until nothing is left in any file, the next attempt has something to go on with.
    store.scrub().await?;
    store.delete_erasure(uid, &erasure.person).await?;
    Ok(())
}

/// Forgets a summary, and before it the days that it may be in, in any time zone: one that is about to be closed is not put then.
async fn forget_summary(store: &Store, organisation: &Organisation, place: &SummaryPlace) -> Result<(), StoreError> {
    let date = keys::utc_date(place.shown);
    for day in [date.yesterday().ok(), Some(date), date.tomorrow().ok()].into_iter().flatten() {
        store.stale_day(&organisation.uid, day, place.source).await?;
    }
    let mut attempts = 0;
    loop {
        attempts += 1;
        let Some(known) = store.summary(place).await? else { return Ok(()) };
        let erasures = store.sighting(&organisation.uid, place.source).await?.erasure.times;
        // What was projected since was made from what is left.
        if known.stamp.erasures >= erasures {
            return Ok(());
        }
        match store.delete_summary(place, &known).await {
            // It changed, or another transaction was only in the way: another look tells.
            Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
            outcome => return outcome,
        }
    }
}

async fn mark(store: &Store, organisation: &Organisation, source: SourceId, before: Millis) -> Result<(), StoreError> {
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
