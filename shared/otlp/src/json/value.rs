//! A message's view of the JSON object it is read from: fields by name, and values read as the types the message knows
//! them to have. The visitors handle every kind of value, wanted or not, because serde's own messages quote the value.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::context::Context;
use super::list::{List, Single};
use super::path::Step;
use super::scalar::{Mismatch, Nullable, Scalar, skip_list};

/// A message that is read field by field.
pub(crate) trait Object: Default {
    /// Whether it is an attribute value or a part of one: what cannot be read of it is dropped and affects nothing
    /// else.
    const IS_VALUE: bool = false;
    /// The memory taken by an element of a list of these, in bytes.
    const WEIGHT: usize = size_of::<Self>();

    /// Reads or skips the value of a field. Null resets the field.
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error>;
}

/// The value of a field, not yet read.
pub(crate) struct Value<'m, A> {
    sent: &'m str,
    field: &'m str,
    map: &'m mut A,
    context: &'m Context,
}

impl<'m, A> Value<'m, A> {
    /// The next value of `map`, whose name was read as `sent`, which is `field` in OTLP/JSON.
    pub(super) fn new(sent: &'m str, field: &'m str, map: &'m mut A, context: &'m Context) -> Self {
        Self { sent, field, map, context }
    }

    /// The name as it was sent.
    pub(super) fn sent(&self) -> &'m str {
        self.sent
    }
}

impl<'m, 'de, A: MapAccess<'de>> Value<'m, A> {
    /// Skips an unknown field. Its name is content of the body, so it never becomes part of a path.
    pub(super) fn skip(self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(drop)
    }

    /// Reads a scalar; `None` if it is null or cannot be read, in which case it is dropped.
    pub(super) fn optional<T>(
        self,
        convert: impl FnOnce(Scalar<'de>) -> Result<T, Mismatch>,
    ) -> Result<Option<T>, A::Error> {
        self.attempt(|map, context| {
            Ok(scalar(map, convert)?.unwrap_or_else(|why| {
                context.omitted.note(why);
                None
            }))
        })
    }

    /// Reads a scalar; the default if it is null or cannot be read, in which case it is dropped.
    pub(super) fn read<T: Default>(
        self,
        convert: impl FnOnce(Scalar<'de>) -> Result<T, Mismatch>,
    ) -> Result<T, A::Error> {
        self.optional(convert).map(Option::unwrap_or_default)
    }

    /// Reads a scalar without which the record would say something its sender did not: `None` if it is null, an error
    /// if it cannot be read.
    pub(super) fn strict_optional<T>(
        self,
        convert: impl FnOnce(Scalar<'de>) -> Result<T, Mismatch>,
    ) -> Result<Option<T>, A::Error> {
        self.attempt(|map, context| {
            let read = scalar(map, convert)?;
            read.or_else(|why| context.drop_mismatch(false, why).map(|()| None))
        })
    }

    /// As [`strict_optional`](Self::strict_optional), but the default if it is null.
    pub(super) fn strict<T: Default>(
        self,
        convert: impl FnOnce(Scalar<'de>) -> Result<T, Mismatch>,
    ) -> Result<T, A::Error> {
        self.strict_optional(convert).map(Option::unwrap_or_default)
    }

    /// Reads a message; `None` if it is null.
    pub(super) fn message<T: Object>(self) -> Result<Option<T>, A::Error> {
        self.attempt(|map, context| map.next_value_seed(Message::new(context)))
    }

    /// Reads a list of messages; empty if it is null.
    pub(super) fn messages<T: Object>(self) -> Result<Vec<T>, A::Error> {
        self.attempt(|map, context| map.next_value_seed(List::new(Element::new(context), context)))
    }

    /// Reads a list of scalars; empty if it is null.
    pub(super) fn list<T>(self, convert: fn(Scalar<'de>) -> Result<T, Mismatch>) -> Result<Vec<T>, A::Error> {
        self.attempt(|map, context| map.next_value_seed(List::new(Single { convert, context }, context)))
    }

    fn attempt<T>(self, read: impl FnOnce(&'m mut A, &'m Context) -> Result<T, A::Error>) -> Result<T, A::Error> {
        let Self { field, map, context, .. } = self;
        let step = || Step::Field(field.to_owned());
        let was_empty = context.omitted.is_empty();
        let read = read(map, context).inspect_err(|_| context.failed_at(step()))?;
        context.omitted.record_step(was_empty, step);
        Ok(read)
    }
}

/// Reads the next value of `map` as a scalar; the inner error says what it must be instead.
fn scalar<'de, T, A: MapAccess<'de>>(
    map: &mut A,
    convert: impl FnOnce(Scalar<'de>) -> Result<T, Mismatch>,
) -> Result<Result<Option<T>, Mismatch>, A::Error> {
    let Nullable(scalar) = map.next_value()?;
    Ok(scalar.and_then(|scalar| scalar.map(convert).transpose()))
}

/// Reads an object as a message; null as `None`.
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
        self.context.enter(T::IS_VALUE);
        while let Some(Name(sent)) = map.next_key()? {
            let field = lower_camel(&sent);
            message.set(&field, Value::new(&sent, &field, &mut map, self.context))?;
        }
        self.context.leave(T::IS_VALUE);
        Ok(Some(message))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        skip_list(list)?;
        self.not_an_object()
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        self.not_an_object()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        self.not_an_object()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        self.not_an_object()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        self.not_an_object()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Self::Value, E> {
        self.not_an_object()
    }
}

impl<T: Object> Message<'_, T> {
    /// The value is not an object: dropped if it is an attribute value, an error otherwise.
    fn not_an_object<E: Error>(self) -> Result<Option<T>, E> {
        self.context.drop_mismatch(T::IS_VALUE, NOT_AN_OBJECT).map(|()| None)
    }
}

const NOT_AN_OBJECT: Mismatch = "must be an object";

/// Converts a name to the spelling of OTLP/JSON. Parsers must accept the spelling of the `.proto` files too, by
/// protobuf's JSON mapping.
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
    /// An element of a list, where null is an empty message.
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
        self.context.charge(T::WEIGHT)?;
        let message = Message::new(self.context).deserialize(deserializer)?;
        message.or_else(self.null).ok_or_else(|| D::Error::custom(NOT_AN_OBJECT))
    }
}

/// The name of a field, borrowed from the body unless it contains escapes.
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
