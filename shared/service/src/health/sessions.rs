//! Sessions of which something was lost: events and metrics tell different costs, though each request is told by both, or there are
//! prompts, and nothing tells of tokens. A little is kept of each session, since whoever has a token can invent any number of them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use model::order;
use model::time::{HOUR, SignedDuration, Timestamp};
use telemetry::activity::dimensions::{Dimension, Dimensions, Label};
use telemetry::activity::ledger::Place;
use telemetry::activity::measure::{Measure, Numbers};
use telemetry::activity::money::Money;
use telemetry::activity::summary::Part;
use telemetry::claude::service;
use telemetry::claude::source::SourceId;

/// The smallest difference that matters, in nano-dollars: a cent.
const SMALLEST: i64 = 10_000_000;
/// It has to be more than this part of the cost, too: a per cent.
const PART: i64 = 100;
/// How long after its last sign both signals of a session have arrived.
const SETTLED: SignedDuration = HOUR;
/// Where a session begins this close to the first moment that was read, a part of it may lie before.
const MARGIN: SignedDuration = SignedDuration::from_mins(15);
/// How many people of a session are named at most.
const NAMED: usize = 8;

/// A session of which the two signals tell different costs, in nano-dollars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// The session.
    pub session: Arc<str>,
    /// Whose it is.
    pub person: Arc<str>,
    /// What its events tell.
    pub events: i64,
    /// What its metrics tell.
    pub metrics: i64,
}

impl Disagreement {
    /// The difference.
    #[must_use]
    pub fn amount(&self) -> i64 {
        self.events.abs_diff(self.metrics).try_into().unwrap_or(i64::MAX)
    }
}

/// What both signals tell of sessions, while summaries are read part by part.
#[derive(Debug, Default)]
pub struct Told(HashMap<Arc<str>, Session>);

#[derive(Debug, Default)]
struct Session {
    events: i64,
    metrics: i64,
    seen: Option<(Timestamp, Timestamp)>,
    /// Whose it is: the first one has a cost in it if anybody has. Prompts and tokens of one session may come under two names.
    people: Vec<Arc<str>>,
    /// Counters since the start of a client are compared with what came before, so that single amounts say nothing.
    is_cumulative: bool,
    has_prompts: bool,
    has_tokens: bool,
    has_errors: bool,
}

impl Told {
    /// Adds a part of the summary at `place`; `whose` names the person of a source and an identity.
    pub fn add(&mut self, place: &Place, part: &Part<'_>, whose: impl Fn(SourceId, &Label) -> Option<Arc<str>>) {
        match part {
            Part::Session(session, span) => {
                let known = &mut self.0.entry(Arc::clone(session)).or_default().seen;
                let (first, last) = known.unwrap_or((span.first, span.last));
                *known = Some((first.min(span.first), last.max(span.last)));
            }
            Part::Row(about, numbers) if place.is_shown() => {
                let Some(session) = self.of(about) else { return };
                if let Some(person) = whose(place.source, &about[Dimension::Identity]) {
                    session.enter(person, numbers[Measure::Cost] > 0);
                }
                session.row(about, numbers);
            }
            Part::Explained(subject, money) if place.is_shown() => self.metrics(&subject.session, *money),
            Part::Unexplained(what, money) if place.is_shown() => self.metrics(&what.about[Dimension::Session], *money),
            Part::Series(series, piece) if series.is_money() => {
                if let Some(session) = self.of(&series.about) {
                    session.is_cumulative = true;
                    session.has_tokens |= TOKENS.contains(&series.measure) && piece.last > 0;
                }
            }
            _ => {}
        }
    }

    /// Adds what was told elsewhere, of other sources.
    pub fn absorb(&mut self, other: Self) {
        for (session, told) in other.0 {
            self.0.entry(session).or_default().absorb(told);
        }
    }

    fn of(&mut self, about: &Dimensions) -> Option<&mut Session> {
        Some(self.0.entry(about[Dimension::Session].clone()?).or_default())
    }

