//! A summary to which records are added in any order, and an estimate of its size.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::dimensions::{Dimensions, Label};
use super::measure::Measure;
use super::series::{Piece, Series, join};
use super::summary::{Span, Summary};
use crate::pack::Header;
use model::time::Millis;
use otlp::Signal;

/// Size of a stored row without its labels, in bytes: references to them, and the numbers of a full row.
const ROW: usize = 128;
/// Size of a stored session, likewise.
const SESSION: usize = 24;
/// Size of a stored cumulative counter, likewise.
const SERIES: usize = 96;
/// Size of one value of a cumulative counter, kept until all values are there.
const POINT: usize = 16;

/// A summary under construction.
#[derive(Debug, Default)]
pub struct Growing {
    summary: Summary,
    /// The values of cumulative counters; differences are taken once all are there.
    points: BTreeMap<Series, Vec<(Millis, i64)>>,
    /// Each label once, however many rows use it.
    labels: HashSet<Arc<str>>,
    size: usize,
}

impl Growing {
    /// Adds the counts of a pack's header.
    pub fn header(&mut self, signal: Signal, header: &Header) {
        self.summary.traffic.add(signal, header);
    }

    /// Adds to a number of a row.
    pub fn add(&mut self, about: &Dimensions, measure: Measure, amount: i64) {
        if amount == 0 {
            return;
        }
        if let Some(row) = self.summary.rows.get_mut(about) {
            return row.add(measure, amount);
        }
        let about = self.interned(about.clone());
        self.size += ROW;
        self.summary.rows.entry(about).or_default().add(measure, amount);
    }

    /// Records that a session was seen.
    pub fn see(&mut self, session: &Label, span: Span) {
        let Some(session) = session else { return };
        if let Some(known) = self.summary.sessions.get_mut(session) {
            *known = known.with(span);
            return;
        }
        let session = self.label(session);
        self.size += SESSION;
        self.summary.sessions.insert(session, span);
    }

    /// Records a value of a cumulative counter.
    pub fn point(&mut self, series: Series, time: Millis, value: i64) {
        self.size += POINT;
        if let Some(points) = self.points.get_mut(&series) {
            return points.push((time, value));
        }
        self.size += SERIES;
        let series = Series { about: self.interned(series.about), ..series };
        self.points.insert(series, vec![(time, value)]);
    }

    /// An upper estimate of the stored size in bytes, assuming that nothing compresses.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The finished summary. The values of a counter are ordered by time first: in any other order they would show
    /// gains that never happened.
    #[must_use]
    pub fn finish(self) -> Summary {
        let mut summary = self.summary;
        let joined = self.points.into_iter().filter_map(|(series, points)| {
            let pieces = points.into_iter().map(|(time, value)| Piece::of(time, value)).collect();
            Some((series, join(pieces)?))
        });
        summary.series = joined.collect();
        summary
    }

    fn interned(&mut self, mut about: Dimensions) -> Dimensions {
        for label in about.labels_mut().into_iter().flatten() {
            let known = self.label(label);
            *label = known;
        }
        about
    }

    fn label(&mut self, text: &Arc<str>) -> Arc<str> {
        if let Some(known) = self.labels.get(text) {
            return known.clone();
        }
        self.size += text.len();
        self.labels.insert(text.clone());
        text.clone()
    }
}
