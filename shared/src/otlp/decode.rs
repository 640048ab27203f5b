//! Bytes to messages. JSON and protobuf of the same content give equal messages.

mod unread;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

use super::reply::Rejection;
use super::request::{Encoding, Signal};
use super::weight::Unfit;
use super::{json, weight};

/// The content of an export.
///
/// What nothing reads is left out of it, whatever the encoding: entity references of resources, and
/// exemplars of points.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// What was posted to `/v1/logs`.
    Logs(ExportLogsServiceRequest),
    /// What was posted to `/v1/metrics`.
    Metrics(ExportMetricsServiceRequest),
    /// What was posted to `/v1/traces`.
    Traces(ExportTraceServiceRequest),
}

/// A decoded export.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// What it holds.
    pub payload: Payload,
    /// What its sender should know although nothing is wrong by the specification.
    pub warning: Option<Warning>,
}

/// A body that the specification takes for an empty export, though its sender hardly meant one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing was read: the body has `{found}` where `{expected}` belongs")]
pub struct Warning {
    /// The name at the top of the body.
    pub found: &'static str,
    /// The name that belongs there.
    pub expected: &'static str,
}

/// Why a body could not be decoded. Its text has nothing of the body and may be shown to anyone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It is not protobuf, or not of this message; the text names fields of the `.proto` files only.
    #[error("not a protobuf {} request: {reason}", .signal.path())]
    Protobuf {
        /// What it was read as.
        signal: Signal,
        /// What prost has to say.
        reason: String,
    },
    /// It is not JSON, or a value is not what it has to be.
    #[error("{description}")]
    Json {
        /// The path to that value; empty if the body as a whole is wrong.
        path: String,
        /// What is wrong, with line and column.
        description: String,
    },
    /// It has more messages than we have memory for.
    #[error("too many records or attributes: export smaller batches")]
    TooHeavy,
}

impl From<DecodeError> for Rejection {
    fn from(error: DecodeError) -> Self {
        let description = error.to_string();
        let field = match error {
            DecodeError::Json { path, .. } if !path.is_empty() => path,
            _ => "body".to_owned(),
        };
        Self::Undecodable { field, description }
    }
}

/// Decodes the inflated body of an export.
///
/// # Errors
/// [`DecodeError`] if the body as a whole can't be read. What is merely odd about single records is
/// left to their validator.
pub fn decode(signal: Signal, encoding: Encoding, body: &[u8]) -> Result<Decoded, DecodeError> {
    match encoding {
        Encoding::Protobuf => {
            weight::weigh(signal, body).map_err(|unfit| match unfit {
                Unfit::TooHeavy => DecodeError::TooHeavy,
                Unfit::Malformed => malformed(signal, "it is truncated or damaged"),
            })?;
            let payload = match signal {
                Signal::Logs => Payload::Logs(protobuf(signal, body)?),
                Signal::Metrics => Payload::Metrics(protobuf(signal, body)?),
                Signal::Traces => Payload::Traces(protobuf(signal, body)?),
            };
            Ok(Decoded { payload: unread::strip(payload), warning: None })
        }
        Encoding::Json => match signal {
            Signal::Logs => json(body, Payload::Logs),
            Signal::Metrics => json(body, Payload::Metrics),
            Signal::Traces => json(body, Payload::Traces),
        },
    }
}

fn protobuf<T: Message + Default>(signal: Signal, body: &[u8]) -> Result<T, DecodeError> {
    T::decode(body).map_err(|error| malformed(signal, &error.to_string()))
}

fn malformed(signal: Signal, reason: &str) -> DecodeError {
    DecodeError::Protobuf { signal, reason: reason.to_owned() }
}

fn json<T: json::Request>(body: &[u8], payload: fn(T) -> Payload) -> Result<Decoded, DecodeError> {
    let export = json::read::<T>(body).map_err(|error| match error {
        json::Error::TooHeavy => DecodeError::TooHeavy,
        json::Error::Invalid { path, description } => DecodeError::Json { path, description },
    })?;
    let stray = export.stray.filter(|_| !export.named);
    let warning = stray.map(|found| Warning { found, expected: T::NAME });
    Ok(Decoded { payload: payload(export.request), warning })
}

#[cfg(test)]
mod printer;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
