//! What one source sent is taken out of its summaries, its packs and its sighting.
//!
//! The order makes it right whenever it ends. Summaries of a bucket are made to tell of nothing before its packs go, and go only after
//! them, since it is by the summaries that what was begun is found again; the sighting comes last, for it says that the source has
//! something to be removed. Whoever projects meanwhile leaves out the same packs, and whoever read them before cannot write any more,
//! since the sighting has changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use jiff::civil::Date;
use tokio::sync::Mutex;

use crate::merging::forget::forget;
use crate::projection::{ProjectError, project, stale};
use model::bucket::Bucket;
use model::organisation::{Organisation, Uid};
use model::time::Timestamp;
use otlp::Signal;
use store::keys;
use store::keys::{Key, SummaryPlace};
use store::removal::Haul;
use store::sighting::{SightingChange, StoredSighting};
use store::stamp::Stamp;
use store::summary::{Stale, StandingSummary, SummaryChange};
use store::{Store, StoreError};
use telemetry::activity::summary::Summary;
use telemetry::claude::source::SourceId;
use telemetry::pack;
use telemetry::pack::{Corrupt, Pack};
use telemetry::sighting::Sighting;

/// How often things are read anew because something was projected meanwhile.
const ATTEMPTS: usize = 12;

/// The identities that people, decisions, suggestions and the history of merges name.
#[derive(Debug)]
pub(super) struct Known(BTreeSet<String>);

impl Known {
    pub(super) async fn read(store: &Store, uid: &Uid) -> Result<Self, StoreError> {
        let (people, decisions, suggestions, merges) = tokio::try_join!(
            store.people(uid),
            store.decisions(uid),
            store.suggestions(uid, None, usize::MAX),
            store.merges(uid, None, usize::MAX)
        )?;
        let mut named: BTreeSet<String> = suggestions.into_iter().map(|suggestion| suggestion.user).collect();
        named.extend(people.iter().flat_map(|person| person.identities().map(str::to_owned)));
        named
            .extend(decisions.iter().flat_map(|record| record.decision.verdict.named().into_iter().map(str::to_owned)));
        named.extend(merges.iter().flat_map(|record| record.identities().cloned()));
        Ok(Self(named))
    }
}

/// A source of which something is to be removed.
#[derive(Debug)]
pub(super) struct Work {
    pub(super) store: Store,
    pub(super) organisation: Organisation,
    pub(super) haul: Haul,
    pub(super) source: SourceId,
    /// Where its summaries stand.
    pub(super) standing: Vec<StandingSummary>,
    pub(super) known: Arc<Known>,
    /// Held by whoever changes the marks of the shard's days, and the heads of their stretches: sources that are worked on at a time have them in common.
    pub(super) marks: Arc<Mutex<()>>,
    pub(super) now: Timestamp,
    /// When it is left to the next time.
    pub(super) deadline: Instant,
}

/// What was removed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cleared {
    /// Packs.
    pub(super) packs: i64,
    /// Whether nothing is left of the source.
    pub(super) is_gone: bool,
    /// Whether the deadline left some of it.
    pub(super) is_left: bool,
}

/// The packs of a bucket.
#[derive(Default)]
struct Packs {
    removed: Vec<Key>,
    /// Whether others can be read.
    has_rest: bool,
    /// All of them, with those that cannot be read.
    count: i64,
}

impl Work {
    pub(super) async fn clear(&self) -> Result<Cleared, ProjectError> {
        let mut buckets: BTreeMap<Bucket, Vec<&SummaryPlace>> = BTreeMap::new();
        // Those that an earlier attempt did not come to the end of.
        let mut begun: BTreeSet<Bucket> = BTreeSet::new();
        for StandingSummary { place, is_vacant } in &self.standing {
            buckets.entry(place.claimed).or_default().push(place);
            begun.extend(is_vacant.then_some(place.claimed));
        }
        let (mut cleared, mut forgotten) = (Cleared::default(), BTreeSet::new());
        for (claimed, places) in &buckets {
            // One source may have sent for months.
            if !self.store.waits_its_turn(self.deadline).await {
                return Ok(Cleared { is_left: true, ..cleared });
            }
            let packs = self.packs(*claimed, |_, _| {}).await?;
            if !packs.removed.is_empty() || begun.contains(claimed) {
                cleared.packs += packs.removed.len() as i64;
                self.clear_bucket(*claimed, places, packs, &mut forgotten).await?;
            }
        }
        cleared.is_gone = self.clear_sighting(buckets.keys()).await?;
        Ok(cleared)
    }

