//! The client's counters: what came together since the last export becomes points, with delta temporality.

use std::collections::BTreeMap;

use model::time::Timestamp;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value;
use opentelemetry_proto::tonic::metrics::v1::{AggregationTemporality, Metric, NumberDataPoint, Sum};

use crate::attribute::text;

/// A metric of Claude Code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Meter {
    Sessions,
    Lines,
    PullRequests,
    Commits,
    Cost,
    Tokens,
    EditDecisions,
    ActiveTime,
}

impl Meter {
    /// Name, unit and description, as the client words them.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Sessions => ("claude_code.session.count", "", "Count of CLI sessions started"),
            Self::Lines => (
                "claude_code.lines_of_code.count",
                "",
                "Count of lines of code modified, with the 'type' attribute indicating whether lines were added or removed and the 'model' \
                 attribute indicating which model made the change",
            ),
            Self::PullRequests => ("claude_code.pull_request.count", "", "Number of pull requests created"),
            Self::Commits => ("claude_code.commit.count", "", "Number of git commits created"),
            Self::Cost => ("claude_code.cost.usage", "USD", "Cost of the Claude Code session"),
            Self::Tokens => ("claude_code.token.usage", "tokens", "Number of tokens used"),
            Self::EditDecisions => (
                "claude_code.code_edit_tool.decision",
                "",
                "Count of code editing tool permission decisions (accept/reject) for Edit, Write, and NotebookEdit tools",
            ),
            Self::ActiveTime => ("claude_code.active_time.total", "s", "Total active time in seconds"),
        }
    }
}

type Labels = Vec<(&'static str, String)>;

/// The counters of a session.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    since: Timestamp,
    sums: BTreeMap<Meter, BTreeMap<Labels, f64>>,
}

impl Meters {
    /// Counters that count from now.
    pub(crate) fn new(since: Timestamp) -> Self {
        Self { since, sums: BTreeMap::new() }
    }

    /// Counts.
    pub(crate) fn add(&mut self, meter: Meter, labels: &[(&'static str, &str)], amount: f64) {
        let labels = labels.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        *self.sums.entry(meter).or_default().entry(labels).or_default() += amount;
    }

    /// What was counted until `at`, and how many points it is; counting begins anew. `standard` is on every point.
    pub(crate) fn collect(&mut self, at: Timestamp, standard: &[KeyValue]) -> (Vec<Metric>, usize) {
        let since = std::mem::replace(&mut self.since, at);
        let sums = std::mem::take(&mut self.sums);
        let points = sums.values().map(BTreeMap::len).sum();
        let metrics = sums.into_iter().map(|(meter, series)| {
            let point = |(labels, sum): (Labels, f64)| {
                let own = labels.into_iter().map(|(key, value)| text(key, value));
                NumberDataPoint {
                    attributes: standard.iter().cloned().chain(own).collect(),
                    start_time_unix_nano: nanos(since),
                    time_unix_nano: nanos(at),
                    value: Some(Value::AsDouble(sum)),
                    ..NumberDataPoint::default()
                }
            };
            let sum = Sum {
                data_points: series.into_iter().map(point).collect(),
                aggregation_temporality: AggregationTemporality::Delta.into(),
                is_monotonic: true,
            };
            let (name, unit, description) = meter.words();
            Metric {
                name: name.into(),
                unit: unit.into(),
                description: description.into(),
                data: Some(Data::Sum(sum)),
                ..Metric::default()
            }
        });
        (metrics.collect(), points)
    }
}

/// As OTLP counts time.
pub(crate) fn nanos(time: Timestamp) -> u64 {
    u64::try_from(time.0).unwrap_or(0) * 1_000_000
}
