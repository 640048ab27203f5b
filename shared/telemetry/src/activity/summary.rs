//! The summary of what one source did in a bucket, or in a day.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::dimensions::{Dimensions, Label};
use super::measure::{Measure, Numbers};
use super::series::{Piece, Series, join};
use crate::claude::vocabulary::Gate;
use model::bucket::Bucket;
use model::time::Millis;
use otlp::Signal;

/// When a session was seen within a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Time of its first record.
    pub first: Millis,
    /// Time of its last record.
    pub last: Millis,
}

impl Span {
    /// The span that covers both.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self { first: self.first.min(other.first), last: self.last.max(other.last) }
    }
}

/// The sum of the headers of packs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Traffic {
    /// Records accepted, by [`Signal::ALL`].
    pub accepted: [u64; 3],
    /// Records rejected from exports that were otherwise accepted, by [`Signal::ALL`].
    pub rejected: [u64; 3],
    /// Content values dropped, by [`Gate::ALL`].
    pub dropped: [u64; Gate::ALL.len()],
}

impl Traffic {
    /// Adds the counts of one header.
    pub fn add(&mut self, signal: Signal, header: &crate::pack::Header) {
        let index = signal as usize;
        self.accepted[index] += u64::from(header.accepted);
        self.rejected[index] += u64::from(header.rejected);
        self.dropped.iter_mut().zip(header.dropped).for_each(|(sum, n)| *sum += u64::from(n));
    }

    /// Replaces a former contribution to a sum by a new one.
    pub fn replace(&mut self, before: &Self, now: &Self) {
        for ((sum, before), now) in self.numbers_mut().zip(before.numbers()).zip(now.numbers()) {
            *sum = sum.saturating_sub(before).saturating_add(now);
        }
    }

    /// All numbers in stored order, mutable.
    pub fn numbers_mut(&mut self) -> impl Iterator<Item = &mut u64> {
        self.accepted.iter_mut().chain(&mut self.rejected).chain(&mut self.dropped)
    }

    /// All numbers in stored order.
    pub fn numbers(&self) -> impl Iterator<Item = u64> {
        self.accepted.into_iter().chain(self.rejected).chain(self.dropped)
    }
}

/// What one source did in a bucket, or in a day.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Summary {
    /// The counts, by their dimensions.
    pub rows: BTreeMap<Dimensions, Numbers>,
    /// Cumulative counters.
    pub series: BTreeMap<Series, Piece>,
    /// When each session was seen.
    pub sessions: BTreeMap<Arc<str>, Span>,
    /// The sum of the headers of its packs; empty in the summary of a day.
    pub traffic: Traffic,
}

/// A part of a summary. Reading part by part needs no memory for the whole.
#[derive(Debug)]
pub enum Part<'a> {
    /// The sum of the headers of its packs.
    Traffic(Traffic),
    /// A session and when it was seen.
    Session(&'a Arc<str>, Span),
    /// Dimensions and the counts for them.
    Row(&'a Dimensions, &'a Numbers),
    /// A cumulative counter.
    Series(&'a Series, Piece),
}

impl Summary {
    /// Passes all parts to `take`: traffic, sessions, rows, series.
    pub fn parts(&self, mut take: impl FnMut(Part<'_>)) {
        take(Part::Traffic(self.traffic));
        self.sessions.iter().for_each(|(session, span)| take(Part::Session(session, *span)));
        self.rows.iter().for_each(|(about, numbers)| take(Part::Row(about, numbers)));
        self.series.iter().for_each(|(series, piece)| take(Part::Series(series, *piece)));
    }

    /// Records that a session was seen.
    pub fn see(&mut self, session: &Label, span: Span) {
        let Some(session) = session else { return };
        match self.sessions.get_mut(session) {
            Some(known) => *known = known.with(span),
            None => {
                self.sessions.insert(session.clone(), span);
            }
        }
    }

    /// Whether the source sent an `api_request` event.
    #[must_use]
    pub fn has_requests(&self) -> bool {
        self.rows.values().any(|n| n[Measure::ApiRequests] > 0)
    }

    /// The summary of a day from a source's summaries of buckets. `requests_before` is the bucket before the day if the
    /// source sent `api_request` events in it. Together with the buckets of the day, this decides whether points
    /// without a session count for tokens that no event reported. Metrics are removed where events report the same.
    #[must_use]
    pub fn day(requests_before: Option<Bucket>, quarters: &[(Bucket, Self)]) -> Self {
        let mut day = Self::default();
        let mut pieces: BTreeMap<Series, Vec<Piece>> = BTreeMap::new();
        let mut requesting: BTreeSet<Bucket> = requests_before.into_iter().collect();
        requesting.extend(quarters.iter().filter(|(_, q)| q.has_requests()).map(|(bucket, _)| *bucket));
        for (bucket, quarter) in quarters {
            let counted_by_event = requesting.contains(bucket) || requesting.contains(&Bucket(bucket.0 - 1));
            for (about, numbers) in &quarter.rows {
                let mut numbers = *numbers;
                if about.session.is_none() {
                    let metric_estimates = numbers.take_metric_estimates();
                    if !counted_by_event {
                        numbers += &metric_estimates;
                    }
                }
                *day.rows.entry(about.clone()).or_default() += &numbers;
            }
            for (series, piece) in &quarter.series {
                pieces.entry(series.clone()).or_default().push(*piece);
            }
            for (session, span) in &quarter.sessions {
                day.see(&Some(session.clone()), *span);
            }
        }
        day.series = pieces.into_iter().filter_map(|(series, pieces)| Some((series, join(pieces)?))).collect();
        day.drop_double_counted();
        day
    }

    /// Removes tokens and cost reported by metrics from sessions whose events report them too.
    fn drop_double_counted(&mut self) {
        let requesting: BTreeSet<Label> =
            self.rows.iter().filter(|(_, n)| n[Measure::ApiRequests] > 0).map(|(d, _)| d.session.clone()).collect();
        for (about, numbers) in &mut self.rows {
            if about.session.is_some() && requesting.contains(&about.session) {
                numbers.take_metric_estimates();
            }
        }
        self.rows.retain(|_, numbers| !numbers.is_empty());
    }
}
