//! Drops the parts of protobuf messages that the JSON reader ignores, so that both encodings give equal messages.

use opentelemetry_proto::tonic::metrics::v1::Metric;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::Payload;

/// Returns the payload without entity references and exemplars.
pub(super) fn drop_unused(mut payload: Payload) -> Payload {
    match &mut payload {
        Payload::Logs(request) => {
            strip_resources(request.resource_logs.iter_mut().map(|group| &mut group.resource));
        }
        Payload::Traces(request) => {
            strip_resources(request.resource_spans.iter_mut().map(|group| &mut group.resource));
        }
        Payload::Metrics(request) => {
            strip_resources(request.resource_metrics.iter_mut().map(|group| &mut group.resource));
            let scopes = request.resource_metrics.iter_mut().flat_map(|group| &mut group.scope_metrics);
            scopes.flat_map(|scope| &mut scope.metrics).for_each(strip_exemplars);
        }
    }
    payload
}

fn strip_resources<'a>(resources: impl Iterator<Item = &'a mut Option<Resource>>) {
    resources.flatten().for_each(|resource| resource.entity_refs.clear());
}

fn strip_exemplars(metric: &mut Metric) {
    match &mut metric.data {
        Some(Data::Gauge(gauge)) => gauge.data_points.iter_mut().for_each(|point| point.exemplars.clear()),
        Some(Data::Sum(sum)) => sum.data_points.iter_mut().for_each(|point| point.exemplars.clear()),
        Some(Data::Histogram(histogram)) => {
            histogram.data_points.iter_mut().for_each(|point| point.exemplars.clear());
        }
        Some(Data::ExponentialHistogram(histogram)) => {
            histogram.data_points.iter_mut().for_each(|point| point.exemplars.clear());
        }
        Some(Data::Summary(_)) | None => {}
    }
}
