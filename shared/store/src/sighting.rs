//! Sightings in the Activity table: one item per source, changed only together with a summary of the source.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::organisation::REVISION;
use super::queries::Queries;
use super::query::Range;
use super::range::Reading;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use model::order;
use model::organisation::Uid;
use model::time::{SignedDuration, Timestamp, from_days};
use telemetry::claude::source::SourceId;
use telemetry::sighting::{Sighting, Words};

mod retold;

pub use retold::Retold;

/// Name of the attribute that holds the sighting.
const SIGHTING: &str = "s";
/// Shards read at a time: a page of each, which may be a megabyte, is in memory several times while it is read.
const PARALLEL: usize = 16;
/// How long an erasure is remembered if nothing was seen of the source since: longer than any
/// operation that read data before the erasure can run, and longer than the 35 days that DynamoDB backups reach back,
/// since after a restore the same has to be erased again.
const REMEMBERED: SignedDuration = from_days(36);

/// What was erased of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erasure {
    /// Packs that arrived before this are deleted or must be.
    pub before: Timestamp,
    /// How often something was erased.
    pub times: i64,
}

/// A stored sighting. The erasure is in the same item, so that data read before an erasure cannot be written after it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StoredSighting {
    /// The sighting.
    pub sighting: Sighting,
    /// Grows with every change; 0 before the first.
    pub revision: i64,
    /// What was erased of the source.
    pub erasure: Erasure,
    /// What packs tell that stay, for removals that are not through all of them, by their names.
    pub retold: BTreeMap<String, Retold>,
}

impl StoredSighting {
    /// That it stands as it was read.
    fn standing(&self) -> If {
        if self.revision == 0 { If::Absent } else { If::Revision(self.revision) }
    }
}

/// A sighting that takes the place of another of the same source. If it names others, the [roster](crate::roster) moves on with it.
#[derive(Debug, Clone, Copy)]
pub struct SightingChange<'a> {
    /// The sighting as it was read.
    pub known: &'a StoredSighting,
    /// The new one, of a later revision.
    pub after: &'a StoredSighting,
}

impl SightingChange<'_> {
    /// Whether the source names others than before.
    #[must_use]
    pub fn names_others(&self) -> bool {
        !self.after.sighting.names_whom(&self.known.sighting)
    }
}

impl Store {
    /// The sighting of a source, read consistently.
    pub async fn sighting(&self, uid: &Uid, source: SourceId) -> Result<StoredSighting, StoreError> {
        self.get(&keys::sighting(uid, source)).await?.map_or_else(|| Ok(StoredSighting::default()), |item| read(&item))
    }

    /// Replaces a sighting by an empty one because the source is erased.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if it has changed since it was read.
    pub async fn erase_sighting(
        &self,
        uid: &Uid,
        source: SourceId,
        known: &StoredSighting,
        before: Timestamp,
    ) -> Result<(), StoreError> {
        let erasure = Erasure { before: known.erasure.before.max(before), times: known.erasure.times + 1 };
        let revision = known.revision + 1;
        let empty = StoredSighting { revision, erasure, ..StoredSighting::default() };
        self.replace_sighting(uid, source, SightingChange { known, after: &empty }).await
    }

    /// Replaces a sighting.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if it has changed since it was read.
    pub async fn replace_sighting(
        &self,
        uid: &Uid,
        source: SourceId,
        change: SightingChange<'_>,
    ) -> Result<(), StoreError> {
        self.write(self.writes_of_sighting(uid, source, change)?).await
    }

    /// What a change of a sighting writes.
    pub(super) fn writes_of_sighting(
        &self,
        uid: &Uid,
        source: SourceId,
        change: SightingChange<'_>,
    ) -> Result<Vec<Write>, StoreError> {
        let mut writes = vec![Write::Put(item(uid, source, change.after)?, change.known.standing())];
        if change.names_others() {
            writes.push(self.roster_moves_on(keys::roster_count(uid, &source.encoded()))?);
        }
        Ok(writes)
    }

    /// Removes a sighting that says nothing any more.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if it has changed since it was read as `known`.
    pub async fn delete_sighting(&self, uid: &Uid, source: SourceId, known: &StoredSighting) -> Result<(), StoreError> {
        let mut writes = vec![Write::Delete(keys::sighting(uid, source), known.standing())];
        if known.sighting.seen.is_some() {
            writes.push(self.roster_moves_on(keys::roster_count(uid, &source.encoded()))?);
        }
        self.transact(writes).await
    }

