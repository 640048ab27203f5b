//! Bytes to messages. JSON and protobuf of the same content give equal messages.

mod unread;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

use super::types::{Encoding, LeftOut, Signal};
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
    /// Values that could not be read.
    pub left_out: LeftOut,
}

impl Decoded {
    /// What its sender should know, in sentences.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let left_out = Some(&self.left_out).filter(|left_out| left_out.count > 0);
        self.warning.iter().map(ToString::to_string).chain(left_out.map(ToString::to_string)).collect()
    }
}

/// A body whose name at the top is not that of its signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// The specification takes it for an empty export, though its sender hardly meant one.
    #[error("nothing was read: the body has `{found}` where `{expected}` belongs.")]
    NothingRead {
        /// The name at the top of the body.
        found: &'static str,
        /// The name that belongs there.
        expected: &'static str,
    },
    /// It is the right name in the spelling of the `.proto` files, which other receivers may not read.
    #[error("the body was read, but it has `{found}` where `{expected}` belongs.")]
    OtherSpelling {
        /// The name at the top of the body.
        found: &'static str,
        /// The name that belongs there.
        expected: &'static str,
    },
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
            Ok(Decoded { payload: unread::strip(payload), warning: None, left_out: LeftOut::default() })
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
    let (export, left_out) = json::read::<T>(body).map_err(|error| match error {
        json::Error::TooHeavy => DecodeError::TooHeavy,
        json::Error::Invalid { path, description } => DecodeError::Json { path, description },
    })?;
    let stray = export.stray.filter(|_| !export.named);
    let (underscored, expected) = (export.underscored, T::NAME);
    let warning = stray.map(|found| match underscored {
        true => Warning::OtherSpelling { found, expected },
        false => Warning::NothingRead { found, expected },
    });
    Ok(Decoded { payload: payload(export.request), warning, left_out })
}

#[cfg(test)]
mod printer;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
