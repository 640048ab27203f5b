//! Turns a decoded export into records: names, times, sources, canonical digests, and the reasons for rejecting others.
//!
//! The time this takes is linear in the size of the export, whatever it holds, because what records share is read once.
//! The export is consumed along the way, so that a record and what is kept of it are not both in memory for long.

use std::sync::Arc;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{Metric, ResourceMetrics, ScopeMetrics};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};

use super::attribute::Attribute;
use super::export::{Entry, Export, claimed};
use super::keep::Keeper;
use super::limits;
use super::record::{Context, PointData, Record, Temporality};
use super::rejected::{self, METRIC_NAME, Rejected};
use super::shape::LABEL;
use super::source::Sources;
use crate::canonical::{Canonical, Canonicalizer, MetricHead, Point, ResourceForm, for_each_point, number_of_points};
use otlp::Payload;

mod log;

use log::{event_name, own_time};

/// The most bytes of attributes stored of one record.
pub const RECORD_LIMIT: usize = 256 * 1024;
/// The most bytes of attributes stored of one resource.
pub const RESOURCE_LIMIT: usize = 64 * 1024;
/// The name of an event or a metric that has none, or an invalid one.
const UNNAMED: &str = "unnamed";
/// The most bytes that the names and units of all points of an export may take: every point has its own copy.
const NAMES_LIMIT: usize = 32 * 1024 * 1024;

/// Reads exports for one organisation.
#[derive(Debug)]
pub struct Reader {
    canonicalizer: Canonicalizer,
    keeper: Keeper,
    export: Export,
    /// How many bytes the names and units of further points may take.
    names_left: usize,
}

/// What the records of a resource need of it. It is read once, and what takes longer only when there is a record.
struct Above<'a> {
    attributes: &'a [KeyValue],
    is_crowded: bool,
    sources: Sources<'a>,
    read: Option<(ResourceForm, Arc<[Attribute]>)>,
}

impl<'a> Above<'a> {
    fn of(resource: Option<&'a Resource>) -> Self {
        let attributes = resource.map_or(&[][..], |r| &r.attributes);
        Self { attributes, is_crowded: rejected::are_too_many(attributes), sources: Sources::default(), read: None }
    }
}

/// The resource and context of a record.
struct Place<'p, 'a> {
    sources: &'p mut Sources<'a>,
    context: Canonical,
    index: usize,
}

impl Reader {
    /// A reader that keeps content only if `store_content` is set, and does not keep names of tools.
    #[must_use]
    pub fn new(store_content: bool) -> Self {
        let export = Export {
            contexts: Vec::new(),
            context_sizes: Vec::new(),
            entries: Vec::new(),
            rejected: Rejected::default(),
            cut: 0,
        };
        Self {
            canonicalizer: Canonicalizer::default(),
            keeper: Keeper::new(store_content),
            export,
            names_left: NAMES_LIMIT,
        }
    }

    /// Makes it keep names of tools if `store_tool_names` is set.
    #[must_use]
    pub fn with_tool_names(mut self, store_tool_names: bool) -> Self {
        self.keeper.store_tool_names = store_tool_names;
        self
    }

    /// Reads an export of any signal.
    #[must_use]
    pub fn read(self, payload: Payload) -> Export {
        match payload {
            Payload::Logs(request) => self.logs(request),
            Payload::Metrics(request) => self.metrics(request),
            Payload::Traces(request) => self.traces(request),
        }
    }

    /// Reads the records of an export of logs. Those with too many attributes or an impossible number are rejected.
    fn logs(mut self, request: ExportLogsServiceRequest) -> Export {
        for ResourceLogs { resource, scope_logs, .. } in request.resource_logs {
            let mut above = Above::of(resource.as_ref());
            for ScopeLogs { scope, log_records, .. } in scope_logs {
                let Some(mut place) = self.place(&mut above, scope.as_ref(), log_records.len()) else { continue };
                for log in log_records {
                    self.log(&mut place, &log);
                }
            }
        }
        self.finish()
    }

