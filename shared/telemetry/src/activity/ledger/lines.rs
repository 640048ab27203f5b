//! The lines of an account under construction. Rows come in long runs of one line and person, so the last of each is compared
//! first, before anything is hashed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use ahash::RandomState;

use super::filter::Filter;
use super::grouping::{Grouping, Place};
use super::members::Members;
use super::places::Places;
use crate::activity::dimensions::{Dimensions, Label};
use crate::activity::measure::{Measure, Numbers};

/// The sum of one group.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// One label for each [`Grouping`], in the requested order.
    pub key: Vec<Label>,
    /// The numbers. Those of metrics for tokens or cost are under the names of events, and the cost includes `priced`.
    pub numbers: Numbers,
    /// What of the cost is from the list of prices, in nano-dollars.
    pub priced: i64,
    /// Requests of which nobody knows what they cost.
    pub without_cost: i64,
    /// Distinct sessions with work in them.
    pub sessions: Members,
    /// Those of them that no person worked in: see [`crate::claude::automation`].
    pub automation_sessions: Members,
    /// Distinct people with work in them.
    pub people: Members,
}

impl Line {
    /// What lines of the same account have together, under a key. Whoever and whatever is in several is there once.
    #[must_use]
    pub fn of_all(key: Vec<Label>, lines: &[&Self]) -> Self {
        let mut all = Self { key, ..Self::default() };
        for line in lines {
            all.numbers += &line.numbers;
            all.priced = all.priced.saturating_add(line.priced);
            all.without_cost = all.without_cost.saturating_add(line.without_cost);
        }
        all.sessions = Members::of_all(lines.iter().map(|line| &line.sessions));
        all.automation_sessions = Members::of_all(lines.iter().map(|line| &line.automation_sessions));
        all.people = Members::of_all(lines.iter().map(|line| &line.people));
        all
    }

    /// Adds what another line of the same account has; the key stays. Whoever and whatever is in both is there once.
    pub fn absorb(&mut self, other: &Self) {
        self.numbers += &other.numbers;
        self.priced = self.priced.saturating_add(other.priced);
        self.without_cost = self.without_cost.saturating_add(other.without_cost);
        self.sessions.absorb(&other.sessions);
        self.automation_sessions.absorb(&other.automation_sessions);
        self.people.absorb(&other.people);
    }
}

/// Lines by their keys.
pub(super) struct Lines {
    grouping: Vec<Grouping>,
    filter: Filter,
    lines: Vec<Line>,
    places: Places,
    last: usize,
    /// In which line who was last seen to work.
    worked: Option<(usize, u32)>,
}

impl Lines {
    /// Lines by this grouping of the rows that `filter` admits.
    pub(super) fn by(grouping: Vec<Grouping>, filter: Filter) -> Self {
        Self { grouping, filter, lines: Vec::new(), places: Places::default(), last: 0, worked: None }
    }

    /// Shows nothing but what `filter` admits.
    pub(super) fn show(&mut self, filter: Filter) {
        self.filter = filter;
    }

    /// Empty ones of the same kind.
    pub(super) fn fork(&self) -> Self {
        Self { places: self.places.fork(), ..Self::by(self.grouping.clone(), self.filter.clone()) }
    }

    /// Whether they are grouped or filtered by this, among others.
    pub(super) fn look_at(&self, grouping: &Grouping) -> bool {
        self.grouping.contains(grouping) || self.filter.is_by(grouping)
    }

    /// The number of the line to which a row belongs; `None` if it is not shown.
    pub(super) fn find(&mut self, place: &Place, about: &Dimensions, person: &Arc<str>) -> Option<usize> {
        let Self { grouping, filter, lines, places, last, .. } = self;
        if !filter.admits(place, about, person) {
            return None;
        }
        let texts = || grouping.iter().map(|grouping| grouping.text(place, about, person));
        let is_it = |line: &Line| texts().zip(&line.key).all(|(text, label)| text == label.as_deref());
        if !lines.get(*last).is_some_and(is_it) {
            let (found, is_new) = places.find(places.hash(texts()), |line| is_it(&lines[line]));
            if is_new {
                let key = grouping.iter().map(|grouping| grouping.label(place, about, person)).collect();
                lines.push(Line { key, ..Line::default() });
            }
            *last = found;
        }
        Some(*last)
    }

