//! Ways to divide the same rows into lines, each of which shows what it likes of them. What does not depend on lines is done once for
//! all of them.

use std::sync::Arc;

use super::filter::Filter;
use super::grouping::{Grouping, Place};
use super::lines::Lines;
use crate::activity::dimensions::Dimensions;
use crate::activity::measure::Numbers;

/// The most divisions of a ledger.
const MOST: usize = 3;

/// The line of each division that a row is in; `None` if it is not shown there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct At([Option<usize>; MOST]);

impl At {
    /// The same lines where they have moved to: by division, the new place of each.
    pub(super) fn moved(self, places: &[Vec<usize>]) -> Self {
        let mut at = Self::default();
        for ((new, old), places) in at.0.iter_mut().zip(self.0).zip(places) {
            *new = old.map(|line| places[line]);
        }
        at
    }
}

/// The divisions of a ledger; it has one at least.
pub(super) struct Divisions(Vec<Lines>);

impl Divisions {
    /// One, which shows everything.
    pub(super) fn by(grouping: Vec<Grouping>) -> Self {
        Self(vec![Lines::by(grouping, Filter::default())])
    }

    /// One more. Rows have no place for the lines of a fourth.
    pub(super) fn and(&mut self, grouping: Vec<Grouping>, filter: Filter) {
        assert!(self.0.len() < MOST, "rows have no place for the lines of another division");
        self.0.push(Lines::by(grouping, filter));
    }

    /// The first one shows nothing but what `filter` admits.
    pub(super) fn show(&mut self, filter: Filter) {
        if let Some(first) = self.0.first_mut() {
            first.show(filter);
        }
    }

    /// Empty ones of the same kind.
    pub(super) fn fork(&self) -> Self {
        Self(self.0.iter().map(Lines::fork).collect())
    }

    /// Whether one of them looks at this.
    pub(super) fn look_at(&self, grouping: &Grouping) -> bool {
        self.0.iter().any(|lines| lines.look_at(grouping))
    }

    /// The lines to which a row belongs; `None` if it is not shown.
    pub(super) fn find(&mut self, place: &Place, about: &Dimensions, person: &Arc<str>) -> Option<At> {
        let mut at = At::default();
        for (line, lines) in at.0.iter_mut().zip(&mut self.0) {
            *line = lines.find(place, about, person);
        }
        (at != At::default()).then_some(at)
    }

    /// Adds those of a [`fork`](Self::fork) that numbers sessions and people otherwise, and says where its lines are here.
    pub(super) fn absorb(&mut self, other: Self, sessions: &[u32], people: &[u32]) -> Vec<Vec<usize>> {
        self.0.iter_mut().zip(other.0).map(|(own, other)| own.absorb(other, sessions, people)).collect()
    }

    /// Adds numbers.
    pub(super) fn add(&mut self, at: At, numbers: &Numbers) {
        self.each(at, |lines, line| lines.add(line, numbers));
    }

    /// Adds a cost from the list of prices, in nano-dollars.
    pub(super) fn price(&mut self, at: At, cost: i64) {
        self.each(at, |lines, line| lines.price(line, cost));
    }

    /// Adds requests of which nobody knows what they cost.
    pub(super) fn leave_unpriced(&mut self, at: At, requests: i64) {
        self.each(at, |lines, line| lines.leave_unpriced(line, requests));
    }

    /// Records that a person worked.
    pub(super) fn work(&mut self, at: At, person: u32) {
        self.each(at, |lines, line| lines.work(line, person));
    }

    /// Records in which session there was work, and whether no person did it.
    pub(super) fn work_in(&mut self, at: Option<At>, session: u32, is_automation: bool) {
        if let Some(at) = at {
            self.each(at, |lines, line| lines.work_in(line, session, is_automation));
        }
    }

    fn each(&mut self, at: At, mut to: impl FnMut(&mut Lines, usize)) {
        for (lines, line) in self.0.iter_mut().zip(at.0) {
            if let Some(line) = line {
                to(lines, line);
            }
        }
    }

    /// Each of them as it was added up.
    pub(super) fn finish(self) -> Vec<Lines> {
        self.0
    }
}
