//! Which summaries the traffic of a sighting was counted from last, so that it can be counted again without being counted twice.

use serde::{Deserialize, Serialize};

use super::Sighting;
use crate::activity::summary::Traffic;
use model::bucket::Bucket;
use model::time::{SignedDuration, Timestamp};

/// How many summaries are known one by one that may change without being counted.
const OPEN: usize = 2;
/// How many are known in all. Whoever sends many buckets at once would otherwise make a sighting as large as it likes.
const MOST: usize = 8;
/// How long a summary is settled after everybody was told to count its changes. Longer than any projection takes that was not told.
const SETTLING: SignedDuration = SignedDuration::from_mins(10);

/// Where a summary stands: the claimed and the shown bucket.
pub type Place = (Bucket, Bucket);

/// What was counted of one summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    claimed: i64,
    shown: i64,
    traffic: Traffic,
    /// Since when every change of it has to be counted at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    closing: Option<i64>,
}

impl Counted {
    /// Where the summary stands.
    #[must_use]
    pub fn place(&self) -> Place {
        (Bucket(self.claimed), Bucket(self.shown))
    }

    /// Takes what the summary itself says for what was counted of it, and gives what was.
    pub(super) fn take_over(&mut self, traffic: Traffic) -> Traffic {
        std::mem::replace(&mut self.traffic, traffic)
    }
}

impl Sighting {
    /// Whether it is remembered what was counted of the summary.
    #[must_use]
    pub fn has_counted(&self, place: Place) -> bool {
        self.counted.iter().any(|counted| counted.place() == place)
    }

    /// Whether the summary may change without being counted: what is remembered of it is taken by who counts it next. A summary that is
    /// about to be settled may not: nobody would count what came between.
    #[must_use]
    pub fn is_open(&self, place: Place) -> bool {
        self.counted.iter().any(|counted| counted.place() == place && counted.closing.is_none())
    }

    /// Counts the traffic of a summary in place of what was counted of it before: that is known for those that are remembered, and was
    /// `before` for all others.
    pub fn count(&mut self, place: Place, before: &Traffic, now: &Traffic) {
        let known = self.counted.iter_mut().find(|counted| counted.place() == place);
        let before = known.map_or(*before, |counted| {
            // Who counts it changes it afterwards.
            counted.closing = None;
            counted.take_over(*now)
        });
        self.traffic.replace(&before, now);
        if let Some(recount) = &mut self.recount {
            recount.count(place, &before, now);
        }
    }

    /// Remembers from now on what is counted of a summary, of which `counted` has been, if there is room. Where there is none, it has to
    /// be counted whenever it changes, and together with it.
    pub fn remember(&mut self, place: Place, counted: &Traffic) {
        if !self.has_counted(place) && self.counted.len() < MOST {
            self.counted.push(Counted { claimed: place.0.0, shown: place.1.0, traffic: *counted, closing: None });
        }
    }

    /// Tells everybody to count the changes of all summaries but the last ones at once, so that they can be settled later.
    pub fn close(&mut self, now: Timestamp) {
        let closing = self.counted.len().saturating_sub(OPEN);
        for counted in &mut self.counted[..closing] {
            counted.closing.get_or_insert(now.0);
        }
    }

    /// A summary that can be settled at `now`, because nobody changes it any more without counting it: see [`Self::settle`].
    #[must_use]
    pub fn to_be_settled(&self, now: Timestamp) -> Option<Place> {
        let is_due = |counted: &&Counted| counted.closing.is_some_and(|since| Timestamp(since).plus(SETTLING) <= now);
        self.counted.iter().find(is_due).map(Counted::place)
    }

