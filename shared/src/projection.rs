//! What was stored becomes summaries and sightings: recomputed from all packs of a quarter hour, never added to.
//!
//! A repeated or reordered notice of a change therefore changes nothing, and whatever was wrong is put right by projecting again.
//! A summary is put only over the one that was read, and only if it was made from as much: of two projections at once one sees
//! the other and begins anew. The sighting and the days that are not right any more change in the same transaction.
//!
//! * [`notice`] reads the events of the stream.
//! * [`hopeless`] notes what cannot be projected.
//! * [`days`] closes days that are over, [`rebuild`] does everything again.

use jiff::civil::Date;

use crate::activity::quarter::summaries;
use crate::activity::summary::Summary;
use crate::calendar::Calendar;
use crate::claude::source::SourceId;
use crate::organisation::Organisation;
use crate::otlp::Signal;
use crate::pack::group::Bucket;
use crate::pack::{self, Corrupt, Pack};
use crate::people::sighting::Sighting;
use crate::store::keys::{self, SummaryPlace};
use crate::store::pack::StoredPack;
use crate::store::sighting::{Erasure, StoredSighting};
use crate::store::summary::{Stamp, StoredSummary, SummaryChange};
use crate::store::{Store, StoreError};
use crate::time::{HOUR, Millis};

pub mod days;
pub mod hopeless;
pub mod notice;
pub mod rebuild;

/// How often a projection begins anew because another one changed the same things.
const ATTEMPTS: usize = 12;
/// From how long after a day's end changes of it leave a mark, in milliseconds. Days are closed later than that.
pub const DAY_IS_PAST: i64 = HOUR;

/// What a projection did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Projected {
    /// Summaries written.
    pub written: usize,
    /// Packs that are damaged, and noted as such.
    pub damaged: usize,
    /// Packs deleted that an erasure had left.
    pub erased: usize,
}

/// Why a quarter hour could not be projected. All of it may pass.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A later release wrote a pack.
    #[error("a pack has format version {0}, which this release cannot read")]
    Version(u8),
}

/// The packs of a quarter hour that count.
struct Packs {
    readable: Vec<(Signal, Pack)>,
    /// All that stand there, damaged ones too.
    count: i64,
    projected: Projected,
}

/// Brings summaries and the sighting up to date with the packs that `source` sent of the quarter hour claimed as `claimed`.
///
/// # Errors
/// See [`ProjectError`]; whatever was written until then is right.
pub async fn project(
    store: &Store,
    organisation: &Organisation,
    source: SourceId,
    claimed: Bucket,
    now: Millis,
) -> Result<Projected, ProjectError> {
    let epoch = store.rebuild_epoch(&organisation.uid).await?;
    let mut attempts = 0;
    loop {
        attempts += 1;
        match attempt(store, organisation, (source, claimed), epoch, now).await {
            Err(ProjectError::Store(error)) if error.is_conflict() && attempts < ATTEMPTS => {}
            outcome => return outcome,
        }
    }
}

async fn attempt(
    store: &Store,
    organisation: &Organisation,
    (source, claimed): (SourceId, Bucket),
    epoch: i64,
    now: Millis,
) -> Result<Projected, ProjectError> {
    let uid = &organisation.uid;
    // Read first: whatever changes it later, an erasure too, makes the writing below fail.
    let mut known = store.sighting(uid, source).await?;
    let stored = store.packs(uid, source, claimed, now).await?;
    let packs = read_packs(store, organisation, stored, known.erasure).await?;
    let mut projected = packs.projected;
    let stamp = Stamp { erasures: known.erasure.times, packs: packs.count, epoch };
    let mut facts = Some(Sighting::of(source, &packs.readable, &organisation.settings));
    for (shown, summary) in summaries(claimed, &packs.readable, &organisation.settings) {
        let place = SummaryPlace { uid: uid.clone(), source, claimed, shown };
        let before = store.summary(&place).await?;
        if !is_news(before.as_ref(), stamp, &summary) {
            continue;
        }
        let changed = before.as_ref().is_none_or(|before| before.summary != summary);
        let after = sighted(&known, facts.take(), before.as_ref(), &summary);
        let change = SummaryChange {
            place: &place,
            before: before.as_ref(),
            stamp,
            summary: &summary,
            sighting: (known.revision, &after),
            stale_day: changed.then(|| stale_day(organisation, shown, now)).flatten(),
        };
        store.change_summary(&change).await?;
        known = after;
        projected.written += 1;
    }
    Ok(projected)
}

/// Whether `summary` is to be put over what stands there. What was made from more is right already.
fn is_news(before: Option<&StoredSummary>, stamp: Stamp, summary: &Summary) -> bool {
    match before {
        // Nothing is put where nothing stands.
        None => *summary != Summary::default(),
        Some(before) => before.stamp < stamp || (before.stamp == stamp && before.summary != *summary),
    }
}

/// The sighting that goes with a change of a summary.
fn sighted(
    known: &StoredSighting,
    facts: Option<Sighting>,
    before: Option<&StoredSummary>,
    after: &Summary,
) -> StoredSighting {
    let mut stored = known.clone();
    stored.revision += 1;
    let nothing = Default::default();
    let before = before.map_or(&nothing, |b| &b.summary.traffic);
    stored.sighting.traffic.replace(before, &after.traffic);
    if let Some(facts) = facts {
        stored.sighting.merge(facts);
    }
    stored
}

async fn read_packs(
    store: &Store,
    organisation: &Organisation,
    stored: Vec<StoredPack>,
    erasure: Erasure,
) -> Result<Packs, ProjectError> {
    let uid = &organisation.uid;
    let mut packs = Packs { readable: Vec::new(), count: 0, projected: Projected::default() };
    for StoredPack { key, bytes, expires_at } in stored {
        match (keys::read_pack(uid, &key), pack::decode(&bytes)) {
            (Some(_), Ok(pack)) if pack.header.received_at < erasure.before => {
                store.delete_pack(&key).await?;
                packs.projected.erased += 1;
            }
            (Some(read), Ok(pack)) => {
                packs.readable.push((read.signal, pack));
                packs.count += 1;
            }
            (_, Err(Corrupt::Version(version))) => return Err(ProjectError::Version(version)),
            (None, Ok(_)) => {
                note(store, organisation, &key, "its key is none of a pack", expires_at, &mut packs).await?
            }
            (_, Err(Corrupt::Damaged(reason))) => {
                note(store, organisation, &key, reason, expires_at, &mut packs).await?;
            }
        }
    }
    Ok(packs)
}

/// A damaged pack stays as it is and is named in health, so that it neither blocks the others nor is forgotten.
async fn note(
    store: &Store,
    organisation: &Organisation,
    key: &keys::Key,
    reason: &str,
    expires_at: Millis,
    packs: &mut Packs,
) -> Result<(), StoreError> {
    tracing::error!(reason, "a pack cannot be read");
    store.note_damaged(&organisation.uid, key, reason, expires_at).await?;
    packs.projected.damaged += 1;
    packs.count += 1;
    Ok(())
}

/// The day that a quarter hour belongs to, if it may be closed already at `now`.
fn stale_day(organisation: &Organisation, shown: Bucket, now: Millis) -> Option<Date> {
    let calendar = Calendar::of(organisation);
    let date = calendar.date(shown);
    (calendar.end(date).plus(DAY_IS_PAST) < now).then_some(date)
}
