//! Records that are rejected.

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};

use super::limits::Impossible;
use super::source::SourceId;

/// The most attributes that a record, its resource and its scope may have each, and the most members of a map in them;
/// clients send about thirty. With more, the record is rejected before its attributes are read, which sorts them.
const ATTRIBUTES: usize = 1_024;

/// The longest name and unit of a metric together, in bytes: they are hashed for each of its points. The specification
/// allows a name of 255 characters and a unit of 63.
pub const METRIC_NAME: usize = 1_024;

/// Records that are rejected, and why.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// How many.
    pub count: u64,
    /// Data points that carry no value.
    pub without_value: u64,
    /// Data points whose value is infinite or not a number.
    pub not_finite: u64,
    /// Spans without a trace id of 16 bytes and a span id of 8.
    pub without_ids: u64,
    /// Records with too many attributes of their own, of their resource or of their scope, or with too many members of
    /// a map.
    pub crowded: u64,
    /// Records with an impossible number, by [`Impossible::ALL`].
    pub impossible: [u64; Impossible::ALL.len()],
    /// The source of the last of those.
    pub impossible_of: Option<SourceId>,
    /// Data points of metrics whose names and units are longer than [`METRIC_NAME`], or too long for that many points.
    pub misnamed: u64,
}

impl Rejected {
    pub(super) fn crowded(&mut self, records: u64) {
        self.count += records;
        self.crowded += records;
    }

    pub(super) fn impossible(&mut self, impossible: Impossible, of: SourceId) {
        self.count += 1;
        self.impossible[impossible as usize] += 1;
        self.impossible_of = Some(of);
    }

    pub(super) fn misnamed(&mut self, points: u64) {
        self.count += points;
        self.misnamed += points;
    }

    /// The sentence returned to the client.
    #[must_use]
    pub fn sentence(&self) -> String {
        let reasons = [
            (self.without_value, "without a value"),
            (self.not_finite, "with a value that is infinite or not a number"),
            (self.without_ids, "without a valid trace id (16 bytes) and span id (8 bytes)"),
            (self.misnamed, "of metrics whose names are too long"),
            (
                self.crowded,
                "with more than 1,024 attributes of the record, of its resource or of its scope, or members of a map",
            ),
        ];
        let impossible = Impossible::ALL.into_iter().zip(self.impossible);
        let impossible = impossible.filter(|(_, n)| *n > 0).map(|(what, n)| format!("{n} with {}", what.reason()));
        let others = reasons.iter().filter(|(n, _)| *n > 0).map(|(n, reason)| format!("{n} {reason}"));
        let parts: Vec<String> = others.chain(impossible).collect();
        format!("Not stored: {}. All other records of the export were stored.", parts.join(", "))
    }
}

/// Whether these are more attributes than may be, or a map in them has more members.
pub(super) fn are_too_many(attributes: &[KeyValue]) -> bool {
    attributes.len() > ATTRIBUTES || attributes.iter().filter_map(|a| a.value.as_ref()).any(has_too_many)
}

/// Whether a map in a value has more members than may be.
pub(super) fn has_too_many(value: &AnyValue) -> bool {
    match &value.value {
        Some(Value::KvlistValue(map)) => are_too_many(&map.values),
        Some(Value::ArrayValue(list)) => list.values.iter().any(has_too_many),
        _ => false,
    }
}
