//! The summary of what one source did in a bucket, or in a day.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::dimensions::{Dimensions, Label};
use super::late::{Spare, looked_back_to};
use super::matching::{Claim, Offer, Subject, explain};
use super::measure::Numbers;
use super::money::Money;
use super::reported::{Comparison, Unexplained};
use super::series::{FURTHEST, Piece, Series};
use super::session::{Began, Requests, SessionKey, Worked};
use crate::claude::vocabulary::Gate;
use model::bucket::Bucket;
use model::time::Timestamp;
use otlp::Signal;

/// When a session was seen within a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Time of its first record.
    pub first: Timestamp,
    /// Time of its last record.
    pub last: Timestamp,
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
    /// What events and delta counters say of the same tokens and cost. Its amounts are not in [`rows`](Self::rows).
    pub comparison: Comparison,
    /// When each session was seen.
    pub sessions: BTreeMap<Arc<str>, Span>,
    /// The sum of the headers of its packs; empty in the summary of a day.
    pub traffic: Traffic,
}

/// A part of a summary, or of the [outline](super::outline) of a day. Reading part by part needs no memory for the whole.
#[derive(Debug)]
pub enum Part<'a> {
    /// The sum of the headers of its packs.
    Traffic(Traffic),
    /// A session and when it was seen.
    Session(&'a Arc<str>, Span),
    /// Tokens and cost of a session and model that metrics of the same summary repeat.
    Explained(&'a Subject, Money),
    /// Those of them that only a counter's gain since the bucket before can repeat.
    Head(&'a Subject, Money),
    /// Dimensions and the counts for them.
    Row(&'a Dimensions, &'a Numbers),
    /// Of an outline: a session that was seen.
    Began(SessionKey, Began),
    /// Of an outline: who is named in a row, and its tokens and cost that metrics of the same day do not repeat.
    Left(&'a Label, &'a Requests, Money),
    /// Of an outline: dimensions, the counts for them, and the sessions of which they are.
    Outlined(&'a Dimensions, &'a Numbers, &'a Worked),
    /// Tokens and cost that metrics report beyond the events of the same summary.
    Unexplained(&'a Unexplained, Money),
    /// A cumulative counter.
    Series(&'a Series, Piece),
}

impl Summary {
    /// Passes all parts to `take`: traffic, sessions, what is explained, rows, what is not, series.
    pub fn parts(&self, mut take: impl FnMut(Part<'_>)) {
        take(Part::Traffic(self.traffic));
        self.sessions.iter().for_each(|(session, span)| take(Part::Session(session, *span)));
        self.comparison.explained.iter().for_each(|(subject, money)| take(Part::Explained(subject, *money)));
        self.comparison.heads.iter().for_each(|(subject, money)| take(Part::Head(subject, *money)));
        self.rows.iter().for_each(|(about, numbers)| take(Part::Row(about, numbers)));
        self.comparison.unexplained.iter().for_each(|(what, money)| take(Part::Unexplained(what, *money)));
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

    /// The first bucket that [is looked at](looked_back_to) for the points of this summary, if it is the summary of `bucket`.
    #[must_use]
    pub fn looks_back_to(&self, bucket: Bucket) -> Bucket {
        let points = self.comparison.unexplained.keys().map(|unexplained| unexplained.reach);
        let counters = self.series.iter().filter(|(series, _)| series.is_money()).map(|(series, piece)| {
            let buckets = bucket.0.saturating_sub(Bucket::of(series.start).0);
            if series.begins_in(piece.from) { 0 } else { u32::try_from(buckets).unwrap_or(1).min(FURTHEST) }
        });
        looked_back_to(bucket, bucket.0 - i64::from(points.chain(counters).max().unwrap_or_default()))
    }

    /// Compares what events and metrics report of tokens and cost in its rows, where that was not done by time: in summaries that
    /// an earlier release wrote.
    pub(super) fn compare(&mut self) {
        let (mut offers, mut claims, mut abouts) = (Vec::new(), Vec::new(), Vec::new());
        for (about, numbers) in &mut self.rows {
            let (by_events, by_metrics) = (Money::of_events(numbers), Money::take_of_metrics(numbers));
            let subject = Subject::of(about);
            if !by_events.is_empty() {
                offers.push(Offer { at: 0, subject: subject.clone(), left: by_events });
            }
            if !by_metrics.is_empty() {
                claims.push(Claim { interval: (0, 0), subject, slack: 0, left: by_metrics });
                abouts.push(about.clone());
            }
        }
        let had: Vec<Money> = offers.iter().map(|offer| offer.left).collect();
        explain(&mut offers, &mut claims);
        for (Offer { subject, left, .. }, mut explained) in offers.into_iter().zip(had) {
            explained -= left;
            if !explained.is_empty() {
                *self.comparison.explained.entry(subject).or_default() += explained;
            }
        }
        for (about, claim) in abouts.into_iter().zip(claims).filter(|(_, claim)| !claim.left.is_empty()) {
            *self.comparison.unexplained.entry(Unexplained { about, reach: 1 }).or_default() += claim.left;
        }
        self.rows.retain(|_, numbers| !numbers.is_empty());
    }

    /// What events reported and points of the same summary did not repeat.
    pub fn spare(&self, bucket: Bucket) -> impl Iterator<Item = Spare> {
        let mut sums: BTreeMap<Subject, Money> = BTreeMap::new();
        for (about, numbers) in &self.rows {
            let reported = Money::of_events(numbers);
            if !reported.is_empty() {
                let subject = Subject::of(about);
                *sums.entry(subject).or_default() += reported;
            }
        }
        for (subject, explained) in &self.comparison.explained {
            if let Some(sum) = sums.get_mut(subject) {
                *sum -= *explained;
            }
        }
        let left = sums.into_iter().filter(|(_, left)| !left.is_empty());
        left.map(move |(subject, left)| Spare { bucket, subject, left })
    }
}
