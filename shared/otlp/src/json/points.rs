//! Data points of metrics. Exemplars are not read.

use opentelemetry_proto::tonic::metrics::v1::exponential_histogram_data_point::Buckets;
use opentelemetry_proto::tonic::metrics::v1::number_data_point::Value as Number;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogramDataPoint, HistogramDataPoint, NumberDataPoint, SummaryDataPoint,
};
use serde::de::MapAccess;

use super::scalar::{double, integer};
use super::value::{Object, Value};
use crate::budget::READ;

/// If both `asDouble` and `asInt` are given, the last one that is not null counts. JavaScript writes null for a value
/// that is not finite, so such a point has no value and validation rejects it; so does a point whose value cannot be
/// read. The fields of the other kinds of points describe one distribution together, so none of them may be dropped.
impl Object for NumberDataPoint {
    const WEIGHT: usize = size_of::<Self>() + READ;

    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "attributes" => self.attributes = value.messages()?,
            "startTimeUnixNano" => self.start_time_unix_nano = value.read(integer)?,
            "timeUnixNano" => self.time_unix_nano = value.read(integer)?,
            "asDouble" => self.value = value.optional(double)?.map(Number::AsDouble).or(self.value),
            "asInt" => self.value = value.optional(integer)?.map(Number::AsInt).or(self.value),
            "flags" => self.flags = value.read(integer)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for HistogramDataPoint {
    const WEIGHT: usize = size_of::<Self>() + READ;

    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "attributes" => self.attributes = value.messages()?,
            "startTimeUnixNano" => self.start_time_unix_nano = value.read(integer)?,
            "timeUnixNano" => self.time_unix_nano = value.read(integer)?,
            "count" => self.count = value.strict(integer)?,
            "sum" => self.sum = value.strict_optional(double)?,
            "bucketCounts" => self.bucket_counts = value.list(integer)?,
            "explicitBounds" => self.explicit_bounds = value.list(double)?,
            "flags" => self.flags = value.read(integer)?,
            "min" => self.min = value.strict_optional(double)?,
            "max" => self.max = value.strict_optional(double)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for ExponentialHistogramDataPoint {
    const WEIGHT: usize = size_of::<Self>() + READ;

    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "attributes" => self.attributes = value.messages()?,
            "startTimeUnixNano" => self.start_time_unix_nano = value.read(integer)?,
            "timeUnixNano" => self.time_unix_nano = value.read(integer)?,
            "count" => self.count = value.strict(integer)?,
            "sum" => self.sum = value.strict_optional(double)?,
            "scale" => self.scale = value.strict(integer)?,
            "zeroCount" => self.zero_count = value.strict(integer)?,
            "positive" => self.positive = value.message()?,
            "negative" => self.negative = value.message()?,
            "flags" => self.flags = value.read(integer)?,
            "min" => self.min = value.strict_optional(double)?,
            "max" => self.max = value.strict_optional(double)?,
            "zeroThreshold" => self.zero_threshold = value.strict(double)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for Buckets {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "offset" => self.offset = value.strict(integer)?,
            "bucketCounts" => self.bucket_counts = value.list(integer)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for SummaryDataPoint {
    const WEIGHT: usize = size_of::<Self>() + READ;

    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "attributes" => self.attributes = value.messages()?,
            "startTimeUnixNano" => self.start_time_unix_nano = value.read(integer)?,
            "timeUnixNano" => self.time_unix_nano = value.read(integer)?,
            "count" => self.count = value.strict(integer)?,
            "sum" => self.sum = value.strict(double)?,
            "quantileValues" => self.quantile_values = value.messages()?,
            "flags" => self.flags = value.read(integer)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for ValueAtQuantile {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "quantile" => self.quantile = value.strict(double)?,
            "value" => self.value = value.strict(double)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}
