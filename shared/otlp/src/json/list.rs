//! Reads lists. The visitors handle every kind of value, wanted or not, because serde's own message for an unexpected
//! one quotes it.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::context::Context;
use super::path::Step;
use super::scalar::{Mismatch, Nullable, Scalar, skip_object};
use crate::budget::SPARE_PLACES;

/// Reads an element of a list of scalars, where null is an error.
pub(super) struct Single<'c, 'de, T> {
    pub(super) convert: fn(Scalar<'de>) -> Result<T, Mismatch>,
    pub(super) context: &'c Context,
}

impl<T> Clone for Single<'_, '_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Single<'_, '_, T> {}

impl<'de, T> DeserializeSeed<'de> for Single<'_, 'de, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        self.context.charge(size_of::<T>())?;
        let Nullable(scalar) = Nullable::deserialize(deserializer)?;
        let value = scalar.and_then(|scalar| scalar.ok_or("must not be null"));
        value.and_then(self.convert).map_err(D::Error::custom)
    }
}

/// Reads a list; null is an empty list.
pub(super) struct List<'c, S> {
    element: S,
    context: &'c Context,
}

impl<'c, S> List<'c, S> {
    pub(super) fn new(element: S, context: &'c Context) -> Self {
        Self { element, context }
    }
}

impl<'de, S: DeserializeSeed<'de> + Copy> DeserializeSeed<'de> for List<'_, S> {
    type Value = Vec<S::Value>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: DeserializeSeed<'de> + Copy> Visitor<'de> for List<'_, S> {
    type Value = Vec<S::Value>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        loop {
            let was_empty = self.context.omitted.is_empty();
            match list.next_element_seed(self.element) {
                Ok(Some(element)) => {
                    if elements.is_empty() {
                        self.context.charge(SPARE_PLACES * size_of::<S::Value>())?;
                    }
                    self.context.omitted.record_step(was_empty, || Step::Index(elements.len()));
                    elements.push(element);
                }
                Ok(None) => return Ok(elements),
                Err(error) => {
                    self.context.failed_at(Step::Index(elements.len()));
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        skip_object(map)?;
        self.not_a_list()
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        self.not_a_list()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        self.not_a_list()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        self.not_a_list()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        self.not_a_list()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        self.not_a_list()
    }
}

impl<S> List<'_, S> {
    /// The value is not a list.
    fn not_a_list<T, E: Error>(self) -> Result<Vec<T>, E> {
        self.context.drop_mismatch(false, "must be a list").map(|()| Vec::new())
    }
}
