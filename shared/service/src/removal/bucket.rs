//! What was sent of one bucket is taken out of its summaries and its packs.
//!
//! The order makes it right whenever it ends. Summaries of a bucket are made to tell of nothing before its packs go, and go only after
//! them, since it is by the summaries that what was begun is found again; the [sighting](super::sighting) comes last, for it says that the
//! source has something to be removed. Whoever projects meanwhile leaves out the same packs, and whoever read them before cannot write any
//! more, since the sighting has changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use tokio::sync::Mutex;

use crate::projection::{ProjectError, project, stale};
use model::bucket::Bucket;
use model::organisation::Organisation;
use model::time::Timestamp;
use store::keys;
use store::keys::{Key, SummaryPlace};
use store::places::StandingSummary;
use store::removal::Haul;
use store::sighting::SightingChange;
use store::stamp::Stamp;
use store::summary::{Stale, SummaryChange};
use store::{Store, StoreError};
use telemetry::activity::summary::Summary;
use telemetry::claude::source::SourceId;
use telemetry::pack;
use telemetry::pack::Corrupt;
use telemetry::sighting::Sighting;

/// How often things are read anew because something was projected meanwhile.
pub(super) const ATTEMPTS: usize = 12;

/// What has been forgotten of days, and is in no block again. Held by whoever changes the marks of the shard's days, and the heads of
/// their stretches: sources that are worked on at a time have them in common.
pub(super) type Forgotten = Arc<Mutex<BTreeSet<(Date, SourceId)>>>;

/// A summary, whose packs may have to be removed.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) store: Store,
    pub(super) organisation: Organisation,
    pub(super) haul: Haul,
    pub(super) standing: StandingSummary,
    pub(super) forgotten: Forgotten,
    pub(super) now: Timestamp,
}

/// What the packs of a bucket are.
#[derive(Debug, Default)]
pub(super) struct Packs {
    /// Those that are removed.
    pub(super) removed: Vec<Key>,
    /// What the others tell.
    pub(super) told: Sighting,
    /// Whether others can be read.
    has_rest: bool,
    /// All of them, with those that cannot be read.
    count: i64,
    /// The buckets in which they arrived.
    arrived: BTreeSet<Bucket>,
}

impl Work {
    /// Removes what there is to be removed of the bucket that the summary was claimed for, and says what there was.
    pub(super) async fn clear(&self) -> Result<Packs, ProjectError> {
        let mut packs = self.packs().await?;
        // One that tells of nothing is what an earlier attempt did not come to the end of.
        if !packs.removed.is_empty() || self.standing.is_vacant {
            self.clear_bucket(&mut packs).await?;
        }
        Ok(packs)
    }

    /// Looks at the packs of the bucket, one at a time.
    async fn packs(&self) -> Result<Packs, ProjectError> {
        let SummaryPlace { uid, source, claimed, .. } = &self.standing.place;
        let mut packs = Packs::default();
        let mut pages = self.store.pack_pages(uid, *source, *claimed, self.now);
        while let Some(page) = pages.next().await? {
            for stored in page {
                packs.count += 1;
                let pack = pack::decode(&stored.bytes);
                packs.arrived.extend(pack.iter().map(|pack| Bucket::of(pack.header.received_at)));
                match (keys::read_pack(uid, &stored.key), pack) {
                    (_, Ok(pack)) if self.haul.has(&pack.header) => packs.removed.push(stored.key),
                    (Some(read), Ok(pack)) => {
                        packs.has_rest = true;
                        packs.told.tell(*source, read.signal, &pack, &self.organisation.settings);
                    }
                    (_, Err(Corrupt::Version(version))) => return Err(ProjectError::Version(version)),
                    // Nobody knows what it came with: it stays, and health names it.
                    (None, Ok(_)) | (_, Err(Corrupt::Damaged(_))) => {}
                }
            }
        }
        Ok(packs)
    }

