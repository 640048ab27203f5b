//! Deletes what a source sent of a bucket and is erased.

use crate::projection::{ProjectError, poison};
use model::bucket::Bucket;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::Store;
use telemetry::claude::source::SourceId;
use telemetry::pack;
use telemetry::pack::Corrupt;

/// Deletes the packs of a bucket that arrived before `before`, expired ones too, and adds up anew what is left. Only their headers are
/// read, so that what cannot be added up is erased all the same. A header that is damaged does not say when it arrived: such a pack is
/// deleted.
///
/// # Errors
/// The database failed, or a later release wrote a pack, which stays until a release comes that can read it.
pub(super) async fn erase(
    store: &Store,
    organisation: &Organisation,
    (source, claimed): (SourceId, Bucket),
    before: Timestamp,
    now: Timestamp,
) -> Result<(), ProjectError> {
    let (mut is_any_left, mut later) = (false, None);
    let mut pages = store.pack_pages(&organisation.uid, source, claimed, Timestamp(0));
    while let Some(page) = pages.next().await? {
        let mut erased = Vec::new();
        for stored in page {
            match pack::header(&stored.bytes) {
                Ok(header) if header.received_at >= before => is_any_left = true,
                Ok(_) | Err(Corrupt::Damaged(_)) => erased.push(stored.key),
                Err(Corrupt::Version(version)) => later = Some(version),
            }
        }
        store.remove_packs(erased).await?;
    }
    if let Some(version) = later {
        return Err(ProjectError::Version(version));
    }
    if is_any_left {
        poison::project_or_note(store, organisation, (source, claimed), now).await?;
    }
    Ok(())
}
