//! A summary to which records are added in any order, and an estimate of its size.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::dimensions::{Dimension, Dimensions, Label};
use super::measure::{Measure, Numbers};
use super::money::Money;
use super::prompts::Prompts;
use super::reported::Reported;
use super::series::{Piece, Series, gain, join};
use super::summary::{Span, Summary};
use crate::pack::Header;
use model::time::Timestamp;
use otlp::Signal;

/// Size of a stored row without its labels, in bytes: references to them, and the numbers of a full row.
const ROW: usize = 160;
/// Size of a stored session, likewise.
const SESSION: usize = 24;
/// Size of a stored cumulative counter, likewise.
const SERIES: usize = 96;
/// Size of one value of a cumulative counter, kept until all values are there.
const POINT: usize = 16;
/// Size of what the event of a request or a point reports, kept until all of them are there.
const REPORT: usize = 48;

/// A value of a cumulative counter.
#[derive(Debug, Clone, Copy)]
struct Point {
    shown: Timestamp,
    claimed: Timestamp,
    value: i64,
}

/// A summary under construction.
#[derive(Debug, Default)]
pub struct Growing {
    summary: Summary,
    /// The values of cumulative counters; differences are taken once all are there.
    points: BTreeMap<Series, Vec<Point>>,
    /// Tokens and cost of events and metrics; compared once all are there.
    reported: Reported,
    /// Prompts; who wrote them is known once all are there.
    prompts: Prompts,
    /// Each label once, however many rows use it.
    labels: HashSet<Arc<str>>,
    size: usize,
}

impl Growing {
    /// Adds the counts of a pack's header.
    pub fn header(&mut self, signal: Signal, header: &Header) {
        self.summary.traffic.add(signal, header);
    }

    /// Adds to the numbers of a row.
    pub fn count(&mut self, about: &Dimensions, numbers: &Numbers) {
        if numbers.is_empty() {
            return;
        }
        if let Some(row) = self.summary.rows.get_mut(about) {
            *row += numbers;
            return;
        }
        let about = self.interned(about.clone());
        self.size += ROW;
        *self.summary.rows.entry(about).or_default() += numbers;
    }

    /// Adds to a number of a row.
    pub fn add(&mut self, about: &Dimensions, measure: Measure, amount: i64) {
        let mut numbers = Numbers::default();
        numbers.add(measure, amount);
        self.count(about, &numbers);
    }

    /// Records a prompt that was counted `times` in the row of `about`.
    pub fn prompt(&mut self, time: Timestamp, about: &Dimensions, times: i64) {
        self.size += REPORT;
        let about = self.interned(about.clone());
        self.prompts.prompt(time, &about, times);
    }

    /// Records the end of a subagent in the background.
    pub fn end_of_subagent(&mut self, time: Timestamp, about: &Dimensions, times: i64) {
        self.size += REPORT;
        let about = self.interned(about.clone());
        self.prompts.end(time, &about, times);
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

    /// Records tokens and cost that the event of a request reports.
    pub fn request(&mut self, time: Timestamp, about: &Dimensions, money: Money) {
        self.size += REPORT;
        let session = self.shared(&about[Dimension::Session]);
        let model = self.shared(&about[Dimension::Model]);
        self.reported.request(time, &session, &model, money);
    }

    /// Records tokens or cost that a point of a delta counter reports of the time from `start` to `end`.
    pub fn report(&mut self, (start, end): (Timestamp, Timestamp), about: &Dimensions, money: Money) {
        self.size += REPORT;
        let about = self.interned(about.clone());
        self.reported.point((start, end), about, money);
    }

    /// Records a value of a cumulative counter, which the client dates to `claimed`.
    pub fn point(&mut self, series: Series, (shown, claimed): (Timestamp, Timestamp), value: i64) {
        let point = Point { shown, claimed, value };
        self.size += POINT;
        if let Some(points) = self.points.get_mut(&series) {
            return points.push(point);
        }
        self.size += SERIES;
        let series = Series { about: self.interned(series.about), ..series };
        self.points.insert(series, vec![point]);
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
        let Self { mut summary, mut reported, prompts, .. } = self;
        for (about, times) in prompts.of_the_client() {
            if let Some(row) = summary.rows.get_mut(&about) {
                row.add(Measure::Prompts, -times);
            }
        }
        for (series, mut points) in self.points {
            points.sort_by_key(|point| (point.shown, point.value));
            report_gains(&mut reported, &series, &points);
            let pieces = points.into_iter().map(|point| Piece::of(point.shown, point.value)).collect();
            if let Some(piece) = join(pieces) {
                summary.series.insert(series, piece);
            }
        }
        summary.comparison = reported.compare();
        summary
    }

    fn interned(&mut self, mut about: Dimensions) -> Dimensions {
        for label in about.labels_mut().iter_mut().flatten() {
            let known = self.label(label);
            *label = known;
        }
        about
    }

    fn shared(&mut self, label: &Label) -> Label {
        label.as_ref().map(|text| self.label(text))
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

/// What a counter of tokens or cost gained between its values is reported like by points of a delta counter.
fn report_gains(reported: &mut Reported, series: &Series, points: &[Point]) {
    let mut before = None;
    for point in points {
        let since = match before {
            Some((time, value)) => Some((time, gain(value, point.value))),
            None if series.begins_in(point.shown) => Some((series.start, point.value)),
            None => None,
        };
        if before.is_none() && since.is_none() && series.is_money() {
            reported.goes_on(point.claimed, &series.about);
        }
        if let Some((start, gained)) = since
            && let Some(money) = Money::of_metric(series.measure, gained).filter(|money| !money.is_empty())
        {
            reported.point((start, point.claimed), series.about.clone(), money);
        }
        before = Some((point.claimed, point.value));
    }
}
