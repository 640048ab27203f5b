//! Records as they are shown, and which are wanted.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::time::Timestamp;
use otlp::Signal;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use telemetry::activity::ledger::Filter;
use telemetry::claude::attribute::Attribute;

use crate::people::view::PersonView;
use crate::report::range::Range;
use crate::report::window::Shards;

/// A page ends before it is longer than this, in bytes.
pub(super) const LONGEST: usize = 4 * 1024 * 1024 - 1024;

/// How many records are read at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Their number.
    pub records: usize,
    /// Bytes that they have written as JSON. One that is longer is read if it is the first.
    pub bytes: usize,
}

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
pub struct Line {
    /// Tells it from every other one, and stays.
    pub id: String,
    /// When it was.
    pub time: Timestamp,
    /// `logs` or `metrics`.
    pub signal: &'static str,
    /// The name of the event or of the metric.
    pub name: String,
    /// Whose it is.
    pub user: PersonView,
    /// `session.id`.
    pub session: Option<Arc<str>>,
    /// `service.name`.
    pub service: Option<Arc<str>>,
    /// The version of the program that sent it.
    pub version: Option<Arc<str>>,
    /// The attributes of its own.
    #[serde(serialize_with = "as_map")]
    pub attributes: Vec<Attribute>,
    /// Those of its resource.
    #[serde(serialize_with = "as_map")]
    pub resource: Arc<[Attribute]>,
    /// The number of a metric.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The unit of the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
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
    /// Where the sources are that can have any.
    pub(super) shards: Shards,
    pub(super) session: Option<&'a str>,
    pub(super) name: Option<&'a str>,
    pub(super) signal: Option<Signal>,
}
