//! How objects and lists are read: one visitor for each.
//!
//! The visitors name every kind of value they do not want, because serde's own words for one that is
//! out of place quote it.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::scalar::{Mismatch, Nullable, Scalar, pass_over_list, pass_over_object};
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
        self.context.enter::<T>();
        while let Some(Name(sent)) = map.next_key()? {
            let field = lower_camel(&sent);
            message.set(&field, Value::new(&sent, &field, &mut map, self.context))?;
        }
        self.context.leave::<T>();
        Ok(Some(message))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        pass_over_list(list)?;
        self.no_object()
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        self.no_object()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        self.no_object()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        self.no_object()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        self.no_object()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        self.no_object()
    }
}

impl<T: Object> Message<'_, T> {
    /// Something else stands here: the value of an attribute is left out, anything else is an error.
    fn no_object<E: Error>(self) -> Result<Option<T>, E> {
        self.context.leave_out(T::IS_VALUE, NOT_AN_OBJECT).map(|()| None)
    }
}

const NOT_AN_OBJECT: Mismatch = "must be an object";

/// A name as OTLP/JSON has it. Those of the `.proto` files are read too, as protobuf's own mapping asks of a parser.
fn lower_camel(sent: &str) -> Cow<'_, str> {
    if !sent.contains('_') {
        return Cow::Borrowed(sent);
    }
    let mut parts = sent.split('_');
    let first = parts.next().unwrap_or_default().to_owned();
    Cow::Owned(parts.fold(first, |mut name, part| {
        let mut letters = part.chars();
        name.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        name.push_str(letters.as_str());
        name
    }))
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
        message.or_else(self.null).ok_or_else(|| D::Error::custom(NOT_AN_OBJECT))
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
        let value = scalar.and_then(|scalar| scalar.ok_or("must not be null"));
        value.and_then(self.convert).map_err(D::Error::custom)
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
            let was_empty = self.context.omitted.is_empty();
            match list.next_element_seed(self.element) {
                Ok(Some(element)) => {
                    self.context.omitted.came_by(was_empty, || Step::Index(elements.len()));
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
        pass_over_object(map)?;
        self.no_list()
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        self.no_list()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        self.no_list()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        self.no_list()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        self.no_list()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        self.no_list()
    }
}

impl<S> List<'_, S> {
    /// Something else stands here.
    fn no_list<T, E: Error>(self) -> Result<Vec<T>, E> {
        self.context.leave_out(false, "must be a list").map(|()| Vec::new())
    }
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
