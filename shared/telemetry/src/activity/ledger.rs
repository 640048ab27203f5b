//! Adds up summaries over time and people, with one source of truth for each number.
//!
//! Tokens and cost come from `api_request` events. The metrics' figures count for a session only if none of its events
//! was read, from any source. A metric point may be dated up to a minute after what it counts, so the caller also adds
//! the buckets around its range, marked as not shown. Points without a session count if their source sent no
//! `api_request` event in that bucket or the one before.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::dimensions::{Dimensions, Label};
use super::measure::{Measure, Numbers};
use super::series::{Piece, Series};
use super::summary::Part;
use crate::claude::source::SourceId;
use model::bucket::Bucket;

mod grouping;
mod lines;

pub use grouping::{Grouping, Place};
pub use lines::Line;
use lines::Lines;

/// Lines in the order of their keys, and their total.
#[derive(Debug, Default)]
pub struct Account {
    /// One line per group.
    pub lines: Vec<Line>,
    /// Everything in range.
    pub total: Line,
}

/// Tokens and cost reported by a metric, held back until it is known whether events report them too.
struct Pending {
    line: usize,
    counted_by_event: CountedBy,
    numbers: Numbers,
}

/// The events that would report the same tokens.
enum CountedBy {
    Session(Arc<str>),
    Bucket(SourceId, Bucket),
    Source(SourceId),
    Nothing,
}

struct Reading {
    piece: Piece,
    shown: Option<usize>,
}

/// The person looked up last: consecutive rows of a summary mostly belong to one person.
struct Asked {
    source: SourceId,
    identity: Label,
    person: Option<Arc<str>>,
}

