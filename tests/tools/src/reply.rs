//! The answer to a call, however the stack was called.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use serde_json::Value;

/// An answer that was read whole.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl From<Response<Bytes>> for Reply {
    fn from(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

impl Reply {
    /// Reads an answer that came over HTTP.
    ///
    /// # Panics
    /// The connection breaks.
    pub async fn read(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, body: response.bytes().await.unwrap() }
    }

    /// Reads what a Lambda function answered to API Gateway, with a body in base64 and cookies beside the headers.
    ///
    /// # Panics
    /// It is not an answer to API Gateway.
    #[must_use]
    pub fn of_function(answer: &Value) -> Self {
        let body = answer["body"].as_str().unwrap_or_default();
        let body = match answer["isBase64Encoded"].as_bool() {
            Some(true) => STANDARD.decode(body).unwrap(),
            _ => body.as_bytes().to_vec(),
        };
        let text = |value: &Value| HeaderValue::from_str(value.as_str().unwrap()).unwrap();
        let named = answer["headers"].as_object().into_iter().flatten();
        let mut headers: HeaderMap =
            named.map(|(name, value)| (name.parse::<HeaderName>().unwrap(), text(value))).collect();
        for cookie in answer["cookies"].as_array().into_iter().flatten() {
            headers.append(SET_COOKIE, text(cookie));
        }
        Self { status: u16::try_from(answer["statusCode"].as_u64().unwrap()).unwrap(), headers, body: body.into() }
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as JSON; null if it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The text of a member of the body; empty if there is none.
    #[must_use]
    pub fn text(&self, member: &str) -> String {
        self.json()[member].as_str().unwrap_or_default().to_owned()
    }
}
