//! Responses: one table for all refusals, and success.

mod status;
mod success;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::body::BodyError;
use super::decode::DecodeError;
use super::limits::Size;
use super::types::Encoding;
use model::time::Timestamp;
use status::{Code, Violation};
pub use success::Success;

/// How long a client is asked to wait: one to three whole seconds. Asked to wait much longer (30 seconds, for example),
/// Claude Code drops its data at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RetryAfter(u8);

impl RetryAfter {
    /// The shortest wait.
    pub const SHORTEST: Self = Self(1);
    /// The longest wait.
    pub const LONGEST: Self = Self(3);

    /// This many seconds, or the nearest allowed value.
    #[must_use]
    pub fn seconds(seconds: u8) -> Self {
        Self(seconds.clamp(Self::SHORTEST.0, Self::LONGEST.0))
    }

    /// Varies with each millisecond of `now`, so that clients refused together do not all retry together.
    #[must_use]
    pub fn spread(now: Timestamp) -> Self {
        match now.0.rem_euclid(3) {
            0 => Self::SHORTEST,
            1 => Self(2),
            _ => Self::LONGEST,
        }
    }
}

/// Every reason for refusing an export as a whole.
///
/// A client drops a refused export, except for [`Throttled`](Self::Throttled), [`Limited`](Self::Limited) and
/// [`Unavailable`](Self::Unavailable), after which it sends the same export again. So every transient failure has to be
/// one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// No signal has this path.
    NotFound,
    /// The path is right but the method is not POST.
    NotPost,
    /// The path only answers GET.
    NotGet,
    /// The content type is neither protobuf nor JSON.
    ContentType,
    /// The request is gRPC, a different protocol on the same port number.
    Grpc,
    /// An unsupported compression, or more than one.
    ContentEncoding,
    /// The body cannot be decoded. Neither text may quote the body.
    Undecodable {
        /// Where: a path of field names, or `body`.
        field: String,
        /// What is wrong there.
        description: String,
    },
    /// The body was compressed and taken for text on its way.
    TakenForText {
        /// What happened, and what to set.
        description: String,
    },
    /// The body exceeds a limit.
    TooLarge {
        /// Which size exceeded the limit.
        size: Size,
        /// The limit, in bytes.
        limit: usize,
    },
    /// There is no token, or none that is currently valid.
    Unauthenticated {
        /// The message from authentication.
        message: String,
        /// What was presented: `missing`, `malformed`, `admin`, `unknown`, `retired` or `revoked`. For logs and
        /// metrics.
        token: &'static str,
    },
    /// The store is throttling.
    Throttled(RetryAfter),
    /// The organisation has reached one of its limits.
    Limited {
        /// Which limit was reached, and until when it applies.
        message: String,
    },
    /// Any failure that is not understood, and so is treated as transient.
    Unavailable(RetryAfter),
}

impl From<BodyError> for Rejection {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { size, limit } => Self::TooLarge { size, limit },
            BodyError::Corrupt(_) => Self::Undecodable { field: "body".into(), description: error.to_string() },
            BodyError::TakenForText(_) => Self::TakenForText { description: error.to_string() },
        }
    }
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

/// What a client may do with a refused export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Retry {
    Never,
    After(RetryAfter),
}

