//! The exports themselves.

use otlp::Signal;

use super::{Shape, many};
use crate::message::{Field, Value, field};

const TIME: u64 = 1_795_328_009_000_000_000;
/// As many attributes as a record and a resource may have.
const ATTRIBUTES: usize = 1_024;

/// Every shape, with which limit it goes to.
pub const SHAPES: &[Shape] = &[
    Shape {
        name: "attributes of a resource, and as many records",
        signal: Signal::Logs,
        many: 4_000,
        request: |n| logs(resource(n), vec![scope("s", (0..n).map(|_| message(vec![])).collect())]),
    },
    Shape {
        name: "records of a resource with many attributes",
        signal: Signal::Logs,
        many: 3_000,
        request: |n| logs(resource(ATTRIBUTES), vec![scope("s", (0..n).map(at).collect())]),
    },
    Shape {
        name: "attributes of a resource, and as many empty scopes",
        signal: Signal::Logs,
        many: 6_000,
        request: |n| logs(resource(n), (0..n).map(|_| scope("", vec![])).collect()),
    },
    Shape {
        name: "scopes with a record each",
        signal: Signal::Logs,
        many: 1_500,
        request: |n| logs(resource(30), (0..n).map(|i| scope(&format!("scope {i}"), vec![at(i)])).collect()),
    },
    Shape {
        name: "scopes of a large resource with a record each",
        signal: Signal::Logs,
        many: 300,
        request: |n| logs(resource(ATTRIBUTES), (0..n).map(|i| scope(&format!("scope {i}"), vec![at(i)])).collect()),
    },
    Shape {
        name: "records with as many attributes as may be",
        signal: Signal::Logs,
        many: 10,
        request: |n| {
            logs(vec![], vec![scope("s", (0..n).map(|i| log(i, numbers(ATTRIBUTES, |k| format!("k{k}")))).collect())])
        },
    },
    Shape {
        name: "attributes of one record",
        signal: Signal::Logs,
        many: 20_000,
        request: |n| logs(vec![], vec![scope("s", vec![log(0, numbers(n, |k| format!("k{k}"))), at(1)])]),
    },
    Shape {
        name: "records of distinct shapes",
        signal: Signal::Logs,
        many: 800,
        request: |n| {
            logs(vec![], vec![scope("s", (0..n).map(|i| log(i, numbers(20, |k| format!("k{i}.{k}")))).collect())])
        },
    },
    Shape {
        name: "records that say in words what their resource says",
        signal: Signal::Logs,
        many: 20,
        request: |n| {
            let words = || (0..500).map(|k| text(&format!("label.{k}"), "some words that are no label")).collect();
            logs(words(), vec![scope("s", (0..n).map(|i| log(i, words())).collect())])
        },
    },
    Shape {
        name: "lists in lists",
        signal: Signal::Logs,
        many: 200,
        request: |n| {
            logs(vec![], vec![scope("s", (0..n).map(|i| log(i, vec![attribute("deep", nested(30))])).collect())])
        },
    },
    Shape {
        name: "members of a map",
        signal: Signal::Logs,
        many: 15_000,
        request: |n| logs(vec![], vec![scope("s", vec![log(0, vec![attribute("map", map(n))]), at(1)])]),
    },
    Shape {
        name: "maps with as many members as may be",
        signal: Signal::Logs,
        many: 10,
        request: |n| {
            logs(vec![], vec![scope("s", (0..n).map(|i| log(i, vec![attribute("map", map(ATTRIBUTES))])).collect())])
        },
    },
    Shape {
        name: "values of a list",
        signal: Signal::Logs,
        many: 30_000,
        request: |n| {
            let values = many(1, "values", n, |i| message(vec![field(3, "intValue", Value::Int(i as u64))]));
            let list = field(5, "arrayValue", message(vec![values]));
            logs(vec![], vec![scope("s", vec![log(0, vec![attribute("list", vec![list])])])])
        },
    },
    Shape {
        name: "empty records",
        signal: Signal::Logs,
        many: 8_000,
        request: |n| logs(vec![], vec![scope("s", (0..n).map(|_| message(vec![])).collect())]),
    },
    Shape {
        name: "people",
        signal: Signal::Logs,
        many: 600,
        request: |n| {
            let person = |i: usize| log(i, vec![text("user.email", &format!("p{i}@example.com"))]);
            logs(resource(10), vec![scope("s", (0..n).map(person).collect())])
        },
    },
    Shape {
        name: "characters of a resource's person, and records",
        signal: Signal::Logs,
        many: 5_000,
        request: |n| {
            let long = text("user.email", &"D".repeat(20 * n));
            logs(vec![long], vec![scope("s", (0..n).map(at).collect())])
        },
    },
    Shape {
        name: "characters of a text",
        signal: Signal::Logs,
        many: 3_000_000,
        request: |n| logs(vec![], vec![scope("s", vec![log(0, vec![text("model", &"m".repeat(n))])])]),
    },
    Shape {
        name: "ordinary records",
        signal: Signal::Logs,
        many: 400,
        request: |n| logs(resource(6), vec![scope("com.anthropic.claude_code.events", (0..n).map(ordinary).collect())]),
    },
    Shape {
        name: "points",
        signal: Signal::Metrics,
        many: 3_000,
        request: |n| metrics(vec![sum((0..n).map(|i| point(i, vec![text("type", "input")])).collect())]),
    },
    Shape {
        name: "characters of a metric's name, and points",
        signal: Signal::Metrics,
        many: 5_000,
        request: |n| {
            let data = message(vec![many(1, "dataPoints", n, |i| point(i, vec![]))]);
            let name = field(1, "name", Value::Text("n".repeat(n)));
            metrics(vec![message(vec![name, field(7, "sum", data)]), sum(vec![point(0, vec![])])])
        },
    },
    Shape {
        name: "points of a metric with the longest name",
        signal: Signal::Metrics,
        many: 2_000,
        request: |n| {
            let data = message(vec![many(1, "dataPoints", n, |i| point(i, vec![]))]);
            let name = field(1, "name", Value::Text("n".repeat(1_024)));
            metrics(vec![message(vec![name, field(7, "sum", data)])])
        },
    },
    Shape {
        name: "empty metrics",
        signal: Signal::Metrics,
        many: 20_000,
        request: |n| metrics((0..n).map(|_| message(vec![])).collect()),
    },
    Shape {
        name: "points of distinct shapes",
        signal: Signal::Metrics,
        many: 600,
        request: |n| metrics(vec![sum((0..n).map(|i| point(i, numbers(20, |k| format!("k{i}.{k}")))).collect())]),
    },
    Shape {
        name: "bucket counts of one histogram",
        signal: Signal::Metrics,
        many: 300_000,
        request: |n| {
            let counts = field(6, "bucketCounts", Value::Packed(vec![1; n], true));
            metrics(vec![kind(
                9,
                "histogram",
                vec![message(vec![field(3, "timeUnixNano", Value::Fixed(TIME)), counts])],
            )])
        },
    },
    Shape {
        name: "bucket counts of one exponential histogram",
        signal: Signal::Metrics,
        many: 300_000,
        request: |n| {
            let buckets = message(vec![field(2, "bucketCounts", Value::Packed(vec![1; n], false))]);
            let point = message(vec![field(3, "timeUnixNano", Value::Fixed(TIME)), field(8, "positive", buckets)]);
            metrics(vec![kind(10, "exponentialHistogram", vec![point])])
        },
    },
    Shape {
        name: "spans",
        signal: Signal::Traces,
        many: 4_000,
        request: |n| spans((0..n).map(|i| span(i, vec![])).collect()),
    },
    Shape {
        name: "spans with as many attributes as may be",
        signal: Signal::Traces,
        many: 12,
        request: |n| {
            let full = |i| span(i, vec![field(9, "attributes", Value::List(numbers(ATTRIBUTES, |k| format!("k{k}"))))]);
            spans((0..n).map(full).collect())
        },
    },
    Shape {
        name: "events of one span",
        signal: Signal::Traces,
        many: 20_000,
        request: |n| spans(vec![span(0, vec![many(11, "events", n, |_| message(vec![]))])]),
    },
    Shape {
        name: "links of one span",
        signal: Signal::Traces,
        many: 20_000,
        request: |n| spans(vec![span(0, vec![many(13, "links", n, |_| message(vec![]))])]),
    },
];

