//! OTLP/JSON, read straight into the messages that protobuf is decoded to.
//!
//! The rules are those of the [OTLP specification] and of the proto3 JSON mapping below it, read
//! with as much leniency as keeps every value what its sender meant:
//!
//! * Names are lowerCamelCase; those of the `.proto` files, with underscores, are read too, and those that scopes had before
//!   version 0.15. What is unknown is ignored, at every level. Of a name given twice the last counts.
//! * `null` is the same as leaving the field out. In a list of messages it is an empty message,
//!   because that keeps the places of the others, and a record without content is for the validator
//!   to judge; in a list of numbers it is an error, because a zero there would be an invented figure.
//! * Integers may be numbers or strings, also `5.0` and `1e3`; doubles may be strings, and have to
//!   be for `"NaN"`, `"Infinity"` and `"-Infinity"`. Enumerations are numbers; their names are errors.
//! * A value of an attribute that cannot be read, or a time, an id or a text of a record, is left out as if it had not been sent,
//!   and counted: it must not cost the whole export. What is not built as OTLP says is an error: a list where a record belongs, an
//!   attribute without a name, half a distribution.
//! * Ids are hexadecimal; one that is not becomes empty, which no validator takes for an id.
//! * Exemplars and entity references are not read: nothing uses them.
//! * A surrogate without its half, which JavaScript writes when a text is cut, is U+FFFD.
//!
//! [OTLP specification]: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding

mod attributes;
mod context;
mod list;
mod logs;
mod metrics;
mod omitted;
mod path;
mod points;
mod scalar;
mod surrogates;
mod traces;
mod value;

use std::borrow::Cow;

use serde::de::{DeserializeSeed, MapAccess};
use serde_json::error::Category;

use self::context::Context;
use self::value::{Element, Object, Value};
use super::types::LeftOut;
use super::weight::Weight;

/// A request as the top of a body has it, with what can be told of its other names.
pub(super) struct Export<T> {
    /// The messages.
    pub(super) request: T,
    /// Whether the one name that the request has was there, as it is written.
    pub(super) named: bool,
    /// The last of the names at the top which some OTLP request has, but not as this one writes it.
    pub(super) stray: Option<&'static str>,
    /// Whether one of these was the request's own name with an underscore, and so was read.
    pub(super) underscored: bool,
}

impl<T: Default> Default for Export<T> {
    fn default() -> Self {
        Self { request: T::default(), named: false, stray: None, underscored: false }
    }
}

/// A request message, known by the one name at its top.
pub(super) trait Request: Object {
    /// That name.
    const NAME: &'static str;
}

/// The names at the top of any OTLP request, and how they are written in the `.proto` files.
const TOP_NAMES: [&str; 6] =
    ["resourceLogs", "resourceMetrics", "resourceSpans", "resource_logs", "resource_metrics", "resource_spans"];

impl<T: Request> Object for Export<T> {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        if value.sent() == T::NAME {
            self.named = true;
        } else if let Some(stray) = TOP_NAMES.into_iter().find(|name| *name == value.sent()) {
            self.stray = Some(stray);
            self.underscored |= field == T::NAME;
        }
        self.request.set(field, value)
    }
}

/// Why a body could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Error {
    /// Its messages would take too much memory.
    TooHeavy,
    /// It is not JSON, or a value is not what it has to be.
    Invalid {
        /// The path to the value, by names that we know; empty for the body as a whole.
        path: String,
        /// What is wrong, with line and column, and without a word of the body.
        description: String,
    },
}

/// Reads one request, and says what of it was left out.
pub(super) fn read<T: Request>(body: &[u8]) -> Result<(Export<T>, LeftOut), Error> {
    let body = surrogates::mend(body);
    // The body as it came, as it is read if it had to be mended, and its texts.
    let copies = if matches!(body, Cow::Owned(_)) { 3 } else { 2 };
    let context = Context::new(Weight::of(body.len(), copies));
    let mut source = serde_json::Deserializer::from_slice(&body);
    Element::<Export<T>>::top(&context)
        .deserialize(&mut source)
        .and_then(|export| source.end().map(|()| (export, context.omitted.told())))
        .map_err(|error| explain(&error, &context))
}

/// Every text that can get here is fixed: those of syntax errors by `serde_json`, the others by
/// [`value`] and [`scalar`], which leave no type error to serde, since its texts quote the value.
fn explain(error: &serde_json::Error, context: &Context) -> Error {
    if context.weight.is_over() {
        return Error::TooHeavy;
    }
    let description = match error.classify() {
        Category::Data => error.to_string(),
        Category::Syntax | Category::Eof | Category::Io => format!("not valid JSON: {error}"),
    };
    Error::Invalid { path: context.path(), description }
}

#[cfg(test)]
mod tests;