    /// Reads the data points of an export of metrics.
    fn metrics(mut self, request: ExportMetricsServiceRequest) -> Export {
        for ResourceMetrics { resource, scope_metrics, .. } in request.resource_metrics {
            let mut above = Above::of(resource.as_ref());
            for ScopeMetrics { scope, metrics, .. } in scope_metrics {
                let points = metrics.iter().filter_map(|m| m.data.as_ref()).map(number_of_points).sum();
                let Some(mut place) = self.place(&mut above, scope.as_ref(), points) else { continue };
                for Metric { name, unit, data, .. } in metrics {
                    let Some(data) = data else { continue };
                    if self.is_misnamed(&name, &unit, number_of_points(&data)) {
                        continue;
                    }
                    let head = MetricHead::of(&name, &unit, &data);
                    for_each_point(data, |point| self.point(&mut place, &head, point));
                }
            }
        }
        self.finish()
    }

    /// Reads the spans of an export of traces, which are validated and counted.
    fn traces(mut self, request: ExportTraceServiceRequest) -> Export {
        for ResourceSpans { resource, scope_spans, .. } in request.resource_spans {
            let mut above = Above::of(resource.as_ref());
            for ScopeSpans { scope, spans, .. } in scope_spans {
                let Some(mut place) = self.place(&mut above, scope.as_ref(), spans.len()) else { continue };
                for span in spans {
                    self.span(&mut place, &span);
                }
            }
        }
        self.finish()
    }

    /// The place of a scope's `records`; `None` if there are none, or if they are rejected for the size of what they
    /// share.
    fn place<'p, 'a>(
        &mut self,
        above: &'p mut Above<'a>,
        scope: Option<&InstrumentationScope>,
        records: usize,
    ) -> Option<Place<'p, 'a>> {
        if records == 0 {
            return None;
        }
        if above.is_crowded || scope.is_some_and(|s| rejected::are_too_many(&s.attributes)) {
            self.export.rejected.crowded(records as u64);
            return None;
        }
        let attributes = above.attributes;
        let Above { sources, read, .. } = above;
        let (form, attributes) = read.get_or_insert_with(|| {
            *sources = Sources::new(attributes);
            (self.canonicalizer.resource(attributes), self.keeper.resource(attributes, RESOURCE_LIMIT))
        });
        let context = self.canonicalizer.context(form, scope);
        let (name, version) = scope.map_or(("", ""), |s| (&*s.name, &*s.version));
        self.export.contexts.push(Context {
            resource: Arc::clone(attributes),
            scope: self.keeper.label(name).into(),
            scope_version: self.keeper.label(version).into(),
        });
        self.export.context_sizes.push(context.size.min(RESOURCE_LIMIT));
        Some(Place { sources, context, index: self.export.contexts.len() - 1 })
    }

    /// Whether a record has too many attributes; if so, rejects it.
    fn is_crowded(&mut self, attributes: &[KeyValue]) -> bool {
        let crowded = rejected::are_too_many(attributes);
        if crowded {
            self.export.rejected.crowded(1);
        }
        crowded
    }

    /// Whether the name and unit of a metric are too long to be written for each of its `points`; if so, rejects these.
    fn is_misnamed(&mut self, name: &str, unit: &str, points: usize) -> bool {
        let kept = points.saturating_mul(name.len().min(LABEL) + unit.len().min(LABEL));
        let misnamed = name.len() + unit.len() > METRIC_NAME || kept > self.names_left;
        if misnamed {
            self.export.rejected.misnamed(points as u64);
        } else {
            self.names_left -= kept;
        }
        misnamed
    }

