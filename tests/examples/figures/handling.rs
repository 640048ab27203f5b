//! What one export takes inside the process, and what is stored of it.

use std::hint::black_box;
use std::time::{Duration, Instant};

use http::Request;
use model::time::Timestamp;
use otlp::{Encoding, decode};
use sha2::{Digest, Sha256};
use telemetry::claude::read::Reader;
use telemetry::pack::group::groups;
use tools::activity::pack_of;
use tools::captures;
use tools::stack::Stack;

use super::Line;

/// How often each step is measured.
const TIMES: u32 = 2_000;

/// The lines about handling.
pub(crate) async fn lines() -> Vec<Line> {
    let (mut events, mut bytes, mut exports, mut single) = (0, 0, 0, 0);
    for capture in captures::all() {
        let service = Stack::start().over_http().tenant("default").await;
        assert_eq!(service.export(&capture).await.status, 200);
        let records: usize = service.stored().await.iter().map(|p| p.records.len()).sum();
        if records > 0 {
            let stored: usize = service.packs().await.iter().map(|p| p.bytes.len()).sum();
            (events, bytes, exports) = (events + records, bytes + stored, exports + 1);
            // The item's key and attribute names are about 110 bytes.
            single += usize::from(stored + 110 <= 1_024);
        }
    }
    let stored = format!(
        "{:.1} bytes an event; {single} of {exports} exports are one write unit",
        bytes as f64 / f64::from(u32::try_from(events).unwrap_or(u32::MAX))
    );
    let [hashing, decoding, reading, packing, handling] = steps().await.map(|step| step.as_secs_f64() * 1e3);
    let pure = decoding + reading + packing;
    let figure = format!(
        "{decoding:.2} + {reading:.2} + {packing:.2} ms, {:.1} times a SHA-256 of its bytes; with the embedded database {handling:.2} ms, \
         {:.1} times that",
        pure / hashing,
        handling / pure
    );
    vec![
        (
            "stored, of the recorded exports of clients 1.0.128 to 2.1.330".into(),
            stored,
            "`cargo bench -p tests --bench storage`",
        ),
        (
            "an export of 25 events, protobuf: decode, records, pack".into(),
            figure,
            "`cargo bench -p tests --bench ingest`",
        ),
    ]
}

/// A digest of the body, which nothing that takes each export once can be faster than; then decoding, canonical records, packing, and
/// the whole handler over a database in memory.
async fn steps() -> [Duration; 5] {
    let capture = captures::named("pb-tools/001");
    let hashing = each(|| {
        black_box(Sha256::digest(&capture.body));
    });
    let decoding = each(|| drop(black_box(decode(capture.signal(), Encoding::Protobuf, &capture.body))));
    let payload = capture.payload();
    // Reading takes the messages apart, so it is given a copy, which is no part of it.
    let copying = each(|| drop(black_box(payload.clone())));
    let reading = each(|| drop(black_box(Reader::new(false).read(payload.clone()))));
    let both = each(|| {
        let mut export = Reader::new(false).read(payload.clone());
        for group in groups(&mut export) {
            black_box(pack_of(&export, &group, Timestamp(1_795_328_010_000)));
        }
    });
    let service = Stack::start().over_http().tenant("default").await;
    let begun = Instant::now();
    for _ in 0..TIMES {
        let request = Request::post(&capture.path)
            .header("content-type", &capture.content_type)
            .header("authorization", format!("Bearer {}", service.token));
        let answer =
            service.handlers.ingest.answer(request.body(capture.body.clone()).unwrap(), Timestamp::now()).await;
        assert_eq!(answer.status(), 200);
    }
    [hashing, decoding, reading.saturating_sub(copying), both.saturating_sub(reading), begun.elapsed() / TIMES]
}

fn each(mut step: impl FnMut()) -> Duration {
    let begun = Instant::now();
    for _ in 0..TIMES {
        step();
    }
    begun.elapsed() / TIMES
}
