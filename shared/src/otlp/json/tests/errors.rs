//! What is refused, and in which words.

use super::*;

#[test]
fn an_error_says_where_and_what_and_never_quotes_the_body() {
    for wrong in [
        r#"{"body":"secret"}"#,
        r#"{"attributes":"secret"}"#,
        r#"{"attributes":{"secret":1}}"#,
        r#"{"attributes":["secret"]}"#,
        r#"{"attributes":[{"key":["secret"]}]}"#,
        r#"{"attributes":[{"key":"k","value":{"intValue":"secret"}}]}"#,
        r#"{"attributes":[{"key":"k","value":{"bytesValue":"!secret"}}]}"#,
        r#"{"attributes":[{"key":"k","value":{"boolValue":"secret"}}]}"#,
        r#"{"attributes":[{"key":"k","value":{"doubleValue":"secret"}}]}"#,
        r#"{"attributes":[{"key":"k","value":{"stringValue":4242}}]}"#,
        r#"{"severityNumber":"secret"}"#,
        r#"{"traceId":4242}"#,
        r#"{"body":4242}"#,
        r#"{"attributes":4242.5}"#,
        r#"{"attributes":-4242}"#,
        r#"{"secret":tru}"#,
        r#"{"secret":{"secret":secret}}"#,
        r#"{"eventName":{"secret":"secret"}}"#,
    ] {
        let Err(Error::Invalid { path, description }) = log_record(wrong) else { panic!("taken: {wrong}") };
        assert!(path.starts_with("resourceLogs[0].scopeLogs[0].logRecords[0]"), "{path}");
        assert!(description.contains(" at line 1 column "), "{description}");
        for content in ["secret", "4242"] {
            assert!(!path.contains(content) && !description.contains(content), "{path}: {description}");
        }
    }
}

#[test]
fn the_path_leads_to_the_value_that_is_wrong() {
    let wrong = r#"{"attributes":[{},{"key":"k","value":{"arrayValue":{"values":[{},{"intValue":[]}]}}}]}"#;
    let Err(Error::Invalid { path, description }) = log_record(wrong) else { panic!("taken") };
    let within = "attributes[1].value.arrayValue.values[1].intValue";
    assert_eq!(path, format!("resourceLogs[0].scopeLogs[0].logRecords[0].{within}"));
    assert!(description.starts_with("must be a single value, not a list"), "{description}");
}

#[test]
fn integers_out_of_range_are_errors() {
    for (field, wrong) in [
        ("timeUnixNano", "-1"),
        ("timeUnixNano", "18446744073709551616"),
        ("timeUnixNano", r#""18446744073709551616""#),
        ("timeUnixNano", "1e300"),
        ("timeUnixNano", r#""NaN""#),
        ("flags", "4294967296"),
        ("droppedAttributesCount", r#""-1""#),
        ("severityNumber", "2147483648"),
    ] {
        assert!(log_record(&format!(r#"{{"{field}":{wrong}}}"#)).is_err(), "{field} {wrong}");
    }
    let most = log_record(r#"{"timeUnixNano":18446744073709551615,"flags":"4294967295"}"#).unwrap();
    assert_eq!((most.time_unix_nano, most.flags), (u64::MAX, u32::MAX));
}
