use opentelemetry_proto::tonic::common::v1::{ArrayValue, KeyValueList};
use opentelemetry_proto::tonic::metrics::v1::{Metric, NumberDataPoint, Sum, metric::Data, number_data_point};

use super::*;

/// The form written in one piece, as the module describes it.
fn in_one_piece(context: &Canonical, log: &LogRecord) -> Canonical {
    let mut whole = Vec::new();
    let mut put = |bytes: &[u8]| {
        whole.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        whole.extend_from_slice(bytes);
    };
    put(b"log 1");
    put(&context.digest.0);
    whole.extend_from_slice(&[0; 8 + 8 + 8]);
    let mut put = |bytes: &[u8]| {
        whole.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        whole.extend_from_slice(bytes);
    };
    put(b"");
    put(b"");
    whole.push(0);
    whole.extend_from_slice(&(log.attributes.len() as u32).to_le_bytes());
    for attribute in &log.attributes {
        let Some(Value::StringValue(text)) = attribute.value.as_ref().and_then(|v| v.value.as_ref()) else { continue };
        whole.extend_from_slice(&(attribute.key.len() as u32).to_le_bytes());
        whole.extend_from_slice(attribute.key.as_bytes());
        whole.push(1);
        whole.extend_from_slice(&(text.len() as u32).to_le_bytes());
        whole.extend_from_slice(text.as_bytes());
    }
    whole.extend_from_slice(&[0; 4 + 4 + 4]);
    Canonical { digest: RecordDigest(Sha256::digest(&whole).into()), size: whole.len() }
}

#[test]
fn a_form_that_is_hashed_piece_by_piece_is_the_same() {
    let mut canonicalizer = Canonicalizer::default();
    let context = context(&mut canonicalizer);
    for len in [1, FULL - 200, FULL - 120, FULL - 60, FULL, FULL + 1, 3 * FULL] {
        let attributes = vec![attribute("a", text(&"x".repeat(len))), attribute("b", text(&"y".repeat(100)))];
        let log = LogRecord { attributes, ..LogRecord::default() };
        let (found, expected) = (canonicalizer.log(&context, &log), in_one_piece(&context, &log));
        assert_eq!((found.digest, found.size), (expected.digest, expected.size), "{len}");
    }
}

#[test]
fn a_resource_that_is_hashed_once_gives_every_scope_its_own_context() {
    let mut canonicalizer = Canonicalizer::default();
    let resource = canonicalizer.resource(&[attribute("service.name", text("claude-code"))]);
    let named = |name: &str| InstrumentationScope { name: name.into(), ..InstrumentationScope::default() };
    let first = canonicalizer.context(&resource, Some(&named("a")));
    let second = canonicalizer.context(&resource, Some(&named("bb")));
    let again = canonicalizer.context(&resource, Some(&named("a")));
    assert_ne!(first.digest, second.digest);
    assert_eq!((first.digest, first.size + 1), (again.digest, second.size));
}

