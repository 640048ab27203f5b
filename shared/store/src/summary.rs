//! Summaries in the Activity table: written as a whole, in numbered parts, and only over what was read before.

use jiff::civil::Date;

use super::keys::SummaryPlace;
use super::places::{StandingSummary, standing};
use super::range::Reading;
use super::sighting::SightingChange;
use super::stamp::Stamp;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use joining::{BYTES, Encoded, Joining};
use model::bucket::Bucket;
use model::organisation::Uid;
use model::time::{SignedDuration, Timestamp, from_days};
use telemetry::activity::summary::{Summary, Traffic};
use telemetry::activity::wire;
use telemetry::activity::wire::stretch::Stored;
use telemetry::claude::source::SourceId;

mod joining;
mod stale;

pub use stale::Stale;

/// The most bytes in a part: DynamoDB limits items to 400 KB.
const PART: usize = 350 * 1000;
/// The most parts of a summary: a transaction is limited to 4 MB.
const PARTS: usize = 10;
/// How long summaries are kept.
pub const LIFE: SignedDuration = from_days(400);

/// A stored summary.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StoredSummary {
    /// What it was made from.
    pub stamp: Stamp,
    /// The summary.
    pub summary: Summary,
    /// The number of parts.
    parts: usize,
}

/// A change of one summary, with everything that changes together with it.
#[derive(Debug)]
pub struct SummaryChange<'a> {
    /// Which summary.
    pub place: &'a SummaryPlace,
    /// The stored summary.
    pub before: Option<&'a StoredSummary>,
    /// What the new summary was made from.
    pub stamp: Stamp,
    /// The new summary.
    pub summary: &'a Summary,
    /// The change of the sighting; `None` if it stays. Then who changes a summary has to look afterwards whether the sighting has stayed.
    pub sighting: Option<SightingChange<'a>>,
    /// What it makes wrong.
    pub stale: Stale,
}

impl Store {
    /// The summary at `place`, read consistently. A damaged one is empty: it is corrected when it is next recomputed.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if parts of the summary are missing.
    pub async fn summary(&self, place: &SummaryPlace) -> Result<Option<StoredSummary>, StoreError> {
        let (first, last) = (keys::summary(place, 0), keys::summary(place, 99));
        let items = self.between(&first.pk, Some((&first.sk, &last.sk)), Reading::Latest).await?;
        let mut joining = Joining::default();
        items.iter().for_each(|item| joining.add(item));
        let found = joining.finish()?.into_iter().next();
        Ok(found.map(|Encoded { stamp, parts, bytes, .. }| StoredSummary {
            stamp,
            parts,
            summary: wire::decode(&bytes).unwrap_or_default(),
        }))
    }

