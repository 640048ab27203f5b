//! How much an organisation grew within an hour, and what becomes of one that is over its limits: a mark in the items of its tokens,
//! which ingest reads anyway, so that a limit costs no read.
//!
//! What counts is what a projection changed: a source that was never seen before, and by how much the summaries have more records.
//! A repeated or reordered stream batch changes nothing and so counts nothing. It is counted by the hour of arrival and by the
//! token, so that a rotation makes an end of it, and a backlog is not taken for a flood. A process carries what is less than a
//! thousandth of a limit to the next batch, so that an organisation far below its limits costs no write.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use model::organisation::{Limits, Organisation, Uid};
use model::time::{HOUR, Timestamp};
use store::hours::{Grown, HourKey};
use store::marks::Over;
use store::{Store, StoreError};
use telemetry::activity::summary::Traffic;
use telemetry::claude::source::SourceId;
use telemetry::sighting::Full;

/// The part of a limit that is not worth a write.
const PART: u64 = 1_000;

/// By how much a projection made an organisation grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Growth {
    /// When what it was made from arrived last.
    at: Timestamp,
    /// The generation of the token that came with.
    generation: u32,
    grown: Grown,
}

impl Growth {
    pub(super) fn new(at: Timestamp, generation: u32, is_new: bool) -> Self {
        Self { at, generation, grown: Grown { people: u64::from(is_new), records: 0 } }
    }

    /// Counts what a summary says more than before.
    pub(super) fn add(&mut self, before: Option<&Traffic>, after: &Traffic) {
        let sum = |traffic: &Traffic| traffic.accepted.iter().fold(0_u64, |sum, n| sum.saturating_add(*n));
        let more = sum(after).saturating_sub(before.map_or(0, sum));
        self.grown.records = self.grown.records.saturating_add(more);
    }
}

/// What one process counted and did not write yet. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Hours {
    open: Arc<Mutex<BTreeMap<(Uid, HourKey), Grown>>>,
}

impl Hours {
    /// Counts what an organisation grew, at `now`, and marks the tokens with which more came than may.
    ///
    /// # Errors
    /// The database failed; what was not written is carried.
    pub async fn count(
        &self,
        store: &Store,
        organisation: &Organisation,
        growths: &[Growth],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (uid, limits) = (&organisation.uid, &organisation.settings.limits);
        for (hour, grown) in self.due(uid, limits, growths, now) {
            let total = match store.grow_hour(uid, hour, grown).await {
                Ok(total) => total,
                Err(error) => {
                    self.carry(uid, hour, grown);
                    return Err(error);
                }
            };
            let until = hour.start().plus(HOUR);
            if let Some(passed) = over(&total, limits).filter(|_| until > now) {
                let before = Grown {
                    people: total.people.saturating_sub(grown.people),
                    records: total.records.saturating_sub(grown.records),
                };
                if over(&before, limits).is_none() {
                    tracing::warn!(uid = %uid, generation = hour.generation, people = total.people, records = total.records,
                        "an organisation is over its limits until the end of the hour");
                }
                store.mark_limited(uid, hour.generation, passed, until).await?;
            }
        }
        Ok(())
    }

    /// What is worth a write.
    fn due(&self, uid: &Uid, limits: &Limits, growths: &[Growth], now: Timestamp) -> Vec<(HourKey, Grown)> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for growth in growths {
            let hour = HourKey { hour: growth.at.count(HOUR), generation: growth.generation };
            *open.entry((uid.clone(), hour)).or_default() += growth.grown;
        }
        let is_due = |key: &(Uid, HourKey), grown: &Grown| key.0 == *uid && matters(grown, limits);
        let due: Vec<_> = open.extract_if(.., |key, grown| is_due(key, grown)).collect();
        let this_hour = now.count(HOUR);
        open.retain(|(_, key), _| key.hour >= this_hour - 1);
        due.into_iter().map(|((_, hour), grown)| (hour, grown)).collect()
    }

    fn carry(&self, uid: &Uid, hour: HourKey, grown: Grown) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        *open.entry((uid.clone(), hour)).or_default() += grown;
    }
}

