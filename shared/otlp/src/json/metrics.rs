//! Metrics of all five kinds, from the request down to the lists of their data points.

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::{
    ExponentialHistogram, Gauge, Histogram, Metric, ResourceMetrics, ScopeMetrics, Sum, Summary,
};
use serde::de::MapAccess;

use super::Request;
use super::scalar::{boolean, enumeration, text};
use super::value::{Object, Value};

impl Request for ExportMetricsServiceRequest {
    const NAME: &'static str = "resourceMetrics";
}

impl Object for ExportMetricsServiceRequest {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            Self::NAME => self.resource_metrics = value.messages()?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for ResourceMetrics {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "resource" => self.resource = value.message()?,
            "scopeMetrics" | "instrumentationLibraryMetrics" => self.scope_metrics = value.messages()?,
            "schemaUrl" => self.schema_url = value.read(text)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for ScopeMetrics {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "scope" | "instrumentationLibrary" => self.scope = value.message()?,
            "metrics" => self.metrics = value.messages()?,
            "schemaUrl" => self.schema_url = value.read(text)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

/// If several kinds of data are given, the last one that is not null counts.
impl Object for Metric {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "name" => self.name = value.strict(text)?,
            "description" => self.description = value.read(text)?,
            "unit" => self.unit = value.strict(text)?,
            "metadata" => self.metadata = value.messages()?,
            _ => {
                if let Some(data) = data(field, value)? {
                    self.data = Some(data);
                }
            }
        }
        Ok(())
    }
}

/// The data of the metric, if the field is the one of some kind of data.
fn data<'de, A: MapAccess<'de>>(field: &str, value: Value<'_, A>) -> Result<Option<Data>, A::Error> {
    Ok(match field {
        "gauge" => value.message()?.map(Data::Gauge),
        "sum" => value.message()?.map(Data::Sum),
        "histogram" => value.message()?.map(Data::Histogram),
        "exponentialHistogram" => value.message()?.map(Data::ExponentialHistogram),
        "summary" => value.message()?.map(Data::Summary),
        _ => value.skip().map(|()| None)?,
    })
}

impl Object for Gauge {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "dataPoints" => self.data_points = value.messages()?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for Sum {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "dataPoints" => self.data_points = value.messages()?,
            "aggregationTemporality" => self.aggregation_temporality = value.strict(enumeration)?,
            "isMonotonic" => self.is_monotonic = value.strict(boolean)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for Histogram {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "dataPoints" => self.data_points = value.messages()?,
            "aggregationTemporality" => self.aggregation_temporality = value.strict(enumeration)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for ExponentialHistogram {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "dataPoints" => self.data_points = value.messages()?,
            "aggregationTemporality" => self.aggregation_temporality = value.strict(enumeration)?,
            _ => value.skip()?,
        }
        Ok(())
    }
}

impl Object for Summary {
    fn set<'de, A: MapAccess<'de>>(&mut self, field: &str, value: Value<'_, A>) -> Result<(), A::Error> {
        match field {
            "dataPoints" => self.data_points = value.messages()?,
            _ => value.skip()?,
        }
        Ok(())
    }
}
