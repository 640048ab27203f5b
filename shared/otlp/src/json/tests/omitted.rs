//! Values that cannot be read are dropped and affect nothing else.

use super::*;
use crate::LeftOut;

/// A log record that is read despite what was dropped from it.
fn left_out(json: &str) -> (LogRecord, LeftOut) {
    let body = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"eventName":"before"}},{json}]}}]}}]}}"#);
    let (mut export, left_out) =
        read::<ExportLogsServiceRequest>(body.as_bytes()).unwrap_or_else(|e| panic!("{json} {e:?}"));
    let mut records = export.request.resource_logs.remove(0).scope_logs.remove(0).log_records;
    assert_eq!((records.len(), &*records[0].event_name), (2, "before"), "{json}");
    (records.remove(1), left_out)
}

#[test]
fn the_value_of_an_attribute_that_cannot_be_read_is_as_if_there_were_none() {
    for (value, field, why) in [
        (r#"{"intValue":{}}"#, ".intValue", "must be a single value, not an object"),
        (r#"{"intValue":{"low":5,"high":0,"unsigned":false}}"#, ".intValue", "must be a single value, not an object"),
        (r#"{"intValue":1.5}"#, ".intValue", "must be an integer or a string with an integer"),
        (r#"{"intValue":""}"#, ".intValue", "must be an integer or a string with an integer"),
        (r#"{"intValue":9223372036854775808}"#, ".intValue", "is out of range for its type"),
        (r#"{"intValue":"9223372036854775808"}"#, ".intValue", "is out of range for its type"),
        (r#"{"doubleValue":{}}"#, ".doubleValue", "must be a single value, not an object"),
        (r#"{"doubleValue":[[1,{"a":2}]]}"#, ".doubleValue", "must be a single value, not a list"),
        (r#"{"doubleValue":""}"#, ".doubleValue", "must be a number or a string with a number"),
        (r#"{"doubleValue":true}"#, ".doubleValue", "must be a number or a string with a number"),
        (r#"{"doubleValue":"nan"}"#, ".doubleValue", "must be a number or a string with a number"),
        (r#"{"boolValue":"true"}"#, ".boolValue", "must be true or false"),
        (r#"{"stringValue":5}"#, ".stringValue", "must be a string"),
        (r#"{"stringValue":{}}"#, ".stringValue", "must be a single value, not an object"),
        (r#"{"stringValue":[]}"#, ".stringValue", "must be a single value, not a list"),
        (r#"{"bytesValue":"!"}"#, ".bytesValue", "must be base64"),
        (r#"{"arrayValue":5}"#, ".arrayValue", "must be an object"),
        (r#"{"kvlistValue":["a",{"b":1}]}"#, ".kvlistValue", "must be an object"),
        (r#""bare""#, "", "must be an object"),
        ("5", "", "must be an object"),
        ("-5", "", "must be an object"),
        ("1.5", "", "must be an object"),
        ("false", "", "must be an object"),
        (r#"["a",{"b":[1]}]"#, "", "must be an object"),
    ] {
        let attributes = format!(r#"[{{"key":"a","value":{value}}},{{"key":"b","value":{{"intValue":1}}}}]"#);
        let (record, left_out) = left_out(&format!(r#"{{"attributes":{attributes},"eventName":"after"}}"#));
        assert_eq!((record.attributes.len(), &*record.event_name), (2, "after"), "{value}");
        let [unread, neighbour] = &record.attributes[..] else { panic!("{value}") };
        assert_eq!((&*unread.key, unread.value.as_ref().and_then(|v| v.value.as_ref())), ("a", None), "{value}");
        assert_eq!(neighbour.value, Some(AnyValue { value: Some(Any::IntValue(1)) }), "{value}");
        let first = format!("resourceLogs[0].scopeLogs[0].logRecords[1].attributes[0].value{field}");
        assert_eq!(left_out, LeftOut { count: 1, first, why }, "{value}");
    }
}

#[test]
fn within_a_value_only_the_part_is_left_out_that_cannot_be_read() {
    let list = r#"{"arrayValue":{"values":[{"intValue":1},5,{"intValue":[]},{"intValue":2}]}}"#;
    let (record, dropped) = left_out(&format!(r#"{{"body":{list}}}"#));
    let Some(Any::ArrayValue(list)) = record.body.and_then(|body| body.value) else { panic!("no list") };
    let numbers: Vec<_> = list.values.into_iter().map(|value| value.value).collect();
    assert_eq!(numbers, [Some(Any::IntValue(1)), None, None, Some(Any::IntValue(2))]);
    assert_eq!(
        (dropped.count, &*dropped.first),
        (2, "resourceLogs[0].scopeLogs[0].logRecords[1].body.arrayValue.values[1]")
    );
    for (body, first) in [
        (r#"{"arrayValue":{"values":"x"}}"#, "arrayValue.values"),
        (r#"{"kvlistValue":{"values":{"a":1}}}"#, "kvlistValue.values"),
        (r#"{"kvlistValue":{"values":[{"key":"k"},"x"]}}"#, "kvlistValue.values[1]"),
        (
            r#"{"kvlistValue":{"values":[{"key":"k","value":{"kvlistValue":{"values":[7]}}}]}}"#,
            "kvlistValue.values[0].value.kvlistValue.values[0]",
        ),
    ] {
        let (_, dropped) = left_out(&format!(r#"{{"body":{body}}}"#));
        assert_eq!(dropped.first, format!("resourceLogs[0].scopeLogs[0].logRecords[1].body.{first}"), "{body}");
    }
}

#[test]
fn times_ids_and_texts_of_a_record_that_cannot_be_read_are_left_out() {
    for (field, wrong) in [
        ("timeUnixNano", r#"{"low":5,"high":1}"#),
        ("timeUnixNano", "-1"),
        ("timeUnixNano", "18446744073709551616"),
        ("timeUnixNano", r#""""#),
        ("observedTimeUnixNano", "[]"),
        ("traceId", "4242"),
        ("severityText", "{}"),
        ("eventName", "5"),
        ("flags", "4294967296"),
        ("droppedAttributesCount", r#""-1""#),
    ] {
        let (record, dropped) = left_out(&format!(r#"{{"{field}":{wrong},"body":{{"stringValue":"kept"}}}}"#));
        let kept = AnyValue { value: Some(Any::StringValue("kept".into())) };
        assert_eq!(record, LogRecord { body: Some(kept), ..LogRecord::default() }, "{field} {wrong}");
        assert_eq!(
            (dropped.count, dropped.first),
            (1, format!("resourceLogs[0].scopeLogs[0].logRecords[1].{field}")),
            "{wrong}"
        );
    }
}

#[test]
fn the_first_of_several_is_named_and_all_are_counted_without_a_word_of_the_body() {
    let secrets = r#"{"attributes":[{"key":"secret","value":{"doubleValue":"secret"}},{"key":"k","value":"secret"}],"flags":"secret"}"#;
    let (_, dropped) = left_out(secrets);
    assert_eq!(dropped.count, 3);
    let sentence = dropped.to_string();
    assert!(
        sentence.contains("3 value(s)") && sentence.contains("logRecords[1].attributes[0].value.doubleValue"),
        "{sentence}"
    );
    assert!(!sentence.contains("secret"), "{sentence}");
    assert_eq!(left_out("{}").1, LeftOut::default(), "nothing is dropped from what can be read");
}

#[test]
fn what_is_not_built_as_it_must_be_is_an_error_also_beside_what_is_left_out() {
    let wrong = r#"{"attributes":[{"key":"k","value":5},{"key":"k","value":{"arrayValue":{"values":[1]}}},"x"]}"#;
    let Err(Error::Invalid { path, .. }) = log_record(wrong) else { panic!("taken") };
    assert_eq!(path, "resourceLogs[0].scopeLogs[0].logRecords[0].attributes[2]");
}
