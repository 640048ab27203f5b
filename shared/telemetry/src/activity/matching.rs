//! Which requests a metric point has counted.
//!
//! Claude Code reports tokens and cost twice: an event for each request, and a metric that adds requests up. A point of the
//! metric speaks of an interval of time; the events in it, of the same session and model, explain it, measure by measure.
//! Each amount of an event explains once.

use std::collections::HashMap;
use std::sync::Arc;

use super::dimensions::{Dimension, Dimensions, Label};
use super::money::Money;

/// What explains and is explained: a session and a model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Subject {
    /// The session.
    pub session: Label,
    /// The model.
    pub model: Label,
}

impl Subject {
    /// That of these dimensions.
    #[must_use]
    pub fn of(about: &Dimensions) -> Self {
        Self { session: about[Dimension::Session].clone(), model: about[Dimension::Model].clone() }
    }
}

/// Amounts that events reported at a time.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Position in time, in any unit.
    pub at: i64,
    /// Whose requests they were.
    pub subject: Subject,
    /// What is left to explain points with.
    pub left: Money,
}

/// An amount that metrics reported of an interval.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The ends of the interval, both included.
    pub interval: (i64, i64),
    /// Whose requests it counts.
    pub subject: Subject,
    /// How far outside of the interval offers may be, in the unit of time: the two signals do not read the clock at the same
    /// moment.
    pub slack: i64,
    /// What is not explained yet.
    pub left: Money,
}

/// Explains `claims` by `offers`, which are in the order of time, and takes what is explained from both.
///
/// Claims take in their order, the earliest offers first: those of their interval, then those within their slack. Offers of
/// the same session come before others of the model: some versions send metrics under the session that was resumed, or
/// without a session.
pub fn explain(offers: &mut [Offer], claims: &mut [Claim]) {
    let mut queues: HashMap<(Option<Arc<str>>, Label), Queue> = HashMap::new();
    for (index, Offer { subject: Subject { session, model }, .. }) in offers.iter().enumerate() {
        queues.entry((None, model.clone())).or_default().indices.push(index);
        if session.is_some() {
            queues.entry((session.clone(), model.clone())).or_default().indices.push(index);
        }
    }
    for (of_session, is_slack) in [(true, false), (true, true), (false, false), (false, true)] {
        for claim in &mut *claims {
            if claim.left.is_empty()
                || (of_session && claim.subject.session.is_none())
                || (is_slack && claim.slack == 0)
            {
                continue;
            }
            let session = claim.subject.session.clone().filter(|_| of_session);
            if let Some(queue) = queues.get_mut(&(session, claim.subject.model.clone())) {
                let slack = if is_slack { claim.slack } else { 0 };
                queue.serve(claim, offers, slack);
            }
        }
    }
}

/// Offers of one session or model, in the order of time.
#[derive(Default)]
struct Queue {
    indices: Vec<usize>,
    unused: [Unused; Money::LEN],
}

impl Queue {
    /// Takes from the offers in reach what the claim still needs.
    fn serve(&mut self, claim: &mut Claim, offers: &mut [Offer], slack: i64) {
        let from = claim.interval.0.saturating_sub(slack);
        let to = claim.interval.1.saturating_add(slack);
        let first = self.indices.partition_point(|index| offers[*index].at < from);
        for (measure, unused) in self.unused.iter_mut().enumerate() {
            let mut position = first;
            while claim.left[measure] > 0 {
                let is_used =
                    |position: usize| self.indices.get(position).is_some_and(|i| offers[*i].left[measure] <= 0);
                position = unused.from(position, is_used);
                let Some(offer) = self.indices.get(position).map(|index| &mut offers[*index]) else { break };
                if offer.at > to {
                    break;
                }
                let taken = claim.left[measure].min(offer.left[measure]);
                claim.left[measure] -= taken;
                offer.left[measure] -= taken;
            }
        }
    }
}

/// Which positions of a list are not used up. What is used up is skipped for good, so that many claims on long lists cost
/// no more than what they use.
#[derive(Debug, Clone, Default)]
pub(super) struct Unused {
    /// For each position, one at or after it before which everything is used up.
    next: Vec<usize>,
}

