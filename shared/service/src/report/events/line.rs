//! Records as they are shown, and which are wanted.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::time::Millis;
use otlp::Signal;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use telemetry::activity::ledger::Filter;
use telemetry::claude::attribute::Attribute;

use crate::people::view::PersonView;
use crate::report::range::Range;

/// A page ends before it is longer than this, in bytes.
pub(super) const LONGEST: usize = 4 * 1024 * 1024 - 1024;

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A JSON document a line.
    Ndjson,
    /// A table.
    Csv,
}

/// A record as it is shown.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) time: Millis,
    pub(super) signal: &'static str,
    pub(super) name: String,
    pub(super) user: PersonView,
    pub(super) session: Option<Arc<str>>,
    pub(super) service: Option<Arc<str>>,
    pub(super) version: Option<Arc<str>>,
    #[serde(serialize_with = "as_map")]
    pub(super) attributes: Vec<Attribute>,
    #[serde(serialize_with = "as_map")]
    pub(super) resource: Arc<[Attribute]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<String>,
}

fn as_map<S: Serializer>(attributes: &[Attribute], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(attributes.len()))?;
    for attribute in attributes {
        map.serialize_entry(&attribute.key, &attribute.value)?;
    }
    map.end()
}

/// Which records are wanted.
pub(super) struct Wanted<'a> {
    pub(super) range: Range,
    pub(super) filter: Filter,
    /// Whether the filter is about hours.
    pub(super) by_hour: bool,
    /// The ids of the people whose they are; `None` for everybody.
    pub(super) people: Option<BTreeSet<Arc<str>>>,
    pub(super) session: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) signal: Option<Signal>,
}
