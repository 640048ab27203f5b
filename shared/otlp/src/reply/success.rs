//! The response to an export that was accepted, entirely or in part.

use bytes::Bytes;
use http::{Response, StatusCode};
use opentelemetry_proto::tonic::collector::{logs, metrics, trace};
use prost::Message;
use serde_json::json;

use super::answer;
use crate::types::{Encoding, Signal};

/// An export that was accepted, possibly in part or with a warning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Success {
    /// How many records (data points, spans) were rejected.
    pub rejected: i64,
    /// The reason, as a sentence the user can act on; or a warning if nothing was rejected.
    pub message: String,
}

impl Success {
    /// Builds the response: `Export<Signal>ServiceResponse` in the encoding of the request. If there is nothing to
    /// report, `partial_success` is unset, as the OTLP specification requires.
    #[must_use]
    pub fn into_response(self, signal: Signal, encoding: Encoding) -> Response<Bytes> {
        let body = match encoding {
            Encoding::Protobuf => self.protobuf(signal),
            Encoding::Json => self.json(signal),
        };
        answer(StatusCode::OK, None, encoding, body)
    }

    fn is_whole(&self) -> bool {
        self.rejected == 0 && self.message.is_empty()
    }

    fn protobuf(self, signal: Signal) -> Vec<u8> {
        if self.is_whole() {
            return Vec::new();
        }
        let Self { rejected, message: error_message } = self;
        match signal {
            Signal::Logs => logs::v1::ExportLogsServiceResponse {
                partial_success: Some(logs::v1::ExportLogsPartialSuccess {
                    rejected_log_records: rejected,
                    error_message,
                }),
            }
            .encode_to_vec(),
            Signal::Metrics => metrics::v1::ExportMetricsServiceResponse {
                partial_success: Some(metrics::v1::ExportMetricsPartialSuccess {
                    rejected_data_points: rejected,
                    error_message,
                }),
            }
            .encode_to_vec(),
            Signal::Traces => trace::v1::ExportTraceServiceResponse {
                partial_success: Some(trace::v1::ExportTracePartialSuccess { rejected_spans: rejected, error_message }),
            }
            .encode_to_vec(),
        }
    }

    fn json(self, signal: Signal) -> Vec<u8> {
        if self.is_whole() {
            return b"{}".to_vec();
        }
        let rejected = match signal {
            Signal::Logs => "rejectedLogRecords",
            Signal::Metrics => "rejectedDataPoints",
            Signal::Traces => "rejectedSpans",
        };
        // The proto3 JSON mapping writes 64-bit integers as strings and omits defaults.
        let mut partial = json!({});
        if self.rejected != 0 {
            partial[rejected] = self.rejected.to_string().into();
        }
        if !self.message.is_empty() {
            partial["errorMessage"] = self.message.into();
        }
        json!({ "partialSuccess": partial }).to_string().into_bytes()
    }
}
