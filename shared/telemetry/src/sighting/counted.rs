//! Which summaries the traffic of a sighting was counted from last, so that it can be counted again without being counted twice.

use serde::{Deserialize, Serialize};

use super::Sighting;
use crate::activity::summary::Traffic;
use model::bucket::Bucket;

/// How many summaries are known one by one. Between a change of the first and the last of them are quarter hours, longer than any
/// projection takes.
const KNOWN: usize = 2;

/// Where a summary stands: the claimed and the shown bucket.
pub type Place = (Bucket, Bucket);

/// What was counted of one summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    claimed: i64,
    shown: i64,
    traffic: Traffic,
}

impl Counted {
    /// Where the summary stands.
    #[must_use]
    pub fn place(&self) -> Place {
        (Bucket(self.claimed), Bucket(self.shown))
    }
}

impl Sighting {
    /// Whether it is remembered what was counted of the summary.
    #[must_use]
    pub fn has_counted(&self, place: Place) -> bool {
        self.counted.iter().any(|counted| counted.place() == place)
    }

    /// Counts the traffic of a summary in place of what was counted of it before: that is known for those that are remembered, and was
    /// `before` for all others.
    pub fn count(&mut self, place: Place, before: &Traffic, now: &Traffic) {
        let known = self.counted.iter_mut().find(|counted| counted.place() == place);
        let before = known.map_or(*before, |counted| std::mem::replace(&mut counted.traffic, *now));
        self.traffic.replace(&before, now);
    }

    /// Remembers from now on what is counted of a summary, of which `counted` has been.
    pub fn remember(&mut self, place: Place, counted: &Traffic) {
        if !self.has_counted(place) {
            self.counted.push(Counted { claimed: place.0.0, shown: place.1.0, traffic: *counted });
        }
    }

    /// The summary that has to be settled, because others have been counted since: see [`Self::settle`].
    #[must_use]
    pub fn to_be_settled(&self) -> Option<Place> {
        (self.counted.len() > KNOWN).then(|| self.counted[0].place())
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
        assert_eq!((sighting.traffic, sighting.to_be_settled()), (traffic(10), None));
        sighting.remember(place(3), &traffic(0));
        sighting.count(place(3), &traffic(0), &traffic(1));
        assert_eq!(sighting.to_be_settled(), Some(place(1)));
        sighting.settle(place(1), Some(&traffic(12)));
        assert_eq!((sighting.traffic, sighting.to_be_settled()), (traffic(14), None));
        // From now on it is as the summary says.
        sighting.count(place(1), &traffic(12), &traffic(13));
        assert_eq!(sighting.traffic, traffic(15));
        sighting.settle(place(2), None);
        assert_eq!(sighting.traffic, traffic(15), "what is gone was counted as it was");
    }
}
