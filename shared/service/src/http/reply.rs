//! Answers of the admin API. None may be kept by anything between the service and the admin: many have a secret or a person
//! in them.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Response, StatusCode};
use serde::Serialize;

/// The answer that `value` is.
#[must_use]
pub fn json(status: StatusCode, value: &impl Serialize) -> Response<Bytes> {
    json_as(status, "application/json", value)
}

/// The answer that says nothing but that it is done.
#[must_use]
pub fn no_content() -> Response<Bytes> {
    text(StatusCode::NO_CONTENT, "text/plain", Bytes::new())
}

/// The answer about work that is not finished: `value` says how far it is, and it can be asked for again at `address`.
#[must_use]
pub fn unfinished(address: &str, value: &impl Serialize) -> Response<Bytes> {
    let mut response = json(StatusCode::ACCEPTED, value);
    if let Ok(address) = HeaderValue::try_from(address) {
        response.headers_mut().insert(LOCATION, address);
    }
    response
}

/// Where monitors ask whether the service works; anybody may.
pub const ALIVE: &str = "/healthz";

/// The answer at [`ALIVE`], with the version of the service.
#[must_use]
pub fn alive(database_answers: bool) -> Response<Bytes> {
    match database_answers {
        true => text(StatusCode::OK, "text/plain", format!("ok {}\n", model::VERSION)),
        false => text(StatusCode::SERVICE_UNAVAILABLE, "text/plain", "the database does not answer\n"),
    }
}

/// An answer of any media type.
#[must_use]
pub fn text(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    if status != StatusCode::NO_CONTENT {
        headers.insert(CONTENT_TYPE, http::HeaderValue::from_static(media_type));
    }
    response
}

pub(super) fn json_as(status: StatusCode, media_type: &'static str, value: &impl Serialize) -> Response<Bytes> {
    match serde_json::to_vec(value) {
        Ok(body) => text(status, media_type, body),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            text(StatusCode::INTERNAL_SERVER_ERROR, "text/plain", "")
        }
    }
}
