//! The canonical form of metric points, and a common view of their five kinds.

use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::metrics::v1::{
    DataPointFlags, ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint, SummaryDataPoint,
    exponential_histogram_data_point::Buckets, metric::Data, number_data_point,
};

use super::{Canonical, Canonicalizer};

/// The kind of a metric, numbered as in the canonical form and in packs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A value that goes up and down.
    Gauge = 1,
    /// A counter; the only kind that Claude Code sends.
    Sum = 2,
    /// A histogram with explicit bounds.
    Histogram = 3,
    /// A histogram with exponential bounds.
    ExponentialHistogram = 4,
    /// Quantiles computed by the client.
    Summary = 5,
}

/// What all points of a metric share.
#[derive(Debug, Clone, Copy)]
pub struct MetricHead<'a> {
    /// Name of the metric, such as `claude_code.cost.usage`.
    pub name: &'a str,
    /// Unit as sent: `USD`, `tokens`, `s`, or nothing.
    pub unit: &'a str,
    /// Kind of the metric.
    pub kind: Kind,
    /// `AggregationTemporality` as a number: 0 unspecified, 1 delta, 2 cumulative.
    pub temporality: i32,
    /// Whether a sum only grows.
    pub monotonic: bool,
}

impl<'a> MetricHead<'a> {
    /// The head of a metric with this name and unit.
    #[must_use]
    pub fn of(name: &'a str, unit: &'a str, data: &Data) -> Self {
        let (kind, temporality, monotonic) = match data {
            Data::Gauge(_) => (Kind::Gauge, 0, false),
            Data::Sum(s) => (Kind::Sum, s.aggregation_temporality, s.is_monotonic),
            Data::Histogram(h) => (Kind::Histogram, h.aggregation_temporality, false),
            Data::ExponentialHistogram(h) => (Kind::ExponentialHistogram, h.aggregation_temporality, false),
            Data::Summary(_) => (Kind::Summary, 0, false),
        };
        Self { name, unit, kind, temporality, monotonic }
    }
}

/// The number of points of a metric.
#[must_use]
pub fn number_of_points(data: &Data) -> usize {
    match data {
        Data::Gauge(g) => g.data_points.len(),
        Data::Sum(s) => s.data_points.len(),
        Data::Histogram(h) => h.data_points.len(),
        Data::ExponentialHistogram(h) => h.data_points.len(),
        Data::Summary(s) => s.data_points.len(),
    }
}

/// Passes the points of a metric to `read` one by one and drops each afterwards.
pub fn for_each_point(data: Data, mut read: impl FnMut(&Point<'_>)) {
    match data {
        Data::Gauge(g) => g.data_points.into_iter().for_each(|p| read(&Point::Number(&p))),
        Data::Sum(s) => s.data_points.into_iter().for_each(|p| read(&Point::Number(&p))),
        Data::Histogram(h) => h.data_points.into_iter().for_each(|p| read(&Point::Histogram(&p))),
        Data::ExponentialHistogram(h) => h.data_points.into_iter().for_each(|p| read(&Point::Exponential(&p))),
        Data::Summary(s) => s.data_points.into_iter().for_each(|p| read(&Point::Summary(&p))),
    }
}

/// A data point of any kind, borrowed.
#[derive(Debug, Clone, Copy)]
pub enum Point<'a> {
    /// Of a gauge or a sum.
    Number(&'a NumberDataPoint),
    /// Of a histogram.
    Histogram(&'a HistogramDataPoint),
    /// Of an exponential histogram.
    Exponential(&'a ExponentialHistogramDataPoint),
    /// Of a summary.
    Summary(&'a SummaryDataPoint),
}

impl<'a> Point<'a> {
    /// The attributes of the series this point belongs to.
    #[must_use]
    pub fn attributes(&self) -> &'a [KeyValue] {
        match self {
            Self::Number(p) => &p.attributes,
            Self::Histogram(p) => &p.attributes,
            Self::Exponential(p) => &p.attributes,
            Self::Summary(p) => &p.attributes,
        }
    }

    /// Start and time of the point, in nanoseconds since the epoch.
    #[must_use]
    pub fn times(&self) -> (u64, u64) {
        match self {
            Self::Number(p) => (p.start_time_unix_nano, p.time_unix_nano),
            Self::Histogram(p) => (p.start_time_unix_nano, p.time_unix_nano),
            Self::Exponential(p) => (p.start_time_unix_nano, p.time_unix_nano),
            Self::Summary(p) => (p.start_time_unix_nano, p.time_unix_nano),
        }
    }

    /// The number of this point: its value, or the sum of its distribution. `None` if the client sent none.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(p) => p.value.map(|v| match v {
                number_data_point::Value::AsDouble(number) => number,
                number_data_point::Value::AsInt(number) => number as f64,
            }),
            Self::Histogram(p) => p.sum.or(Some(p.count as f64)),
            Self::Exponential(p) => p.sum.or(Some(p.count as f64)),
            Self::Summary(p) => Some(p.sum),
        }
    }

    /// Whether the client recorded a value. A point flagged as having none is valid nevertheless.
    #[must_use]
    pub fn has_recorded_value(&self) -> bool {
        self.flags() & DataPointFlags::NoRecordedValueMask as u32 == 0
    }

    fn flags(&self) -> u32 {
        match self {
            Self::Number(p) => p.flags,
            Self::Histogram(p) => p.flags,
            Self::Exponential(p) => p.flags,
            Self::Summary(p) => p.flags,
        }
    }
}