fn message(fields: Vec<Field>) -> Value {
    Value::Message(fields)
}

fn attribute(key: &str, value: Vec<Field>) -> Value {
    message(vec![field(1, "key", Value::Text(key.into())), field(2, "value", message(value))])
}

fn text(key: &str, value: &str) -> Value {
    attribute(key, vec![field(1, "stringValue", Value::Text(value.into()))])
}

fn numbers(n: usize, name: impl Fn(usize) -> String) -> Vec<Value> {
    (0..n).map(|k| attribute(&name(k), vec![field(3, "intValue", Value::Int(k as u64))])).collect()
}

/// A map of numbers whose members are in no order.
fn map(members: usize) -> Vec<Field> {
    let values = numbers(members, |k| format!("k{}", k * 7_919 % members));
    vec![field(6, "kvlistValue", message(vec![field(1, "values", Value::List(values))]))]
}

fn resource(attributes: usize) -> Vec<Value> {
    (0..attributes).map(|k| text(&format!("resource.{k}"), &format!("value.{k}"))).collect()
}

fn nested(depth: usize) -> Vec<Field> {
    (0..depth).fold(vec![field(3, "intValue", Value::Int(1))], |inner, _| {
        vec![field(5, "arrayValue", message(vec![field(1, "values", Value::List(vec![message(inner)]))]))]
    })
}

