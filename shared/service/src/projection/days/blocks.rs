//! Puts the summaries of a day that is closed together in blocks.

use std::collections::HashMap;

use jiff::civil::Date;

use model::organisation::Uid;
use model::time::{HOUR, SignedDuration, Timestamp};
use store::day::blocks::Blocked;
use store::day::{StoredDay, StoredDays};
use store::queries::Queries;
use store::{Store, StoreError};
use telemetry::claude::source::SourceId;

/// From how many sources of a shard on their summaries are put together.
const FEWEST: usize = 4;
/// How long a block has stood before the items go that it was made from: a reader that began before it has ended.
const STANDS: SignedDuration = HOUR;
/// Items deleted at a time.
const PARALLEL: usize = 16;

/// Puts together what is not, and deletes what a block has had for long. What changes meanwhile stays as it is.
pub(super) async fn put_together(
    store: &Store,
    (uid, date, shard, zone): (&Uid, Date, u8, &str),
    stored: &StoredDays,
    now: Timestamp,
) -> Result<(), StoreError> {
    let mark = stored.days.iter().find(|day| day.source.is_none() && day.zone == zone);
    let Some(StoredDay { version: mark, .. }) = mark else { return Ok(()) };
    let (ours, others): (Vec<_>, Vec<_>) = stored.blocks.iter().partition(|block| block.zone == zone);
    let mut in_blocks: HashMap<SourceId, Timestamp> = HashMap::new();
    for block in &ours {
        in_blocks.extend(block.open()?.sources().map(|source| (source, block.put_at)));
    }
    // What changed since the day was closed stays apart, or could not be told from what is put by the version before.
    let is_unchanged = |day: &&StoredDay| day.version == 0 && day.zone == zone && day.bytes.is_some();
    let put_at = |day: &StoredDay| day.source.and_then(|source| in_blocks.get(&source)).copied();
    let unchanged = stored.days.iter().filter(|day| day.source.is_some()).filter(is_unchanged);
    let (together, apart): (Vec<&StoredDay>, Vec<&StoredDay>) = unchanged.partition(|day| put_at(day).is_some());
    if apart.len() >= FEWEST || !(apart.is_empty() || ours.is_empty()) {
        store.put_blocks(Blocked { uid, date, shard, zone }, (&apart, *mark), &stored.blocks, now).await?;
    }
    let has_stood = |day: &&StoredDay| put_at(day).is_some_and(|at| at.plus(STANDS) <= now);
    let deletions = together.into_iter().filter(has_stood).filter_map(|day| {
        let (store, uid, zone, source) = (store.clone(), uid.clone(), zone.to_owned(), day.source?);
        Some(async move { store.delete_blocked_day(&uid, date, source, &zone).await })
    });
    let mut deletions = Queries::new(deletions.collect(), PARALLEL);
    while deletions.next().await?.is_some() {}
    for block in others {
        store.delete_block(uid, shard, block).await?;
    }
    Ok(())
}
