//! Reads OTLP/JSON straight into the messages that protobuf is decoded to.
//!
//! The rules are those of the [OTLP specification] and of the proto3 JSON mapping it builds on, applied as leniently as
//! possible without changing what the sender meant:
//!
//! * Names are lowerCamelCase. The `.proto` spelling with underscores is read too, and so are the names that scopes had
//!   before version 0.15. Unknown names are ignored at every level. If a name is repeated, the last one counts.
//! * `null` means an absent field. In a list of messages it is an empty message, which keeps the positions of the
//!   others; validation judges a record without content. In a list of numbers it is an error, because reading it as
//!   zero would invent a figure.
//! * Integers may be numbers or strings, including `5.0` and `1e3`. Doubles may be strings, and must be for `"NaN"`,
//!   `"Infinity"` and `"-Infinity"`. Enumerations are numbers; their names are errors.
//! * If the value of an attribute, or a time, id or text of a record cannot be read, it is dropped as if absent, and
//!   counted: it must not cost the whole export. A structure that is not OTLP is an error: a list in place of a record,
//!   an attribute without a name, half a distribution.
//! * Ids are hexadecimal. An id that is not becomes empty, which validation never takes for an id.
//! * Exemplars and entity references are not read, because nothing uses them.
//! * An unpaired surrogate, which JavaScript writes when a text is cut, becomes U+FFFD.
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
use super::budget::MessageBudget;
use super::types::LeftOut;

/// A request as read from the top level of a body, and what is known of the other names found there.
pub(super) struct Export<T> {
    /// The messages.
    pub(super) request: T,
    /// Whether the request's own name was there, in its OTLP/JSON spelling.
    pub(super) named: bool,
    /// The last top-level name that belongs to some OTLP request, but not in the spelling of this one.
    pub(super) stray: Option<&'static str>,
    /// Whether one of these was the request's own name spelled with an underscore, which is read too.
    pub(super) underscored: bool,
}

impl<T: Default> Default for Export<T> {
    fn default() -> Self {
        Self { request: T::default(), named: false, stray: None, underscored: false }
    }
}

/// A request message, identified by its only top-level field.
pub(super) trait Request: Object {
    /// The name of that field.
    const NAME: &'static str;
}

/// The top-level names of all OTLP requests, in both spellings.
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
    TooManyMessages,
    /// The body is not JSON, or a value has the wrong type.
    Invalid {
        /// The path to the value, made of known names only; empty for the body as a whole.
        path: String,
        /// What is wrong, with line and column, quoting nothing of the body.
        description: String,
    },
}

/// Reads one request and reports what was dropped.
pub(super) fn read<T: Request>(body: &[u8]) -> Result<(Export<T>, LeftOut), Error> {
    let body = surrogates::mend(body);
    // In memory at once: the body as it came, its repaired copy if there is one, and its texts.
    let copies = if matches!(body, Cow::Owned(_)) { 3 } else { 2 };
    let context = Context::new(MessageBudget::of(body.len(), copies));
    let mut source = serde_json::Deserializer::from_slice(&body);
    Element::<Export<T>>::top(&context)
        .deserialize(&mut source)
        .and_then(|export| source.end().map(|()| (export, context.omitted.left_out())))
        .map_err(|error| explain(&error, &context))
}

/// All texts that can get here are fixed: those of syntax errors by `serde_json`, the others by [`value`] and
/// [`scalar`]. These leave no type error to serde, whose texts quote the value.
fn explain(error: &serde_json::Error, context: &Context) -> Error {
    if context.budget.is_over() {
        return Error::TooManyMessages;
    }
    let description = match error.classify() {
        Category::Data => error.to_string(),
        Category::Syntax | Category::Eof | Category::Io => format!("not valid JSON: {error}"),
    };
    Error::Invalid { path: context.path(), description }
}

#[cfg(test)]
mod tests;
