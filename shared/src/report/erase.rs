//! `DELETE …/users/{id}`: forgets a person: events, activity and identities.
//!
//! The sighting is emptied first and says from then on what is erased, so that a projection under way cannot put back what it
//! read before. Whatever is left when this ends early goes with the next attempt, or with the next projection of its quarter hour.

use std::collections::BTreeSet;

use jiff::ToSpan;

use crate::claude::source::SourceId;
use crate::organisation::Organisation;
use crate::pack::group::Bucket;
use crate::people::directory::{Directory, Person};
use crate::projection::{ProjectError, project};
use crate::store::keys::{self, SummaryPlace};
use crate::store::{Store, StoreError};
use crate::time::{DAY, Millis};

/// How long ago the oldest summary that still lives may show, in milliseconds.
const OLDEST: i64 = 401 * DAY;
/// How often the sighting is read anew because an export of the person was projected meanwhile.
const ATTEMPTS: usize = 12;

/// Forgets everything of a person that arrived until `now`.
///
/// # Errors
/// The database failed, or a pack cannot be read; asking again goes on.
pub async fn erase(
    store: &Store,
    organisation: &Organisation,
    directory: &Directory,
    person: &Person,
    now: Millis,
) -> Result<(), ProjectError> {
    let own = person.sources.iter().filter(|source| directory.whose(**source, &None).as_ref() == Some(&person.id));
    let sources: BTreeSet<SourceId> = own.copied().collect();
    for source in &sources {
        mark(store, organisation, *source, now.plus(1)).await?;
    }
    let packs = store.pack_keys(&organisation.uid, Millis(0)).await?;
    let quarters: BTreeSet<(SourceId, Bucket)> = packs.iter().map(|(_, key)| (key.source, key.bucket)).collect();
    for (source, claimed) in quarters.into_iter().filter(|(source, _)| sources.contains(source)) {
        // Deletes what arrived before, and keeps what arrived since.
        project(store, organisation, source, claimed, now).await?;
    }
    for token_use in store.token_uses(&organisation.uid).await? {
        if let Some(user) = token_use.user.map(|claim| claim.source()).filter(|user| sources.contains(user)) {
            store.delete(keys::token_use(&organisation.uid, token_use.generation, user)).await?;
        }
    }
    let shards: BTreeSet<u8> = sources.iter().map(|source| keys::shard(*source)).collect();
    let last = keys::utc_date(Bucket::of(now.plus(2 * DAY).0));
    let first = keys::utc_date(Bucket::of(now.0.saturating_sub(OLDEST).max(0)));
    for date in first.series(1.day()).take_while(|date| *date <= last) {
        for shard in &shards {
            let whole = (Bucket(0), Bucket(99_999_999));
            for place in store.summary_places(&organisation.uid, date, *shard, whole).await? {
                if sources.contains(&place.source) {
                    forget(store, organisation, &place).await?;
                }
            }
        }
    }
    Ok(())
}

/// Forgets a summary, and before it the days that it may be in, in any time zone: one that is about to be closed is not put then.
async fn forget(store: &Store, organisation: &Organisation, place: &SummaryPlace) -> Result<(), StoreError> {
    let date = keys::utc_date(place.shown);
    for day in [date.yesterday().ok(), Some(date), date.tomorrow().ok()].into_iter().flatten() {
        store.stale_day(&organisation.uid, day, place.source).await?;
    }
    let Some(known) = store.summary(place).await? else { return Ok(()) };
    let erasures = store.sighting(&organisation.uid, place.source).await?.erasure.times;
    if known.stamp.erasures >= erasures {
        return Ok(());
    }
    match store.delete_summary(place, &known).await {
        // Something arrived and was projected: that was made from what is left.
        Err(error) if error.is_conflict() => Ok(()),
        outcome => outcome,
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
