use std::path::{Path, PathBuf};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use proptest::prelude::*;
use prost::Message;

use super::group::{Group, groups};
use super::*;
use crate::canonical::Kind;
use crate::claude::attribute::{Attribute, Value};
use crate::claude::export::Export;
use crate::claude::read::Reader;
use crate::claude::record::{PointData, Temporality};
use model::time::Timestamp;
use otlp::Payload;

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(path)
}

fn header() -> Header {
    Header {
        received_at: Timestamp(1_795_328_010_000),
        generation: 3,
        accepted: 25,
        rejected: 2,
        reclocked: 1,
        cut: 0,
        dropped: [0, 0, 4, 0, 0],
    }
}

/// Where the body of a recorded export lies, by the name that its pack has: `pb-tools-1.logs.pb` is the first export of `pb-tools`.
fn capture(file: &str) -> PathBuf {
    let (run, number) = file.rsplitn(3, '.').nth(2).unwrap().rsplit_once('-').unwrap();
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/data/captures").join(run).join(format!("00{number}.body"))
}

/// The groups of a captured export.
fn captured(file: &str) -> (Export, Vec<Group>) {
    let body = std::fs::read(capture(file)).unwrap();
    let payload = if file.contains(".logs.") {
        Payload::Logs(ExportLogsServiceRequest::decode(&*body).unwrap())
    } else {
        Payload::Metrics(ExportMetricsServiceRequest::decode(&*body).unwrap())
    };
    let mut export = Reader::new(false).read(payload);
    let groups = groups(&mut export).collect();
    (export, groups)
}

/// Packs keep the attributes of a record, but not their order.
fn ordered(mut record: Record) -> Record {
    record.attributes.sort_by(|a, b| a.key.cmp(&b.key));
    record
}

fn assert_same(found: Vec<Record>, expected: &[Record]) {
    let found: Vec<_> = found.into_iter().map(ordered).collect();
    assert_eq!(found, expected.iter().cloned().map(ordered).collect::<Vec<_>>());
}

const CAPTURES: [&str; 8] = [
    "old-1.0.128-pb-tools-1.metrics.pb",
    "old-1.0.128-pb-tools-3.logs.pb",
    "pb-error529-2.logs.pb",
    "pb-error529-4.metrics.pb",
    "pb-resource-1.logs.pb",
    "pb-resource-2.metrics.pb",
    "pb-tools-1.logs.pb",
    "pb-tools-2.metrics.pb",
];

#[test]
fn a_captured_export_is_read_back_as_it_was() {
    for file in CAPTURES {
        let (export, groups) = captured(file);
        for group in groups {
            let pack = decode(&encode(&header(), &group.contexts(&export.contexts), &group.records)).unwrap();
            assert_eq!(pack.header, header());
            assert_same(pack.records, &group.records);
            assert_eq!(pack.contexts, export.contexts);
        }
    }
}

/// Packs written by an earlier release stay readable forever. A file is created once, when its version is new, and
/// never again.
#[test]
fn packs_of_every_version_are_still_read() {
    for version in ["v1"] {
        for file in CAPTURES {
            let stored = std::fs::read(data("packs").join(version).join(file.replace(".pb", ".pack"))).unwrap();
            let (export, groups) = captured(file);
            let pack = decode(&stored).unwrap();
            assert_eq!((pack.header, pack.contexts), (header(), export.contexts));
            assert_same(pack.records, &groups[0].records);
        }
    }
}

#[test]
fn the_body_of_a_pack_is_written_byte_for_byte_as_ever() {
    for file in CAPTURES {
        let stored = std::fs::read(data("packs/v1").join(file.replace(".pb", ".pack"))).unwrap();
        let (export, groups) = captured(file);
        let written = encode(&header(), &groups[0].contexts(&export.contexts), &groups[0].records);
        assert_eq!(uncompressed(&written), uncompressed(&stored), "{file}");
    }
}

#[test]
fn a_pack_of_a_later_release_is_told_from_a_damaged_one() {
    assert_eq!(decode(&[2, 0, 0]), Err(Corrupt::Version(2)));
    assert!(matches!(decode(&[]), Err(Corrupt::Damaged(_))));
    assert!(matches!(decode(&[1]), Err(Corrupt::Damaged(_))));
}