    /// Looks at the packs of a bucket, one at a time, and hands those on to `rest` that stay.
    async fn packs(&self, claimed: Bucket, mut rest: impl FnMut(Signal, &Pack)) -> Result<Packs, ProjectError> {
        let uid = &self.organisation.uid;
        let mut packs = Packs::default();
        let mut pages = self.store.pack_pages(uid, self.source, claimed, self.now);
        while let Some(page) = pages.next().await? {
            for stored in page {
                packs.count += 1;
                match (keys::read_pack(uid, &stored.key), pack::decode(&stored.bytes)) {
                    (_, Ok(pack)) if self.haul.has(&pack.header) => packs.removed.push(stored.key),
                    (Some(read), Ok(pack)) => {
                        packs.has_rest = true;
                        rest(read.signal, &pack);
                    }
                    (_, Err(Corrupt::Version(version))) => return Err(ProjectError::Version(version)),
                    // Nobody knows what it came with: it stays, and health names it.
                    (None, Ok(_)) | (_, Err(Corrupt::Damaged(_))) => {}
                }
            }
        }
        Ok(packs)
    }

    async fn clear_bucket(
        &self,
        claimed: Bucket,
        places: &[&SummaryPlace],
        packs: Packs,
        forgotten: &mut BTreeSet<Date>,
    ) -> Result<(), ProjectError> {
        let mut is_whole = true;
        for place in places {
            let is_vacant = self.vacate(place, packs.count).await?;
            is_whole &= is_vacant;
            if is_vacant {
                self.forget_days(place, forgotten).await?;
                self.forget_stretches(place).await?;
            }
        }
        if is_whole && packs.has_rest {
            // Makes them anew from what is left.
            project(&self.store, &self.organisation, self.source, claimed, self.now).await?;
        }
        self.store.remove_packs(packs.removed).await?;
        for place in places {
            self.give_up(place).await?;
        }
        Ok(())
    }

    /// Forgets what the days are said to have been that a summary may be in, in any time zone, but for those that are `forgotten`: what
    /// was invalidated once is in no block again.
    async fn forget_days(&self, place: &SummaryPlace, forgotten: &mut BTreeSet<Date>) -> Result<(), StoreError> {
        let (shard, source) = (keys::shard(place.source), BTreeSet::from([place.source]));
        for date in keys::around(keys::utc_date(place.shown)) {
            if forgotten.contains(&date) {
                continue;
            }
            let _turn = self.marks.lock().await;
            self.store.forget_days_of(&place.uid, shard, (date, date), &source, None).await?;
            forgotten.insert(date);
        }
        Ok(())
    }

    /// Forgets the stretch that a summary may be in: each time, since one may have been put since the last.
    async fn forget_stretches(&self, place: &SummaryPlace) -> Result<(), StoreError> {
        let _turn = self.marks.lock().await;
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

    /// Leaves in the sighting what the packs that are left tell, and what is known from other times; says whether that is nothing.
    async fn clear_sighting(&self, buckets: impl Iterator<Item = &Bucket> + Clone) -> Result<bool, ProjectError> {
        let (uid, haul) = (&self.organisation.uid, self.haul);
        let settings = &self.organisation.settings;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let known = self.store.sighting(uid, self.source).await?;
            let mut left = known.sighting.outside(haul.from, haul.to);
            for claimed in buckets.clone() {
                let mut told = Sighting::default();
                self.packs(*claimed, |signal, pack| told.tell(self.source, signal, pack, settings)).await?;
                left.merge(told);
            }
            if left == known.sighting {
                return Ok(false);
            }
            match self.replace(&known, left).await {
                Err(error) if error.is_conflict() && attempts < ATTEMPTS => {}
                outcome => return Ok(outcome?),
            }
        }
    }

    async fn replace(&self, known: &StoredSighting, left: Sighting) -> Result<bool, StoreError> {
        let uid = &self.organisation.uid;
        let is_gone = left.seen.is_none();
        let id = self.source.encoded();
        if is_gone && self.known.0.contains(&id) {
            forget(&self.store, uid, &BTreeSet::from([id])).await?;
        }
        if is_gone && known.erasure.times == 0 {
            self.store.delete_sighting(uid, self.source, known).await?;
        } else {
            let stored = StoredSighting { sighting: left, revision: known.revision + 1, erasure: known.erasure };
            self.store.replace_sighting(uid, self.source, SightingChange { known, after: &stored }).await?;
        }
        Ok(is_gone)
    }
}
