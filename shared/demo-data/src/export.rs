//! An export as the client sends it: in protobuf, or in the JSON of its own making.

use bytes::Bytes;
use model::time::Timestamp;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{Metric, ResourceMetrics, ScopeMetrics};
use opentelemetry_proto::tonic::resource::v1::Resource;
use otlp::Signal;
use prost::Message;

use crate::json;

/// Something that one client sends at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// When it arrives.
    pub at: Timestamp,
    /// Who sends it, by their place among the people.
    pub person: usize,
    /// Generation of the token that it is sent with.
    pub generation: u32,
    /// What it carries.
    pub signal: Signal,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// How many records or points it has.
    pub records: usize,
    /// The body.
    pub body: Bytes,
}

/// What all exports of a session have in common.
#[derive(Debug, Clone)]
pub(crate) struct Envelope {
    pub person: usize,
    pub generation: u32,
    pub json: bool,
    pub version: &'static str,
    pub resource: Vec<KeyValue>,
}

impl Envelope {
    /// Events.
    pub(crate) fn logs(&self, at: Timestamp, log_records: Vec<LogRecord>) -> Export {
        let records = log_records.len();
        let scope_logs =
            ScopeLogs { scope: self.scope("com.anthropic.claude_code.events"), log_records, ..ScopeLogs::default() };
        let resource_logs =
            ResourceLogs { resource: self.resource(), scope_logs: vec![scope_logs], ..ResourceLogs::default() };
        let request = ExportLogsServiceRequest { resource_logs: vec![resource_logs] };
        let body = if self.json { json::logs(&request).to_string().into_bytes() } else { request.encode_to_vec() };
        self.export(at, Signal::Logs, records, body)
    }

    /// Metrics.
    pub(crate) fn metrics(&self, at: Timestamp, metrics: Vec<Metric>, points: usize) -> Export {
        let scope_metrics =
            ScopeMetrics { scope: self.scope("com.anthropic.claude_code"), metrics, ..ScopeMetrics::default() };
        let resource_metrics = ResourceMetrics {
            resource: self.resource(),
            scope_metrics: vec![scope_metrics],
            ..ResourceMetrics::default()
        };
        let request = ExportMetricsServiceRequest { resource_metrics: vec![resource_metrics] };
        let body = if self.json { json::metrics(&request).to_string().into_bytes() } else { request.encode_to_vec() };
        self.export(at, Signal::Metrics, points, body)
    }

    fn export(&self, at: Timestamp, signal: Signal, records: usize, body: Vec<u8>) -> Export {
        let content_type = if self.json { "application/json" } else { "application/x-protobuf" };
        Export {
            at,
            person: self.person,
            generation: self.generation,
            signal,
            content_type,
            records,
            body: body.into(),
        }
    }

    fn scope(&self, name: &str) -> Option<InstrumentationScope> {
        Some(InstrumentationScope {
            name: name.into(),
            version: self.version.into(),
            ..InstrumentationScope::default()
        })
    }

    fn resource(&self) -> Option<Resource> {
        Some(Resource { attributes: self.resource.clone(), ..Resource::default() })
    }
}
