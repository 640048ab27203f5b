//! From a decoded export to records: names, times, sources, canonical digests, and what is bad about the rest.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::resource::v1::Resource;

use super::bounds::{self, Impossible};
use super::keep::Keeper;
use super::record::{Context, PointData, Record, Temporality};
use super::source::{SourceId, source};
use super::vocabulary::Gate;
use crate::canonical::{Canonical, Canonicalizer, MetricHead, Point};
use crate::time::Millis;

/// The most bytes of attributes that are stored of one record.
pub const RECORD_LIMIT: usize = 256 * 1024;
/// The most bytes of attributes that are stored of one resource.
pub const RESOURCE_LIMIT: usize = 64 * 1024;
/// What an event or a metric is called that has no name, or one that cannot be a name.
const UNNAMED: &str = "unnamed";
const NANOS_PER_MILLI: u64 = 1_000_000;

/// What an export holds, ready to be grouped.
#[derive(Debug)]
pub struct Export {
    /// What records refer to by index.
    pub contexts: Vec<Context>,
    /// Stored size of each context, in bytes at most.
    pub context_sizes: Vec<usize>,
    /// The usable records.
    pub entries: Vec<Entry>,
    /// The unusable ones.
    pub rejected: Rejected,
    /// How many values were cut, or left out, for their size or because they could not be read.
    pub cut: u32,
}

/// A usable record and what files it.
#[derive(Debug)]
pub struct Entry {
    /// Whose it is.
    pub source: SourceId,
    /// The time the client claims, in nanoseconds since the epoch.
    pub time_nanos: u64,
    /// What it is known by.
    pub canonical: Canonical,
    /// Contents dropped from it, by [`Gate::ALL`].
    pub dropped: [u32; Gate::ALL.len()],
    /// Index of its context.
    pub context: usize,
    /// The record; spans and points without a recorded value are counted, not kept.
    pub record: Option<Record>,
}

/// Records that cannot be counted, and why.
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
    /// Records with a number that cannot be, by [`Impossible::ALL`].
    pub impossible: [u64; Impossible::ALL.len()],
    /// Whose the last of those was.
    pub impossible_of: Option<SourceId>,
}

impl Rejected {
    /// The sentence that goes back to the client.
    #[must_use]
    pub fn sentence(&self) -> String {
        let reasons = [
            (self.without_value, "without a value"),
            (self.not_finite, "with a value that is infinite or not a number"),
            (self.without_ids, "without a valid trace id (16 bytes) and span id (8 bytes)"),
        ];
        let impossible = Impossible::ALL.into_iter().zip(self.impossible);
        let impossible = impossible.filter(|(_, n)| *n > 0).map(|(what, n)| format!("{n} with {}", what.reason()));
        let others = reasons.iter().filter(|(n, _)| *n > 0).map(|(n, reason)| format!("{n} {reason}"));
        let parts: Vec<String> = others.chain(impossible).collect();
        format!("Not stored: {}. All other records of the export were stored.", parts.join(", "))
    }
}

/// Reads exports for one organisation.
#[derive(Debug)]
pub struct Reader {
    canonicalizer: Canonicalizer,
    keeper: Keeper,
    export: Export,
}

/// Where a record stands.
struct Place<'a> {
    resource: &'a [KeyValue],
    context: Canonical,
    index: usize,
}

impl Reader {
    /// A reader that keeps content only if `store_content` says so, and names of tools only if told to.
    #[must_use]
    pub fn new(store_content: bool) -> Self {
        let export = Export {
            contexts: Vec::new(),
            context_sizes: Vec::new(),
            entries: Vec::new(),
            rejected: Rejected::default(),
            cut: 0,
        };
        Self { canonicalizer: Canonicalizer::default(), keeper: Keeper::new(store_content), export }
    }

    /// This reader, which keeps names of tools if `store_tool_names` says so.
    #[must_use]
    pub fn with_tool_names(mut self, store_tool_names: bool) -> Self {
        self.keeper.store_tool_names = store_tool_names;
        self
    }

    /// The records of an export of logs. A log record is bad if a number in it cannot be.
    #[must_use]
    pub fn logs(mut self, request: &ExportLogsServiceRequest) -> Export {
        for resource in &request.resource_logs {
            for scope in &resource.scope_logs {
                let place = self.place(resource.resource.as_ref(), scope.scope.as_ref());
                for log in &scope.log_records {
                    self.log(&place, log);
                }
            }
        }
        self.finish()
    }

    /// The data points of an export of metrics.
    #[must_use]
    pub fn metrics(mut self, request: &ExportMetricsServiceRequest) -> Export {
        for resource in &request.resource_metrics {
            for scope in &resource.scope_metrics {
                let place = self.place(resource.resource.as_ref(), scope.scope.as_ref());
                for metric in &scope.metrics {
                    let Some((head, points)) = Point::of(metric) else { continue };
                    for point in points {
                        self.point(&place, &head, &point);
                    }
                }
            }
        }
        self.finish()
    }