    /// Makes a change. If it is one of a single item, it is a write of that item, at half the price of a transaction of one.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if anything involved has changed since it was read; [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if
    /// the summary is too large to be stored.
    pub async fn change_summary(&self, change: &SummaryChange<'_>) -> Result<(), StoreError> {
        let bytes = wire::encode(change.summary);
        let parts: Vec<&[u8]> = bytes.chunks(PART).collect();
        if parts.len() > PARTS {
            return Err(StoreError::bug("summary of too many sessions"));
        }
        // Only the first part has a condition, on behalf of all: it is only written over what was read.
        let read = change.before.map_or(If::Absent, |before| If::MadeFrom(before.stamp));
        let mut writes = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let item = change.stamp.write(Item::at(keys::summary(change.place, number)));
            let item = item.bytes(BYTES, part.to_vec());
            let item = item.number(keys::TTL, change.place.shown.start().plus(LIFE).seconds());
            let item = if parts.len() > 1 { item.number("parts", parts.len() as i64) } else { item };
            writes.push(Write::Put(item, if number == 0 { read } else { If::Always }));
        }
        for number in parts.len()..change.before.map_or(0, |b| b.parts) {
            writes.push(Write::Delete(keys::summary(change.place, number), If::Always));
        }
        if let Some(sighting) = change.sighting {
            let SummaryPlace { uid, source, .. } = change.place;
            writes.extend(self.writes_of_sighting(uid, *source, sighting)?);
        }
        writes.extend(self.invalidations(change.place, &change.stale)?);
        self.write(writes).await
    }

    /// The places of a shard's summaries that are shown on a UTC day, in the buckets from `first` to `last`.
    pub async fn summary_places(
        &self,
        uid: &Uid,
        date: Date,
        shard: u8,
        (first, last): (Bucket, Bucket),
    ) -> Result<Vec<StandingSummary>, StoreError> {
        let (from, to) = keys::summaries_between(first, last);
        let pk = keys::summary_partition(uid, date, shard);
        let mut places = Vec::new();
        self.each_page(&pk, Some((&from, &to)), Reading::Latest, |page| {
            for item in &page {
                places.extend(standing(uid, item)?);
            }
            Ok(())
        })
        .await?;
        Ok(places)
    }

    /// Deletes a summary, and says what that makes wrong.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if it has been recomputed since it was read.
    pub async fn delete_summary(
        &self,
        place: &SummaryPlace,
        known: &StoredSummary,
        stale: &Stale,
    ) -> Result<(), StoreError> {
        let read = |number| if number == 0 { If::MadeFrom(known.stamp) } else { If::Always };
        let deletion = |number| Write::Delete(keys::summary(place, number), read(number));
        let writes = (0..known.parts).map(deletion).chain(self.invalidations(place, stale)?);
        self.transact(writes.collect()).await
    }

    /// A shard's summaries that are shown on a UTC day, in the buckets of `run`, inclusive.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if this release cannot read one of them, or parts are missing.
    pub async fn summaries(
        &self,
        uid: &Uid,
        date: Date,
        shard: u8,
        run: (Bucket, Bucket),
        reading: Reading,
        now: Timestamp,
    ) -> Result<Vec<(Bucket, SourceId, Summary)>, StoreError> {
        let found = self.encoded_summaries(uid, date, shard, run, reading, now).await?;
        let decode = |(shown, source, bytes): Stored| {
            Ok((shown, source, wire::decode(&bytes).map_err(|_| StoreError::unreadable("summary"))?))
        };
        found.into_iter().map(decode).collect()
    }

    /// As [`summaries`](Self::summaries), but encoded, for [`wire::visit`]: of many summaries only the bytes are in
    /// memory.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if parts of a summary are missing.
    pub async fn encoded_summaries(
        &self,
        uid: &Uid,
        date: Date,
        shard: u8,
        run: (Bucket, Bucket),
        reading: Reading,
        now: Timestamp,
    ) -> Result<Vec<Stored>, StoreError> {
        let found = self.whole_summaries(uid, date, shard, keys::summaries_between(run.0, run.1), reading).await?;
        let alive = found.into_iter().filter(|encoded| encoded.place.0.start().plus(LIFE) > now);
        Ok(alive.map(Encoded::stored).collect())
    }

    /// The same of a source in a bucket.
    ///
    /// # Errors
    /// See [`encoded_summaries`](Self::encoded_summaries).
    pub async fn encoded_summaries_of(
        &self,
        uid: &Uid,
        shown: Bucket,
        source: SourceId,
        reading: Reading,
    ) -> Result<Vec<Stored>, StoreError> {
        let (date, shard) = (keys::utc_date(shown), keys::shard(source));
        let found = self.whole_summaries(uid, date, shard, keys::summaries_of(shown, source), reading).await?;
        Ok(found.into_iter().map(Encoded::stored).collect())
    }

    /// What the headers of the packs sum up to that the summary was made from which begins with this item.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if this release cannot read it, or parts are missing.
    pub async fn traffic(&self, place: &SummaryPlace, first: &Item) -> Result<Traffic, StoreError> {
        if first.optional_number("parts").is_some() {
            return Ok(self.summary(place).await?.unwrap_or_default().summary.traffic);
        }
        let summary = wire::decode(first.required_bytes(BYTES)?).map_err(|_| StoreError::unreadable("summary"))?;
        Ok(summary.traffic)
    }

    async fn whole_summaries(
        &self,
        uid: &Uid,
        date: Date,
        shard: u8,
        (from, to): (String, String),
        reading: Reading,
    ) -> Result<Vec<Encoded>, StoreError> {
        let pk = keys::summary_partition(uid, date, shard);
        // A summary may have been rewritten between reading two of its parts; then everything is read again.
        for reading in [reading, Reading::Latest, Reading::Latest, Reading::Latest] {
            let mut joining = Joining::default();
            self.each_page(&pk, Some((&from, &to)), reading, |page| {
                page.iter().for_each(|item| joining.add(item));
                Ok(())
            })
            .await?;
            if let Ok(whole) = joining.finish() {
                return Ok(whole);
            }
        }
        Err(StoreError::unreadable("summary"))
    }
}
