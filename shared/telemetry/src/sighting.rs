//! What is known of a source besides its numbers. Everything in it is a minimum, a maximum, a union or a sum of exact
//! differences, so that the order in which exports are projected does not matter.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::activity::summary::Traffic;
use crate::claude::service;
use model::time::{SignedDuration, Timestamp};
use otlp::Signal;

mod counted;
mod days;
mod fact;
mod facts;
mod from_packs;
mod full;
mod recount;
mod seen;
mod wire;

pub use counted::{Counted, Place};
pub use days::Days;
pub use fact::{Fact, Mark};
pub use facts::{Facts, Words};
pub use full::Full;
pub use recount::{Reading, Recount};
pub use seen::Seen;

/// What is known of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sighting {
    /// The kind of its name; `None` as long as only spans have arrived, which are not kept.
    pub kind: Option<Arc<str>>,
    /// The facts, and when each was seen.
    pub facts: Facts,
    /// When any of its exports arrived.
    pub seen: Option<Seen>,
    /// On which of the last days exports arrived.
    #[serde(default)]
    pub days: Days,
    /// The sum of the headers of its packs.
    pub traffic: Traffic,
    /// The summaries that were counted last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counted: Vec<Counted>,
    /// How far the traffic has been counted anew, while that is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recount: Option<Recount>,
}

impl Sighting {
    /// Whether it says something that `known` does not: more than that what is known was seen again, unless that was at least `every`
    /// later. Both are of the same source, and this one is the later one.
    #[must_use]
    pub fn is_news(&self, known: &Self, every: SignedDuration) -> bool {
        let again = match (self.seen, known.seen) {
            (Some(now), Some(before)) => now.first < before.first || now.last >= before.last.plus(every),
            (now, before) => now != before,
        };
        again || self.kind != known.kind || self.days != known.days || self.facts.are_news(&known.facts, every)
    }

    /// Whether it names whom `other`, of the same source, names: by the source's own name, by what was seen with it, and at all.
    #[must_use]
    pub fn names_whom(&self, other: &Self) -> bool {
        let mut naming = [Fact::Name, Fact::Account, Fact::Client, Fact::Identity].into_iter();
        let are_equal =
            |fact| self.facts.of(fact).map(|(value, _)| value).eq(other.facts.of(fact).map(|(value, _)| value));
        self.kind == other.kind && self.seen.is_some() == other.seen.is_some() && naming.all(are_equal)
    }

    /// Merges another sighting of the same source, except for its traffic.
    pub fn merge(&mut self, other: Self) {
        self.kind = self.kind.take().or(other.kind);
        if let Some(seen) = other.seen {
            self.arrived(seen.first);
            self.arrived(seen.last);
        }
        self.days = self.days.with(other.days);
        self.facts.merge(&other.facts);
    }

    /// What it says of the time before `from` and from `to` on, except for the traffic, which stays whole. If the first
    /// or last time of something lies in between, only the end outside is known.
    #[must_use]
    pub fn outside(&self, from: Timestamp, to: Timestamp) -> Self {
        let seen = self.seen.and_then(|seen| seen.outside(from, to));
        let days = seen.map_or_else(Days::default, |seen| {
            let ends = Days::of(seen.first).with(Days::of(seen.last));
            self.days.outside(from, to).with(ends)
        });
        let kind = self.kind.clone().filter(|_| seen.is_some());
        Self {
            kind,
            facts: self.facts.outside(from, to),
            seen,
            days,
            traffic: self.traffic,
            counted: self.counted.clone(),
            recount: self.recount,
        }
    }

    /// Whether it has as many values of this kind of fact as are kept, so that others may have been dropped.
    #[must_use]
    pub fn is_full(&self, fact: Fact) -> bool {
        self.facts.of(fact).count() >= facts::most(fact)
    }

    /// Shares texts that many sources have in common, through `words`.
    pub fn share(&mut self, words: &mut Words) {
        self.kind.iter_mut().for_each(|kind| words.share(kind));
        self.facts.share(words);
    }

    /// The values of this kind of fact.
    pub fn values(&self, fact: Fact) -> impl Iterator<Item = (&str, Seen)> {
        self.facts.of(fact).map(|(value, seen)| (&**value, seen))
    }

