use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use prost::Message;

use super::group::groups;
use super::*;
use crate::claude::read::Reader;
use crate::time::Millis;

fn header() -> Header {
    Header {
        received_at: Millis(1_795_328_010_000),
        generation: 1,
        accepted: 25,
        rejected: 0,
        reclocked: 0,
        cut: 0,
        dropped: [0; 5],
    }
}

#[test]
fn sizes() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/captures");
    let mut total = (0, 0);
    for entry in std::fs::read_dir(root).unwrap() {
        let dir = entry.unwrap().path();
        for n in 1..9 {
            let Ok(body) = std::fs::read(dir.join(format!("00{n}.body"))) else { continue };
            let meta = std::fs::read_to_string(dir.join(format!("00{n}.meta.json"))).unwrap();
            if meta.contains("gzip") || meta.contains("application/json") || meta.contains("traces") {
                continue;
            }
            let reader = Reader::new(false);
            let mut export = if meta.contains("/v1/logs") {
                reader.logs(&ExportLogsServiceRequest::decode(&*body).unwrap())
            } else {
                reader.metrics(&ExportMetricsServiceRequest::decode(&*body).unwrap())
            };
            for group in groups(&mut export) {
                let bytes = encode(&header(), &group.contexts(&export.contexts), &group.records);
                let back = decode(&bytes).unwrap();
                let sort = |r: &Record| {
                    let mut r = r.clone();
                    r.attributes.sort_by(|a, b| a.key.cmp(&b.key));
                    r
                };
                assert_eq!(
                    back.records.iter().map(sort).collect::<Vec<_>>(),
                    group.records.iter().map(sort).collect::<Vec<_>>()
                );
                total.0 += group.records.len();
                total.1 += bytes.len();
                eprintln!(
                    "{:30} {n} {:3} records {:5} bytes {:.1} packing {}",
                    dir.file_name().unwrap().display(),
                    group.records.len(),
                    bytes.len(),
                    bytes.len() as f64 / group.records.len() as f64,
                    bytes[14]
                );
            }
        }
    }
    eprintln!("{total:?} {}", total.1 as f64 / total.0 as f64);
}
