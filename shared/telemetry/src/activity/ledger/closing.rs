//! The end of a ledger: what was held back is decided, and everything is added up.

use model::order;
use std::sync::Arc;

use super::account::Account;
use super::lines::{Line, Lines};
use super::register::{Register, Sessions};
use super::{Ledger, Reading};
use crate::activity::dimensions::Label;
use crate::activity::measure::Numbers;
use crate::activity::series::{Piece, Series};
use crate::claude::source::SourceId;

/// Lines as they were added up, with all that counts.
struct Settled {
    divisions: Vec<Lines>,
    people: Register,
    sessions: Sessions,
    stands_alone: bool,
}

impl<W: Fn(SourceId, &Label) -> Option<Arc<str>>> Ledger<W> {
    /// Decides about the metrics held back, and adds everything up.
    #[must_use]
    pub fn close(self) -> Account {
        self.close_all().next().unwrap_or_default()
    }

    /// The same by each of its groupings.
    pub fn close_all(self) -> impl Iterator<Item = Account> {
        let Settled { divisions, people, sessions, stands_alone } = self.settle();
        let (people, sessions) = (Arc::new(people.into_names()), Arc::new(sessions.into_keys()));
        divisions.into_iter().map(move |lines| {
            let (people, sessions) = (Arc::clone(&people), Arc::clone(&sessions));
            Account { total: lines.total(), lines: lines.finish(), people, sessions, stands_alone }
        })
    }

    /// The lines by its first grouping, without their total.
    #[must_use]
    pub fn close_lines(self) -> Vec<Line> {
        self.settle().divisions.into_iter().next().map(Lines::finish).unwrap_or_default()
    }

    /// The lines as they were added up, with all that counts.
    fn settle(mut self) -> Settled {
        self.outlined.finish(&mut self.divisions, &mut self.sessions);
        for ((_, series), parts) in std::mem::take(&mut self.series) {
            self.close_series(&series, parts);
        }
        let (unexplained, open) = std::mem::take(&mut self.settling).unexplained();
        let leans_on_metrics = open.any && self.pricing.leans_on_metrics();
        let mut stands_alone = !open.shown && !leans_on_metrics;
        for pending in &unexplained {
            if let Some(at) = pending.at {
                self.divisions.add(at, &pending.left.numbers());
            }
        }
        self.pricing.settle(&unexplained, &mut self.divisions);
        let (views, attended) = (self.sessions.views(), self.sessions.attended());
        let mut divisions = self.divisions.finish();
        for line in divisions.iter_mut().flat_map(Lines::all) {
            let seen = line.sessions.len();
            line.sessions.remove(&views);
            line.automation_sessions.keep(&line.sessions);
            line.automation_sessions.remove(&attended);
            stands_alone &= line.sessions.len() == seen && line.automation_sessions.is_empty();
        }
        Settled { divisions, people: self.people, sessions: self.sessions, stands_alone }
    }

    /// Takes differences in order of time.
    fn close_series(&mut self, series: &Series, mut parts: Vec<Reading>) {
        order::sort_by_key(&mut parts, |part| (part.piece.from, part.piece.to, part.piece.first));
        let is_money = series.is_money();
        let mut before = None;
        for Reading { piece, place, at } in parts {
            match (is_money, place.bucket, at) {
                (true, Some(bucket), _) => {
                    // What it gained within the bucket was compared with events there, and a closed day has the rest, too.
                    if let Some((money, reach)) = series.gap(bucket, before.as_ref(), &piece) {
                        self.pend(&place, &series.about, money, reach, true);
                    }
                }
                (false, _, Some(at)) => {
                    let mut numbers = Numbers::default();
                    numbers.add(series.measure, piece.since(before.as_ref().map(|before: &Piece| before.last)));
                    self.divisions.add(at, &numbers);
                }
                _ => {}
            }
            before = Some(piece);
        }
    }
}
