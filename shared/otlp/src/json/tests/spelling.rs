//! Names in the spelling of the `.proto` files, and names of earlier versions.

use super::*;

/// The body with every field name spelled with underscores.
fn underscored(body: &str) -> String {
    let mut spelled = String::new();
    for (at, part) in body.split('"').enumerate() {
        let is_name = at % 2 == 1 && body.split('"').nth(at + 1).is_some_and(|after| after.starts_with(':'));
        for letter in part.chars() {
            match letter {
                'A'..='Z' if is_name => spelled.extend(['_', letter.to_ascii_lowercase()]),
                other => spelled.push(other),
            }
        }
        spelled.push('"');
    }
    spelled.pop();
    spelled
}

const LOGS: &str = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"a","value":{"stringValue":"aB"}}],"droppedAttributesCount":1},
    "scopeLogs":[{"scope":{"name":"s"},"logRecords":[{"timeUnixNano":"5","observedTimeUnixNano":6,"severityNumber":9,"severityText":"I",
    "body":{"kvlistValue":{"values":[{"key":"b","value":{"arrayValue":{"values":[{"intValue":1},{"doubleValue":1.5},{"boolValue":true},
    {"bytesValue":"AA=="}]}}}]}},"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","eventName":"e","flags":1}],
    "schemaUrl":"u"}]}]}"#;
const METRICS: &str = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{"aggregationTemporality":1,"isMonotonic":true,
    "dataPoints":[{"startTimeUnixNano":4,"timeUnixNano":5,"asInt":"7"},{"asDouble":1.5}]}},{"name":"h","exponentialHistogram":{"dataPoints":[
    {"zeroCount":1,"zeroThreshold":0.5,"positive":{"bucketCounts":[1]}}]}},{"name":"s","summary":{"dataPoints":[{"quantileValues":[
    {"quantile":0.5,"value":1}]}]}}]}]}]}"#;
const SPANS: &str = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","parentSpanId":"eee19b7ec3c1b174",
    "traceState":"t","startTimeUnixNano":4,"endTimeUnixNano":5,"droppedEventsCount":2,"droppedLinksCount":3}]}]}]}"#;

#[test]
fn names_with_underscores_are_read_at_every_level() {
    fn same<T: Request + PartialEq + std::fmt::Debug>(body: &str) {
        let other = underscored(body);
        assert!(other.contains("_unix_nano") && !other.contains("timeUnixNano"), "{other}");
        let ((sent, _), (read, left_out)) =
            (super::read::<T>(body.as_bytes()).unwrap(), super::read::<T>(other.as_bytes()).unwrap());
        assert_ne!(sent.request, T::default());
        assert_eq!(read.request, sent.request);
        assert_eq!((read.named, read.underscored, left_out.count), (false, true, 0));
    }
    same::<ExportLogsServiceRequest>(LOGS);
    same::<ExportMetricsServiceRequest>(METRICS);
    same::<ExportTraceServiceRequest>(SPANS);
}

#[test]
fn what_scopes_were_called_before_is_read_as_well() {
    let old = |body: &str, signal: &str, records: &str| {
        let body = body.replace(&format!("scope{signal}"), &format!("instrumentationLibrary{signal}"));
        body.replace("\"scope\"", "\"instrumentationLibrary\"").replace("logRecords", records)
    };
    for records in ["logRecords", "logs"] {
        let body = old(LOGS, "Logs", records);
        assert_eq!(
            read::<ExportLogsServiceRequest>(body.as_bytes()).unwrap().0.request,
            read(LOGS.as_bytes()).unwrap().0.request
        );
    }
    let metrics = old(METRICS, "Metrics", "");
    assert_eq!(
        read::<ExportMetricsServiceRequest>(metrics.as_bytes()).unwrap().0.request,
        read(METRICS.as_bytes()).unwrap().0.request
    );
    let spans = old(SPANS, "Spans", "");
    assert_eq!(
        read::<ExportTraceServiceRequest>(spans.as_bytes()).unwrap().0.request,
        read(SPANS.as_bytes()).unwrap().0.request
    );
}

#[test]
fn odd_underscores_are_unknown_names_or_the_name_and_never_a_panic() {
    for name in ["_", "__", "event_", "_é", "é_é", "event__name", r"a_\u0000"] {
        assert!(log_record(&format!(r#"{{"{name}":"x"}}"#)).is_ok(), "{name}");
    }
}
