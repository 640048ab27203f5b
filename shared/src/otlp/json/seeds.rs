//! How objects and lists are read: one visitor for each.
//!
//! The visitors name every kind of value they do not want, because serde's own words for one that is
//! out of place quote it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::scalar::{Mismatch, Nullable, Scalar};
use super::value::{Context, Object, Step, Value};

/// Reads an object as a message, null as none.
pub(super) struct Message<'c, T> {
    context: &'c Context,
    message: PhantomData<T>,
}

impl<'c, T> Message<'c, T> {
    pub(super) fn new(context: &'c Context) -> Self {
        Self { context, message: PhantomData }
    }
}

impl<'de, T: Object> DeserializeSeed<'de> for Message<'_, T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Object> Visitor<'de> for Message<'_, T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut message = T::default();
        while let Some(Name(field)) = map.next_key()? {
            message.set(&field, Value::new(&field, &mut map, self.context))?;
        }
        Ok(Some(message))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(not_an_object())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Err(not_an_object())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Err(not_an_object())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Err(not_an_object())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Err(not_an_object())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(not_an_object())
    }
}

fn not_an_object<E: Error>() -> E {
    E::custom("must be an object")
}

/// Reads an element of a list of messages, or the message at the top of the body.
pub(super) struct Element<'c, T> {
    context: &'c Context,
    null: fn() -> Option<T>,
}

impl<'c, T: Object> Element<'c, T> {
    /// An element, where null is an empty message.
    pub(super) fn new(context: &'c Context) -> Self {
        Self { context, null: || Some(T::default()) }
    }

    /// The top of the body, where null is an error.
    pub(super) fn top(context: &'c Context) -> Self {
        Self { context, null: || None }
    }
}

impl<T> Clone for Element<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Element<'_, T> {}

impl<'de, T: Object> DeserializeSeed<'de> for Element<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        self.context.weigh(T::WEIGHT)?;
        let message = Message::new(self.context).deserialize(deserializer)?;
        message.or_else(self.null).ok_or_else(not_an_object)
    }
}

/// Reads an element of a list of single values; there is no null among them.
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
        self.context.weigh(size_of::<T>())?;
        let Nullable(scalar) = Nullable::deserialize(deserializer)?;
        scalar.ok_or("must not be null").and_then(self.convert).map_err(D::Error::custom)
    }
}

/// Reads a list, null as an empty one.
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
            match list.next_element_seed(self.element) {
                Ok(Some(element)) => elements.push(element),
                Ok(None) => return Ok(elements),
                Err(error) => {
                    self.context.failed_at(Step::Index(elements.len()));
                    return Err(error);
                }
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(not_a_list())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Err(not_a_list())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Err(not_a_list())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Err(not_a_list())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Err(not_a_list())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        Err(not_a_list())
    }
}

fn not_a_list<E: Error>() -> E {
    E::custom("must be a list")
}

/// The name of a field, borrowed from the body unless it is written with escapes.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor).map(Name)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}
