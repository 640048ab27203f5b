//! Who an export claims to be from, found at the beginning of its body without decoding it: a refused body is not worth
//! more work, and may be cut off anywhere.
//!
//! Claims help admins to find people who still use an old token. They are never activity.

use super::source::{NAMES, SourceKind, named};
use otlp::Encoding;

/// How much of a body is searched, in bytes.
pub const LOOKED_AT: usize = 64 * 1024;

/// The longest name that is kept, in bytes: the longest e-mail address has 254.
const LONGEST: usize = 256;

/// The best name found in `beginning`, the first bytes of a decompressed body.
#[must_use]
pub fn claimed(encoding: Encoding, beginning: &[u8]) -> Option<(SourceKind, String)> {
    let looked_at = &beginning[..beginning.len().min(LOOKED_AT)];
    NAMES.iter().find_map(|(name, kind)| {
        let value = match encoding {
            Encoding::Protobuf => in_protobuf(looked_at, name),
            Encoding::Json => in_json(looked_at, name),
        }?;
        Some((named(*kind, &value), value))
    })
}

/// A `KeyValue`: field 1 is the key, field 2 an `AnyValue` whose field 1 is a text. Lengths up to 127 take one byte.
fn in_protobuf(body: &[u8], name: &str) -> Option<String> {
    let key = [&[0x0a, u8::try_from(name.len()).ok()?], name.as_bytes()].concat();
    after_each(body, &key).find_map(|rest| {
        let rest = rest.strip_prefix(&[0x12])?;
        let (_, rest) = length(rest)?;
        let (size, rest) = length(rest.strip_prefix(&[0x0a])?)?;
        if size > LONGEST {
            return None;
        }
        usable(std::str::from_utf8(rest.get(..size)?).ok()?)
    })
}

fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [low @ 0..=0x7f, rest @ ..] => Some((usize::from(*low), rest)),
        [low, high @ 0..=0x7f, rest @ ..] => Some((usize::from(*low & 0x7f) | usize::from(*high) << 7, rest)),
        _ => None,
    }
}

/// `"key": "name", "value": {"stringValue": "…"}`, with any white space. Within a text, quotation marks are escaped, so
/// a text that quotes telemetry does not match.
fn in_json(body: &[u8], name: &str) -> Option<String> {
    let key = [b"\"", name.as_bytes(), b"\""].concat();
    after_each(body, &key).find_map(|rest| {
        let rest = tokens(rest, &[b",", b"\"value\"", b":", b"{", b"\"stringValue\"", b":"])?;
        let text = serde_json::Deserializer::from_slice(rest).into_iter::<String>().next()?.ok()?;
        usable(&text)
    })
}

/// What follows `expected`, in this order, with white space before each token.
fn tokens<'a>(body: &'a [u8], expected: &[&[u8]]) -> Option<&'a [u8]> {
    expected.iter().try_fold(body, |rest, token| rest.trim_ascii_start().strip_prefix(*token))
}

/// What follows each occurrence of `wanted`.
fn after_each<'a>(body: &'a [u8], wanted: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let places = body.windows(wanted.len()).enumerate().filter(move |(_, window)| *window == wanted);
    places.map(move |(at, _)| &body[at + wanted.len()..])
}

fn usable(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=LONGEST).contains(&text.len()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
    use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
    use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
    use proptest::prelude::*;
    use prost::Message;

    use super::*;

    fn protobuf(pairs: &[(&str, &str)]) -> Vec<u8> {
        let attributes = pairs.iter().map(|(key, value)| KeyValue {
            key: (*key).into(),
            value: Some(AnyValue { value: Some(Value::StringValue((*value).into())) }),
            ..KeyValue::default()
        });
        let record = LogRecord { attributes: attributes.collect(), ..LogRecord::default() };
        let scope_logs = vec![ScopeLogs { log_records: vec![record], ..ScopeLogs::default() }];
        let resource_logs = vec![ResourceLogs { scope_logs, ..ResourceLogs::default() }];
        ExportLogsServiceRequest { resource_logs }.encode_to_vec()
    }

    #[test]
    fn the_best_name_of_a_protobuf_body_is_found_even_if_the_body_is_cut_off() {
        let long = "x".repeat(300);
        let body =
            protobuf(&[("prompt", &long), ("user.id", "c0ffee"), ("user.email", "dana@example.com"), ("z", "z")]);
        let email = (SourceKind::Email, "dana@example.com".to_owned());
        assert_eq!(claimed(Encoding::Protobuf, &body), Some(email));
        let client = (SourceKind::Client, "c0ffee".to_owned());
        let within = body.windows(5).position(|window| window == b"dana@").unwrap() + 3;
        assert_eq!(claimed(Encoding::Protobuf, &body[..within]), Some(client));
        assert_eq!(claimed(Encoding::Protobuf, &protobuf(&[("user.email", &long)])), None);
    }

    #[test]
    fn the_best_name_of_a_json_body_is_found() {
        let body = br#"{"a":[{"key": "session.id", "value": {"stringValue": "s"}},
            {"key":"work_email","value":{"stringValue":"d\u0061na@example.com"}}, {"ke"#;
        let email = (SourceKind::Email, "dana@example.com".to_owned());
        assert_eq!(claimed(Encoding::Json, body), Some(email));
    }

    #[test]
    fn telemetry_quoted_in_a_text_is_not_taken_for_a_name() {
        let body = br#"{"key":"prompt","value":{"stringValue":"\"user.email\",\"value\":{\"stringValue\":\"x@example.com\"}"}}"#;
        assert_eq!(claimed(Encoding::Json, body), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fail(body in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..200) {
            let mut whole = protobuf(&[("user.email", "dana@example.com")]);
            whole.truncate(cut);
            whole.extend(body);
            let _ = claimed(Encoding::Protobuf, &whole);
            let _ = claimed(Encoding::Json, &whole);
        }
    }
}