/// An account under construction.
pub struct Ledger<W> {
    whose: W,
    asked: Option<Asked>,
    lines: Lines,
    pending: Vec<Pending>,
    series: HashMap<(SourceId, Series), Vec<Reading>>,
    requesting_sessions: HashSet<Arc<str>>,
    requesting_buckets: HashSet<(SourceId, Bucket)>,
    requesting_sources: HashSet<SourceId>,
    /// Sessions started as the agents' view, and those started in another way.
    views: HashSet<Arc<str>>,
    started: HashSet<Arc<str>>,
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>>> Ledger<W> {
    /// A ledger with lines by `grouping`. `whose` names the person of a source and an identity; what belongs to nobody
    /// is omitted.
    pub fn new(grouping: &[Grouping], whose: W) -> Self {
        Self {
            whose,
            asked: None,
            lines: Lines::by(grouping.to_vec()),
            pending: Vec::new(),
            series: HashMap::new(),
            requesting_sessions: HashSet::new(),
            requesting_buckets: HashSet::new(),
            requesting_sources: HashSet::new(),
            views: HashSet::new(),
            started: HashSet::new(),
        }
    }

    /// Adds a part of the counts at `place`. The order does not matter.
    pub fn add(&mut self, place: &Place, part: &Part<'_>) {
        match part {
            Part::Row(about, numbers) => {
                self.note(place, about, numbers);
                if place.shown
                    && let Some(person) = self.person(place.source, &about.identity)
                {
                    self.row(place, about, **numbers, &person);
                }
            }
            Part::Series(series, piece) => {
                let person = self.person(place.source, &series.about.identity).filter(|_| place.shown);
                let shown = person.map(|person| self.lines.find(place, &series.about, &person));
                let readings = self.series.entry((place.source, (*series).clone())).or_default();
                readings.push(Reading { piece: *piece, shown });
            }
            Part::Traffic(_) | Part::Session(..) => {}
        }
    }

    fn person(&mut self, source: SourceId, identity: &Label) -> Option<Arc<str>> {
        match &self.asked {
            Some(asked) if asked.source == source && asked.identity == *identity => asked.person.clone(),
            _ => {
                let person = (self.whose)(source, identity);
                self.asked = Some(Asked { source, identity: identity.clone(), person: person.clone() });
                person
            }
        }
    }

    /// Remembers what decides about other rows.
    fn note(&mut self, place: &Place, about: &Dimensions, numbers: &Numbers) {
        if numbers[Measure::ApiRequests] > 0 {
            self.requesting_sources.insert(place.source);
            if let Some(bucket) = place.bucket {
                self.requesting_buckets.insert((place.source, bucket));
            }
        }
        let Some(session) = &about.session else { return };
        for (measure, sessions) in [
            (Measure::ApiRequests, &mut self.requesting_sessions),
            (Measure::AgentsView, &mut self.views),
            (Measure::Starts, &mut self.started),
        ] {
            if numbers[measure] > 0 && !sessions.contains(session) {
                sessions.insert(session.clone());
            }
        }
    }

    fn row(&mut self, place: &Place, about: &Dimensions, mut numbers: Numbers, person: &Arc<str>) {
        let metric_estimates = numbers.take_metric_estimates();
        let line = self.lines.find(place, about, person);
        self.lines.add(line, &numbers);
        if numbers[Measure::Work] > 0 {
            self.lines.work(line, about.session.as_ref(), person);
        }
        if !metric_estimates.is_empty() {
            let counted_by_event = match (&about.session, place.bucket) {
                (Some(session), _) => CountedBy::Session(session.clone()),
                (None, Some(bucket)) => CountedBy::Bucket(place.source, bucket),
                // Already decided in the summary of the day.
                (None, None) => CountedBy::Nothing,
            };
            // Once counted by events, always counted by them.
            if !self.is_counted(&counted_by_event) {
                self.pending.push(Pending { line, counted_by_event, numbers: metric_estimates });
            }
        }
    }

    /// Decides about the metrics held back, and adds everything up.
    #[must_use]
    pub fn close(mut self) -> Account {
        for ((source, series), parts) in std::mem::take(&mut self.series) {
            self.close_series(source, &series, parts);
        }
        for pending in std::mem::take(&mut self.pending) {
            if !self.is_counted(&pending.counted_by_event) {
                self.lines.add(pending.line, &pending.numbers);
            }
        }
        let mut total = Line::default();
        let mut lines = self.lines.finish();
        for line in &mut lines {
            line.sessions.retain(|session| !self.views.contains(session) || self.started.contains(session));
            total.numbers += &line.numbers;
            total.sessions.extend(line.sessions.iter().cloned());
            total.people.extend(line.people.iter().cloned());
        }
        lines.retain(|line| !line.numbers.is_empty());
        lines.sort_by(|a, b| a.key.cmp(&b.key));
        Account { lines, total }
    }

    fn is_counted(&self, counted_by_event: &CountedBy) -> bool {
        match counted_by_event {
            CountedBy::Session(session) => self.requesting_sessions.contains(session),
            CountedBy::Bucket(source, bucket) => [*bucket, Bucket(bucket.0 - 1)]
                .into_iter()
                .any(|bucket| self.requesting_buckets.contains(&(*source, bucket))),
            CountedBy::Source(source) => self.requesting_sources.contains(source),
            CountedBy::Nothing => false,
        }
    }

    /// Takes differences in order of time. A cumulative counter without a session counts only if its source sent no
    /// `api_request` event at all, because its pieces can span any number of buckets.
    fn close_series(&mut self, source: SourceId, series: &Series, mut parts: Vec<Reading>) {
        parts.sort_by_key(|part| (part.piece.from, part.piece.to, part.piece.first));
        let mut before = None;
        for part in parts {
            let amount = part.piece.since(before);
            before = Some(part.piece.last);
            let Some(line) = part.shown else { continue };
            let mut numbers = Numbers::default();
            numbers.add(series.measure, amount);
            let metric_estimates = numbers.take_metric_estimates();
            self.lines.add(line, &numbers);
            let counted_by_event = series.about.session.clone().map_or(CountedBy::Source(source), CountedBy::Session);
            self.pending.push(Pending { line, counted_by_event, numbers: metric_estimates });
        }
    }
}