fn logs(resource: Vec<Value>, scopes: Vec<Value>) -> Vec<Field> {
    let resource = message(vec![field(1, "attributes", Value::List(resource))]);
    let group = message(vec![field(1, "resource", resource), field(2, "scopeLogs", Value::List(scopes))]);
    vec![field(1, "resourceLogs", Value::List(vec![group]))]
}

fn scope(name: &str, records: Vec<Value>) -> Value {
    let scope = message(vec![field(1, "name", Value::Text(name.into()))]);
    message(vec![field(1, "scope", scope), field(2, "logRecords", Value::List(records))])
}

fn log(n: usize, attributes: Vec<Value>) -> Value {
    let time = field(1, "timeUnixNano", Value::Fixed(TIME + n as u64));
    message(vec![time, field(6, "attributes", Value::List(attributes))])
}

fn at(n: usize) -> Value {
    log(n, vec![])
}

/// A record of usual size: some thirty attributes, most of them the same in every record of a session.
fn ordinary(n: usize) -> Value {
    let same = (0..12).map(|k| text(&format!("session.label.{k}"), "0f3c9a52-1d7e-4b86-93aa-5b2d8c1e7f40"));
    let own = (0..6).map(|k| text(&format!("request_id.{k}"), &format!("req_{n:016x}{k:08x}")));
    let numbers = (0..10)
        .map(|k| attribute(&format!("count_tokens.{k}"), vec![field(3, "intValue", Value::Int((n * k) as u64))]));
    let body = message(vec![field(1, "stringValue", Value::Text("claude_code.api_request".into()))]);
    message(vec![
        field(1, "timeUnixNano", Value::Fixed(TIME + 1_000_000 * n as u64)),
        field(5, "body", body),
        field(6, "attributes", Value::List(same.chain(own).chain(numbers).collect())),
    ])
}

fn metrics(metrics: Vec<Value>) -> Vec<Field> {
    let scope = message(vec![field(2, "metrics", Value::List(metrics))]);
    let group = message(vec![field(2, "scopeMetrics", Value::List(vec![scope]))]);
    vec![field(1, "resourceMetrics", Value::List(vec![group]))]
}

fn kind(tag: u8, name: &'static str, points: Vec<Value>) -> Value {
    let data =
        message(vec![field(1, "dataPoints", Value::List(points)), field(2, "aggregationTemporality", Value::Int(1))]);
    message(vec![field(1, "name", Value::Text("claude_code.token.usage".into())), field(tag, name, data)])
}

fn sum(points: Vec<Value>) -> Value {
    kind(7, "sum", points)
}

fn point(n: usize, attributes: Vec<Value>) -> Value {
    message(vec![
        field(3, "timeUnixNano", Value::Fixed(TIME + n as u64)),
        field(4, "asDouble", Value::Double(1.5)),
        field(7, "attributes", Value::List(attributes)),
    ])
}

fn spans(spans: Vec<Value>) -> Vec<Field> {
    let scope = message(vec![field(2, "spans", Value::List(spans))]);
    let group = message(vec![field(2, "scopeSpans", Value::List(vec![scope]))]);
    vec![field(1, "resourceSpans", Value::List(vec![group]))]
}

fn span(n: usize, mut more: Vec<Field>) -> Value {
    let mut fields = vec![
        field(1, "traceId", Value::Id(vec![7; 16])),
        field(2, "spanId", Value::Id((n as u64 + 1).to_be_bytes().to_vec())),
        field(7, "startTimeUnixNano", Value::Fixed(TIME)),
    ];
    fields.append(&mut more);
    message(fields)
}