    fn log(&mut self, place: &mut Place<'_, '_>, log: &LogRecord) {
        if log.body.as_ref().is_some_and(rejected::has_too_many) {
            return self.export.rejected.crowded(1);
        }
        if self.is_crowded(&log.attributes) {
            return;
        }
        if let Some(impossible) = limits::of_event(&log.attributes) {
            return self.export.rejected.impossible(impossible, place.sources.of(&log.attributes));
        }
        let canonical = self.canonicalizer.log(&place.context, log);
        let nanos = if log.time_unix_nano == 0 { log.observed_time_unix_nano } else { log.time_unix_nano };
        let mut record = self.record(place, event_name(log).unwrap_or(UNNAMED), nanos, &log.attributes, &canonical);
        if nanos == 0 {
            // The key, which is frozen, has no time; what is shown has.
            record.time = own_time(log).unwrap_or(record.time);
        }
        self.push(place, &log.attributes, nanos, canonical, Some(record));
    }

    fn span(&mut self, place: &mut Place<'_, '_>, span: &Span) {
        if !is_id(&span.trace_id, 16) || !is_id(&span.span_id, 8) {
            self.export.rejected.count += 1;
            self.export.rejected.without_ids += 1;
            return;
        }
        if self.is_crowded(&span.attributes) {
            return;
        }
        let canonical = self.canonicalizer.span(&place.context, span);
        self.push(place, &span.attributes, span.start_time_unix_nano, canonical, None);
    }

    fn point(&mut self, place: &mut Place<'_, '_>, metric: &MetricHead<'_>, point: &Point<'_>) {
        if self.is_crowded(point.attributes()) {
            return;
        }
        let (start, time) = point.times();
        let nanos = if time == 0 { start } else { time };
        if !point.has_recorded_value() {
            // It says that its series continues without a value. It is counted like a span, since there is nothing to
            // keep.
            let canonical = self.canonicalizer.point(&place.context, metric, point);
            return self.push(place, point.attributes(), nanos, canonical, None);
        }
        let value = match point.number() {
            Some(value) if value.is_finite() => value,
            Some(_) => {
                self.export.rejected.count += 1;
                self.export.rejected.not_finite += 1;
                return;
            }
            None => {
                self.export.rejected.count += 1;
                self.export.rejected.without_value += 1;
                return;
            }
        };
        let temporality = Temporality::from_otlp(metric.temporality);
        if let Some(impossible) = limits::of_point(metric.name, temporality, value) {
            return self.export.rejected.impossible(impossible, place.sources.of(point.attributes()));
        }
        let canonical = self.canonicalizer.point(&place.context, metric, point);
        let mut record = self.record(place, metric.name, nanos, point.attributes(), &canonical);
        record.point = Some(PointData {
            start: claimed(start),
            value,
            unit: self.keeper.label(metric.unit).into(),
            kind: metric.kind,
            temporality,
            monotonic: metric.monotonic,
        });
        self.push(place, point.attributes(), nanos, canonical, Some(record));
    }

    fn record(
        &mut self,
        place: &Place<'_, '_>,
        name: &str,
        nanos: u64,
        sent: &[KeyValue],
        canonical: &Canonical,
    ) -> Record {
        let name = self.keeper.identifier(name, UNNAMED);
        let [a, b, c, d, ..] = canonical.digest.0;
        Record {
            context: place.index,
            name: name.into(),
            time: claimed(nanos),
            digest: [a, b, c, d],
            count: 1,
            attributes: self.keeper.record(name, sent, RECORD_LIMIT),
            point: None,
        }
    }

    fn push(
        &mut self,
        place: &mut Place<'_, '_>,
        sent: &[KeyValue],
        time_nanos: u64,
        canonical: Canonical,
        record: Option<Record>,
    ) {
        let source = place.sources.of(sent);
        let dropped = std::mem::take(&mut self.keeper.dropped);
        self.export.entries.push(Entry { source, time_nanos, canonical, dropped, context: place.index, record });
    }

    fn finish(mut self) -> Export {
        self.export.cut = self.keeper.cut;
        self.export
    }
}

/// Whether these are `len` bytes that are not all zero.
fn is_id(bytes: &[u8], len: usize) -> bool {
    bytes.len() == len && bytes.iter().any(|b| *b != 0)
}