    /// Adds the lines of a [`fork`](Self::fork) that numbers sessions and people otherwise, and says which line each of them is here.
    pub(super) fn absorb(&mut self, other: Self, sessions: &[u32], people: &[u32]) -> Vec<usize> {
        let (lines, places) = (&mut self.lines, &mut self.places);
        let mut moved = Vec::with_capacity(other.lines.len());
        lines.reserve(other.lines.len());
        for (place, mut line) in other.lines.into_iter().enumerate() {
            line.sessions = line.sessions.renumbered(sessions);
            line.automation_sessions = line.automation_sessions.renumbered(sessions);
            line.people = line.people.renumbered(people);
            let (found, is_new) = places.find(other.places.hash_at(place), |known| lines[known].key == line.key);
            match is_new {
                true => lines.push(line),
                false => lines[found].absorb(&line),
            }
            moved.push(found);
        }
        moved
    }

    pub(super) fn add(&mut self, line: usize, numbers: &Numbers) {
        self.lines[line].numbers += numbers;
    }

    /// Adds a cost from the list of prices, in nano-dollars.
    pub(super) fn price(&mut self, line: usize, cost: i64) {
        let line = &mut self.lines[line];
        line.priced = line.priced.saturating_add(cost);
        line.numbers.add(Measure::Cost, cost);
    }

    /// Adds requests of which nobody knows what they cost.
    pub(super) fn leave_unpriced(&mut self, line: usize, requests: i64) {
        let count = &mut self.lines[line].without_cost;
        *count = count.saturating_add(requests);
    }

    /// Records that a person worked.
    pub(super) fn work(&mut self, line: usize, person: u32) {
        if self.worked != Some((line, person)) {
            self.lines[line].people.enter(person);
            self.worked = Some((line, person));
        }
    }

    /// Records in which session there was work, and whether no person did it.
    pub(super) fn work_in(&mut self, line: usize, session: u32, is_automation: bool) {
        let Line { sessions, automation_sessions, .. } = &mut self.lines[line];
        sessions.enter(session);
        if is_automation {
            automation_sessions.enter(session);
        }
    }

    /// The lines as they were added up.
    pub(super) fn all(&mut self) -> &mut [Line] {
        &mut self.lines
    }

    /// All of them in one, without a key.
    pub(super) fn total(&self) -> Line {
        Line::of_all(Vec::new(), &self.lines.iter().collect::<Vec<_>>())
    }

    /// The lines as an account has them: one for each member that labels name, without those in which nothing was counted, in the order
    /// of their keys.
    pub(super) fn finish(self) -> Vec<Line> {
        let Self { grouping, filter, mut lines, .. } = self;
        if grouping.iter().any(|grouping| matches!(grouping, Grouping::Attribute(_))) {
            lines = by_member(lines, &grouping, &filter);
        }
        lines.retain(|line| !line.numbers.is_empty());
        in_order(lines)
    }
}

fn in_order(mut lines: Vec<Line>) -> Vec<Line> {
    // Lines are large: each is moved once.
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_unstable_by(|a, b| lines[*a].key.cmp(&lines[*b].key));
    order.into_iter().map(|place| std::mem::take(&mut lines[place])).collect()
}

/// The same lines with one for each member that their labels name, and that `filter` admits: what is of two groups is in both.
fn by_member(lines: Vec<Line>, grouping: &[Grouping], filter: &Filter) -> Vec<Line> {
    let mut apart: Vec<Line> = Vec::with_capacity(lines.len());
    let mut index: HashMap<Vec<Label>, usize, RandomState> = HashMap::default();
    for line in lines {
        let mut keys: Vec<Vec<Label>> = vec![Vec::new()];
        for (grouping, label) in grouping.iter().zip(&line.key) {
            let mut shown = grouping.members(label.as_deref());
            shown.retain(|member| filter.admits_member(grouping, *member));
            let with = |key: &Vec<Label>| {
                let longer = |member: &Option<&str>| key.iter().cloned().chain([member.map(Arc::from)]).collect();
                shown.iter().map(longer).collect::<Vec<_>>()
            };
            keys = keys.iter().flat_map(with).collect();
        }
        for key in keys {
            match index.entry(key) {
                Entry::Occupied(found) => apart[*found.get()].absorb(&line),
                Entry::Vacant(vacant) => {
                    apart.push(Line { key: vacant.key().clone(), ..line.clone() });
                    vacant.insert(apart.len() - 1);
                }
            }
        }
    }
    apart
}
