//! Adding up summaries over time and people, with one source of truth for each number.
//!
//! Tokens and cost come from `api_request` events. What metrics say of them counts for a session only if no event of that session
//! was read, whoever's it is; a metric point is dated up to a minute after what it counts, so the reader also hands over the
//! quarter hours around its range, not to be shown. Points without a session count if their source sent no `api_request` event in that
//! quarter hour or the one before.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::dimensions::{Dimensions, Label};
use super::measure::{Measure, Numbers};
use super::series::{Piece, Series};
use super::summary::Summary;
use crate::claude::source::SourceId;
use crate::pack::group::Bucket;

/// What lines can be made by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Grouping {
    /// A day of the organisation's time zone.
    Day,
    /// A person, by id.
    User,
    /// A model.
    Model,
    /// A team.
    Team,
    /// A repository.
    Repository,
    /// A tool.
    Tool,
    /// A version of the client.
    Version,
    /// A kind of terminal.
    Terminal,
    /// A session.
    Session,
}

/// A summary and what it is a summary of.
#[derive(Debug)]
pub struct Portion<'a> {
    /// Whose.
    pub source: SourceId,
    /// The day it belongs to, as lines show it.
    pub day: Arc<str>,
    /// The quarter hour; `None` for a whole day.
    pub bucket: Option<Bucket>,
    /// The numbers.
    pub summary: &'a Summary,
    /// Whether it lies in the range asked for; if not, it only helps to decide what counts.
    pub shown: bool,
}

/// What one group adds up to.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// One label for each [`Grouping`], in the order asked for.
    pub key: Vec<Label>,
    /// The numbers; none under a metric's name for tokens or cost.
    pub numbers: Numbers,
    /// Distinct sessions with work in them.
    pub sessions: HashSet<Arc<str>>,
    /// Distinct people at work.
    pub people: HashSet<Arc<str>>,
}

/// Lines in order of their keys, and their total.
#[derive(Debug, Default)]
pub struct Account {
    /// One line a group.
    pub lines: Vec<Line>,
    /// Everything in range.
    pub total: Line,
}

/// What a metric says of tokens and cost, until it is known whether an event says it too.
struct Pending {
    line: usize,
    teller: Teller,
    numbers: Numbers,
}

/// Whose events would tell of the same tokens.
enum Teller {
    Session(Arc<str>),
    Quarter(SourceId, Bucket),
    Source(SourceId),
    Nobody,
}

struct Part {
    piece: Piece,
    shown: Option<usize>,
}

/// An account being made.
pub struct Ledger<'a, W> {
    grouping: &'a [Grouping],
    whose: W,
    lines: Vec<Line>,
    index: HashMap<Vec<Label>, usize>,
    pending: Vec<Pending>,
    series: HashMap<(SourceId, Series), Vec<Part>>,
    requesting_sessions: HashSet<Arc<str>>,
    requesting_quarters: HashSet<(SourceId, Bucket)>,
    requesting_sources: HashSet<SourceId>,
    /// Sessions started as the agents' view, and those started otherwise.
    views: HashSet<Arc<str>>,
    started: HashSet<Arc<str>>,
}

impl<'a, W: Fn(SourceId, &Label) -> Option<Arc<str>>> Ledger<'a, W> {
    /// A ledger with lines by `grouping`. `whose` names the person of a source and an identity; what is nobody's is left out.
    pub fn new(grouping: &'a [Grouping], whose: W) -> Self {
        Self {
            grouping,
            whose,
            lines: Vec::new(),
            index: HashMap::new(),
            pending: Vec::new(),
            series: HashMap::new(),
            requesting_sessions: HashSet::new(),
            requesting_quarters: HashSet::new(),
            requesting_sources: HashSet::new(),
            views: HashSet::new(),
            started: HashSet::new(),
        }
    }

    /// Adds a summary.
    pub fn add(&mut self, portion: &Portion<'_>) {
        for (about, numbers) in &portion.summary.rows {
            self.note(portion, about, numbers);
            if portion.shown
                && let Some(person) = (self.whose)(portion.source, &about.identity)
            {
                self.row(portion, about, *numbers, person);
            }
        }
        for (series, piece) in &portion.summary.series {
            let person = (self.whose)(portion.source, &series.about.identity);
            let shown = person.filter(|_| portion.shown).map(|person| self.line(portion, &series.about, &person));
            let part = Part { piece: *piece, shown };
            self.series.entry((portion.source, series.clone())).or_default().push(part);
        }
    }

