//! Writes metrics and their data points.

use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics, SummaryDataPoint,
};
use serde_json::{Value, json};

use super::Hand;

impl Hand {
    pub(super) fn resource_metrics(self, group: &ResourceMetrics) -> Value {
        let scopes = self.list(&group.scope_metrics, |hand, scope| {
            hand.object([
                ("scope", hand.maybe(scope.scope.as_ref(), Self::scope)),
                ("metrics", hand.list(&scope.metrics, Self::metric)),
                ("schemaUrl", json!(scope.schema_url)),
            ])
        });
        let resource = self.maybe(group.resource.as_ref(), Self::resource);
        self.object([("resource", resource), ("scopeMetrics", scopes), ("schemaUrl", json!(group.schema_url))])
    }

    fn metric(self, metric: &Metric) -> Value {
        let mut written = self.object([
            ("name", json!(metric.name)),
            ("description", json!(metric.description)),
            ("unit", json!(metric.unit)),
            ("metadata", self.attributes(&metric.metadata)),
        ]);
        if let Some(data) = &metric.data {
            let (name, data) = self.data(data);
            written[name] = data;
        }
        written
    }

    fn data(self, data: &Data) -> (&'static str, Value) {
        let object = |points, temporality, monotonic| {
            self.object([
                ("dataPoints", points),
                ("aggregationTemporality", json!(temporality)),
                ("isMonotonic", json!(monotonic)),
            ])
        };
        match data {
            Data::Gauge(gauge) => ("gauge", object(self.list(&gauge.data_points, Self::number), 0, false)),
            Data::Sum(sum) => {
                let points = self.list(&sum.data_points, Self::number);
                ("sum", object(points, sum.aggregation_temporality, sum.is_monotonic))
            }
            Data::Histogram(data) => {
                let points = self.list(&data.data_points, Self::histogram);
                ("histogram", object(points, data.aggregation_temporality, false))
            }
            Data::ExponentialHistogram(data) => {
                let points = self.list(&data.data_points, Self::exponential);
                ("exponentialHistogram", object(points, data.aggregation_temporality, false))
            }
            Data::Summary(data) => ("summary", object(self.list(&data.data_points, Self::summary), 0, false)),
        }
    }

    fn number(self, point: &NumberDataPoint) -> Value {
        let mut written = self.object([
            ("attributes", self.attributes(&point.attributes)),
            ("startTimeUnixNano", self.unsigned(point.start_time_unix_nano)),
            ("timeUnixNano", self.unsigned(point.time_unix_nano)),
            ("flags", json!(point.flags)),
        ]);
        match point.value {
            Some(Number::AsDouble(value)) => written["asDouble"] = self.double(value),
            Some(Number::AsInt(value)) => written["asInt"] = self.signed(value),
            None => {}
        }
        written
    }

    fn histogram(self, point: &HistogramDataPoint) -> Value {
        let mut written = self.object([
            ("attributes", self.attributes(&point.attributes)),
            ("startTimeUnixNano", self.unsigned(point.start_time_unix_nano)),
            ("timeUnixNano", self.unsigned(point.time_unix_nano)),
            ("count", self.unsigned(point.count)),
            ("bucketCounts", self.list(&point.bucket_counts, |hand, count| hand.unsigned(*count))),
            ("explicitBounds", self.list(&point.explicit_bounds, |hand, bound| hand.double(*bound))),
            ("flags", json!(point.flags)),
        ]);
        self.optionals(&mut written, [("sum", point.sum), ("min", point.min), ("max", point.max)]);
        written
    }

    fn exponential(self, point: &ExponentialHistogramDataPoint) -> Value {
        let mut written = self.object([
            ("attributes", self.attributes(&point.attributes)),
            ("startTimeUnixNano", self.unsigned(point.start_time_unix_nano)),
            ("timeUnixNano", self.unsigned(point.time_unix_nano)),
            ("count", self.unsigned(point.count)),
            ("scale", json!(point.scale)),
            ("zeroCount", self.unsigned(point.zero_count)),
            ("positive", self.maybe(point.positive.as_ref(), Self::buckets)),
            ("negative", self.maybe(point.negative.as_ref(), Self::buckets)),
            ("flags", json!(point.flags)),
        ]);
        let threshold = ("zeroThreshold", Some(point.zero_threshold));
        self.optionals(&mut written, [("sum", point.sum), ("min", point.min), ("max", point.max), threshold]);
        written
    }

    fn optionals<const N: usize>(self, object: &mut Value, fields: [(&str, Option<f64>); N]) {
        for (name, value) in fields {
            if let Some(value) = value {
                object[name] = self.double(value);
            }
        }
    }

    fn buckets(self, buckets: &Buckets) -> Value {
        let counts = self.list(&buckets.bucket_counts, |hand, count| hand.unsigned(*count));
        self.object([("offset", json!(buckets.offset)), ("bucketCounts", counts)])
    }

    fn summary(self, point: &SummaryDataPoint) -> Value {
        let quantiles = self.list(
            &point.quantile_values,
            |hand, at| json!({"quantile": hand.double(at.quantile), "value": hand.double(at.value)}),
        );
        let mut written = self.object([
            ("attributes", self.attributes(&point.attributes)),
            ("startTimeUnixNano", self.unsigned(point.start_time_unix_nano)),
            ("timeUnixNano", self.unsigned(point.time_unix_nano)),
            ("count", self.unsigned(point.count)),
            ("quantileValues", quantiles),
            ("flags", json!(point.flags)),
        ]);
        self.optionals(&mut written, [("sum", Some(point.sum))]);
        written
    }
}
