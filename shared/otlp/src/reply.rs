//! What is answered: the one table of refusals, and success.

mod status;
mod success;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use super::body::BodyError;
use super::decode::DecodeError;
use super::types::{Encoding, Size};
use model::time::Millis;
use status::{Code, Violation};
pub use success::Success;

/// How long a client is asked to wait: one to three whole seconds. Claude Code drops its data at
/// once when it is asked for much more (30 seconds, for one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RetryAfter(u8);

impl RetryAfter {
    /// The shortest wait.
    pub const SHORTEST: Self = Self(1);
    /// The longest wait.
    pub const LONGEST: Self = Self(3);

    /// This many seconds, or the nearest that is allowed.
    #[must_use]
    pub fn seconds(seconds: u8) -> Self {
        Self(seconds.clamp(Self::SHORTEST.0, Self::LONGEST.0))
    }

    /// Another wait for each millisecond `now`, so that clients that are refused together do not come again together.
    #[must_use]
    pub fn spread(now: Millis) -> Self {
        match now.0.rem_euclid(3) {
            0 => Self::SHORTEST,
            1 => Self(2),
            _ => Self::LONGEST,
        }
    }
}

/// Every reason for which an export as a whole is refused.
///
/// A client drops what is refused, but for [`Throttled`](Self::Throttled), [`Limited`](Self::Limited) and
/// [`Unavailable`](Self::Unavailable), which it sends again unchanged. So all trouble that may pass
/// has to be one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// No signal has this path.
    NotFound,
    /// The path is right, the method is not.
    NotPost,
    /// Neither protobuf nor JSON.
    ContentType,
    /// gRPC, which is another protocol on the same port number.
    Grpc,
    /// Compressed in a way, or more than once, that is not supported.
    ContentEncoding,
    /// The body makes no sense. Neither text may quote the body.
    Undecodable {
        /// Where: a path of field names, or `body`.
        field: String,
        /// What is wrong there.
        description: String,
    },
    /// The body is over a limit.
    TooLarge {
        /// Which of its sizes is over.
        size: Size,
        /// The limit, in bytes.
        limit: usize,
    },
    /// No token, or none that is good now.
    Unauthenticated {
        /// What the gate has to say.
        message: String,
        /// What was presented: `missing`, `malformed`, `admin`, `unknown`, `retired` or `revoked`. For logs and metrics.
        token: &'static str,
    },
    /// The store asks for less.
    Throttled(RetryAfter),
    /// The organisation may not send more at present.
    Limited {
        /// Of what there is too much, and until when.
        message: String,
    },
    /// Any trouble that we do not understand, and so must take for passing.
    Unavailable(RetryAfter),
}

impl From<BodyError> for Rejection {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge { size, limit } => Self::TooLarge { size, limit },
            BodyError::Corrupt(_) => Self::Undecodable { field: "body".into(), description: error.to_string() },
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
    /// The table: HTTP status, `google.rpc.Code`, and whether to come again.
    fn row(&self) -> (StatusCode, Code, Retry) {
        match self {
            Self::NotFound => (StatusCode::NOT_FOUND, Code::NotFound, Retry::Never),
            Self::NotPost => (StatusCode::METHOD_NOT_ALLOWED, Code::Unimplemented, Retry::Never),
            Self::ContentType | Self::Grpc | Self::ContentEncoding => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::InvalidArgument, Retry::Never)
            }
            Self::Undecodable { .. } => (StatusCode::BAD_REQUEST, Code::InvalidArgument, Retry::Never),
            // Not ResourceExhausted: intermediaries take that code for throttling and send the same
            // body, which will never fit, again.
            Self::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, Code::InvalidArgument, Retry::Never),
            Self::Unauthenticated { .. } => (StatusCode::UNAUTHORIZED, Code::Unauthenticated, Retry::Never),
            Self::Throttled(wait) => (StatusCode::TOO_MANY_REQUESTS, Code::ResourceExhausted, Retry::After(*wait)),
            // A client that is asked to wait for longer drops its data at once.
            Self::Limited { .. } => {
                (StatusCode::TOO_MANY_REQUESTS, Code::ResourceExhausted, Retry::After(RetryAfter::LONGEST))
            }
            Self::Unavailable(wait) => (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, Retry::After(*wait)),
        }
    }

    /// The HTTP status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.row().0
    }

    /// Its name in logs and metrics.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "NotFound",
            Self::NotPost => "NotPost",
            Self::ContentType => "ContentType",
            Self::Grpc => "Grpc",
            Self::ContentEncoding => "ContentEncoding",
            Self::Undecodable { .. } => "Undecodable",
            Self::TooLarge { .. } => "TooLarge",
            Self::Unauthenticated { .. } => "Unauthenticated",
            Self::Throttled(_) => "Throttled",
            Self::Limited { .. } => "Limited",
            Self::Unavailable(_) => "Unavailable",
        }
    }

    /// What the token was that it is refused for; `None` if it is refused for something else.
    #[must_use]
    pub fn token(&self) -> Option<&'static str> {
        match self {
            Self::Unauthenticated { token, .. } => Some(token),
            _ => None,
        }
    }

    /// What the user is told. Claude Code shows it when run with `--debug`.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::NotFound => "no such path: OTLP is posted to /v1/logs, /v1/metrics or /v1/traces".into(),
            Self::NotPost => "only POST is allowed here".into(),
            Self::ContentType => "unsupported Content-Type: send application/x-protobuf or application/json".into(),
            Self::Grpc => "gRPC is not supported: set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf".into(),
            Self::ContentEncoding => {
                "unsupported Content-Encoding: send one of gzip, zstd, deflate, identity, or none".into()
            }
            Self::Undecodable { field, description } => format!("{field}: {description}"),
            Self::TooLarge { size: Size::Sent, limit } => {
                format!("the body is larger than {limit} bytes: export smaller batches or compress them")
            }
            Self::TooLarge { size: Size::Inflated, limit } => {
                format!("the inflated body is larger than {limit} bytes: export smaller batches")
            }
            Self::Unauthenticated { message, .. } | Self::Limited { message } => message.clone(),
            Self::Throttled(_) => "too many requests: send the same export again".into(),
            Self::Unavailable(_) => "temporarily unavailable: send the same export again".into(),
        }
    }

    /// The answer: a `google.rpc.Status` in the encoding of the request.
    #[must_use]
    pub fn into_response(self, encoding: Encoding) -> Response<Bytes> {
        let (status, code, retry) = self.row();
        let message = self.message();
        let header = match (&self, retry) {
            (Self::NotPost, _) => Some((ALLOW, HeaderValue::from_static("POST"))),
            (Self::Unauthenticated { .. }, _) => {
                Some((WWW_AUTHENTICATE, HeaderValue::from_static(r#"Bearer realm="ingest""#)))
            }
            (_, Retry::After(RetryAfter(seconds))) => Some((RETRY_AFTER, u16::from(seconds).into())),
            (_, Retry::Never) => None,
        };
        let violation = match self {
            Self::Undecodable { field, description } => Some(Violation { field, description }),
            _ => None,
        };
        answer(status, header, encoding, status::write(code, message, violation, encoding))
    }
}

/// Every answer has a type: without one, a gateway in front takes a protobuf body for text.
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
