//! What no repetition will project: noted beside the packs that cannot be read, so that health names it while the stream gives up on
//! it. A rebuild takes the notes back and tries everything anew.

use super::{ProjectError, project};
use model::bucket::Bucket;
use model::organisation::Organisation;
use model::time::{SignedDuration, Timestamp, from_days};
use store::keys;
use store::keys::Key;
use store::{Store, StoreError};
use telemetry::claude::source::SourceId;

/// How long a note is kept: as long as packs are by default.
const KEPT: SignedDuration = from_days(90);
/// The reason of what panicked.
pub const DEFECT: &str = "a defect of the service";

impl ProjectError {
    /// Whether trying again will not help as long as the release and what is stored stay as they are.
    #[must_use]
    pub fn is_hopeless(&self) -> bool {
        match self {
            // A release that can read it is on its way.
            Self::Version(_) => false,
            Self::Store(error) => error.is_permanent(),
        }
    }
}

/// Projects a bucket, or notes it as one that no repetition will project, so that it holds up no other. In a task of its own, so that
/// a panic ends that task alone.
///
/// # Errors
/// The database failed, or a later release wrote a pack.
pub async fn project_or_note(
    store: &Store,
    organisation: &Organisation,
    (source, bucket): (SourceId, Bucket),
    now: Timestamp,
) -> Result<(), ProjectError> {
    let (own, whose) = (store.clone(), organisation.clone());
    let task = tokio::spawn(async move { project(&own, &whose, source, bucket, now).await });
    let reason = match task.await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) if error.is_hopeless() => error.to_string(),
        Ok(Err(error)) => return Err(error),
        Err(_panicked) => DEFECT.to_owned(),
    };
    tracing::error!(reason, "a bucket cannot be projected");
    self::bucket(store, organisation, (source, bucket), &reason, now).await?;
    Ok(())
}

/// Notes that an item stands in the Events table whose key is not a pack key.
pub async fn record(store: &Store, organisation: &Organisation, key: &Key, now: Timestamp) -> Result<(), StoreError> {
    let reason = "a record of the stream is of no pack";
    store.note_damaged(&organisation.uid, key, reason, now.plus(KEPT)).await
}

/// Notes that what a source sent of a bucket cannot be projected, and why.
pub async fn bucket(
    store: &Store,
    organisation: &Organisation,
    (source, bucket): (SourceId, Bucket),
    reason: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let uid = &organisation.uid;
    let key = Key { pk: keys::pack_partition(uid, source, bucket), sk: String::new() };
    let reason = format!("what {} sent at {} cannot be added up: {reason}", source.encoded(), bucket.start());
    store.note_damaged(uid, &key, &reason, now.plus(KEPT)).await
}