    async fn clear_bucket(&self, packs: &mut Packs) -> Result<(), ProjectError> {
        let mut is_whole = true;
        let places = self.places(packs);
        for place in &places {
            let is_vacant = self.vacate(place, packs.count).await?;
            is_whole &= is_vacant;
            if is_vacant {
                self.forget_days(place).await?;
                self.forget_stretches(place).await?;
            }
        }
        let SummaryPlace { source, claimed, .. } = self.standing.place;
        if is_whole && packs.has_rest {
            // Makes them anew from what is left.
            project(&self.store, &self.organisation, source, claimed, self.now).await?;
        }
        self.store.remove_packs(packs.removed.clone()).await?;
        for place in &places {
            self.give_up(place).await?;
        }
        Ok(())
    }

    /// Where the packs of the bucket may be shown: as claimed, or when they arrived.
    fn places(&self, packs: &Packs) -> Vec<SummaryPlace> {
        let own = &self.standing.place;
        let shown: BTreeSet<Bucket> = packs.arrived.iter().copied().chain([own.claimed, own.shown]).collect();
        shown.into_iter().map(|shown| SummaryPlace { shown, ..own.clone() }).collect()
    }

    /// Forgets what the days are said to have been that a summary may be in, in any time zone.
    async fn forget_days(&self, place: &SummaryPlace) -> Result<(), StoreError> {
        let (shard, source) = (keys::shard(place.source), BTreeSet::from([place.source]));
        for date in keys::around(keys::utc_date(place.shown)) {
            let mut forgotten = self.forgotten.lock().await;
            if !forgotten.contains(&(date, place.source)) {
                self.store.forget_days_of(&place.uid, shard, (date, date), &source, None).await?;
                forgotten.insert((date, place.source));
            }
        }
        Ok(())
    }

    /// Forgets the stretch that a summary may be in: each time, since one may have been put since the last.
    async fn forget_stretches(&self, place: &SummaryPlace) -> Result<(), StoreError> {
        let _turn = self.forgotten.lock().await;
        self.store.forget_stretches_around(&place.uid, keys::shard(place.source), place.shown, self.now).await
    }

    /// Puts one that tells of nothing in the place of a summary; false if it stays, because it was made from packs of which some have
    /// expired: what they told is kept, and cannot be told from what the others did.
    async fn vacate(&self, place: &SummaryPlace, packs: i64) -> Result<bool, ProjectError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            // Read first: whatever changes it later makes the writing below fail.
            let stored = self.store.sighting(&place.uid, place.source).await?;
            let Some(known) = self.store.summary(place).await?.filter(|known| known.stamp.packs > 0) else {
                return Ok(true);
            };
            if known.stamp.packs > packs {
                return Ok(false);
            }
            let mut sighting = stored.clone();
            sighting.revision += 1;
            let counted = (place.claimed, place.shown);
            sighting.sighting.count(counted, &known.summary.traffic, &Default::default());
            sighting.sighting.settle(counted, None);
            // What it was full of may be what goes.
            sighting.sighting.unfill();
            let change = SummaryChange {
                place,
                before: Some(&known),
                stamp: Stamp { packs: 0, ..known.stamp },
                summary: &Summary::default(),
                sighting: Some(SightingChange { known: &stored, after: &sighting }),
                stale: stale(&self.organisation, place.shown, self.now),
            };
            match self.store.change_summary(&change).await {
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
                outcome => return Ok(outcome.map(|()| true)?),
            }
        }
    }

    /// Takes away a summary that still tells of nothing.
    async fn give_up(&self, place: &SummaryPlace) -> Result<(), ProjectError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let Some(known) = self.store.summary(place).await?.filter(|known| known.stamp.packs == 0) else {
                return Ok(());
            };
            match self.store.delete_summary(place, &known, &Stale::default()).await {
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
                outcome => return Ok(outcome?),
            }
        }
    }
}
