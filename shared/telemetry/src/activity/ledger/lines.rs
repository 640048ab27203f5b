//! The lines of an account under construction. Rows come in long runs of one line, person and session, so the last of
//! each is compared first, before anything is hashed.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::grouping::{Grouping, Place};
use crate::activity::dimensions::{Dimensions, Label};
use crate::activity::measure::Numbers;

/// The sum of one group.
#[derive(Debug, Clone, Default)]
pub struct Line {
    /// One label for each [`Grouping`], in the requested order.
    pub key: Vec<Label>,
    /// The numbers. Those of metrics for tokens or cost are under the names of events.
    pub numbers: Numbers,
    /// Distinct sessions with work in them.
    pub sessions: HashSet<Arc<str>>,
    /// Distinct people with work in them.
    pub people: HashSet<Arc<str>>,
}

/// Lines by their keys.
pub(super) struct Lines {
    grouping: Vec<Grouping>,
    lines: Vec<Line>,
    index: HashMap<Vec<Label>, usize>,
    last: usize,
    /// The last work recorded: line, session and person.
    worked: Option<(usize, Option<Arc<str>>, Arc<str>)>,
}

impl Lines {
    pub(super) fn by(grouping: Vec<Grouping>) -> Self {
        Self { grouping, lines: Vec::new(), index: HashMap::new(), last: 0, worked: None }
    }

    /// The number of the line to which a row belongs.
    pub(super) fn find(&mut self, place: &Place, about: &Dimensions, person: &Arc<str>) -> usize {
        let label = |grouping: &Grouping| match grouping {
            Grouping::Day => Some(&place.day),
            Grouping::User => Some(person),
            Grouping::Model => about.model.as_ref(),
            Grouping::ModelAsSent => about.sent_model().as_ref(),
            Grouping::Provider => about.provider.as_ref(),
            Grouping::Team => about.team.as_ref(),
            Grouping::Repository => about.repository.as_ref(),
            Grouping::Tool => about.tool.as_ref(),
            Grouping::Version => about.version.as_ref(),
            Grouping::Terminal => about.terminal.as_ref(),
            Grouping::Session => about.session.as_ref(),
        };
        let is_last = |line: &Line| self.grouping.iter().zip(&line.key).all(|(g, known)| label(g) == known.as_ref());
        if !self.lines.get(self.last).is_some_and(is_last) {
            let key: Vec<Label> = self.grouping.iter().map(|grouping| label(grouping).cloned()).collect();
            self.last = match self.index.entry(key) {
                Entry::Occupied(found) => *found.get(),
                Entry::Vacant(vacant) => {
                    self.lines.push(Line { key: vacant.key().clone(), ..Line::default() });
                    *vacant.insert(self.lines.len() - 1)
                }
            };
        }
        self.last
    }

    pub(super) fn add(&mut self, line: usize, numbers: &Numbers) {
        self.lines[line].numbers += numbers;
    }

    /// Records who worked in which session.
    pub(super) fn work(&mut self, line: usize, session: Option<&Arc<str>>, person: &Arc<str>) {
        let worked =
            |(l, s, p): &(usize, Option<Arc<str>>, Arc<str>)| *l == line && s.as_ref() == session && p == person;
        if self.worked.as_ref().is_some_and(worked) {
            return;
        }
        let Line { sessions, people, .. } = &mut self.lines[line];
        if let Some(session) = session
            && !sessions.contains(session)
        {
            sessions.insert(session.clone());
        }
        if !people.contains(person) {
            people.insert(person.clone());
        }
        self.worked = Some((line, session.cloned(), person.clone()));
    }

    pub(super) fn finish(self) -> Vec<Line> {
        self.lines
    }
}
