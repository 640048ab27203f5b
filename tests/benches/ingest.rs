//! How fast an export is taken: decoding, canonical records, packing, and the whole handler over a database in memory; and what of it is
//! only done because a client may be hostile.
//!
//! `cargo bench -p tests --bench ingest`

#![expect(clippy::unwrap_used, reason = "what is missing ends the benchmark")]

use bytes::Bytes;
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use http::Request;
use model::time::Timestamp;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use otlp::{Encoding, Payload, decode};
use prost::Message;
use telemetry::claude::export::Export;
use telemetry::claude::limits;
use telemetry::claude::read::Reader;
use telemetry::pack;
use telemetry::pack::Header;
use telemetry::pack::group::groups;
use tools::captures::{self, Capture};
use tools::stack::Stack;
use tools::tenant::Tenant;

const CAPTURES: [&str; 4] = ["pb-tools/001", "pb-tools/002", "json-tools/001", "json-tools/002"];

fn read(payload: Payload) -> Export {
    Reader::new(false).read(payload)
}

fn pack_all(mut export: Export) -> Vec<Vec<u8>> {
    let groups = groups(&mut export);
    let header = Header {
        received_at: Timestamp(1_795_328_010_000),
        generation: 1,
        accepted: 25,
        rejected: 0,
        reclocked: 0,
        cut: 0,
        dropped: [0; 5],
    };
    groups.map(|g| pack::encode(&header, &g.contexts(&export.contexts), &g.records)).collect()
}

fn request(service: &Tenant, capture: &Capture) -> Request<Bytes> {
    Request::post(&capture.path)
        .header("content-type", &capture.content_type)
        .header("authorization", format!("Bearer {}", service.token))
        .body(capture.body.clone())
        .unwrap()
}

/// Decoding without what weighs the messages before, to be compared with decoding; and judging the numbers of all records.
fn guards(group: &mut BenchmarkGroup<'_, WallTime>, body: &[u8], logs: &ExportLogsServiceRequest) {
    group.bench_function("decode unweighed", |b| b.iter(|| ExportLogsServiceRequest::decode(body)));
    let scopes = || logs.resource_logs.iter().flat_map(|resource| &resource.scope_logs);
    let records = || scopes().flat_map(|scope| &scope.log_records);
    let impossible = || records().filter(|record| limits::of_event(&record.attributes).is_some()).count();
    group.bench_function("judge numbers", |b| b.iter(impossible));
}

fn benchmarks(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let service = runtime.block_on(Stack::start().over_http().tenant("default"));
    for name in CAPTURES {
        let capture = captures::named(name);
        let encoding = if capture.is_json() { Encoding::Json } else { Encoding::Protobuf };
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Bytes(capture.body.len() as u64));
        group.bench_function("decode", |b| b.iter(|| decode(capture.signal(), encoding, &capture.body)));
        let payload = capture.payload();
        group.bench_function("canonical records", |b| b.iter_batched(|| payload.clone(), read, BatchSize::SmallInput));
        group.bench_function("pack", |b| b.iter_batched(|| read(payload.clone()), pack_all, BatchSize::SmallInput));
        if let (Payload::Logs(logs), Encoding::Protobuf) = (&payload, encoding) {
            guards(&mut group, &capture.body, logs);
        }
        // After the first time it is a duplicate: the same read and the same write, refused by its condition.
        group.bench_function("handler", |b| {
            b.iter_batched(
                || request(&service, &capture),
                |request| runtime.block_on(service.handlers.ingest.answer(request, Timestamp::now())),
                BatchSize::SmallInput,
            );
        });
        group.finish();
    }
}

criterion_group!(ingest, benchmarks);
criterion_main!(ingest);
