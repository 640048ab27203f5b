//! Erases what nothing leads to of people of whom else nothing is left: see [`store::erasure::strays`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::{bucket, person};
use crate::projection::ProjectError;
use model::bucket::Bucket;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::Store;
use store::erasure::strays::StrayPass;
use store::erasure::{PendingErasure, Stage};
use store::keys;
use store::range::Reading;
use store::sweep::{KeyPage, Sweep, Table};
use telemetry::claude::source::SourceId;

/// After how long it is noted how far a pass is.
const NOTED: Duration = Duration::from_secs(30);

/// The sources of erased people, each with the person and since when what it sent stays.
type Sources = BTreeMap<SourceId, (String, Timestamp)>;

/// Goes on with the pass that is on its way, and begins another one for who came too late for it, until `deadline`: how many people are
/// erased, and whether nobody waits for a pass.
///
/// # Errors
/// The database failed, or a later release wrote a pack: whose it is waits for another pass.
pub(super) async fn go_on(
    store: &Store,
    organisation: &Organisation,
    now: Timestamp,
    deadline: Instant,
) -> Result<(usize, bool), ProjectError> {
    let uid = &organisation.uid;
    let mut erased = 0;
    loop {
        let mut waiting = store.erasures(uid).await?;
        waiting.retain(|erasure| erasure.stage == Stage::Strays);
        if waiting.is_empty() {
            return Ok((erased, true));
        }
        let mut pass = store.stray_pass(uid).await?.unwrap_or_else(|| StrayPass::of(&waiting));
        let mut failed = None;
        let outcome = go_through(store, organisation, (&mut pass, &waiting, &mut failed), now, deadline).await;
        if !matches!(outcome, Ok(true)) {
            let noted = store.put_stray_pass(uid, &pass).await;
            outcome?;
            noted?;
            return Ok((erased, false));
        }
        // Until nothing is left in any file, the next attempt has something to continue with.
        store.scrub().await?;
        for erasure in waiting.iter().filter(|erasure| pass.is_for(erasure)) {
            erased += usize::from(store.delete_erasure(uid, erasure).await?);
        }
        store.end_stray_pass(uid).await?;
        if let Some(error) = failed {
            return Err(error);
        }
    }
}

/// Goes on with a pass; says whether it is through. `pass` is where it ended, after an error too, and is no more for whom something could
/// not be erased.
async fn go_through(
    store: &Store,
    organisation: &Organisation,
    (pass, waiting, failed): (&mut StrayPass, &[PendingErasure], &mut Option<ProjectError>),
    now: Timestamp,
    deadline: Instant,
) -> Result<bool, ProjectError> {
    let mut sources = Sources::new();
    for erasure in waiting.iter().filter(|erasure| pass.is_for(erasure)) {
        let whose = (erasure.person.clone(), erasure.before);
        sources.extend(person::sources_of(erasure).into_iter().map(|source| (source, whose.clone())));
    }
    if sources.is_empty() {
        return Ok(true);
    }
    // Whatever such a reading may overlook is so new that its projection is still to come, and deletes it.
    let sweep = Sweep { table: Table::Events, uid: &organisation.uid, reading: Reading::Recent, alive_at: None };
    let mut noted = Instant::now();
    loop {
        let Some(page) = store.sweep(&sweep, pass.after.clone(), deadline).await? else { return Ok(false) };
        for named in buckets(&page) {
            let Some((person, before)) = sources.get(&named.0) else { continue };
            if Instant::now() >= deadline {
                return Ok(false);
            }
            match bucket::erase(store, organisation, named, *before, now).await {
                Err(error @ ProjectError::Version(_)) => {
                    pass.people.retain(|(known, _)| known != person);
                    failed.get_or_insert(error);
                }
                outcome => outcome?,
            }
        }
        pass.after = page.next;
        if pass.after.is_none() {
            return Ok(true);
        }
        if noted.elapsed() >= NOTED {
            store.put_stray_pass(&organisation.uid, pass).await?;
            noted = Instant::now();
        }
    }
}

/// The buckets that a page has packs of.
fn buckets(page: &KeyPage) -> BTreeSet<(SourceId, Bucket)> {
    let partitions = page.keys.chunk_by(|one, other| one.pk == other.pk);
    let read = partitions.filter_map(|keys| keys::read_pack_partition(&keys[0].pk));
    read.map(|(_, source, bucket)| (source, bucket)).collect()
}
