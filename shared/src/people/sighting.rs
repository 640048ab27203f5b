//! What is known of a source besides its numbers. Everything in it is a minimum, a maximum, a union or a sum of exact
//! differences, so that the order in which exports are projected does not matter.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::activity::summary::Traffic;
use crate::otlp::Signal;
use crate::time::Millis;

mod days;
mod fact;
mod full;
mod told;

pub use days::Days;
pub use fact::{Fact, Mark};
pub use full::Full;

/// The most values that are kept of one kind of fact: those seen last.
const VALUES: usize = 64;
/// Longer values are cut, in bytes.
const VALUE_LIMIT: usize = 256;

/// When something was seen, by arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// First, in milliseconds since the epoch.
    pub first: i64,
    /// Last, in milliseconds since the epoch.
    pub last: i64,
}

/// What is known of a source.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sighting {
    /// What kind of name it has; none as long as only spans came, which are not kept.
    pub kind: Option<String>,
    /// The facts, and when each was seen.
    pub facts: BTreeMap<Fact, BTreeMap<String, Seen>>,
    /// When any of its exports arrived.
    pub seen: Option<Seen>,
    /// On which of the last days they did.
    #[serde(default)]
    pub days: Days,
    /// What the headers of its packs sum up to.
    pub traffic: Traffic,
}

impl Sighting {
    /// Adds what another sighting of the same source tells, but for the traffic.
    pub fn merge(&mut self, other: Self) {
        self.kind = self.kind.take().or(other.kind);
        if let Some(seen) = other.seen {
            self.arrived(Millis(seen.first));
            self.arrived(Millis(seen.last));
        }
        self.days = self.days.with(other.days);
        for (fact, values) in other.facts {
            for (value, seen) in values {
                self.note(fact, &value, Millis(seen.first));
                self.note(fact, &value, Millis(seen.last));
            }
        }
    }

    /// The values of a kind of fact.
    pub fn values(&self, fact: Fact) -> impl Iterator<Item = (&str, Seen)> {
        self.facts.get(&fact).into_iter().flatten().map(|(value, seen)| (value.as_str(), *seen))
    }

    /// When something happened, if it did.
    #[must_use]
    pub fn marked(&self, mark: Mark) -> Option<Seen> {
        self.facts.get(&Fact::Mark)?.get(mark.name()).copied()
    }

    /// When a signal last arrived, if it did.
    #[must_use]
    pub fn signal(&self, signal: Signal) -> Option<Seen> {
        self.facts.get(&Fact::Signal)?.get(signal.path()).copied()
    }

    /// The source's own name, in clear.
    #[must_use]
    pub fn own_name(&self) -> Option<&str> {
        self.facts.get(&Fact::Name)?.keys().next().map(String::as_str)
    }

    fn arrived(&mut self, at: Millis) {
        let seen = self.seen.get_or_insert(Seen { first: at.0, last: at.0 });
        *seen = Seen { first: seen.first.min(at.0), last: seen.last.max(at.0) };
        self.days = self.days.with(Days::of(at));
    }

    fn mark(&mut self, mark: Mark, at: Millis) {
        self.note(Fact::Mark, mark.name(), at);
    }

    fn note(&mut self, fact: Fact, value: &str, at: Millis) {
        let values = self.facts.entry(fact).or_default();
        let value = &value[..value.floor_char_boundary(VALUE_LIMIT)];
        match values.get_mut(value) {
            Some(seen) => *seen = Seen { first: seen.first.min(at.0), last: seen.last.max(at.0) },
            None => {
                values.insert(value.to_owned(), Seen { first: at.0, last: at.0 });
            }
        }
        if values.len() > VALUES {
            let oldest = values.iter().min_by_key(|(value, seen)| (seen.last, *value)).map(|(value, _)| value.clone());
            oldest.and_then(|value| values.remove(&value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(times: &[(Fact, &str, i64)]) -> Sighting {
        let mut sighting = Sighting::default();
        for (fact, value, at) in times {
            sighting.arrived(Millis(*at));
            sighting.note(*fact, value, Millis(*at));
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
        assert_eq!(one.seen, Some(Seen { first: 10, last: 40 }));
        assert_eq!(one.values(Fact::Version).collect::<Vec<_>>()[0], ("1", Seen { first: 10, last: 40 }));
    }

    #[test]
    fn of_too_many_values_the_last_seen_are_kept() {
        let mut sighting = Sighting::default();
        (0..200).for_each(|n| sighting.note(Fact::Client, &format!("c{n}"), Millis(n)));
        assert_eq!(sighting.facts[&Fact::Client].len(), VALUES);
        assert!(sighting.values(Fact::Client).all(|(_, seen)| seen.last >= 136));
    }
}
