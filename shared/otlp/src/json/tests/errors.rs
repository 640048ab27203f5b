//! What is refused, and with which messages.

use super::*;

#[test]
fn an_error_says_where_and_what_and_never_quotes_the_body() {
    for wrong in [
        r#"{"attributes":"secret"}"#,
        r#"{"attributes":{"secret":1}}"#,
        r#"{"attributes":["secret"]}"#,
        r#"{"attributes":[{"key":["secret"]}]}"#,
        r#"{"severityNumber":"secret"}"#,
        r#"{"attributes":4242.5}"#,
        r#"{"attributes":-4242}"#,
        r#"{"secret":tru}"#,
        r#"{"secret":{"secret":secret}}"#,
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
fn the_path_leads_to_what_is_wrong() {
    let wrong = r#"{"attributes":[{},{"value":{"stringValue":"v"},"key":[]}]}"#;
    let Err(Error::Invalid { path, description }) = log_record(wrong) else { panic!("taken") };
    assert_eq!(path, "resourceLogs[0].scopeLogs[0].logRecords[0].attributes[1].key");
    assert!(description.starts_with("must be a single value, not a list at line 1 column "), "{description}");
}

#[test]
fn half_a_distribution_is_an_error() {
    for point in
        [r#"{"count":{}}"#, r#"{"sum":"x"}"#, r#"{"bucketCounts":[{}]}"#, r#"{"bucketCounts":5}"#, r#"{"max":true}"#]
    {
        assert!(metric(&format!(r#"{{"histogram":{{"dataPoints":[{point}]}}}}"#)).is_err(), "{point}");
    }
    assert!(metric(r#"{"summary":{"dataPoints":[{"quantileValues":[{"value":"x"}]}]}}"#).is_err());
    assert!(metric(r#"{"name":5}"#).is_err() && metric(r#"{"unit":{}}"#).is_err());
    assert!(metric(r#"{"sum":{"isMonotonic":"true"}}"#).is_err());
}

#[test]
fn integers_out_of_range_are_errors_where_they_may_not_be_missing() {
    for wrong in ["-1", "18446744073709551616", r#""18446744073709551616""#, "1e300", r#""NaN""#] {
        assert!(metric(&format!(r#"{{"histogram":{{"dataPoints":[{{"count":{wrong}}}]}}}}"#)).is_err(), "{wrong}");
    }
    assert!(log_record(r#"{"severityNumber":2147483648}"#).is_err());
    let most = log_record(r#"{"timeUnixNano":18446744073709551615,"flags":"4294967295"}"#).unwrap();
    assert_eq!((most.time_unix_nano, most.flags), (u64::MAX, u32::MAX));
}
