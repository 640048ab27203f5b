//! Why a request to a model failed. The text of an error is dropped unless content is stored, since it may quote the request;
//! its class is kept.

use opentelemetry_proto::tonic::common::v1::{KeyValue, any_value::Value as Sent};

use super::attribute::{Attribute, Value};
use super::record::Record;

/// The attribute that the class is kept as. No client sends it.
pub const CLASS: &str = "error_class";
/// The events that tell of failed requests.
pub const EVENTS: [&str; 2] = ["api_error", "api_retries_exhausted"];

/// The class of each status, as Anthropic's API documents them under "Errors".
const STATUSES: [(i64, &str); 9] = [
    (401, "auth"),
    (403, "auth"),
    (408, "timeout"),
    (413, "too_long"),
    (429, "rate_limit"),
    (503, "overloaded"),
    (504, "timeout"),
    (529, "overloaded"),
    (402, "auth"),
];

/// What texts of each class say, in lower case: the `type` of Anthropic's errors, what Claude Code writes itself, and what
/// Node.js says of a connection. The first that fits counts.
const TEXTS: [(&str, &str); 25] = [
    ("overloaded", "overloaded"),
    ("rate_limit", "rate_limit"),
    ("rate limit", "rate_limit"),
    ("usage limit", "rate_limit"),
    ("quota", "rate_limit"),
    ("throttl", "rate_limit"),
    ("too many requests", "rate_limit"),
    ("authentication", "auth"),
    ("unauthorized", "auth"),
    ("permission", "auth"),
    ("api key", "auth"),
    ("oauth", "auth"),
    ("expired token", "auth"),
    ("prompt is too long", "too_long"),
    ("request_too_large", "too_long"),
    ("too large", "too_long"),
    ("exceed context limit", "too_long"),
    ("timed out", "timeout"),
    ("timeout", "timeout"),
    ("etimedout", "timeout"),
    ("connection", "connection"),
    ("econn", "connection"),
    ("enotfound", "connection"),
    ("fetch failed", "connection"),
    ("socket", "connection"),
];

/// How much of a text is looked at, in bytes.
const LOOKED_AT: usize = 512;

/// The class of the failed request that the event called `subject` tells of, as an attribute of its own.
#[must_use]
pub fn attribute(subject: &str, sent: &[KeyValue]) -> Option<Attribute> {
    if !EVENTS.contains(&subject) {
        return None;
    }
    let value = |key: &str| sent.iter().find(|a| a.key == key).and_then(|a| a.value.as_ref()?.value.as_ref());
    let status = match value("status_code") {
        Some(Sent::IntValue(status)) => Some(*status),
        Some(Sent::DoubleValue(status)) => Some(*status as i64),
        Some(Sent::StringValue(status)) => status.trim().parse().ok(),
        _ => None,
    };
    let text = match value("error") {
        Some(Sent::StringValue(text)) => text,
        _ => "",
    };
    Some(Attribute { key: CLASS.into(), value: Value::Text(class(status, text).into()) })
}

/// The class of the failed request that a record tells of; none if it tells of none. Records that came before classes were
/// kept have their status.
#[must_use]
pub fn of(record: &Record) -> Option<&str> {
    if !EVENTS.contains(&&*record.name) {
        return None;
    }
    let status = || record.get("status_code").and_then(Value::as_int);
    record.text(CLASS).or_else(|| Some(class(status(), "")))
}

fn class(status: Option<i64>, text: &str) -> &'static str {
    let known = status.and_then(|status| STATUSES.iter().find(|(known, _)| *known == status));
    if let Some((_, class)) = known {
        return class;
    }
    let text = text[..text.floor_char_boundary(LOOKED_AT)].to_ascii_lowercase();
    TEXTS.iter().find(|(says, _)| text.contains(says)).map_or("other", |(_, class)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_says_why_or_else_the_text() {
        for (status, text, expected) in [
            (Some(529), "", "overloaded"),
            (Some(429), r#"429 {"type":"error","error":{"type":"rate_limit_error"}}"#, "rate_limit"),
            (Some(401), "Connection error.", "auth"),
            (
                Some(400),
                r#"{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens"}"#,
                "too_long",
            ),
            (None, "Repeated 529 Overloaded errors", "overloaded"),
            (None, "Request timed out.", "timeout"),
            (None, "Connection error.", "connection"),
            (None, "getaddrinfo ENOTFOUND api.example.com", "connection"),
            (None, "", "other"),
            (Some(500), "Internal server error", "other"),
        ] {
            assert_eq!(class(status, text), expected, "{status:?} {text}");
        }
    }

    #[test]
    fn a_text_of_any_length_is_looked_at_for_a_moment_only() {
        let long = format!("{} overloaded", "\u{e9}".repeat(1_000_000));
        assert_eq!(class(None, &long), "other");
    }
}