fn attribute(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.into(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn text(text: &str) -> Value {
    Value::StringValue(text.into())
}

fn log() -> LogRecord {
    LogRecord {
        time_unix_nano: 1_795_328_009_164_000_000,
        observed_time_unix_nano: 1_795_328_009_164_000_000,
        body: Some(AnyValue { value: Some(text("claude_code.user_prompt")) }),
        attributes: vec![
            attribute("user.id", text("c1")),
            attribute("flag", Value::BoolValue(true)),
            attribute("n", Value::IntValue(-7)),
            attribute("x", Value::DoubleValue(0.5)),
            attribute("raw", Value::BytesValue(vec![1, 2])),
            attribute("list", Value::ArrayValue(ArrayValue { values: vec![AnyValue { value: Some(text("a")) }] })),
            attribute("map", Value::KvlistValue(KeyValueList { values: vec![attribute("k", text("v"))] })),
        ],
        ..LogRecord::default()
    }
}

fn context(canonicalizer: &mut Canonicalizer) -> Canonical {
    let resource = canonicalizer.resource(&[attribute("service.name", text("claude-code"))]);
    let scope = InstrumentationScope {
        name: "com.anthropic.claude_code.events".into(),
        version: "2.1.330".into(),
        ..Default::default()
    };
    canonicalizer.context(&resource, Some(&scope))
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|b| format!("{b:02x}")).collect()
}

fn digest(log: &LogRecord) -> RecordDigest {
    let mut canonicalizer = Canonicalizer::default();
    let context = context(&mut canonicalizer);
    canonicalizer.log(&context, log).digest
}

/// The digests were computed by an independent implementation in another language, from the description of the module
/// alone. If this fails, the canonical form has changed, and every export retried across the change would count twice.
#[test]
fn the_digests_never_change() {
    let mut canonicalizer = Canonicalizer::default();
    let context = context(&mut canonicalizer);
    let log = canonicalizer.log(&context, &log()).digest;
    let metric = Metric {
        name: "claude_code.cost.usage".into(),
        unit: "USD".into(),
        data: Some(Data::Sum(Sum {
            data_points: vec![NumberDataPoint {
                time_unix_nano: 2,
                start_time_unix_nano: 1,
                value: Some(number_data_point::Value::AsDouble(0.25)),
                ..NumberDataPoint::default()
            }],
            aggregation_temporality: 1,
            is_monotonic: true,
        })),
        ..Metric::default()
    };
    let data = metric.data.clone().unwrap();
    let head = MetricHead::of(&metric.name, &metric.unit, &data);
    let mut points = Vec::new();
    for_each_point(data, |p| points.push(canonicalizer.point(&context, &head, p).digest));
    let [point] = points[..] else { panic!("it is one point") };
    let span = Span { trace_id: vec![1; 16], span_id: vec![2; 8], name: "s".into(), ..Span::default() };
    let span = canonicalizer.span(&context, &span).digest;
    let pack = pack_digest([(&log, 1), (&point, 2)].into_iter());
    assert_eq!(
        [hex(&context.digest.0), hex(&log.0), hex(&point.0), hex(&span.0), hex(&pack)],
        [
            "21fbb99ae956b6f48cd20bbf284f146a0568d24e6db238bfc28487eb30fc6add",
            "0f5fd0739f166b744b9ba5a1957bf534145f74d3ac5e5d7d4972f96f59de992b",
            "bc553cf255f6c0ecd65b1ea964f2fdceb9d05d1ed1def88aadb1813754acd940",
            "a23f8f92a4187ef0f0150501f6ad8e92c406d300547fded6a3aeca72855f0f78",
            "49928ac83618f8db4f98b5fe8fb4b1d0"
        ]
    );
}

#[test]
fn the_order_of_attributes_does_not_matter() {
    let mut reversed = log();
    reversed.attributes.reverse();
    assert_eq!(digest(&reversed), digest(&log()));
}

#[test]
fn whatever_a_client_says_matters() {
    let changes: [fn(&mut LogRecord); 9] = [
        |l| l.time_unix_nano += 1,
        |l| l.observed_time_unix_nano += 1,
        |l| l.severity_number = 9,
        |l| l.event_name = "e".into(),
        |l| l.body = None,
        |l| l.attributes[0] = attribute("user.id", text("c2")),
        |l| l.attributes[2] = attribute("n", Value::DoubleValue(-7.0)),
        |l| l.trace_id = vec![1; 16],
        |l| l.flags = 1,
    ];
    let mut digests = std::collections::BTreeSet::from([digest(&log())]);
    for change in changes {
        let mut changed = log();
        change(&mut changed);
        digests.insert(digest(&changed));
    }
    assert_eq!(digests.len(), 10);
}

#[test]
fn texts_cannot_flow_into_each_other() {
    let pair =
        |key: &str, value: &str| LogRecord { attributes: vec![attribute(key, text(value))], ..LogRecord::default() };
    assert_ne!(digest(&pair("ab", "c")), digest(&pair("a", "bc")));
}

#[test]
fn every_nan_is_the_same() {
    let nan = |bits: u64| LogRecord {
        attributes: vec![attribute("x", Value::DoubleValue(f64::from_bits(bits)))],
        ..LogRecord::default()
    };
    assert_eq!(digest(&nan(0x7ff8_0000_0000_0000)), digest(&nan(0xfff8_0000_0000_0001)));
}