impl Unused {
    /// The first position from `position` on that is not used up: the end of the list, where it must not be, at the latest.
    pub(super) fn from(&mut self, position: usize, is_used: impl Fn(usize) -> bool) -> usize {
        let mut found = position;
        loop {
            while self.next.len() <= found {
                self.next.push(self.next.len());
            }
            if self.next[found] != found {
                // Halves the way for whoever comes next.
                let further = self.next[found];
                if let Some(next) = self.next.get(further).copied() {
                    self.next[found] = next;
                }
                found = self.next[found];
            } else if is_used(found) {
                self.next[found] = found + 1;
            } else {
                return found;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(session: &str) -> Subject {
        Subject { session: Some(session).filter(|s| !s.is_empty()).map(Arc::from), model: Some("m".into()) }
    }

    fn cost(amount: i64) -> Money {
        [0, 0, 0, 0, amount].into()
    }

    fn offer(at: i64, session: &str, amount: i64) -> Offer {
        Offer { at, subject: subject(session), left: cost(amount) }
    }

    fn claim(from: i64, to: i64, session: &str, amount: i64) -> Claim {
        Claim { interval: (from, to), subject: subject(session), slack: 5, left: cost(amount) }
    }

    fn left(mut offers: Vec<Offer>, mut claims: Vec<Claim>) -> (Vec<i64>, Vec<i64>) {
        explain(&mut offers, &mut claims);
        (offers.iter().map(|o| o.left[4]).collect(), claims.iter().map(|c| c.left[4]).collect())
    }

    #[test]
    fn the_events_of_its_interval_explain_a_point_and_are_used_once() {
        let offers = vec![offer(10, "s", 3), offer(40, "s", 4), offer(70, "s", 5)];
        let claims = vec![claim(0, 60, "s", 7), claim(60, 120, "s", 9)];
        assert_eq!(left(offers, claims), (vec![0, 0, 0], vec![0, 4]));
    }

    #[test]
    fn a_lost_event_is_not_explained_by_one_of_another_interval() {
        let offers = vec![offer(10, "s", 3), offer(200, "s", 3)];
        assert_eq!(left(offers, vec![claim(60, 120, "s", 3)]), (vec![3, 3], vec![3]));
    }

    #[test]
    fn an_event_a_moment_outside_belongs_to_it_unless_it_explains_another() {
        assert_eq!(left(vec![offer(62, "s", 3)], vec![claim(0, 60, "s", 3)]), (vec![0], vec![0]));
        let claims = vec![claim(0, 60, "s", 3), claim(60, 120, "s", 3)];
        assert_eq!(left(vec![offer(62, "s", 3)], claims), (vec![0], vec![3, 0]));
    }

    #[test]
    fn a_session_explains_its_own_points_first_and_then_those_of_a_wrong_or_no_session() {
        let offers = vec![offer(10, "a", 3), offer(20, "b", 3)];
        let claims = vec![claim(0, 60, "old", 3), claim(0, 60, "b", 3), claim(0, 60, "", 2)];
        assert_eq!(left(offers, claims), (vec![0, 0], vec![0, 0, 2]));
    }

    #[test]
    fn measures_are_explained_one_by_one() {
        let mut offers = vec![Offer { at: 1, subject: subject("s"), left: [5, 0, 0, 0, 0].into() }];
        let mut claims =
            vec![Claim { interval: (0, 9), subject: subject("s"), slack: 0, left: [5, 0, 0, 0, 7].into() }];
        explain(&mut offers, &mut claims);
        assert_eq!(claims[0].left.amounts(), [0, 0, 0, 0, 7], "an event without a cost explains no cost");
    }

    #[test]
    fn a_hundred_thousand_overlapping_points_over_as_many_events_take_a_moment() {
        let offers = (0..100_000).map(|at| offer(at, "s", 1)).collect();
        let claims = (0..100_000).map(|_| claim(0, 100_000, "s", 1)).collect();
        let (offers, claims) = left(offers, claims);
        assert_eq!((offers.iter().sum::<i64>(), claims.iter().sum::<i64>()), (0, 0));
    }
}
