//! Refusals as Anthropic's API for organisations writes them, for tools that were made for that.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::{Value, json};

use super::{Problem, reply};

/// Where Anthropic's API for organisations begins: whatever is asked below it is answered as that API would, also a lost path.
pub const ROOT: &str = "/v1/organizations/";

/// A refusal in the shape that tools for that API expect.
#[must_use]
pub fn refusal(problem: Problem) -> Response<Bytes> {
    let standard = problem.into_response();
    let document: Value = serde_json::from_slice(standard.body()).unwrap_or_default();
    let kind = match standard.status() {
        StatusCode::UNAUTHORIZED => "authentication_error",
        StatusCode::NOT_FOUND => "not_found_error",
        StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
        StatusCode::SERVICE_UNAVAILABLE => "overloaded_error",
        status if status.is_client_error() => "invalid_request_error",
        _ => "api_error",
    };
    let message = match document["allowed"].as_str() {
        Some(allowed) => format!("{}; allowed is {allowed}", document["detail"].as_str().unwrap_or_default()),
        None => document["detail"].as_str().unwrap_or_default().to_owned(),
    };
    let mut response =
        reply::json(standard.status(), &json!({"type": "error", "error": {"type": kind, "message": message}}));
    for name in [http::header::RETRY_AFTER, http::header::ALLOW, http::header::WWW_AUTHENTICATE] {
        if let Some(value) = standard.headers().get(&name) {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}