    /// The [services](crate::claude::service) that speak under this name: Claude Code, where no record says otherwise.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        let none_is_known = self.facts.of(Fact::Service).next().is_none();
        self.values(Fact::Service).map(|(service, _)| service).chain(none_is_known.then_some(service::CLAUDE_CODE))
    }

    /// Whether Claude Code speaks under this name.
    #[must_use]
    pub fn is_of_claude_code(&self) -> bool {
        self.services().any(service::is_claude_code)
    }

    /// Whether all work under this name says that a machine does it, as far as is known from the first and the last of it.
    #[must_use]
    pub fn is_automated(&self) -> bool {
        let work = [Mark::Work, Mark::WorkPoint].map(|mark| self.marked(mark));
        let is_within = |seen: &Seen| {
            let automated = self.marked(Mark::Automated);
            automated.is_some_and(|automated| automated.first <= seen.first && automated.last >= seen.last)
        };
        work.iter().any(Option::is_some) && work.iter().flatten().all(is_within)
    }

    /// When something happened, if it did.
    #[must_use]
    pub fn marked(&self, mark: Mark) -> Option<Seen> {
        self.facts.find(Fact::Mark, mark.name())
    }

    /// When a signal arrived, if it did.
    #[must_use]
    pub fn signal(&self, signal: Signal) -> Option<Seen> {
        self.facts.find(Fact::Signal, signal.path())
    }

    /// The source's own name in plain text.
    #[must_use]
    pub fn own_name(&self) -> Option<&Arc<str>> {
        self.facts.of(Fact::Name).next().map(|(name, _)| name)
    }

    fn arrived(&mut self, at: Timestamp) {
        let seen = self.seen.get_or_insert(Seen { first: at, last: at });
        *seen = Seen { first: seen.first.min(at), last: seen.last.max(at) };
        self.days = self.days.with(Days::of(at));
    }

    fn mark(&mut self, mark: Mark, at: Timestamp) {
        self.note(Fact::Mark, mark.name(), at);
    }

    fn note(&mut self, fact: Fact, value: &str, at: Timestamp) {
        self.facts.note(fact, value, Seen { first: at, last: at });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::time::MILLISECOND;

    fn seen(times: &[(Fact, &str, i64)]) -> Sighting {
        let mut sighting = Sighting::default();
        for (fact, value, at) in times {
            sighting.arrived(Timestamp(*at));
            sighting.note(*fact, value, Timestamp(*at));
        }
        sighting
    }

    #[test]
    fn sightings_merge_alike_in_any_order_and_any_number_of_times() {
        let early = seen(&[(Fact::Version, "1", 10), (Fact::Client, "c", 30)]);
        let late = seen(&[(Fact::Version, "2", 20), (Fact::Version, "1", 40)]);
        let mut one = early.clone();
        one.merge(late.clone());
        let mut other = late.clone();
        other.merge(early.clone());
        other.merge(late);
        other.merge(early);
        assert_eq!(one, other);
        assert_eq!(one.seen, Some(Seen { first: Timestamp(10), last: Timestamp(40) }));
        assert_eq!(
            one.values(Fact::Version).collect::<Vec<_>>()[0],
            ("1", Seen { first: Timestamp(10), last: Timestamp(40) })
        );
    }

    #[test]
    fn that_the_same_was_seen_again_is_news_after_a_while_and_anything_else_at_once() {
        let known = seen(&[(Fact::Version, "1", 10), (Fact::Client, "c", 30)]);
        let with = |fact, value, at| {
            let mut later = known.clone();
            later.merge(seen(&[(fact, value, at)]));
            later.is_news(&known, 100 * MILLISECOND)
        };
        assert!(!known.is_news(&known, 100 * MILLISECOND));
        assert!(!with(Fact::Client, "c", 129), "seen again a little later");
        assert!(with(Fact::Client, "c", 130), "seen again long after");
        assert!(with(Fact::Client, "d", 31) && with(Fact::Version, "2", 31), "what is new");
        assert!(with(Fact::Client, "c", 9), "known since earlier");
    }

    #[test]
    fn whom_it_names_changes_with_the_names_and_not_with_the_times() {
        let known = seen(&[(Fact::Client, "c", 30), (Fact::Version, "1", 10)]);
        let with = |fact, value| {
            let mut later = known.clone();
            later.merge(seen(&[(fact, value, 50)]));
            later.names_whom(&known)
        };
        assert!(with(Fact::Client, "c") && with(Fact::Version, "2") && with(Fact::Settings, "3"));
        for fact in [Fact::Name, Fact::Account, Fact::Client, Fact::Identity] {
            assert!(!with(fact, "other"), "{fact:?}");
        }
        assert!(!Sighting::default().names_whom(&known));
        assert!(!Sighting { kind: Some("client".into()), ..known.clone() }.names_whom(&known));
    }

    #[test]
    fn outside_of_a_time_only_what_was_seen_outside_is_known() {
        let mut all = seen(&[(Fact::Version, "1", 10), (Fact::Client, "c", 30)]);
        all.merge(seen(&[(Fact::Version, "2", 40), (Fact::Client, "c", 50), (Fact::Client, "d", 60)]));
        let outside = all.outside(Timestamp(30), Timestamp(60));
        let known: Vec<_> = outside.values(Fact::Client).collect();
        assert_eq!(known, [("d", Seen { first: Timestamp(60), last: Timestamp(60) })], "c was seen within alone");
        assert_eq!(outside.values(Fact::Version).count(), 1);
        assert_eq!(outside.seen, Some(Seen { first: Timestamp(10), last: Timestamp(60) }));
        assert_eq!(all.outside(Timestamp(0), Timestamp(61)), Sighting::default());
        assert_eq!(all.outside(Timestamp(70), Timestamp(80)), all);
    }
}
