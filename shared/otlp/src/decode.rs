//! Decodes bytes into messages. The same content gives equal messages, whether sent as JSON or as protobuf.

mod unused;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;

use super::budget::SizeError;
use super::types::{Encoding, LeftOut, Signal};
use super::{budget, json};

/// The content of an export.
///
/// Parts that nothing uses are dropped in either encoding: entity references of resources and exemplars of data points.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// Posted to `/v1/logs`.
    Logs(ExportLogsServiceRequest),
    /// Posted to `/v1/metrics`.
    Metrics(ExportMetricsServiceRequest),
    /// Posted to `/v1/traces`.
    Traces(ExportTraceServiceRequest),
}

/// A decoded export.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The messages.
    pub payload: Payload,
    /// Something the sender should know although the body conforms to the specification.
    pub warning: Option<Warning>,
    /// Values that could not be read and were dropped.
    pub left_out: LeftOut,
}

impl Decoded {
    /// What the sender should know, as sentences.
    #[must_use]
    pub fn remarks(&self) -> Vec<String> {
        let left_out = Some(&self.left_out).filter(|left_out| left_out.count > 0);
        self.warning.iter().map(ToString::to_string).chain(left_out.map(ToString::to_string)).collect()
    }
}

/// The top-level field name is not the one of the signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// By the specification this is an empty export, although the sender hardly meant one.
    #[error("nothing was read: the body has `{found}` instead of `{expected}`.")]
    NothingRead {
        /// The name at the top of the body.
        found: &'static str,
        /// The expected name.
        expected: &'static str,
    },
    /// It is the right name in the spelling of the `.proto` files, which other receivers may not accept.
    #[error("the body was read, but it has `{found}` instead of `{expected}`.")]
    OtherSpelling {
        /// The name at the top of the body.
        found: &'static str,
        /// The expected name.
        expected: &'static str,
    },
}

/// Why a body could not be decoded. The text quotes nothing of the body, so it may be shown to anyone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The body is not protobuf, or not this message. The text names only fields of the `.proto` files.
    #[error("not a protobuf {} request: {reason}", .signal.path())]
    Protobuf {
        /// The signal it was decoded as.
        signal: Signal,
        /// The reason prost gives.
        reason: String,
    },
    /// The body is not JSON, or a value has the wrong type.
    #[error("{description}")]
    Json {
        /// The path to the value; empty if the body as a whole is wrong.
        path: String,
        /// What is wrong, with line and column.
        description: String,
    },
    /// Its messages would take more memory than one export may.
    #[error("too many records or attributes: export smaller batches")]
    TooManyMessages,
}

/// Decodes the decompressed body of an export.
///
/// # Errors
/// [`DecodeError`] if the body as a whole cannot be read. Single records that are merely odd are left to validation.
pub fn decode(signal: Signal, encoding: Encoding, body: &[u8]) -> Result<Decoded, DecodeError> {
    match encoding {
        Encoding::Protobuf => {
            budget::check_decoded_size(signal, body).map_err(|error| oversized(signal, error))?;
            let (payload, left_out) = match signal {
                Signal::Logs => protobuf(signal, body, Payload::Logs)?,
                Signal::Metrics => protobuf(signal, body, Payload::Metrics)?,
                Signal::Traces => protobuf(signal, body, Payload::Traces)?,
            };
            Ok(Decoded { payload: unused::drop_unused(payload), warning: None, left_out })
        }
        Encoding::Json => match signal {
            Signal::Logs => json(body, Payload::Logs),
            Signal::Metrics => json(body, Payload::Metrics),
            Signal::Traces => json(body, Payload::Traces),
        },
    }
}

/// The messages, and the texts in them that are none. They are looked for where decoding fails, since hardly any body has one.
fn protobuf<T: Message + Default>(
    signal: Signal,
    body: &[u8],
    payload: fn(T) -> Payload,
) -> Result<(Payload, LeftOut), DecodeError> {
    let error = match T::decode(body) {
        Ok(request) => return Ok((payload(request), LeftOut::default())),
        Err(error) => error,
    };
    let mended = budget::without_unreadable(signal, body).map_err(|error| oversized(signal, error))?;
    let Some(mended) = mended else { return Err(malformed(signal, &error.to_string())) };
    let request = T::decode(&*mended.body).map_err(|error| malformed(signal, &error.to_string()))?;
    Ok((payload(request), mended.left_out))
}

fn oversized(signal: Signal, error: SizeError) -> DecodeError {
    match error {
        SizeError::TooManyMessages => DecodeError::TooManyMessages,
        SizeError::Malformed => malformed(signal, "it is truncated or damaged"),
    }
}

fn malformed(signal: Signal, reason: &str) -> DecodeError {
    DecodeError::Protobuf { signal, reason: reason.to_owned() }
}

fn json<T: json::Request>(body: &[u8], payload: fn(T) -> Payload) -> Result<Decoded, DecodeError> {
    let (export, left_out) = json::read::<T>(body).map_err(|error| match error {
        json::Error::TooManyMessages => DecodeError::TooManyMessages,
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
