//! Cumulative counters, for clients configured to count since their start rather than since their last export.
//!
//! A summary keeps what is needed of each series to take differences later, across summaries in order of claimed time:
//! the first and the last value, and the increase between them. So neither the order of arrival nor lateness matters. A
//! value lower than its predecessor is a counter that restarted at zero.

use super::dimensions::Dimensions;
use super::measure::Measure;
use super::money::Money;
use model::bucket::Bucket;
use model::time::Timestamp;

/// The most buckets that a counter is followed back by the interval of a point: a month of them.
pub(super) const FURTHEST: u32 = 31 * 24 * 4;

/// A cumulative counter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Series {
    /// Its dimensions.
    pub about: Dimensions,
    /// What it counts.
    pub measure: Measure,
    /// When counting started; a client that was restarted has a new series.
    pub start: Timestamp,
    /// Digest of all attributes of its points, since series can differ in attributes that are no dimensions.
    pub labels: [u8; 8],
}

impl Series {
    /// What a counter of tokens or cost gained between a piece and the first value of the one that follows it in `bucket`, and how
    /// many buckets back the earlier one lies. `None` if that is nothing, or lies within the bucket.
    #[must_use]
    pub fn gap(&self, bucket: Bucket, before: Option<&Piece>, piece: &Piece) -> Option<(Money, u32)> {
        let gained = gain(before.map_or(0, |before| before.last), piece.first);
        let money = Money::of_metric(self.measure, gained).filter(|money| !money.is_empty())?;
        if before.is_none() && self.begins_in(piece.from) {
            return None;
        }
        let since = before.map_or(self.start, |before| before.to);
        let buckets = bucket.0.saturating_sub(Bucket::of(since).0);
        let reach = u32::try_from(buckets).ok().filter(|buckets| (1..=FURTHEST).contains(buckets));
        Some((money, reach.unwrap_or(1)))
    }

    /// Whether it counts tokens or cost.
    #[must_use]
    pub fn is_money(&self) -> bool {
        Money::of_metric(self.measure, 0).is_some()
    }

    /// Whether it started in the bucket of a time.
    #[must_use]
    pub fn begins_in(&self, time: Timestamp) -> bool {
        Bucket::of(self.start) == Bucket::of(time)
    }
}

/// What one summary keeps of a series. Values are whole numbers in the unit of the measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Time of the first value.
    pub from: Timestamp,
    /// Time of the last value.
    pub to: Timestamp,
    /// The first value.
    pub first: i64,
    /// The last value.
    pub last: i64,
    /// The increase between the two.
    pub gained: i64,
}

impl Piece {
    /// The piece consisting of one point.
    #[must_use]
    pub fn of(time: Timestamp, value: i64) -> Self {
        Self { from: time, to: time, first: value, last: value, gained: 0 }
    }

    /// This piece followed by a later one.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            from: self.from,
            to: later.to,
            first: self.first,
            last: later.last,
            gained: self.gained.saturating_add(gain(self.last, later.first)).saturating_add(later.gained),
        }
    }

    /// The increase since `before`, the last value of the series before this piece, if known.
    #[must_use]
    pub fn since(&self, before: Option<i64>) -> i64 {
        gain(before.unwrap_or(0), self.first).saturating_add(self.gained)
    }
}

/// The increase of a counter from `before` to `after`.
pub(super) fn gain(before: i64, after: i64) -> i64 {
    if after >= before { after.saturating_sub(before) } else { after }
}

/// Joins pieces into one, in order of time.
#[must_use]
pub fn join(mut pieces: Vec<Piece>) -> Option<Piece> {
    pieces.sort_by_key(|p| (p.from, p.to, p.first));
    pieces.into_iter().reduce(Piece::then)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[i64]) -> Vec<Piece> {
        values.iter().enumerate().map(|(i, v)| Piece::of(Timestamp(i as i64), *v)).collect()
    }

    #[test]
    fn a_counter_counts_what_it_gained_and_begins_again_after_a_reset() {
        let joined = join(points(&[5, 9, 9, 3, 7])).unwrap();
        assert_eq!(joined.since(None), 16, "9 before the reset, 7 after it");
        assert_eq!(joined.since(Some(4)), 12);
        assert_eq!(joined.since(Some(6)), 16, "6 was before a reset");
    }

    #[test]
    fn it_does_not_matter_how_points_are_split_or_in_which_order_they_come() {
        let all = points(&[2, 3, 8, 1, 1, 6, 9]);
        let whole = join(all.clone()).unwrap();
        for split in 1..all.len() {
            let (early, late) = all.split_at(split);
            let parts = vec![join(late.to_vec()).unwrap(), join(early.iter().rev().copied().collect()).unwrap()];
            assert_eq!(join(parts).unwrap(), whole);
        }
    }
}
