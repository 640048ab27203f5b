//! An answer as API Gateway takes it: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.
//!
//! Written here and not by the library, whose way there knows every legacy encoding of text: a twentieth of every binary.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderValue, Response};
use model::{VERSION, VERSION_HEADER};
use serde::Serialize;

/// An answer in payload format 2.0.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

impl From<Response<Bytes>> for Answer {
    /// Every answer has the version of the service. A header that occurs several times has its values in one line, cookies have a list of their own, and a body that is no text
    /// is in base64.
    fn from(response: Response<Bytes>) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let (parts, body) = response.into_parts();
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in parts.headers.iter().filter(|(name, _)| *name != SET_COOKIE) {
            let line = headers.entry(name.as_str().to_owned()).or_default();
            if !line.is_empty() {
                line.push_str(", ");
            }
            line.push_str(&text(value));
        }
        headers.insert(VERSION_HEADER.to_owned(), VERSION.to_owned());
        let (body, is_base64_encoded) = match std::str::from_utf8(&body) {
            Ok(text) if grows_less(text) => (text.to_owned(), false),
            _ => (STANDARD.encode(&body), true),
        };
        let cookies = parts.headers.get_all(SET_COOKIE).iter().map(text).collect();
        Self { status_code: parts.status.as_u16(), headers, cookies, body, is_base64_encoded }
    }
}

/// Whether a text in JSON is no longer than in base64: Lambda takes 6 MB of an answer, and JSON within JSON doubles its quotes.
fn grows_less(text: &str) -> bool {
    let more = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 1,
        0..0x20 => 5,
        _ => 0,
    };
    text.bytes().map(more).sum::<usize>() <= text.len() / 3
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cookies_stand_apart_headers_in_one_line_and_bytes_in_base64() {
        let answer = |body: &'static [u8]| {
            let response = Response::builder().status(303).header("set-cookie", "a=1").header("set-cookie", "b=2");
            let response = response.header("vary", "cookie").header("vary", "accept").body(Bytes::from_static(body));
            serde_json::to_value(Answer::from(response.unwrap())).unwrap()
        };
        let with = |body: &str, is_base64_encoded: bool| {
            json!({"statusCode": 303, "headers": {"vary": "cookie, accept", VERSION_HEADER: VERSION}, "cookies": ["a=1", "b=2"], "body": body,
                "isBase64Encoded": is_base64_encoded})
        };
        assert_eq!(answer("für Jane".as_bytes()), with("für Jane", false));
        assert_eq!(answer(&[0xff, 0x00]), with("/wA=", true));
        assert_eq!(answer(b""), with("", false));
        assert_eq!(answer(br#"{"a"}"#), with("eyJhIn0=", true), "nearly all of it would double");
    }

    #[test]
    fn no_text_is_longer_than_in_base64() {
        for text in ["\u{1}\u{1}", "\"\"\"\"", "{\"key\": \"a value of some length\"}", "a\tb\nc\\d"]
            .map(|text| text.repeat(1_000))
        {
            let (length, answer) = (text.len(), Answer::from(Response::new(Bytes::from(text))));
            let written = serde_json::to_string(&answer.body).unwrap().len();
            assert!(written <= length.div_ceil(3) * 4 + 4, "{written} of {length}");
        }
    }
}
