//! Records that are rejected.

use super::bounds::Impossible;
use super::source::SourceId;

/// The most attributes that a record, its resource and its scope may have each; clients send about thirty. With more,
/// the record is rejected before its attributes are read.
pub const ATTRIBUTES: usize = 1_024;

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
    /// Records with more than [`ATTRIBUTES`] attributes of their own, of their resource or of their scope.
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
            (self.crowded, "with more than 1,024 attributes of the record, of its resource or of its scope"),
        ];
        let impossible = Impossible::ALL.into_iter().zip(self.impossible);
        let impossible = impossible.filter(|(_, n)| *n > 0).map(|(what, n)| format!("{n} with {}", what.reason()));
        let others = reasons.iter().filter(|(n, _)| *n > 0).map(|(n, reason)| format!("{n} {reason}"));
        let parts: Vec<String> = others.chain(impossible).collect();
        format!("Not stored: {}. All other records of the export were stored.", parts.join(", "))
    }
}
