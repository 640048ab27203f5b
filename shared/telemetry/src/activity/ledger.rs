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
mod divisions;
mod filter;
mod grouping;
mod lines;
mod members;
mod outlined;
mod places;
mod pools;
mod pricing;
mod register;
mod settling;

pub use account::{Account, People};
use amounts::Pending;
use divisions::{At, Divisions};
pub use filter::Filter;
pub use grouping::{Dates, Grouping, Place, Role};
pub use lines::Line;
pub use members::Members;
use outlined::Outlined;
use pricing::Pricing;
use register::{Register, Sessions};
use settling::Settling;

struct Reading {
    piece: Piece,
    place: Place,
    at: Option<At>,
}

/// Where a row was counted, and whose work it is.
struct Counted {
    /// `None` if no grouping shows it. Who worked in its session is known all the same.
    at: Option<At>,
    is_automation: bool,
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
    /// The people who are none, but runs of automation.
    automation: Arc<HashSet<Arc<str>>>,
    asked: Option<Asked>,
    divisions: Divisions,
    /// Of the summary that is being added: what its metrics repeat.
    repeated: Repeated,
    /// Of the outline that is being added: where there was work.
    outlined: Outlined,
    settling: Settling,
    pricing: Pricing,
    series: HashMap<(SourceId, Series), Vec<Reading>, RandomState>,
    sessions: Sessions,
    people: Register,
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>>> Ledger<W> {
    /// A ledger with lines by `grouping`. `whose` names the person of a source and an identity; what belongs to nobody
    /// is omitted.
    pub fn new(grouping: &[Grouping], whose: W) -> Self {
        Self {
            whose,
            automation: Arc::default(),
            asked: None,
            divisions: Divisions::by(grouping.to_vec()),
            repeated: Repeated::default(),
            outlined: Outlined::default(),
            settling: Settling::default(),
            pricing: Pricing::default(),
            series: HashMap::default(),
            sessions: Sessions::default(),
            people: Register::default(),
        }
    }

    /// The same that shows nothing but what `filter` admits by the grouping that it was made with.
    #[must_use]
    pub fn only(mut self, filter: Filter) -> Self {
        self.divisions.show(filter);
        self
    }

    /// The same that adds up what `filter` admits by another grouping as well.
    ///
    /// # Panics
    /// It has three already.
    #[must_use]
    pub fn also(mut self, grouping: Vec<Grouping>, filter: Filter) -> Self {
        self.divisions.and(grouping, filter);
        self
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
                self.outlined.finish(&mut self.divisions, &mut self.sessions);
            }
            Part::Session(..) => {}
            Part::Explained(subject, money) => self.repeated.note((*subject).clone(), *money),
            Part::Head(subject, money) if place.is_of_range() => self.settling.head(place, (*subject).clone(), *money),
            Part::Head(..) => {}
            Part::Row(about, numbers) => self.row(place, about, numbers),
            Part::Began(session, began) => {
                let session = self.sessions.number_of(*session);
                self.outlined.list(session);
                self.sessions.note(session, *began);
            }
            Part::Left(identity, requests, money) if place.role != Role::Past => {
                let person = self.person(place.source, identity);
                self.settling.left(place, person, (*requests).clone(), *money);
            }
            Part::Left(..) => {}
            Part::Outlined(about, numbers, worked) => self.outline(place, about, numbers, worked),
            Part::Unexplained(..) if place.role == Role::Past => {}
            Part::Unexplained(what, money) => self.pend(place, &what.about, *money, what.reach, false),
            Part::Series(series, piece) => {
                let person = self.person(place.source, &series.about[Dimension::Identity]);
                let at = person.and_then(|person| self.at(place, &series.about, &person));
                let readings = self.series.entry((place.source, (*series).clone())).or_default();
                readings.push(Reading { piece: *piece, place: place.clone(), at });
            }
        }
    }

    /// Whether it tells sessions apart by their ids, which outlines do not have.
    #[must_use]
    pub fn names_sessions(&self) -> bool {
        self.divisions.look_at(&Grouping::By(Dimension::Session))
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

    /// The lines that a row is shown in, if it is.
    fn at(&mut self, place: &Place, about: &Dimensions, person: &Arc<str>) -> Option<At> {
        if place.is_shown() { self.divisions.find(place, about, person) } else { None }
    }

    fn row(&mut self, place: &Place, about: &Dimensions, numbers: &Numbers) {
        let session = about[Dimension::Session].as_ref().map(|session| self.sessions.number(session));
        if let Some(session) = session {
            self.sessions.note(session, Began::of(numbers));
        }
        self.spare(place, about, numbers);
        let has_work = numbers[Measure::Work] > 0;
        if let (Some(Counted { at, is_automation }), true, Some(session)) =
            (self.count(place, about, numbers, has_work), has_work, session)
        {
            self.divisions.work_in(at, session, is_automation);
            if !is_automation {
                self.sessions.attend(session);
            }
        }
    }

    /// Adds a row of an outline. What of it metrics do not repeat is told apart.
    fn outline(&mut self, place: &Place, about: &Dimensions, numbers: &Numbers, worked: &Worked) {
        let has_work = worked.outside || !worked.sessions.is_empty();
        if let Some(Counted { at, is_automation }) = self.count(place, about, numbers, has_work) {
            let to = (&mut self.divisions, &mut self.sessions);
            self.outlined.work((at, is_automation), &worked.sessions, to);
        }
    }

    /// Adds numbers, and the person where there was work. `None` if they are nobody's, or not of the range.
    fn count(&mut self, place: &Place, about: &Dimensions, numbers: &Numbers, has_work: bool) -> Option<Counted> {
        let person = self.person(place.source, &about[Dimension::Identity]).filter(|_| place.is_shown());
        let at = person.as_ref().and_then(|person| self.at(place, about, person));
        if place.is_of_range() {
            self.pricing.note(place, about, numbers, at);
        }
        let person = person?;
        let is_automation = numbers.are_of_automation() || self.automation.contains(&person);
        if let Some(at) = at {
            self.divisions.add(at, numbers);
            if has_work && !is_automation {
                self.divisions.work(at, self.people.number(&person));
            }
        }
        Some(Counted { at, is_automation })
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
        let at = person.as_ref().and_then(|person| self.at(place, about, person));
        self.settling.pending(Pending { place: place.clone(), about: about.clone(), person, at, is_gap, left }, reach);
    }
}
