//! Captured sessions as others lived them at other times: the same work, another person, another session, another hour.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value as Any};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use otlp::{Encoding, Signal};
use prost::Message;
use serde_json::Value;

use super::Sent;

/// What differs from the captured session.
#[derive(Debug, Clone, Copy)]
pub struct Life {
    /// Whose it is.
    pub person: usize,
    /// Which of all sessions it is.
    pub session: usize,
    /// How much earlier it is, in nanoseconds.
    pub earlier: u64,
}

impl Life {
    /// The export as it is in this life.
    ///
    /// # Panics
    /// It is no export, or no sums.
    #[must_use]
    pub fn relive(&self, sent: &Sent) -> Sent {
        let body = match (sent.encoding, sent.signal) {
            (Encoding::Json, _) => {
                let mut body: Value = serde_json::from_slice(&sent.body).unwrap();
                self.json(&mut body);
                body.to_string().into_bytes()
            }
            (_, Signal::Logs) => self.logs(ExportLogsServiceRequest::decode(&*sent.body).unwrap()),
            (_, Signal::Metrics) => self.metrics(ExportMetricsServiceRequest::decode(&*sent.body).unwrap()),
            (_, Signal::Traces) => self.traces(ExportTraceServiceRequest::decode(&*sent.body).unwrap()),
        };
        Sent { body, ..sent.clone() }
    }

    /// The e-mail address that this person has in place of `captured`.
    #[must_use]
    pub fn email(person: usize, captured: &str) -> String {
        format!("d{person}.{captured}")
    }

    fn logs(&self, mut request: ExportLogsServiceRequest) -> Vec<u8> {
        for resource in &mut request.resource_logs {
            resource.resource.iter_mut().for_each(|r| self.attributes(&mut r.attributes));
            for record in resource.scope_logs.iter_mut().flat_map(|s| &mut s.log_records) {
                self.times([&mut record.time_unix_nano, &mut record.observed_time_unix_nano]);
                self.attributes(&mut record.attributes);
            }
        }
        request.encode_to_vec()
    }

    fn metrics(&self, mut request: ExportMetricsServiceRequest) -> Vec<u8> {
        for resource in &mut request.resource_metrics {
            resource.resource.iter_mut().for_each(|r| self.attributes(&mut r.attributes));
            for metric in resource.scope_metrics.iter_mut().flat_map(|s| &mut s.metrics) {
                let Some(Data::Sum(sum)) = &mut metric.data else { panic!("{} is no sum", metric.name) };
                for point in &mut sum.data_points {
                    self.times([&mut point.time_unix_nano, &mut point.start_time_unix_nano]);
                    self.attributes(&mut point.attributes);
                }
            }
        }
        request.encode_to_vec()
    }

    fn traces(&self, mut request: ExportTraceServiceRequest) -> Vec<u8> {
        for resource in &mut request.resource_spans {
            resource.resource.iter_mut().for_each(|r| self.attributes(&mut r.attributes));
            for span in resource.scope_spans.iter_mut().flat_map(|s| &mut s.spans) {
                self.times([&mut span.start_time_unix_nano, &mut span.end_time_unix_nano]);
                self.attributes(&mut span.attributes);
            }
        }
        request.encode_to_vec()
    }

    fn times(&self, times: [&mut u64; 2]) {
        for time in times {
            *time = time.saturating_sub(self.earlier);
        }
    }

    fn attributes(&self, attributes: &mut [KeyValue]) {
        for attribute in attributes {
            if let Some(Any::StringValue(text)) = attribute.value.as_mut().and_then(|v| v.value.as_mut()) {
                self.text(&attribute.key, text);
            }
        }
    }

    fn text(&self, key: &str, text: &mut String) {
        match key {
            "session.id" => *text = format!("{:x}-{text}", self.session),
            "user.email" | "user.id" | "user.account_uuid" | "user.account_id" => {
                *text = Self::email(self.person, text);
            }
            _ => {}
        }
    }

    fn json(&self, value: &mut Value) {
        match value {
            Value::Array(list) => list.iter_mut().for_each(|v| self.json(v)),
            Value::Object(members) => {
                if let (Some(key), Some(Value::String(text))) = (
                    members.get("key").and_then(Value::as_str).map(str::to_owned),
                    members.get_mut("value").and_then(|v| v.get_mut("stringValue")),
                ) {
                    self.text(&key, text);
                }
                for (name, member) in members {
                    if name.ends_with("TimeUnixNano") || name == "timeUnixNano" {
                        let nanos = member.as_str().map_or_else(|| member.as_u64(), |text| text.parse().ok()).unwrap();
                        *member = nanos.saturating_sub(self.earlier).to_string().into();
                    } else {
                        self.json(member);
                    }
                }
            }
            _ => {}
        }
    }
}