impl Rejection {
    /// The table: HTTP status, `google.rpc.Code`, and whether to retry.
    fn row(&self) -> (StatusCode, Code, Retry) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, Code::NotFound, Retry::Never),
            Self::NotPost | Self::NotGet => (StatusCode::METHOD_NOT_ALLOWED, Code::Unimplemented, Retry::Never),
            Self::ContentType | Self::Grpc | Self::ContentEncoding => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidArgument, Retry::Never)
            }
            Self::Undecodable { .. } | Self::TakenForText { .. } => {
                (StatusCode::BAD_REQUEST, Code::InvalidArgument, Retry::Never)
            }
            // Not ResourceExhausted: intermediaries take that code for throttling and retry the body, which will never
            // fit.
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, Code::InvalidArgument, Retry::Never),
            Self::Unauthenticated { .. } => (StatusCode::UNAUTHORIZED, Code::Unauthenticated, Retry::Never),
            Self::Throttled(wait) => (StatusCode::TOO_MANY_REQUESTS, Code::ResourceExhausted, Retry::After(*wait)),
            // A client that is asked to wait longer drops its data at once.
            Self::Limited { .. } => {
                (StatusCode::TOO_MANY_REQUESTS, Code::ResourceExhausted, Retry::After(RetryAfter::LONGEST))
            }
            Self::Unavailable(wait) => (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, Retry::After(*wait)),
        }
    }

    /// The HTTP status of the response.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.row().0
    }

    /// The name used in logs and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "NotFound",
            Self::NotPost => "NotPost",
            Self::NotGet => "NotGet",
            Self::ContentType => "ContentType",
            Self::Grpc => "Grpc",
            Self::ContentEncoding => "ContentEncoding",
            Self::Undecodable { .. } => "Undecodable",
            Self::TakenForText { .. } => "TakenForText",
            Self::TooLarge { .. } => "TooLarge",
            Self::Unauthenticated { .. } => "Unauthenticated",
            Self::Throttled(_) => "Throttled",
            Self::Limited { .. } => "Limited",
            Self::Unavailable(_) => "Unavailable",
        }
    }

    /// What was presented as a token, if that is why the export is refused.
    #[must_use]
    pub fn token(&self) -> Option<&'static str> {
        match self {
            Self::Unauthenticated { token, .. } => Some(token),
            _ => None,
        }
    }

    /// The message for the user. Claude Code writes it to its debug log.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::NotFound => "no such path: post OTLP to /v1/logs, /v1/metrics or /v1/traces".into(),
            Self::NotPost => "only POST is allowed here".into(),
            Self::NotGet => "only GET is allowed here".into(),
            Self::ContentType => "unsupported Content-Type: send application/x-protobuf or application/json".into(),
            Self::Grpc => "gRPC is not supported: set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf".into(),
            Self::ContentEncoding => {
                "unsupported Content-Encoding: send gzip, zstd, deflate, identity or no encoding".into()
            }
            Self::Undecodable { field, description } => format!("{field}: {description}"),
            Self::TakenForText { description } => format!("body: {description}"),
            Self::TooLarge { size: Size::Sent, limit } => {
                format!("the body is larger than {limit} bytes: export smaller batches or compress them")
            }
            Self::TooLarge { size: Size::Inflated, limit } => {
                format!("the decompressed body is larger than {limit} bytes: export smaller batches")
            }
            Self::Unauthenticated { message, .. } | Self::Limited { message } => message.clone(),
            Self::Throttled(_) => "too many requests: send the same export again".into(),
            Self::Unavailable(_) => "temporarily unavailable: send the same export again".into(),
        }
    }

    /// Builds the response: a `google.rpc.Status` in the encoding of the request.
    #[must_use]
    pub fn into_response(self, encoding: Encoding) -> Response<Bytes> {
        let (status, code, retry) = self.row();
        let message = self.message();
        let header = match (&self, retry) {
            (Self::NotPost, _) => Some((ALLOW, HeaderValue::from_static("POST"))),
            (Self::NotGet, _) => Some((ALLOW, HeaderValue::from_static("GET"))),
            (Self::Unauthenticated { .. }, _) => {
                Some((WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="ingest""#)))
            }
            (_, Retry::After(RetryAfter(seconds))) => Some((RETRY_AFTER, u16::from(seconds).into())),
            (_, Retry::Never) => None,
        };
        let violation = match self {
            Self::Undecodable { field, description } => Some(Violation { field, description }),
            Self::TakenForText { description } => Some(Violation { field: "body".into(), description }),
            _ => None,
        };
        answer(status, header, encoding, status::write(code, message, violation, encoding))
    }
}

/// Every response has a content type: without one, a gateway in front takes a protobuf body for text.
fn answer(
    status: StatusCode,
    header: Option<(HeaderName, HeaderValue)>,
    encoding: Encoding,
    body: Vec<u8>,
) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(encoding.media_type()));
    response.headers_mut().extend(header);
    response
}

#[cfg(test)]
mod tests;