#[test]
fn a_real_export_is_one_write_unit_and_an_event_a_few_bytes() {
    let (mut bytes, mut records) = (0, 0);
    for file in CAPTURES {
        let (export, groups) = captured(file);
        for group in groups {
            let len = encode(&header(), &group.contexts(&export.contexts), &group.records).len();
            // Keys, attribute names and the time to live take 110 bytes of a write unit's 1,024.
            assert!(len <= 1_024 - 110, "{file}: {len} bytes");
            bytes += len;
            records += group.records.len();
        }
    }
    assert!(bytes <= 40 * records, "{bytes} bytes for {records} records");
}

#[test]
fn a_column_of_one_value_cannot_stand_for_more_than_memory_holds() {
    let long = Value::Text("x".repeat(60_000).into());
    let record = |n: i64| Record {
        context: 0,
        name: "n".into(),
        time: Timestamp(n),
        digest: [0; 4],
        count: 1,
        attributes: (0..100).map(|k| Attribute { key: format!("k{k}").into(), value: long.clone() }).collect(),
        point: None,
    };
    let records: Vec<_> = (0..512).map(record).collect();
    let context = Context::default();
    assert!(matches!(decode(&encode(&header(), &[&context], &records)), Err(Corrupt::Damaged(_))));
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        ".{0,12}".prop_map(|t| Value::Text(t.into())),
        "(req_|toolu_|)[0-9a-f]{0,20}".prop_map(|t| Value::Text(t.into())),
        "(msg_|user_|claude-)[0-9A-Za-z_-]{0,20}".prop_map(|t| Value::Text(t.into())),
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}".prop_map(|t| Value::Text(t.into())),
        Just(Value::Text("2026-11-22T06:13:29.164Z".into())),
        any::<i64>().prop_map(Value::Int),
        any::<f64>()
            .prop_filter("whole numbers are integers", |n| n.fract() != 0.0 && n.is_finite())
            .prop_map(Value::Number),
        any::<bool>().prop_map(Value::Bool),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::vec(("[a-z]{1,4}", inner), 0..4).prop_map(|pairs| {
                Value::Map(pairs.into_iter().map(|(key, value)| Attribute { key: key.into(), value }).collect())
            }),
        ]
    })
}

fn record() -> impl Strategy<Value = Record> {
    let keys = prop::sample::select(vec![
        "session.id",
        "event.name",
        "event.timestamp",
        "cost_usd",
        "cost_usd_micros",
        "other",
        "é",
    ]);
    let attributes = prop::collection::btree_map(keys, value(), 0..6);
    let point =
        (any::<i64>(), any::<f64>().prop_filter("finite", |v| v.is_finite()), "[a-zA-Z]{0,6}", 0..3_i32, any::<bool>());
    ("[a-z_.]{0,12}", any::<i64>(), any::<[u8; 4]>(), 1..5_u32, attributes, point).prop_map(
        |(name, time, digest, count, attributes, (start, value, unit, temporality, monotonic))| Record {
            context: 0,
            name: name.into(),
            time: Timestamp(time),
            digest,
            count,
            attributes: attributes.into_iter().map(|(k, value)| Attribute { key: k.into(), value }).collect(),
            point: Some(PointData {
                start: Timestamp(start),
                value,
                unit: unit.into(),
                kind: Kind::Sum,
                temporality: Temporality::from_otlp(temporality),
                monotonic,
            }),
        },
    )
}

proptest! {
    #[test]
    fn any_records_are_read_back_as_they_were(mut records in prop::collection::vec(record(), 0..20), points: bool) {
        if !points {
            records.iter_mut().for_each(|r| r.point = None);
        }
        let context = Context { resource: [].into(), scope: "s".into(), scope_version: "".into() };
        let pack = decode(&encode(&header(), &[&context], &records)).unwrap();
        assert_same(pack.records, &records);
    }

    #[test]
    fn any_bytes_are_a_pack_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode(&bytes);
        // Past version, header and packing, straight into the body.
        let _ = decode(&[&[1, 0, 0, 0, 0, 0, 0, 0, 0][..], &bytes].concat());
    }

    #[test]
    fn a_damaged_pack_never_panics(at in 0..600_usize, bit in 0..8_u32) {
        let (export, groups) = captured("pb-tools-1.logs.pb");
        let mut bytes = encode(&header(), &groups[0].contexts(&export.contexts), &groups[0].records);
        let at = at % bytes.len();
        bytes[at] ^= 1 << bit;
        let _ = decode(&bytes);
    }
}