    /// Keeps what decides about other rows.
    fn note(&mut self, portion: &Portion<'_>, about: &Dimensions, numbers: &Numbers) {
        if numbers[Measure::ApiRequests] > 0 {
            self.requesting_sources.insert(portion.source);
            if let Some(bucket) = portion.bucket {
                self.requesting_quarters.insert((portion.source, bucket));
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

    fn row(&mut self, portion: &Portion<'_>, about: &Dimensions, mut numbers: Numbers, person: Arc<str>) {
        let stand_ins = numbers.take_stand_ins();
        let line = self.line(portion, about, &person);
        self.lines[line].numbers += &numbers;
        if numbers[Measure::Work] > 0 {
            if let Some(session) = &about.session
                && !self.lines[line].sessions.contains(session)
            {
                self.lines[line].sessions.insert(session.clone());
            }
            self.lines[line].people.insert(person);
        }
        if !stand_ins.is_empty() {
            let teller = match (&about.session, portion.bucket) {
                (Some(session), _) => Teller::Session(session.clone()),
                (None, Some(bucket)) => Teller::Quarter(portion.source, bucket),
                // The summary of a day has decided already.
                (None, None) => Teller::Nobody,
            };
            self.pending.push(Pending { line, teller, numbers: stand_ins });
        }
    }

    fn line(&mut self, portion: &Portion<'_>, about: &Dimensions, person: &Arc<str>) -> usize {
        let key: Vec<Label> = self
            .grouping
            .iter()
            .map(|grouping| match grouping {
                Grouping::Day => Some(portion.day.clone()),
                Grouping::User => Some(person.clone()),
                Grouping::Model => about.model.clone(),
                Grouping::Team => about.team.clone(),
                Grouping::Repository => about.repository.clone(),
                Grouping::Tool => about.tool.clone(),
                Grouping::Version => about.version.clone(),
                Grouping::Terminal => about.terminal.clone(),
                Grouping::Session => about.session.clone(),
            })
            .collect();
        match self.index.entry(key) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(vacant) => {
                self.lines.push(Line { key: vacant.key().clone(), ..Line::default() });
                *vacant.insert(self.lines.len() - 1)
            }
        }
    }

    /// Decides what was left open, and adds up.
    #[must_use]
    pub fn close(mut self) -> Account {
        for ((source, series), parts) in std::mem::take(&mut self.series) {
            self.close_series(source, &series, parts);
        }
        for pending in std::mem::take(&mut self.pending) {
            if !self.is_told(&pending.teller) {
                self.lines[pending.line].numbers += &pending.numbers;
            }
        }
        let mut total = Line::default();
        for line in &mut self.lines {
            line.sessions.retain(|session| !self.views.contains(session) || self.started.contains(session));
            total.numbers += &line.numbers;
            total.sessions.extend(line.sessions.iter().cloned());
            total.people.extend(line.people.iter().cloned());
        }
        let mut lines = self.lines;
        lines.retain(|line| !line.numbers.is_empty());
        lines.sort_by(|a, b| a.key.cmp(&b.key));
        Account { lines, total }
    }

    fn is_told(&self, teller: &Teller) -> bool {
        match teller {
            Teller::Session(session) => self.requesting_sessions.contains(session),
            Teller::Quarter(source, bucket) => [*bucket, Bucket(bucket.0 - 1)]
                .into_iter()
                .any(|bucket| self.requesting_quarters.contains(&(*source, bucket))),
            Teller::Source(source) => self.requesting_sources.contains(source),
            Teller::Nobody => false,
        }
    }

    /// Takes differences in order of time. A cumulative counter without a session counts if its source sent no `api_request` event
    /// at all: its pieces can span any number of quarter hours.
    fn close_series(&mut self, source: SourceId, series: &Series, mut parts: Vec<Part>) {
        parts.sort_by_key(|part| (part.piece.from, part.piece.to, part.piece.first));
        let mut before = None;
        for part in parts {
            let amount = part.piece.since(before);
            before = Some(part.piece.last);
            let Some(line) = part.shown else { continue };
            let mut numbers = Numbers::default();
            numbers.add(series.measure, amount);
            let stand_ins = numbers.take_stand_ins();
            self.lines[line].numbers += &numbers;
            let teller = series.about.session.clone().map_or(Teller::Source(source), Teller::Session);
            self.pending.push(Pending { line, teller, numbers: stand_ins });
        }
    }
}
