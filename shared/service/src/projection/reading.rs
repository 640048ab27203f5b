//! Reading the packs of a bucket: one page of them is held at a time, and of it one pack is decoded.

use std::collections::BTreeMap;

use super::limits::Bounds;
use super::outcome::{ProjectError, Projected};
use model::bucket::Bucket;
use model::organisation::Organisation;
use model::time::Timestamp;
use otlp::Signal;
use store::keys::Key;
use store::pack::StoredPack;
use store::removal::Haul;
use store::sighting::Erasure;
use store::{Store, StoreError, keys};
use telemetry::activity::adding::{Adding, Arrivals};
use telemetry::activity::summary::Summary;
use telemetry::claude::source::SourceId;
use telemetry::pack;
use telemetry::pack::{Corrupt, Header, Pack};
use telemetry::sighting::Sighting;

/// What the packs of a bucket come to.
#[derive(Debug, Default)]
pub(super) struct Sum {
    /// The summaries, by the bucket they show in.
    pub(super) summaries: BTreeMap<Bucket, Summary>,
    /// What they tell of the source.
    pub(super) facts: Sighting,
    /// How many packs count, damaged ones too.
    pub(super) count: i64,
    /// The arrival of the pack that arrived last, and the generation of the token it came with.
    pub(super) newest: Option<(Timestamp, u32)>,
    /// Packs that were removed and still stand there, with when they arrived.
    pub(super) removed: Vec<(Key, Timestamp)>,
    /// Whether there are packs that do not count, because the bucket is full.
    pub(super) is_full: bool,
    /// What was done meanwhile.
    pub(super) projected: Projected,
}

/// A bucket of a source that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) store: &'a Store,
    pub(super) organisation: &'a Organisation,
    pub(super) source: SourceId,
    pub(super) claimed: Bucket,
    pub(super) erasure: Erasure,
    /// What was removed of the organisation, and does not count any more.
    pub(super) removed: &'a [Haul],
    pub(super) bounds: &'a Bounds,
    pub(super) now: Timestamp,
}

/// What one reading counted.
#[derive(Debug, Default)]
struct Counted {
    packs: usize,
    bytes: usize,
}

impl Reader<'_> {
    /// Adds up all packs, or as many as there may be.
    ///
    /// # Errors
    /// The database failed, or a pack is of a later release.
    pub(super) async fn sum(&self) -> Result<Sum, ProjectError> {
        let settings = &self.organisation.settings;
        let mut sum = Sum::default();
        let mut adding = Adding::new(self.claimed, settings);
        let mut facts = Sighting::default();
        sum.is_full = self
            .each(&mut sum, true, |signal, pack| {
                facts.tell(self.source, signal, pack, settings);
                adding.add(signal, pack);
                self.bounds.is_reached(adding.records(), adding.size())
            })
            .await?;
        if adding.is_by_arrival() {
            let mut arrivals = Arrivals::default();
            self.each(&mut sum, false, |_, pack| {
                arrivals.note(pack);
                self.bounds.is_reached(arrivals.records(), 0)
            })
            .await?;
            adding = Adding::by_arrival(self.claimed, settings, arrivals);
            let is_full = self
                .each(&mut sum, false, |signal, pack| {
                    adding.add(signal, pack);
                    self.bounds.is_reached(0, adding.size())
                })
                .await?;
            sum.is_full |= is_full;
        }
        sum.facts = facts;
        sum.summaries = adding.finish();
        Ok(sum)
    }

    /// Hands pack after pack to `take`, which says whether that is enough. Says whether there are more. Only a reading that `notes`
    /// counts them, takes away what was erased, and names what is damaged.
    async fn each(
        &self,
        sum: &mut Sum,
        notes: bool,
        mut take: impl FnMut(Signal, &Pack) -> bool,
    ) -> Result<bool, ProjectError> {
        let mut pages = self.store.pack_pages(&self.organisation.uid, self.source, self.claimed, self.now);
        let mut counted = Counted::default();
        let mut is_enough = false;
        let mut is_full = false;
        while let Some(page) = pages.next().await? {
            let mut erased = Vec::new();
            for stored in page {
                let size = stored.bytes.len();
                if is_enough || !self.bounds.has_room(counted.packs, counted.bytes + size) {
                    is_full = true;
                    break;
                }
                match self.decoded(&stored)? {
                    Found::Erased => {
                        if notes {
                            erased.push(stored.key);
                        }
                        continue;
                    }
                    Found::Removed(received_at) => {
                        if notes {
                            sum.removed.push((stored.key, received_at));
                        }
                        continue;
                    }
                    Found::Damaged(reason) => {
                        if notes {
                            self.note(&stored, reason).await?;
                            sum.projected.damaged += 1;
                        }
                    }
                    Found::Pack(signal, pack) => {
                        if notes {
                            let arrival = (pack.header.received_at, pack.header.generation);
                            sum.newest = sum.newest.max(Some(arrival));
                        }
                        is_enough = take(signal, &pack);
                    }
                }
                counted = Counted { packs: counted.packs + 1, bytes: counted.bytes + size };
                sum.count += i64::from(notes);
            }
            sum.projected.erased += erased.len();
            self.store.remove_packs(erased).await?;
            if is_full {
                break;
            }
        }
        Ok(is_full)
    }

    fn is_removed(&self, header: &Header) -> bool {
        self.removed.iter().any(|haul| haul.has(header))
    }

    fn decoded(&self, stored: &StoredPack) -> Result<Found, ProjectError> {
        Ok(match (keys::read_pack(&self.organisation.uid, &stored.key), pack::decode(&stored.bytes)) {
            (Some(_), Ok(pack)) if pack.header.received_at < self.erasure.before => Found::Erased,
            (Some(_), Ok(pack)) if self.is_removed(&pack.header) => Found::Removed(pack.header.received_at),
            (Some(read), Ok(pack)) => Found::Pack(read.signal, pack),
            (_, Err(Corrupt::Version(version))) => return Err(ProjectError::Version(version)),
            (None, Ok(_)) => Found::Damaged("its key is not a pack key"),
            (_, Err(Corrupt::Damaged(reason))) => Found::Damaged(reason),
        })
    }

    /// A damaged pack stays as it is and is named in health, so that it neither blocks the others nor is forgotten.
    async fn note(&self, StoredPack { key, expires_at, .. }: &StoredPack, reason: &str) -> Result<(), StoreError> {
        tracing::error!(reason, "a pack cannot be read");
        self.store.note_damaged(&self.organisation.uid, key, reason, *expires_at).await
    }
}

/// What a stored pack is.
enum Found {
    /// One that counts.
    Pack(Signal, Pack),
    /// One that an erasure left.
    Erased,
    /// One that was removed, and when it had arrived.
    Removed(Timestamp),
    /// One that cannot be read, and why.
    Damaged(&'static str),
}
