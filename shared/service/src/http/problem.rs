//! Every refusal of the admin API, as a problem document (RFC 9457). One table: nothing else writes a status of a refusal.

use std::borrow::Cow;

use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Method, Response, StatusCode};
use serde::Serialize;

use super::reply;
use store::secrets::SecretError;
use store::{StoreError, StoreErrorKind};

/// Why a request is not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// No admin key, an unknown one, or another kind of token.
    Unauthorized(Cow<'static, str>),
    /// No such thing, or one that the key may not see.
    NotFound(Cow<'static, str>),
    /// The path exists, the method does not.
    Method(Vec<Method>),
    /// A part of the request makes no sense.
    Invalid {
        /// The parameter, header or member at fault.
        field: String,
        /// What is wrong, in a sentence.
        detail: String,
        /// What would be accepted.
        allowed: String,
    },
    /// The body is no JSON at all.
    NotJson(String),
    /// The body says that it is something else than JSON.
    MediaType,
    /// The body is larger than this many bytes.
    TooLarge(usize),
    /// The same `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// The organisation is disabled.
    Disabled,
    /// All tokens of the organisation are revoked.
    Revoked,
    /// The request conflicts with the current state.
    Conflict(Cow<'static, str>),
    /// The type of the body is not one that the call takes, which are these.
    MediaTypes(&'static str),
    /// The coding of the body is not supported.
    ContentEncoding,
    /// Another request changes the same thing all the time.
    Contended,
    /// Too many rotations; seconds until one is allowed again.
    TooManyRotations(i64),
    /// Too many wrong keys came from the same address; seconds until a key is taken from it again.
    TooManyWrongKeys(i64),
    /// The database or the secret store asks for less.
    Throttled,
    /// The database or the secret store failed; it may pass.
    Unavailable,
    /// A defect of the service or of its configuration.
    Internal,
}

/// The document itself.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Document {
    /// Always `about:blank`: the code tells problems apart.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status of the answer.
    status: u16,
    /// Which problem it is; it never changes its meaning.
    code: &'static str,
    /// What is wrong and what to do, in a sentence.
    detail: String,
    /// The parameter, header or member at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What would be accepted in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<String>,
}

impl Problem {
    /// A part of the request that makes no sense.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>, allowed: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), detail: detail.into(), allowed: allowed.into() }
    }

    /// A body whose chunks cannot be told apart.
    #[must_use]
    pub fn broken() -> Self {
        Self::invalid("body", "its chunked transfer coding is broken", "chunks as in RFC 9112, 7.1")
    }

    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthorized(_) => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::Invalid { .. } => (StatusCode::BAD_REQUEST, "invalid_field"),
            Self::NotJson(_) => (StatusCode::BAD_REQUEST, "invalid_json"),
            Self::MediaType => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large"),
            Self::IdempotencyKeyReused => (StatusCode::CONFLICT, "idempotency_key_reused"),
            Self::Disabled => (StatusCode::CONFLICT, "organisation_disabled"),
            Self::Revoked => (StatusCode::CONFLICT, "token_revoked"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            Self::MediaTypes(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::ContentEncoding => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_content_encoding"),
            Self::Contended => (StatusCode::SERVICE_UNAVAILABLE, "contended"),
            Self::TooManyRotations(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_rotations"),
            Self::TooManyWrongKeys(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_wrong_keys"),
            Self::Throttled => (StatusCode::TOO_MANY_REQUESTS, "throttled"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status_and_code().0
    }

    /// What is wrong and what to do, in a sentence.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::MediaTypes(types) => format!("send the body as {types}"),
            Self::ContentEncoding => "send the body as it is, or with Content-Encoding gzip, zstd or deflate".into(),
            Self::Unauthorized(why) | Self::NotFound(why) | Self::Conflict(why) => why.clone().into_owned(),
            Self::Method(allowed) => format!("this path takes {} only", names(allowed)),
            Self::Invalid { detail, .. } => detail.clone(),
            Self::NotJson(why) => format!("the body is not JSON: {why}"),
            Self::MediaType => "send the body as application/json".into(),
            Self::TooLarge(limit) => format!("the body is larger than {limit} bytes"),
            Self::IdempotencyKeyReused => {
                "this Idempotency-Key was used for a request with another body in the last 24 hours".into()
            }
            Self::Disabled => "the organisation is disabled: enable it again with PUT /api/orgs/{org}".into(),
            Self::Revoked => "all tokens of the organisation are revoked: rotate to make a new one".into(),
            Self::Contended => "other requests change the same organisation at this moment: try again".into(),
            Self::TooManyRotations(_) => {
                "an organisation's token can be replaced 50 times in 24 hours, 40 of them with keys of the organisation"
                    .into()
            }
            Self::TooManyWrongKeys(seconds) => {
                let minutes = seconds.div_euclid(60) + 1;
                format!(
                    "too many wrong admin keys came from your address: no key is accepted from it for {minutes} min, not even the right one"
                )
            }
            Self::Throttled => "too many requests: try again in a moment".into(),
            Self::Unavailable => "the service cannot do this at the moment: try again".into(),
            Self::Internal => "the service has a defect or is configured wrongly; its log says more".into(),
        }
    }

    /// The answer to the request.
    #[must_use]
    pub fn into_response(self) -> Response<bytes::Bytes> {
        let (status, code) = self.status_and_code();
        let detail = self.detail();
        let title = status.canonical_reason().unwrap_or_default();
        let header = match &self {
            Self::Unauthorized(_) => Some((WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            Self::Method(allowed) => HeaderValue::try_from(names(allowed)).ok().map(|value| (ALLOW, value)),
            Self::TooManyRotations(seconds) | Self::TooManyWrongKeys(seconds) => {
                Some((RETRY_AFTER, HeaderValue::from((*seconds).max(1))))
            }
            Self::Contended | Self::Throttled | Self::Unavailable => Some((RETRY_AFTER, HeaderValue::from(1))),
            _ => None,
        };
        let (field, allowed) = match self {
            Self::Invalid { field, allowed, .. } => (Some(field), Some(allowed)),
            _ => (None, None),
        };
        let document = Document { kind: "about:blank", title, status: status.as_u16(), code, detail, field, allowed };
        let mut response = reply::json_as(status, "application/problem+json", &document);
        if let Some((name, value)) = header {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the admin API could not use the database");
        match error {
            error if error.is_conflict() => Self::Contended,
            error if error.kind() == StoreErrorKind::Throttled => Self::Throttled,
            // "Try again" would be a lie.
            error if matches!(error.kind(), StoreErrorKind::Bug | StoreErrorKind::Denied) => Self::Internal,
            _ => Self::Unavailable,
        }
    }
}

impl From<SecretError> for Problem {
    fn from(error: SecretError) -> Self {
        tracing::error!(%error, "the admin API could not use the secret store");
        match error {
            SecretError::Throttled(_) => Self::Throttled,
            SecretError::Missing | SecretError::NoToken | SecretError::NoRootKey(_) | SecretError::Denied => {
                Self::Internal
            }
            SecretError::Unavailable(_) => Self::Unavailable,
        }
    }
}

fn names(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_the_field_and_what_is_allowed() {
        let response = Problem::invalid("org", "it is no name", "a-z").into_response();
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let document: serde_json::Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(document["code"], "invalid_field");
        assert_eq!((&document["field"], &document["allowed"]), (&"org".into(), &"a-z".into()));
        assert_eq!(document["status"], 400);
    }

    #[test]
    fn only_what_may_pass_says_when_to_try_again() {
        for (problem, seconds) in [
            (Problem::Unavailable, Some("1")),
            (Problem::Contended, Some("1")),
            (Problem::TooManyRotations(77), Some("77")),
            (Problem::Internal, None),
            (Problem::Disabled, None),
        ] {
            let response = problem.clone().into_response();
            let header = response.headers().get(RETRY_AFTER).map(|value| value.to_str().unwrap());
            assert_eq!(header, seconds, "{problem:?}");
        }
    }

    #[test]
    fn a_refused_method_says_which_there_are() {
        let response = Problem::Method(vec![Method::GET, Method::PUT]).into_response();
        assert_eq!((response.status().as_u16(), &response.headers()[ALLOW]), (405, &"GET, PUT".parse().unwrap()));
        assert_eq!(Problem::Unauthorized("no".into()).into_response().headers()[WWW_AUTHENTICATE], "Bearer");
    }
}