impl Canonicalizer {
    /// The canonical form of a metric point.
    pub fn point(&mut self, context: &Canonical, metric: &MetricHead<'_>, point: &Point<'_>) -> Canonical {
        self.begin(b"point 1");
        self.bytes(&context.digest.0);
        self.text(metric.name);
        self.text(metric.unit);
        self.u32(metric.kind as u32);
        self.i64(metric.temporality.into());
        self.u32(metric.monotonic.into());
        let (start, time) = point.times();
        self.u64(start);
        self.u64(time);
        self.u32(point.flags());
        self.attributes(point.attributes());
        match point {
            Point::Number(p) => self.number_value(p),
            Point::Histogram(p) => self.histogram_values(p),
            Point::Exponential(p) => self.exponential_values(p),
            Point::Summary(p) => self.summary_values(p),
        }
        self.finish()
    }

    fn number_value(&mut self, point: &NumberDataPoint) {
        match point.value {
            None => self.u32(0),
            Some(number_data_point::Value::AsInt(number)) => {
                self.u32(1);
                self.i64(number);
            }
            Some(number_data_point::Value::AsDouble(number)) => {
                self.u32(2);
                self.f64(number);
            }
        }
    }

    fn histogram_values(&mut self, point: &HistogramDataPoint) {
        self.u64(point.count);
        self.optional(point.sum);
        self.optional(point.min);
        self.optional(point.max);
        self.u32(point.explicit_bounds.len() as u32);
        for bound in &point.explicit_bounds {
            self.f64(*bound);
        }
        self.counts(&point.bucket_counts);
    }

    fn exponential_values(&mut self, point: &ExponentialHistogramDataPoint) {
        self.u64(point.count);
        self.optional(point.sum);
        self.optional(point.min);
        self.optional(point.max);
        self.i64(point.scale.into());
        self.u64(point.zero_count);
        self.f64(point.zero_threshold);
        self.buckets(point.positive.as_ref());
        self.buckets(point.negative.as_ref());
    }

    fn summary_values(&mut self, point: &SummaryDataPoint) {
        self.u64(point.count);
        self.f64(point.sum);
        self.u32(point.quantile_values.len() as u32);
        for value in &point.quantile_values {
            self.f64(value.quantile);
            self.f64(value.value);
        }
    }

    fn buckets(&mut self, buckets: Option<&Buckets>) {
        self.i64(buckets.map_or(0, |b| b.offset.into()));
        self.counts(buckets.map_or(&[], |b| &b.bucket_counts));
    }

    fn counts(&mut self, counts: &[u64]) {
        self.u32(counts.len() as u32);
        for count in counts {
            self.u64(*count);
        }
    }

    fn optional(&mut self, number: Option<f64>) {
        self.u32(number.is_some().into());
        self.f64(number.unwrap_or_default());
    }
}
