//! What a message sees of the object it is read from: fields by name, values to be read as what the
//! message knows them to be. Also the context that knows, when something is wrong, where that was.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;

use serde::de::{Error, IgnoredAny, MapAccess};

use super::omitted::Omitted;
use super::scalar::{Mismatch, Nullable, Scalar};
use super::seeds::{Element, List, Message, Single};
use crate::otlp::weight::Weight;

/// A message that is read field by field.
pub(in crate::otlp) trait Object: Default {
    /// Whether it is the value of an attribute, or a part of one: whatever of it cannot be read is left out and costs nothing else.
    const IS_VALUE: bool = false;
    /// What an element of a list of these takes in memory, in bytes.
    const WEIGHT: usize = size_of::<Self>();

    /// Takes the value of this field, or skips it. A null resets the field.
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error>;
}

/// What is known of a body while it is read.
#[derive(Debug)]
pub(super) struct Context {
    /// What its messages take.
    pub(super) weight: Weight,
    /// What could not be read, and was left out.
    pub(super) omitted: Omitted,
    /// How many values lie around what is read.
    values: Cell<usize>,
    /// The steps to where reading failed, the last one first.
    trail: RefCell<Vec<Step>>,
}

/// One step of a path.
#[derive(Debug)]
pub(super) enum Step {
    Field(String),
    Index(usize),
}

impl Context {
    /// What is known before anything is read.
    pub(super) fn new(weight: Weight) -> Self {
        Self { weight, omitted: Omitted::default(), values: Cell::default(), trail: RefCell::default() }
    }

    /// The path to where reading failed, such as `resourceLogs[0].scopeLogs[2].scope`.
    pub(super) fn path(&self) -> String {
        path(&self.trail.borrow())
    }

    /// Accounts for what is about to be read.
    pub(super) fn weigh<E: Error>(&self, bytes: usize) -> Result<(), E> {
        if self.weight.add(bytes) { Ok(()) } else { Err(E::custom("too many messages")) }
    }

    /// Notes, on the way out, through what the way to the failure led.
    pub(super) fn failed_at(&self, step: Step) {
        self.trail.borrow_mut().push(step);
    }

    /// Notes that a message begins.
    pub(super) fn enter<T: Object>(&self) {
        self.values.set(self.values.get() + usize::from(T::IS_VALUE));
    }

    /// Notes that it ended.
    pub(super) fn leave<T: Object>(&self) {
        self.values.set(self.values.get() - usize::from(T::IS_VALUE));
    }

    /// Leaves something out that has to be something else. Only values may be: a record whose parts are not where they belong
    /// would be one that nobody sent.
    pub(super) fn leave_out<E: Error>(&self, is_value: bool, why: Mismatch) -> Result<(), E> {
        if !is_value && self.values.get() == 0 {
            return Err(E::custom(why));
        }
        self.omitted.note(why);
        Ok(())
    }
}

/// A path as it is written, of steps of which the last one comes first.
pub(super) fn path(trail: &[Step]) -> String {
    trail.iter().rev().fold(String::new(), |mut path, step| {
        let written = match step {
            Step::Field(name) if path.is_empty() => write!(path, "{name}"),
            Step::Field(name) => write!(path, ".{name}"),
            Step::Index(index) => write!(path, "[{index}]"),
        };
        debug_assert!(written.is_ok(), "a String takes everything");
        path
    })
}

/// The value of a field, still to be read.
pub(in crate::otlp) struct Value<'m, A> {
    sent: &'m str,
    field: &'m str,
    map: &'m mut A,
    context: &'m Context,
}

impl<'m, A> Value<'m, A> {
    /// The value that comes next in `map`, whose name was just read as `sent`, and is `field` in OTLP/JSON.
    pub(super) fn new(sent: &'m str, field: &'m str, map: &'m mut A, context: &'m Context) -> Self {
        Self { sent, field, map, context }
    }

    /// The name as it was sent.
    pub(super) fn sent(&self) -> &'m str {
        self.sent
    }
}

impl<'m, 'de, A: MapAccess<'de>> Value<'m, A> {
    /// Passes over a field that is not known. Its name is content of the body, so it is in no path.
    pub(super) fn skip(self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(drop)
    }

    /// A single value; none if it is null, or cannot be read and so is left out.
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

    /// A single value; the default if it is null, or cannot be read and so is left out.
    pub(super) fn read<T: Default>(
        self,
        convert: impl FnOnce(Scalar<'de>) -> Result<T, Mismatch>,
    ) -> Result<T, A::Error> {
        self.optional(convert).map(Option::unwrap_or_default)
    }

    /// A single value without which its record would say something that its sender did not; none if it is null, an error if it
    /// cannot be read.
    pub(super) fn strict_optional<T>(
        self,
        convert: impl FnOnce(Scalar<'de>) -> Result<T, Mismatch>,
    ) -> Result<Option<T>, A::Error> {
        self.attempt(|map, context| {
            let read = scalar(map, convert)?;
            read.or_else(|why| context.leave_out(false, why).map(|()| None))
        })
    }

    /// The same; the default if it is null.
    pub(super) fn strict<T: Default>(
        self,
        convert: impl FnOnce(Scalar<'de>) -> Result<T, Mismatch>,
    ) -> Result<T, A::Error> {
        self.strict_optional(convert).map(Option::unwrap_or_default)
    }

    /// A message; none if it is null.
    pub(super) fn message<T: Object>(self) -> Result<Option<T>, A::Error> {
        self.attempt(|map, context| map.next_value_seed(Message::new(context)))
    }

    /// A list of messages; empty if it is null.
    pub(super) fn messages<T: Object>(self) -> Result<Vec<T>, A::Error> {
        self.attempt(|map, context| map.next_value_seed(List::new(Element::new(context), context)))
    }

    /// A list of single values; empty if it is null.
    pub(super) fn list<T>(self, convert: fn(Scalar<'de>) -> Result<T, Mismatch>) -> Result<Vec<T>, A::Error> {
        self.attempt(|map, context| map.next_value_seed(List::new(Single { convert, context }, context)))
    }

    fn attempt<T>(self, read: impl FnOnce(&'m mut A, &'m Context) -> Result<T, A::Error>) -> Result<T, A::Error> {
        let Self { field, map, context, .. } = self;
        let step = || Step::Field(field.to_owned());
        let was_empty = context.omitted.is_empty();
        let read = read(map, context).inspect_err(|_| context.failed_at(step()))?;
        context.omitted.came_by(was_empty, step);
        Ok(read)
    }
}

/// The next value of `map` as a single one, or what it has to be instead.
fn scalar<'de, T, A: MapAccess<'de>>(
    map: &mut A,
    convert: impl FnOnce(Scalar<'de>) -> Result<T, Mismatch>,
) -> Result<Result<Option<T>, Mismatch>, A::Error> {
    let Nullable(scalar) = map.next_value()?;
    Ok(scalar.and_then(|scalar| scalar.map(convert).transpose()))
}
