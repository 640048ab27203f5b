//! Sessions of which events and metrics tell different costs. Each request is told by both, so a part of one of them was lost.

use std::collections::HashMap;
use std::sync::Arc;

use model::time::{HOUR, MINUTE, Millis};
use telemetry::activity::dimensions::{Dimension, Dimensions, Label};
use telemetry::activity::ledger::Place;
use telemetry::activity::measure::Measure;
use telemetry::activity::money::Money;
use telemetry::activity::summary::Part;
use telemetry::claude::source::SourceId;

/// The smallest difference that matters, in nano-dollars: a cent.
const SMALLEST: i64 = 10_000_000;
/// It has to be more than this part of the cost, too: a per cent.
const PART: i64 = 100;
/// How long after its last sign both signals of a session have arrived, in milliseconds.
const SETTLED: i64 = HOUR;
/// Where a session begins this close to the first moment that was read, a part of it may lie before, in milliseconds.
const MARGIN: i64 = 15 * MINUTE;

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
    seen: Option<(Millis, Millis)>,
    person: Option<Arc<str>>,
    /// Counters since the start of a client are compared with what came before, so that single amounts say nothing.
    is_cumulative: bool,
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
            Part::Row(about, numbers) if place.is_shown() && numbers[Measure::Cost] > 0 => {
                let Some(session) = self.of(about) else { return };
                session.events = session.events.saturating_add(numbers[Measure::Cost]);
                if session.person.is_none() {
                    session.person = whose(place.source, &about[Dimension::Identity]);
                }
            }
            Part::Explained(subject, money) if place.is_shown() => self.metrics(&subject.session, *money),
            Part::Unexplained(what, money) if place.is_shown() => self.metrics(&what.about[Dimension::Session], *money),
            Part::Series(series, _) if series.is_money() => {
                if let Some(session) = self.of(&series.about) {
                    session.is_cumulative = true;
                }
            }
            _ => {}
        }
    }

    fn of(&mut self, about: &Dimensions) -> Option<&mut Session> {
        Some(self.0.entry(about[Dimension::Session].clone()?).or_default())
    }

    fn metrics(&mut self, session: &Label, money: Money) {
        let Some(session) = session else { return };
        let told = &mut self.0.entry(Arc::clone(session)).or_default().metrics;
        *told = told.saturating_add(money.numbers()[Measure::Cost]);
    }

    /// The sessions that began after `from` and are over at `now`, of which both signals came and tell different costs; the largest
    /// difference first.
    #[must_use]
    pub fn disagreements(self, from: Millis, now: Millis) -> Vec<Disagreement> {
        let differs = |(session, told): (Arc<str>, Session)| {
            let (first, last) = told.seen?;
            let is_whole = first >= from.plus(MARGIN) && last <= now.plus(-SETTLED);
            // Of whom one signal does not come at all there is another finding.
            let is_told_twice = told.events > 0 && told.metrics > 0 && !told.is_cumulative;
            let Session { events, metrics, person, .. } = told;
            let found = Disagreement { session, person: person?, events, metrics };
            let is_large = found.amount() > SMALLEST && found.amount() > events.max(metrics) / PART;
            (is_whole && is_told_twice && is_large).then_some(found)
        };
        let mut found: Vec<Disagreement> = self.0.into_iter().filter_map(differs).collect();
        found.sort_by_key(|one| (std::cmp::Reverse(one.amount()), Arc::clone(&one.session)));
        found
    }
}
