//! Arbitrary metrics of all five kinds.

use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogram, ExponentialHistogramDataPoint, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint,
    ResourceMetrics, ScopeMetrics, Sum, Summary, SummaryDataPoint,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use super::{attributes, double, resource, scope, text};

pub(super) fn resource_metrics() -> impl Strategy<Value = ResourceMetrics> {
    let metric = (text(), text(), text(), attributes(), of(data()))
        .prop_map(|(name, description, unit, metadata, data)| Metric { name, description, unit, metadata, data });
    let scopes = (scope(), vec(metric, 0..3), text()).prop_map(|(scope, metrics, schema_url)| ScopeMetrics {
        scope,
        metrics,
        schema_url,
    });
    (resource(), vec(scopes, 0..3), text()).prop_map(|(resource, scope_metrics, schema_url)| ResourceMetrics {
        resource,
        scope_metrics,
        schema_url,
    })
}

fn data() -> impl Strategy<Value = Data> {
    prop_oneof![
        vec(number(), 0..3).prop_map(|data_points| Data::Gauge(Gauge { data_points })),
        (vec(number(), 0..3), any::<i32>(), any::<bool>()).prop_map(
            |(data_points, aggregation_temporality, is_monotonic)| {
                Data::Sum(Sum { data_points, aggregation_temporality, is_monotonic })
            }
        ),
        (vec(histogram(), 0..3), any::<i32>()).prop_map(|(data_points, aggregation_temporality)| {
            Data::Histogram(Histogram { data_points, aggregation_temporality })
        }),
        (vec(exponential(), 0..3), any::<i32>()).prop_map(|(data_points, aggregation_temporality)| {
            Data::ExponentialHistogram(ExponentialHistogram { data_points, aggregation_temporality })
        }),
        vec(summary(), 0..3).prop_map(|data_points| Data::Summary(Summary { data_points })),
    ]
}

fn number() -> impl Strategy<Value = NumberDataPoint> {
    let value = prop_oneof![double().prop_map(Number::AsDouble), any::<i64>().prop_map(Number::AsInt)];
    (attributes(), any::<(u64, u64, u32)>(), of(value)).prop_map(|(attributes, (start, time, flags), value)| {
        NumberDataPoint {
            attributes,
            start_time_unix_nano: start,
            time_unix_nano: time,
            exemplars: Vec::new(),
            flags,
            value,
        }
    })
}

fn histogram() -> impl Strategy<Value = HistogramDataPoint> {
    let lists = (vec(any::<u64>(), 0..4), vec(double(), 0..4));
    let figures = (of(double()), of(double()), of(double()));
    (attributes(), any::<(u64, u64, u64, u32)>(), lists, figures).prop_map(
        |(attributes, (start, time, count, flags), (bucket_counts, explicit_bounds), (sum, min, max))| {
            HistogramDataPoint {
                attributes,
                start_time_unix_nano: start,
                time_unix_nano: time,
                count,
                sum,
                bucket_counts,
                explicit_bounds,
                exemplars: Vec::new(),
                flags,
                min,
                max,
            }
        },
    )
}

fn exponential() -> impl Strategy<Value = ExponentialHistogramDataPoint> {
    let buckets = || {
        of((any::<i32>(), vec(any::<u64>(), 0..4))
            .prop_map(|(offset, bucket_counts)| Buckets { offset, bucket_counts }))
    };
    let figures = (of(double()), of(double()), of(double()), double());
    (attributes(), any::<(u64, u64, u64, u64, i32, u32)>(), (buckets(), buckets()), figures).prop_map(
        |(attributes, (start, time, count, zeros, scale, flags), (positive, negative), (sum, min, max, near))| {
            ExponentialHistogramDataPoint {
                attributes,
                start_time_unix_nano: start,
                time_unix_nano: time,
                count,
                sum,
                scale,
                zero_count: zeros,
                positive,
                negative,
                flags,
                exemplars: Vec::new(),
                min,
                max,
                zero_threshold: near,
            }
        },
    )
}

fn summary() -> impl Strategy<Value = SummaryDataPoint> {
    let quantile = (double(), double()).prop_map(|(quantile, value)| ValueAtQuantile { quantile, value });
    (attributes(), any::<(u64, u64, u64, u32)>(), double(), vec(quantile, 0..3)).prop_map(
        |(attributes, (start, time, count, flags), sum, quantile_values)| SummaryDataPoint {
            attributes,
            start_time_unix_nano: start,
            time_unix_nano: time,
            count,
            sum,
            quantile_values,
            flags,
        },
    )
}