/// Whether it is a part of a limit that matters.
fn matters(grown: &Grown, limits: &Limits) -> bool {
    let is_part = |grown: u64, limit: u64| grown > 0 && grown.saturating_mul(PART) >= limit;
    is_part(grown.people, limits.new_people_per_hour.into()) || is_part(grown.records, limits.records_per_hour)
}

/// Which limit it is over.
#[must_use]
pub fn over(grown: &Grown, limits: &Limits) -> Option<Over> {
    if grown.people > limits.new_people_per_hour.into() {
        Some(Over::People)
    } else if grown.records > limits.records_per_hour {
        Some(Over::Records)
    } else {
        None
    }
}

/// Marks buckets that are full in the organisation's good tokens, so that ingest takes nothing more of them. Too many of them
/// at a time are the work of somebody who means it: then nothing is taken with the tokens until the hour is over.
pub async fn close_full(
    store: &Store,
    organisation: &Organisation,
    full: &[(SourceId, Full)],
    now: Timestamp,
) -> Result<(), StoreError> {
    let buckets: Vec<_> = full.iter().map(|(source, full)| (*source, full.claimed)).collect();
    for (source, bucket) in &buckets {
        tracing::warn!(uid = %organisation.uid, source = source.encoded(), bucket = bucket.0, "a bucket is full");
    }
    let generations: Vec<u32> = full.iter().map(|(_, full)| full.generation).collect();
    store.mark_full(&organisation.uid, &buckets, &generations, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(at: i64, people: u64, records: u64) -> Growth {
        Growth { at: Timestamp(at), generation: 1, grown: Grown { people, records } }
    }

    #[test]
    fn what_is_far_below_the_limits_is_carried_until_it_matters() {
        let (hours, uid, limits) = (Hours::default(), Uid::from_random([1; 12]), Limits::default());
        let due = |growths: &[Growth], now: i64| hours.due(&uid, &limits, growths, Timestamp(now));
        assert_eq!(due(&[growth(0, 4, 100)], 0), []);
        let hour = HourKey { hour: 0, generation: 1 };
        assert_eq!(due(&[growth(1, 1, 100)], 1), [(hour, Grown { people: 5, records: 200 })]);
        assert_eq!(due(&[growth(1, 0, 19_999)], 1), []);
        assert_eq!(due(&[growth(2, 0, 1)], 2), [(hour, Grown { people: 0, records: 20_000 })]);
        assert_eq!(due(&[growth(3, 1, 1)], 3), []);
        let later = Timestamp::after(3, HOUR).0;
        assert_eq!(due(&[growth(later, 4, 1)], later), [], "what did not matter in its hour is forgotten");
        let other = Uid::from_random([2; 12]);
        assert_eq!(hours.due(&other, &limits, &[growth(later, 1, 1)], Timestamp(later)), []);
    }

    #[test]
    fn a_limit_is_what_may_be_reached_and_not_passed() {
        let limits = Limits { new_people_per_hour: 10, records_per_hour: 100, accept_late_days: 7 };
        assert_eq!(over(&Grown { people: 10, records: 100 }, &limits), None);
        assert_eq!(over(&Grown { people: 11, records: 100 }, &limits), Some(Over::People));
        assert_eq!(over(&Grown { people: 10, records: 101 }, &limits), Some(Over::Records));
    }

    #[test]
    fn records_are_counted_by_which_the_summaries_grow() {
        let traffic = |logs, metrics| Traffic { accepted: [logs, metrics, 0], ..Traffic::default() };
        let mut growth = Growth::new(Timestamp(0), 1, true);
        growth.add(None, &traffic(5, 0));
        growth.add(Some(&traffic(5, 2)), &traffic(9, 2));
        growth.add(Some(&traffic(9, 2)), &traffic(1, 2));
        assert_eq!(growth.grown, Grown { people: 1, records: 9 });
    }
}
