//! The facts of a sighting: one list ordered by kind and value. Readers hold the sightings of everybody at once, so a
//! fact takes a few words and no map of its own; the stored form is a map of maps.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use serde::de::{Error, IgnoredAny, IntoDeserializer, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Fact, Seen};

use model::time::{SignedDuration, Timestamp};

/// The most values kept of one kind of fact; the ones seen last are kept.
const VALUES: usize = 64;
/// The most versions kept. A client has a new one nearly every day, and a sighting with more of them is more than one write unit.
const VERSIONS: usize = 8;
/// The size to which longer values are cut, in bytes.
const VALUE_LIMIT: usize = 256;

/// What is known of a source, and when each of it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts(Vec<Known>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    fact: Fact,
    value: Arc<str>,
    seen: Seen,
}

impl Facts {
    /// Records that a value was seen. If there are too many values of a kind, the ones seen last are kept.
    pub fn note(&mut self, fact: Fact, value: &str, seen: Seen) {
        let value = &value[..value.floor_char_boundary(VALUE_LIMIT)];
        match self.place(fact, value) {
            Ok(at) => {
                let known = &mut self.0[at].seen;
                *known = Seen { first: known.first.min(seen.first), last: known.last.max(seen.last) };
            }
            Err(at) => {
                self.0.insert(at, Known { fact, value: value.into(), seen });
                self.forget_oldest(fact);
            }
        }
    }

    fn forget_oldest(&mut self, fact: Fact) {
        let (start, mut end) = self.run(fact);
        // An earlier release may have kept more.
        while end - start > most(fact) {
            let oldest = (start..end).min_by_key(|at| (self.0[*at].seen.last, self.0[*at].value.clone()));
            oldest.into_iter().for_each(|at| drop(self.0.remove(at)));
            end -= 1;
        }
    }

    /// The values of a kind of fact, in order.
    pub fn of(&self, fact: Fact) -> impl Iterator<Item = (&Arc<str>, Seen)> {
        let (start, end) = self.run(fact);
        self.0[start..end].iter().map(|known| (&known.value, known.seen))
    }

    /// When a value was seen, if it was.
    #[must_use]
    pub fn find(&self, fact: Fact, value: &str) -> Option<Seen> {
        self.place(fact, value).ok().map(|at| self.0[at].seen)
    }

    /// What was seen before `from`, or from `to` on.
    #[must_use]
    pub fn outside(&self, from: Timestamp, to: Timestamp) -> Self {
        let known = |known: &Known| Some(Known { seen: known.seen.outside(from, to)?, ..known.clone() });
        Self(self.0.iter().filter_map(known).collect())
    }

    /// Removes all values of a kind of fact.
    pub fn forget(&mut self, fact: Fact) {
        self.0.retain(|known| known.fact != fact);
    }

    /// Whether there is one here that `known` has not, or one that was seen before its first time or at least `every` after its
    /// last.
    pub(super) fn are_news(&self, known: &Self, every: SignedDuration) -> bool {
        let is_new = |(now, before): (&Known, &Known)| {
            (now.fact, &now.value) != (before.fact, &before.value)
                || now.seen.first < before.seen.first
                || now.seen.last >= before.seen.last.plus(every)
        };
        self.0.len() != known.0.len() || self.0.iter().zip(&known.0).any(is_new)
    }

    /// Merges all of `other`.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|known| self.note(known.fact, &known.value, known.seen));
    }

    /// Shares texts that many sources have in common, through `words`, and releases spare capacity.
    pub fn share(&mut self, words: &mut Words) {
        for known in &mut self.0 {
            if !matches!(known.fact, Fact::Name | Fact::Account | Fact::Client | Fact::Identity) {
                words.share(&mut known.value);
            }
        }
        self.0.shrink_to_fit();
    }

    fn place(&self, fact: Fact, value: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|known| (known.fact, &*known.value).cmp(&(fact, value)))
    }

    fn run(&self, fact: Fact) -> (usize, usize) {
        let start = self.0.partition_point(|known| known.fact < fact);
        (start, start + self.0[start..].partition_point(|known| known.fact == fact))
    }
}

/// The most values kept of a kind of fact.
pub(super) fn most(fact: Fact) -> usize {
    if fact == Fact::Version { VERSIONS } else { VALUES }
}

/// A set of texts that are kept in memory once.
#[derive(Debug, Default)]
pub struct Words(HashSet<Arc<str>>);

impl Words {
    /// Replaces `text` by the shared copy.
    pub fn share(&mut self, text: &mut Arc<str>) {
        match self.0.get(text) {
            Some(known) => *text = Arc::clone(known),
            None => {
                self.0.insert(Arc::clone(text));
            }
        }
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kinds: Vec<&[Known]> = self.0.chunk_by(|one, other| one.fact == other.fact).collect();
        let mut map = serializer.serialize_map(Some(kinds.len()))?;
        for kind in kinds {
            map.serialize_entry(&kind[0].fact, &Values(kind))?;
        }
        map.end()
    }
}