    /// Whether anybody was ever seen in an organisation: whether telemetry has arrived. It reads one item of each shard at most.
    pub async fn has_sightings(&self, uid: &Uid) -> Result<bool, StoreError> {
        let shards = (0..keys::SHARDS).map(|shard| {
            let (store, partition) = (self.clone(), keys::sighting_partition(uid, shard));
            async move { store.query(Range::all(&partition).at_most(1)).await }
        });
        let mut reading = Queries::new(shards.collect(), PARALLEL);
        while let Some(found) = reading.next().await? {
            if !found.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The sightings of all sources of an organisation, except erased ones.
    pub async fn sightings(&self, uid: &Uid) -> Result<Vec<(SourceId, Sighting)>, StoreError> {
        // Texts that many sources have in common are kept in memory once.
        let words = Arc::new(Mutex::new(Words::default()));
        let seen = move |source, StoredSighting { mut sighting, .. }: StoredSighting| {
            sighting.seen?;
            sighting.share(&mut words.lock().unwrap_or_else(PoisonError::into_inner));
            // Of use to the projection alone.
            (sighting.counted, sighting.recount) = (Vec::new(), None);
            Some((source, sighting))
        };
        let mut found = self.sightings_as(uid, seen).await?;
        order::sort_by_key(&mut found, |(source, _)| *source);
        Ok(found)
    }

    /// What `keep` returns for the sightings of all sources, in no particular order. It is called while pages are read,
    /// so that only what it keeps stays in memory.
    pub async fn sightings_as<T: Send + 'static>(
        &self,
        uid: &Uid,
        keep: impl Fn(SourceId, StoredSighting) -> Option<T> + Clone + Send + Sync + 'static,
    ) -> Result<Vec<T>, StoreError> {
        let shards: Vec<_> = (0..keys::SHARDS)
            .map(|shard| {
                let (store, uid, keep) = (self.clone(), uid.clone(), keep.clone());
                async move { store.sightings_of_shard(&uid, shard, keep).await }
            })
            .collect();
        let mut reading = Queries::new(shards, PARALLEL);
        let mut found = Vec::new();
        while let Some(some) = reading.next().await? {
            found.extend(some);
        }
        Ok(found)
    }

    /// As [`sightings_as`](Self::sightings_as), for one shard.
    pub async fn sightings_of_shard<T: Send>(
        &self,
        uid: &Uid,
        shard: u8,
        keep: impl Fn(SourceId, StoredSighting) -> Option<T> + Send + Sync,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        let take = |page: Vec<Item>| {
            for item in page {
                let source = SourceId::parse(item.required_text(keys::SK)?);
                found.extend(keep(source.ok_or(StoreError::unreadable("source"))?, read(&item)?));
            }
            Ok(())
        };
        self.each_page(&keys::sighting_partition(uid, shard), None, Reading::Latest, take).await?;
        Ok(found)
    }
}

fn read(item: &Item) -> Result<StoredSighting, StoreError> {
    let sighting = Sighting::decode(item.required_bytes(SIGHTING)?).map_err(|_| StoreError::unreadable("sighting"))?;
    let erasure = Erasure {
        before: item.find_time("erased_before").unwrap_or_default(),
        times: item.optional_number("erasures").unwrap_or(0),
    };
    Ok(StoredSighting { sighting, revision: item.required_number(REVISION)?, erasure, retold: retold::read(item)? })
}

/// The item of a sighting.
fn item(uid: &Uid, source: SourceId, stored: &StoredSighting) -> Result<Item, StoreError> {
    let bytes = stored.sighting.encode().map_err(|_| StoreError::bug("sighting"))?;
    let item = Item::at(keys::sighting(uid, source)).bytes(SIGHTING, bytes).number(REVISION, stored.revision);
    let item = retold::write(item, &stored.retold)?;
    Ok(match stored.erasure {
        Erasure { times: 0, .. } => item,
        Erasure { before, times } => {
            let item = item.number("erased_before", before.0).number("erasures", times);
            match stored.sighting.seen {
                Some(_) => item,
                None => item.number(keys::TTL, before.plus(REMEMBERED).seconds()),
            }
        }
    })
}