    /// The spans of an export of traces: validated and counted.
    #[must_use]
    pub fn traces(mut self, request: &ExportTraceServiceRequest) -> Export {
        for resource in &request.resource_spans {
            for scope in &resource.scope_spans {
                let place = self.place(resource.resource.as_ref(), scope.scope.as_ref());
                for span in &scope.spans {
                    if !is_id(&span.trace_id, 16) || !is_id(&span.span_id, 8) {
                        self.export.rejected.count += 1;
                        self.export.rejected.without_ids += 1;
                        continue;
                    }
                    let canonical = self.canonicalizer.span(&place.context, span);
                    self.push(&place, &span.attributes, span.start_time_unix_nano, canonical, None);
                }
            }
        }
        self.finish()
    }

    fn place<'a>(&mut self, resource: Option<&'a Resource>, scope: Option<&InstrumentationScope>) -> Place<'a> {
        let context = self.canonicalizer.context(resource, scope);
        let attributes = resource.map_or(&[][..], |r| &r.attributes);
        let (name, version) = scope.map_or(("", ""), |s| (&*s.name, &*s.version));
        self.export.contexts.push(Context {
            resource: self.keeper.resource(attributes, RESOURCE_LIMIT),
            scope: self.keeper.label(name).into(),
            scope_version: self.keeper.label(version).into(),
        });
        self.export.context_sizes.push(context.size.min(RESOURCE_LIMIT));
        Place { resource: attributes, context, index: self.export.contexts.len() - 1 }
    }

    fn log(&mut self, place: &Place<'_>, log: &LogRecord) {
        if let Some(impossible) = bounds::of_event(&log.attributes) {
            return self.reject(place, &log.attributes, impossible);
        }
        let canonical = self.canonicalizer.log(&place.context, log);
        let nanos = if log.time_unix_nano == 0 { log.observed_time_unix_nano } else { log.time_unix_nano };
        let record = self.record(place, event_name(log), nanos, &log.attributes, &canonical);
        self.push(place, &log.attributes, nanos, canonical, Some(record));
    }

    fn point(&mut self, place: &Place<'_>, metric: &MetricHead<'_>, point: &Point<'_>) {
        if !point.has_recorded_value() {
            // It says that its series goes on with nothing to tell: taken like a span, since there is nothing to keep.
            let canonical = self.canonicalizer.point(&place.context, metric, point);
            let (start, time) = point.times();
            self.push(place, point.attributes(), if time == 0 { start } else { time }, canonical, None);
            return;
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
        if let Some(impossible) = bounds::of_point(metric.name, temporality, value) {
            return self.reject(place, point.attributes(), impossible);
        }
        let canonical = self.canonicalizer.point(&place.context, metric, point);
        let (start, time) = point.times();
        let nanos = if time == 0 { start } else { time };
        let mut record = self.record(place, metric.name, nanos, point.attributes(), &canonical);
        record.point = Some(PointData {
            start: millis(start),
            value,
            unit: self.keeper.label(metric.unit).into(),
            kind: metric.kind,
            temporality,
            monotonic: metric.monotonic,
        });
        self.push(place, point.attributes(), nanos, canonical, Some(record));
    }

    fn reject(&mut self, place: &Place<'_>, sent: &[KeyValue], impossible: Impossible) {
        let (kind, value) = source(sent, place.resource);
        self.export.rejected.count += 1;
        self.export.rejected.impossible[impossible as usize] += 1;
        self.export.rejected.impossible_of = Some(SourceId::new(kind, value));
    }

    fn record(
        &mut self,
        place: &Place<'_>,
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
            time: millis(nanos),
            digest: [a, b, c, d],
            count: 1,
            attributes: self.keeper.record(name, sent, RECORD_LIMIT),
            point: None,
        }
    }

    fn push(
        &mut self,
        place: &Place<'_>,
        sent: &[KeyValue],
        time_nanos: u64,
        canonical: Canonical,
        record: Option<Record>,
    ) {
        let (kind, value) = source(sent, place.resource);
        let source = SourceId::new(kind, value);
        let dropped = std::mem::take(&mut self.keeper.dropped);
        self.export.entries.push(Entry { source, time_nanos, canonical, dropped, context: place.index, record });
    }

    fn finish(mut self) -> Export {
        self.export.cut = self.keeper.cut;
        self.export
    }
}

/// A record's claimed time, in milliseconds; nanoseconds of 64 bits always fit.
#[must_use]
pub fn millis(nanos: u64) -> Millis {
    Millis((nanos / NANOS_PER_MILLI) as i64)
}

/// `event.name`, else the record's event name, else its body when that is Claude Code's full name, without the prefix.
fn event_name(log: &LogRecord) -> &str {
    let attribute =
        log.attributes.iter().find(|a| a.key == "event.name").and_then(|a| text(a.value.as_ref()?.value.as_ref()?));
    let named = attribute.filter(|n| !n.is_empty()).or(Some(&*log.event_name).filter(|n| !n.is_empty()));
    let body = || log.body.as_ref().and_then(|b| text(b.value.as_ref()?)).filter(|b| b.starts_with("claude_code."));
    let name = named.or_else(body).unwrap_or(UNNAMED);
    name.strip_prefix("claude_code.").unwrap_or(name)
}

fn text(value: &Value) -> Option<&str> {
    if let Value::StringValue(text) = value { Some(text) } else { None }
}

/// An id of `len` bytes that are not all zero.
fn is_id(bytes: &[u8], len: usize) -> bool {
    bytes.len() == len && bytes.iter().any(|b| *b != 0)
}
