//! Adds up summaries over time and people, with one source of truth for each number.
//!
//! Tokens and cost come from `api_request` events; what metrics report beyond them counts beside them (`settling`). The
//! caller adds whole days, also where a range begins or ends within one, and the buckets before that points reach back to.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ahash::RandomState;

use super::dimensions::{Dimension, Dimensions, Label};
use super::measure::{Measure, Numbers};
use super::money::Money;
use super::repeated::Repeated;
use super::series::{Piece, Series};
use super::session::{Began, Worked};
use super::summary::Part;
use crate::claude::prices::PriceList;
use crate::claude::source::SourceId;

mod absorbing;
mod account;
mod amounts;
mod closing;
mod filter;
mod grouping;
mod lines;
mod members;
mod places;
mod pools;
mod pricing;
mod settling;

pub use account::{Account, People};
use amounts::Pending;
pub use filter::Filter;
pub use grouping::{Dates, Grouping, Place, Role};
pub use lines::Line;
use lines::{Lines, Worker};
pub use members::Members;
use members::{Register, Sessions};
use pricing::Pricing;
use settling::Settling;

struct Reading {
    piece: Piece,
    place: Place,
    line: Option<usize>,
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
    filter: Filter,
    /// The people who are none, but runs of automation.
    automation: Arc<HashSet<Arc<str>>>,
    asked: Option<Asked>,
    lines: Lines,
    /// Of the summary that is being added: what its metrics repeat.
    repeated: Repeated,
    /// Of the outline that is being added: its sessions.
    listed: Vec<u32>,
    settling: Settling,
    pricing: Pricing,
    series: HashMap<(SourceId, Series), Vec<Reading>, RandomState>,
    sessions: Sessions,
    people: Register,
    /// Sessions started as the agents' view, and those started in another way.
    views: Members,
    started: Members,
    /// Sessions that people worked in.
    attended: Members,
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>>> Ledger<W> {
    /// A ledger with lines by `grouping`. `whose` names the person of a source and an identity; what belongs to nobody
    /// is omitted.
    pub fn new(grouping: &[Grouping], whose: W) -> Self {
        Self {
            whose,
            filter: Filter::default(),
            automation: Arc::default(),
            asked: None,
            lines: Lines::by(grouping.to_vec()),
            repeated: Repeated::default(),
            listed: Vec::new(),
            settling: Settling::default(),
            pricing: Pricing::default(),
            series: HashMap::default(),
            sessions: Sessions::default(),
            people: Register::default(),
            views: Members::default(),
            started: Members::default(),
            attended: Members::default(),
        }
    }

    /// The same that shows nothing but what `filter` admits.
    #[must_use]
    pub fn only(self, filter: Filter) -> Self {
        Self { filter, ..self }
    }

    /// The same for which the people with these ids are automation.
    #[must_use]
    pub fn with_automation(self, automation: Arc<HashSet<Arc<str>>>) -> Self {
        Self { automation, ..self }
    }

    /// The same with these prices for requests without a cost, in place of Anthropic's list.
    #[must_use]
    pub fn with_prices(self, prices: PriceList) -> Self {
        Self { pricing: Pricing::by(prices), ..self }
    }

    /// Adds a part of the summary at `place`. The order of summaries does not matter, but that the past
    /// comes last; the parts of each come in their stored order.
    pub fn add(&mut self, place: &Place, part: &Part<'_>) {
        match part {
            Part::Traffic(_) => {
                self.repeated.clear();
                self.listed.clear();
            }
            Part::Session(..) => {}
            Part::Explained(subject, money) => self.repeated.note((*subject).clone(), *money),
            Part::Head(subject, money) if place.is_of_range() => self.settling.head(place, (*subject).clone(), *money),
            Part::Head(..) => {}
            Part::Row(about, numbers) => self.row(place, about, numbers),
            Part::Began(session, began) => {
                let session = self.sessions.number_of(*session);
                self.listed.push(session);
                self.note(session, *began);
            }
            Part::Left(identity, requests, money) if place.role != Role::Past => {
                let person = self.person(place.source, identity);
                self.settling.left(place, person, (*requests).clone(), *money);
            }
            Part::Left(..) => {}
            Part::Outlined(about, numbers, worked) => self.outlined(place, about, numbers, worked),
            Part::Unexplained(..) if place.role == Role::Past => {}
            Part::Unexplained(what, money) => self.pend(place, &what.about, *money, what.reach, false),
            Part::Series(series, piece) => {
                let person = self.person(place.source, &series.about[Dimension::Identity]);
                let line = person.and_then(|person| self.line(place, &series.about, &person));
                let readings = self.series.entry((place.source, (*series).clone())).or_default();
                readings.push(Reading { piece: *piece, place: place.clone(), line });
            }
        }
    }

    /// Whether it tells sessions apart by their ids, which outlines do not have.
    #[must_use]
    pub fn names_sessions(&self) -> bool {
        let session = Grouping::By(Dimension::Session);
        self.lines.are_by(&session) || self.filter.is_by(&session)
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

    /// The line that a row is shown in, if it is.
    fn line(&mut self, place: &Place, about: &Dimensions, person: &Arc<str>) -> Option<usize> {
        let is_shown = place.is_shown() && self.filter.admits(place, about, person);
        is_shown.then(|| self.lines.find(place, about, person))
    }

    /// Remembers what decides about other rows.
    fn note(&mut self, session: u32, began: Began) {
        for (is_so, sessions) in [(began.as_view, &mut self.views), (began.otherwise, &mut self.started)] {
            if is_so {
                sessions.enter(session);
            }
        }
    }

    fn row(&mut self, place: &Place, about: &Dimensions, numbers: &Numbers) {
        let session = about[Dimension::Session].as_ref().map(|session| self.sessions.number(session));
        if let Some(session) = session {
            self.note(session, Began::of(numbers));
        }
        self.spare(place, about, numbers);
        let worked = (numbers[Measure::Work] > 0).then_some(session);
        self.count(place, about, numbers, worked.into_iter());
    }

    /// Adds a row of an outline. What of it metrics do not repeat is told apart.
    fn outlined(&mut self, place: &Place, about: &Dimensions, numbers: &Numbers, worked: &Worked) {
        let listed = std::mem::take(&mut self.listed);
        let sessions = worked.sessions.iter().filter_map(|place| listed.get(*place)).map(|session| Some(*session));
        self.count(place, about, numbers, sessions.chain(worked.outside.then_some(None)));
        self.listed = listed;
    }

    /// Adds numbers, and the work in these sessions, of which one may be none.
    fn count(
        &mut self,
        place: &Place,
        about: &Dimensions,
        numbers: &Numbers,
        worked: impl Iterator<Item = Option<u32>>,
    ) {
        let person = self.person(place.source, &about[Dimension::Identity]).filter(|_| place.is_shown());
        let line = person.as_ref().and_then(|person| self.line(place, about, person));
        if place.is_of_range() {
            self.pricing.note(place, about, numbers, line);
        }
        let Some(person) = person else { return };
        if let Some(line) = line {
            self.lines.add(line, numbers);
        }
        let is_automation = numbers.are_of_automation() || self.automation.contains(&person);
        for session in worked {
            if let (Some(session), false) = (session, is_automation) {
                self.attended.enter(session);
            }
            if let Some(line) = line {
                let worker = match is_automation {
                    true => Worker::Automation,
                    false => Worker::Person(self.people.number(&person)),
                };
                self.lines.work(line, session, worker);
            }
        }
    }

    /// Holds back what the events of a row reported and metrics of its summary did not repeat.
    fn spare(&mut self, place: &Place, about: &Dimensions, numbers: &Numbers) {
        if place.role != Role::Past
            && let Some((subject, left)) = self.repeated.left(about, numbers)
        {
            let person = self.person(place.source, &about[Dimension::Identity]);
            self.settling.spare(place, person, subject, left);
        }
    }

    /// Holds back what metrics reported, until it is known whether events report it too.
    fn pend(&mut self, place: &Place, about: &Dimensions, left: Money, reach: u32, is_gap: bool) {
        if !place.is_of_range() && reach == 0 {
            return;
        }
        let person = self.person(place.source, &about[Dimension::Identity]);
        let line = person.as_ref().and_then(|person| self.line(place, about, person));
        self.settling
            .pending(Pending { place: place.clone(), about: about.clone(), person, line, is_gap, left }, reach);
    }
}
