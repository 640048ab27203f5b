//! What a message sees of the object it is read from: fields by name, values to be read as what the
//! message knows them to be. Also the context that knows, when something is wrong, where that was.

use std::cell::RefCell;
use std::fmt::Write as _;

use serde::de::{Error, IgnoredAny, MapAccess};

use super::scalar::{Mismatch, Nullable, Scalar};
use super::seeds::{Element, List, Message, Single};
use crate::otlp::weight::Weight;

/// A message that is read field by field.
pub(in crate::otlp) trait Object: Default {
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
        Self { weight, trail: RefCell::default() }
    }

    /// The path to where reading failed, such as `resourceLogs[0].scopeLogs[2].scope`.
    pub(super) fn path(&self) -> String {
        self.trail.borrow().iter().rev().fold(String::new(), |mut path, step| {
            let written = match step {
                Step::Field(name) if path.is_empty() => write!(path, "{name}"),
                Step::Field(name) => write!(path, ".{name}"),
                Step::Index(index) => write!(path, "[{index}]"),
            };
            debug_assert!(written.is_ok(), "a String takes everything");
            path
        })
    }

    /// Accounts for what is about to be read.
    pub(super) fn weigh<E: Error>(&self, bytes: usize) -> Result<(), E> {
        if self.weight.add(bytes) { Ok(()) } else { Err(E::custom("too many messages")) }
    }

    /// Notes, on the way out, through what the way to the failure led.
    pub(super) fn failed_at(&self, step: Step) {
        self.trail.borrow_mut().push(step);
    }
}

/// The value of a field, still to be read.
pub(in crate::otlp) struct Value<'m, A> {
    field: &'m str,
    map: &'m mut A,
    context: &'m Context,
}

impl<'m, A> Value<'m, A> {
    /// The value that comes next in `map`, whose name was just read.
    pub(super) fn new(field: &'m str, map: &'m mut A, context: &'m Context) -> Self {
        Self { field, map, context }
    }
}

impl<'m, 'de, A: MapAccess<'de>> Value<'m, A> {
    /// Passes over a field that is not known. Its name is content of the body, so it is in no path.
    pub(super) fn skip(self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(drop)
    }

    /// A single value; none if it is null.
    pub(super) fn optional<T>(
        self,
        convert: impl FnOnce(Scalar<'de>) -> Result<T, Mismatch>,
    ) -> Result<Option<T>, A::Error> {
        self.attempt(|map, _| {
            let Nullable(scalar) = map.next_value()?;
            scalar.map(convert).transpose().map_err(A::Error::custom)
        })
    }

    /// A single value; the default if it is null.
    pub(super) fn read<T: Default>(
        self,
        convert: impl FnOnce(Scalar<'de>) -> Result<T, Mismatch>,
    ) -> Result<T, A::Error> {
        self.optional(convert).map(Option::unwrap_or_default)
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
        let Self { field, map, context } = self;
        read(map, context).inspect_err(|_| context.failed_at(Step::Field(field.to_owned())))
    }
}
