//! What sessions come to, added up by their names.

use model::order;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ahash::RandomState;

use super::sum::SessionSum;
use crate::people::directory::Directory;
use crate::report::filters::Filters;
use telemetry::activity::dimensions::{Dimension, Label};
use telemetry::activity::ledger::{Grouping, Ledger, Line, Place};
use telemetry::activity::measure::Measure;
use telemetry::activity::summary::{Part, Span};
use telemetry::claude::source::SourceId;

/// Sessions, while the summaries of a range are read part by part.
pub(super) struct Gathering<W> {
    ledger: Ledger<W>,
    spans: HashMap<Arc<str>, Span, RandomState>,
    /// Whose records say when a session was, if people are asked for: one session may have records of several.
    own: Own,
}

/// The sources of the people who are asked for; `None` for everybody's.
pub(super) type Own = Option<Arc<HashSet<SourceId>>>;

/// The sources of the people who are asked for.
pub(super) fn own(directory: &Directory, filters: &Filters) -> Own {
    let people = filters.people(directory)?;
    Some(Arc::new(directory.attribution().sources_of(&people).collect()))
}

/// Whether what is at a place says when a session was.
pub(super) fn is_own(own: &Own, place: &Place) -> bool {
    own.as_ref().is_none_or(|own| own.contains(&place.source))
}

impl<W> Gathering<W> {
    /// Into the ledger by what sessions are told apart by.
    pub(super) fn into(own: Own, ledger: impl FnOnce(&[Grouping]) -> Ledger<W>) -> Self {
        let [session, version, terminal] =
            [Dimension::Session, Dimension::Version, Dimension::Terminal].map(Grouping::By);
        Self { ledger: ledger(&[session, Grouping::User, version, terminal]), spans: HashMap::default(), own }
    }

    fn see(&mut self, session: &Arc<str>, span: Span) {
        self.spans.entry(Arc::clone(session)).and_modify(|known| *known = known.with(span)).or_insert(span);
    }
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>>> Gathering<W> {
    /// Adds a part of the summary at `place`.
    pub(super) fn add(&mut self, place: &Place, part: &Part<'_>) {
        self.ledger.add(place, part);
        if let (true, Part::Session(session, span)) = (place.is_shown() && is_own(&self.own, place), part) {
            self.see(session, *span);
        }
    }

    /// An empty one, for a part of what is read.
    pub(super) fn fork(&self) -> Self
    where
        W: Clone,
    {
        Self { ledger: self.ledger.fork(), spans: HashMap::default(), own: self.own.clone() }
    }

    /// Adds what a fork has gathered.
    pub(super) fn absorb(&mut self, other: Self) {
        self.ledger.absorb(other.ledger);
        other.spans.iter().for_each(|(session, span)| self.see(session, *span));
    }

    /// The sessions, in order of start.
    #[must_use]
    pub(super) fn close(self) -> Vec<SessionSum> {
        let (lines, spans) = (self.ledger.close_lines(), self.spans);
        // The lines of a session follow each other: it is the first that they are in order of.
        let of_sessions = lines.chunk_by(|a, b| a.key.first() == b.key.first());
        let sums = of_sessions.filter(|lines| lines.iter().any(|line| !line.sessions.is_empty()));
        let mut sums: Vec<SessionSum> = sums
            .filter_map(|lines| {
                let session = lines.first()?.key.first()?.as_ref()?;
                sum(session, *spans.get(session)?, lines)
            })
            .collect();
        order::sort_by(&mut sums, |a, b| (a.span.first, &a.id).cmp(&(b.span.first, &b.id)));
        sums
    }
}

/// What the lines of a session come to.
fn sum(session: &Arc<str>, span: Span, lines: &[Line]) -> Option<SessionSum> {
    let of = |measure: Measure| lines.iter().fold(0, |sum: i64, line| sum.saturating_add(line.numbers[measure]));
    // Versions sort as they follow each other, near enough: of a session that was updated it is the later one.
    let last = |at: usize| lines.iter().rev().find_map(|line| line.key.get(at).cloned().flatten());
    Some(SessionSum {
        id: Arc::clone(session),
        user: last(1)?,
        span,
        version: last(2),
        terminal: last(3),
        prompts: of(Measure::Prompts),
        tokens: [Measure::Input, Measure::Output, Measure::CacheRead, Measure::CacheCreation].map(of),
        cost: of(Measure::Cost),
        priced: lines.iter().fold(0, |sum, line| sum.saturating_add(line.priced)),
    })
}
