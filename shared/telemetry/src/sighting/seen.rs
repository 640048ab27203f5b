//! When something was seen. Each fact of each source has one, and every reader of people reads them all, so the stored form is short.

use std::fmt;

use serde::de::{Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use model::time::Timestamp;

/// When something was seen, by time of arrival.
///
/// It is stored as the one moment that it was seen at, or as a list of the first and the last; a map of both, as earlier releases wrote
/// it, is read, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// First.
    pub first: Timestamp,
    /// Last.
    pub last: Timestamp,
}

impl Seen {
    fn between(first: i64, last: i64) -> Self {
        Self { first: Timestamp(first), last: Timestamp(last) }
    }

    /// What remains if nothing is known of the time from `from` to `to`.
    pub(super) fn outside(self, from: Timestamp, to: Timestamp) -> Option<Self> {
        let known = |at: &Timestamp| !(from..to).contains(at);
        let mut ends = [self.first, self.last].into_iter().filter(known);
        let first = ends.next()?;
        Some(Self { first, last: ends.next().unwrap_or(first) })
    }
}

impl Serialize for Seen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.first == self.last {
            self.first.0.serialize(serializer)
        } else {
            (self.first.0, self.last.0).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Times;
        impl<'de> Visitor<'de> for Times {
            type Value = Seen;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a moment, or the first and the last")
            }

            fn visit_i64<E: Error>(self, at: i64) -> Result<Seen, E> {
                Ok(Seen::between(at, at))
            }

            fn visit_u64<E: Error>(self, at: u64) -> Result<Seen, E> {
                self.visit_i64(at.try_into().map_err(|_| E::custom("a moment out of range"))?)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut both: A) -> Result<Seen, A::Error> {
                let mut next = || both.next_element()?.ok_or_else(|| A::Error::custom("one moment of two"));
                Ok(Seen::between(next()?, next()?))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut both: A) -> Result<Seen, A::Error> {
                let (mut first, mut last) = (None, None);
                while let Some(key) = both.next_key::<&str>()? {
                    match key {
                        "first" => first = Some(both.next_value()?),
                        "last" => last = Some(both.next_value()?),
                        _ => drop(both.next_value::<IgnoredAny>()?),
                    }
                }
                let both = first.zip(last).ok_or_else(|| A::Error::custom("one moment of two"))?;
                Ok(Seen::between(both.0, both.1))
            }
        }
        deserializer.deserialize_any(Times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_stored_alone_and_two_as_a_list_and_a_map_of_an_earlier_release_is_read() {
        for (first, last, stored) in [(5, 5, "5"), (5, 9, "[5,9]"), (-3, 0, "[-3,0]"), (-3, -3, "-3")] {
            let seen = Seen::between(first, last);
            assert_eq!(serde_json::to_string(&seen).unwrap(), stored);
            for form in [stored.to_owned(), format!(r#"{{"first":{first},"last":{last}}}"#)] {
                assert_eq!(serde_json::from_str::<Seen>(&form).unwrap(), seen, "{form}");
            }
        }
    }

    #[test]
    fn half_of_it_and_anything_else_is_damage() {
        for damaged in ["[5]", "[]", "[5,6,7]", r#"{"first":5}"#, r#""5""#, "null", "5.5", "18446744073709551615"] {
            assert!(serde_json::from_str::<Seen>(damaged).is_err(), "{damaged}");
        }
    }
}
