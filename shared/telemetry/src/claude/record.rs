//! The record: one event or one metric point, typed and freed of content.

use std::sync::Arc;

use crate::canonical::Kind;
use model::time::Timestamp;

use super::attribute::{Attribute, Value};

/// What many records of an export share.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Context {
    /// Attributes of the resource: `service.version`, `os.type` and what an admin set in `OTEL_RESOURCE_ATTRIBUTES`.
    /// All contexts of one resource share them.
    pub resource: Arc<[Attribute]>,
    /// Name of the instrumentation scope; Claude Code's begin with `com.anthropic.claude_code`.
    pub scope: Box<str>,
    /// Version of the scope.
    pub scope_version: Box<str>,
}

/// The first four bytes of a record's canonical digest. Together with name and time it distinguishes the records of one
/// source and bucket.
pub type ShortDigest = [u8; 4];

/// One event or one metric point.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The index of its context in the pack.
    pub context: usize,
    /// An event's short name (`api_request`) or a metric's name (`claude_code.cost.usage`).
    pub name: Box<str>,
    /// The time the client claims.
    pub time: Timestamp,
    /// Distinguishes it from other records.
    pub digest: ShortDigest,
    /// How often the identical record occurred in the export.
    pub count: u32,
    /// The attributes that were kept, in the order sent.
    pub attributes: Vec<Attribute>,
    /// Set for metric points.
    pub point: Option<PointData>,
}

/// What a metric point has in addition to an event.
#[derive(Debug, Clone, PartialEq)]
pub struct PointData {
    /// When counting started.
    pub start: Timestamp,
    /// The value.
    pub value: f64,
    /// Unit as sent.
    pub unit: Box<str>,
    /// Kind of the metric.
    pub kind: Kind,
    /// How values of one series relate.
    pub temporality: Temporality,
    /// Whether a sum only grows.
    pub monotonic: bool,
}

/// How values of one series relate to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Temporality {
    /// Not specified, or meaningless for the kind of metric.
    Unspecified = 0,
    /// Each point counts since the previous one; Claude Code's default.
    Delta = 1,
    /// Each point counts since the start.
    Cumulative = 2,
}

impl Temporality {
    /// From OTLP's `AggregationTemporality`.
    #[must_use]
    pub fn from_otlp(number: i32) -> Self {
        match number {
            1 => Self::Delta,
            2 => Self::Cumulative,
            _ => Self::Unspecified,
        }
    }
}

impl Record {
    /// The kept value of the attribute `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        find(&self.attributes, key)
    }

    /// The kept text of the attribute `key`.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Value::as_text)
    }
}

impl Context {
    /// The kept text of the resource attribute `key`.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        find(&self.resource, key).and_then(Value::as_text)
    }
}

/// The text of `key` on the record, or else on its resource; none if it is blank on both.
#[must_use]
pub fn text<'a>(record: &'a Record, context: &'a Context, key: &str) -> Option<&'a str> {
    let present = |text: &&str| !text.trim().is_empty();
    record.text(key).filter(present).or_else(|| context.text(key).filter(present))
}

fn find<'a>(attributes: &'a [Attribute], key: &str) -> Option<&'a Value> {
    attributes.iter().find(|a| &*a.key == key).map(|a| &a.value)
}