struct Values<'a>(&'a [Known]);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|known| (&known.value, known.seen)))
    }
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Kinds;
        impl<'de> Visitor<'de> for Kinds {
            type Value = Facts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("facts by kind")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Facts, A::Error> {
                let mut found = Vec::new();
                while let Some(MaybeFact(fact)) = map.next_key()? {
                    match fact {
                        Some(fact) => map.next_value_seed(Kind { fact, found: &mut found })?,
                        None => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                found.sort_unstable_by(|a: &Known, b| (a.fact, &a.value).cmp(&(b.fact, &b.value)));
                Ok(Facts(found))
            }
        }
        deserializer.deserialize_map(Kinds)
    }
}

/// A kind of fact; `None` is one of a later release, which is passed over.
struct MaybeFact(Option<Fact>);

impl<'de> Deserialize<'de> for MaybeFact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl Visitor<'_> for Name {
            type Value = MaybeFact;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a kind of fact")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<MaybeFact, E> {
                let fact = Fact::deserialize(IntoDeserializer::<E>::into_deserializer(name));
                Ok(MaybeFact(fact.ok()))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// The values of one kind while the list is deserialised.
struct Kind<'a> {
    fact: Fact,
    found: &'a mut Vec<Known>,
}

impl<'de> serde::de::DeserializeSeed<'de> for Kind<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Kind<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("values, and when each was seen")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((value, seen)) = map.next_entry()? {
            self.found.push(Known { fact: self.fact, value, seen });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(first: i64, last: i64) -> Seen {
        Seen { first: Timestamp(first), last: Timestamp(last) }
    }

    #[test]
    fn facts_are_stored_as_a_map_of_maps_and_read_back_whatever_its_order() {
        let mut facts = Facts::default();
        facts.note(Fact::Version, "2", at(3, 4));
        facts.note(Fact::Name, "dana@example.com", at(1, 2));
        facts.note(Fact::Version, "1", at(1, 2));
        let stored = r#"{"name":{"dana@example.com":[1,2]},"version":{"1":[1,2],"2":[3,4]}}"#;
        assert_eq!(serde_json::to_string(&facts).unwrap(), stored);
        let other = r#"{"version":{"2":{"first":3,"last":4},"1":{"first":1,"last":2}},"name":{"dana@example.com":{"first":1,"last":2}}}"#;
        assert_eq!(serde_json::from_str::<Facts>(other).unwrap(), facts);
    }

    #[test]
    fn a_kind_of_fact_of_a_later_release_is_passed_over() {
        let stored = r#"{"name":{"x":{"first":1,"last":2}},"phase":{"full":[1,{"moon":2}]},"version":{"1":{"first":1,"last":2}}}"#;
        let mut known = Facts::default();
        known.note(Fact::Name, "x", at(1, 2));
        known.note(Fact::Version, "1", at(1, 2));
        assert_eq!(serde_json::from_str::<Facts>(stored).unwrap(), known);
        assert!(serde_json::from_str::<Facts>(r#"{"version":{"1":"yesterday"}}"#).is_err(), "damage is none");
    }

    #[test]
    fn a_value_is_cut_at_256_bytes_at_a_characters_end() {
        let mut facts = Facts::default();
        facts.note(Fact::Name, &format!("x{}", "\u{e9}".repeat(12_800)), at(1, 2));
        assert_eq!(facts.of(Fact::Name).map(|(value, _)| value.len()).collect::<Vec<_>>(), [255]);
    }

    #[test]
    fn outside_of_a_time_a_fact_is_known_by_the_ends_that_lie_outside() {
        let mut facts = Facts::default();
        for (value, first, last) in
            [("before", 1, 5), ("across", 1, 50), ("into", 1, 15), ("out of", 15, 50), ("in", 10, 19)]
        {
            facts.note(Fact::Client, value, at(first, last));
        }
        let outside = facts.outside(Timestamp(10), Timestamp(20));
        let found: Vec<_> = outside.of(Fact::Client).map(|(value, seen)| (&**value, seen)).collect();
        assert_eq!(found, [("across", at(1, 50)), ("before", at(1, 5)), ("into", at(1, 1)), ("out of", at(50, 50))]);
    }

    #[test]
    fn of_versions_fewer_are_kept_also_of_those_that_an_earlier_release_kept() {
        let stored: Vec<String> = (0..60).map(|n| format!(r#""2.1.{n}":{n}"#)).collect();
        let stored = format!(r#"{{"client":{{"c":1}},"version":{{{}}}}}"#, stored.join(","));
        let mut facts: Facts = serde_json::from_str(&stored).unwrap();
        facts.note(Fact::Version, "2.1.60", at(60, 60));
        let kept: Vec<_> = facts.of(Fact::Version).map(|(value, _)| value.to_string()).collect();
        assert_eq!(kept, (53..=60).map(|n| format!("2.1.{n}")).collect::<Vec<_>>());
        assert_eq!(facts.of(Fact::Client).count(), 1);
    }

    #[test]
    fn of_too_many_values_the_last_seen_are_kept() {
        let mut facts = Facts::default();
        (0..200).for_each(|n| facts.note(Fact::Client, &format!("c{n}"), at(n, n)));
        assert_eq!(facts.of(Fact::Client).count(), VALUES);
        assert!(facts.of(Fact::Client).all(|(_, seen)| seen.last >= Timestamp(136)));
    }
}