    fn metrics(&mut self, session: &Label, money: Money) {
        let Some(session) = session else { return };
        let (session, numbers) = (self.0.entry(Arc::clone(session)).or_default(), money.numbers());
        session.metrics = session.metrics.saturating_add(numbers[Measure::Cost]);
        session.has_tokens |= has_tokens(&numbers);
    }

    /// Whose sessions of Claude Code have prompts, and neither tokens nor errors, in order. What was seen within the last hour may
    /// still bring them.
    #[must_use]
    pub fn without_tokens(&self, now: Timestamp) -> BTreeSet<Arc<str>> {
        let lacks = |told: &&Session| {
            let is_over = told.seen.is_none_or(|(_, last)| last <= now.minus(SETTLED));
            is_over && told.has_prompts && !told.has_tokens && !told.has_errors
        };
        self.0.values().filter(lacks).flat_map(|told| told.people.iter().map(Arc::clone)).collect()
    }

    /// The sessions that began after `from` and are over at `now`, of which both signals came and tell different costs; the largest
    /// difference first.
    #[must_use]
    pub fn disagreements(self, from: Timestamp, now: Timestamp) -> Vec<Disagreement> {
        let differs = |(session, told): (Arc<str>, Session)| {
            let (first, last) = told.seen?;
            let is_whole = first >= from.plus(MARGIN) && last <= now.minus(SETTLED);
            // Of whom one signal does not come at all there is another finding.
            let is_told_twice = told.events > 0 && told.metrics > 0 && !told.is_cumulative;
            let Session { events, metrics, people, .. } = told;
            let person = people.into_iter().next()?;
            let found = Disagreement { session, person, events, metrics };
            let is_large = found.amount() > SMALLEST && found.amount() > events.max(metrics) / PART;
            (is_whole && is_told_twice && is_large).then_some(found)
        };
        let mut found: Vec<Disagreement> = self.0.into_iter().filter_map(differs).collect();
        order::sort_by_key(&mut found, |one| (std::cmp::Reverse(one.amount()), Arc::clone(&one.session)));
        found
    }
}

impl Session {
    /// Notes that somebody worked in it; whoever was the first to cost something stands first.
    fn enter(&mut self, person: Arc<str>, costs: bool) {
        let is_first = costs && self.events == 0;
        match self.people.iter().position(|known| *known == person) {
            Some(place) if is_first => self.people.swap(0, place),
            Some(_) => {}
            None if self.people.len() < NAMED => {
                // Nearly always there is one.
                self.people.reserve_exact(1);
                self.people.insert(if is_first { 0 } else { self.people.len() }, person);
            }
            None if is_first => self.people[0] = person,
            None => {}
        }
    }

    fn absorb(&mut self, other: Self) {
        for (place, person) in other.people.into_iter().enumerate() {
            self.enter(person, place == 0 && other.events > 0);
        }
        self.events = self.events.saturating_add(other.events);
        self.metrics = self.metrics.saturating_add(other.metrics);
        let seen = self.seen.into_iter().chain(other.seen);
        self.seen = seen.reduce(|(first, last), other| (first.min(other.0), last.max(other.1)));
        self.is_cumulative |= other.is_cumulative;
        self.has_prompts |= other.has_prompts;
        self.has_tokens |= other.has_tokens;
        self.has_errors |= other.has_errors;
    }

    fn row(&mut self, about: &Dimensions, numbers: &Numbers) {
        self.events = self.events.saturating_add(numbers[Measure::Cost].max(0));
        self.has_tokens |= has_tokens(numbers);
        self.has_errors |= numbers[Measure::ApiErrors] > 0;
        let is_ours = about[Dimension::Service].as_deref().is_some_and(service::is_claude_code);
        self.has_prompts |= is_ours && numbers[Measure::Prompts] > 0;
    }
}

/// What counts as having used a model: the cache alone does not.
const TOKENS: [Measure; 2] = [Measure::Input, Measure::Output];

fn has_tokens(numbers: &Numbers) -> bool {
    TOKENS.iter().any(|measure| numbers[*measure] > 0)
}
