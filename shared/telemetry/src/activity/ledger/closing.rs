//! The end of a ledger: what was held back is decided, and everything is added up.

use std::sync::Arc;

use super::account::Account;
use super::filter::Filter;
use super::grouping::Grouping;
use super::lines::{Line, shown};
use super::members::{Register, Sessions};
use super::{Ledger, Reading};
use crate::activity::dimensions::Label;
use crate::activity::measure::Numbers;
use crate::activity::series::{Piece, Series};
use crate::claude::source::SourceId;

/// Lines as they were added up, with all that counts.
struct Settled {
    lines: Vec<Line>,
    grouping: Vec<Grouping>,
    filter: Filter,
    people: Register,
    sessions: Sessions,
    stands_alone: bool,
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>>> Ledger<W> {
    /// Decides about the metrics held back, and adds everything up.
    #[must_use]
    pub fn close(self) -> Account {
        let Settled { lines, grouping, filter, people, sessions, stands_alone } = self.settle();
        let total = Line::of_all(Vec::new(), &lines.iter().collect::<Vec<_>>());
        let (people, sessions) = (people.into_names(), sessions.into_keys());
        Account { lines: shown(lines, &grouping, &filter), total, people, sessions, stands_alone }
    }

    /// The same without the total.
    #[must_use]
    pub fn close_lines(self) -> Vec<Line> {
        let Settled { lines, grouping, filter, .. } = self.settle();
        shown(lines, &grouping, &filter)
    }

    /// The lines as they were added up, with all that counts.
    fn settle(mut self) -> Settled {
        for ((_, series), parts) in std::mem::take(&mut self.series) {
            self.close_series(&series, parts);
        }
        let (unexplained, open) = std::mem::take(&mut self.settling).unexplained();
        let leans_on_metrics = open.any && self.pricing.leans_on_metrics();
        let mut stands_alone = !open.shown && !leans_on_metrics;
        for pending in &unexplained {
            if let Some(line) = pending.line {
                self.lines.add(line, &pending.left.numbers());
            }
        }
        self.pricing.settle(&unexplained, &mut self.lines);
        let views = self.views.without(&self.started);
        let (mut lines, grouping) = self.lines.finish();
        for line in &mut lines {
            let seen = line.sessions.len();
            line.sessions.remove(&views);
            line.automation_sessions.keep(&line.sessions);
            line.automation_sessions.remove(&self.attended);
            stands_alone &= line.sessions.len() == seen && line.automation_sessions.is_empty();
        }
        Settled { lines, grouping, filter: self.filter, people: self.people, sessions: self.sessions, stands_alone }
    }

    /// Takes differences in order of time.
    fn close_series(&mut self, series: &Series, mut parts: Vec<Reading>) {
        parts.sort_by_key(|part| (part.piece.from, part.piece.to, part.piece.first));
        let is_money = series.is_money();
        let mut before = None;
        for Reading { piece, place, line } in parts {
            match (is_money, place.bucket, line) {
                (true, Some(bucket), _) => {
                    // What it gained within the bucket was compared with events there, and a closed day has the rest, too.
                    if let Some((money, reach)) = series.gap(bucket, before.as_ref(), &piece) {
                        self.pend(&place, &series.about, money, reach, true);
                    }
                }
                (false, _, Some(line)) => {
                    let mut numbers = Numbers::default();
                    numbers.add(series.measure, piece.since(before.as_ref().map(|before: &Piece| before.last)));
                    self.lines.add(line, &numbers);
                }
                _ => {}
            }
            before = Some(piece);
        }
    }
}