    /// Counts a summary for the last time, by what it says itself; `None` if it is gone.
    pub fn settle(&mut self, place: Place, traffic: Option<&Traffic>) {
        if let Some(traffic) = traffic {
            self.count(place, traffic, traffic);
        }
        self.counted.retain(|counted| counted.place() != place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traffic(records: u64) -> Traffic {
        Traffic { accepted: [records, 0, 0], ..Traffic::default() }
    }

    fn place(bucket: i64) -> Place {
        (Bucket(bucket), Bucket(bucket))
    }

    #[test]
    fn a_summary_counts_once_however_often_it_is_counted_and_whatever_was_left_out_in_between() {
        let mut sighting = Sighting::default();
        sighting.count(place(0), &traffic(0), &traffic(5));
        sighting.count(place(0), &traffic(5), &traffic(0));
        assert_eq!(
            (sighting.traffic, sighting.has_counted(place(0))),
            (traffic(0), false),
            "by what is said of before"
        );
        for bucket in [1, 1] {
            sighting.remember(place(bucket), &traffic(0));
        }
        sighting.count(place(1), &traffic(0), &traffic(5));
        sighting.count(place(1), &traffic(5), &traffic(5));
        // It grew to 7, and nobody counted; by what is known of it, 5 go and 9 come.
        sighting.count(place(1), &traffic(7), &traffic(9));
        assert_eq!(sighting.traffic, traffic(9));
        sighting.remember(place(2), &traffic(0));
        sighting.count(place(2), &traffic(0), &traffic(1));
        sighting.close(Timestamp(0));
        assert_eq!((sighting.traffic, sighting.to_be_settled(Timestamp(i64::MAX))), (traffic(10), None));
        sighting.remember(place(3), &traffic(0));
        sighting.count(place(3), &traffic(0), &traffic(1));
        sighting.close(Timestamp(7));
        assert_eq!(sighting.to_be_settled(Timestamp(7).plus(SETTLING)), Some(place(1)));
        sighting.settle(place(1), Some(&traffic(12)));
        assert_eq!((sighting.traffic, sighting.to_be_settled(Timestamp(i64::MAX))), (traffic(14), None));
        // From now on it is as the summary says.
        sighting.count(place(1), &traffic(12), &traffic(13));
        assert_eq!(sighting.traffic, traffic(15));
        sighting.settle(place(2), None);
        assert_eq!(sighting.traffic, traffic(15), "what is gone was counted as it was");
    }

    /// With the summaries 1 to 3 counted as one record each.
    fn three() -> Sighting {
        let mut sighting = Sighting::default();
        for bucket in 1..=3 {
            sighting.remember(place(bucket), &traffic(0));
            sighting.count(place(bucket), &traffic(0), &traffic(1));
        }
        sighting
    }

    #[test]
    fn a_summary_is_settled_only_after_everybody_had_to_count_it_for_longer_than_a_projection_takes() {
        let mut sighting = three();
        assert!((1..=3).all(|bucket| sighting.is_open(place(bucket))));
        sighting.close(Timestamp(0));
        assert_eq!([1, 2, 3].map(|bucket| sighting.is_open(place(bucket))), [false, true, true]);
        sighting.close(Timestamp(-1).plus(SETTLING));
        assert_eq!(sighting.to_be_settled(Timestamp(-1).plus(SETTLING)), None);
        assert_eq!(sighting.to_be_settled(Timestamp(0).plus(SETTLING)), Some(place(1)));
        // Who counts it puts it only afterwards.
        sighting.count(place(1), &traffic(1), &traffic(2));
        sighting.close(Timestamp(0).plus(SETTLING));
        assert_eq!(sighting.to_be_settled(Timestamp(-1).plus(2 * SETTLING)), None);
        assert_eq!(sighting.to_be_settled(Timestamp(0).plus(2 * SETTLING)), Some(place(1)));
    }

    #[test]
    fn no_more_summaries_are_remembered_than_there_is_room_for() {
        let mut sighting = Sighting::default();
        (0..100).for_each(|bucket| sighting.remember(place(bucket), &traffic(0)));
        assert_eq!(sighting.counted.len(), MOST);
        assert!(!sighting.has_counted(place(99)));
    }
}
