//! Whatever is sent, the answer is from the table of refusals, and what is acknowledged is stored.

use std::sync::LazyLock;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request};
use model::time::Timestamp;
use otlp::{Coding, Limits};
use proptest::prelude::*;
use service::ingest::Ingest;
use tools::captures::{self, Capture};
use tools::hostile::{Numbers, body_to_records, mutated};
use tools::stack::Stack;

static CORPUS: LazyLock<Vec<Capture>> = LazyLock::new(captures::all);
static RUNTIME: LazyLock<tokio::runtime::Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap());
static INGEST: LazyLock<Ingest> = LazyLock::new(|| {
    RUNTIME.block_on(async {
        let limits = Limits { sent: 100_000, inflated: 200_000 };
        Stack::start().limits(limits).await.handlers.ingest
    })
});

fn header() -> impl Strategy<Value = (HeaderName, HeaderValue)> {
    let names =
        prop::sample::select(vec!["content-type", "content-encoding", "authorization", "content-length", "x-other"]);
    let usual = prop::sample::select(vec![
        "application/json",
        "Application/X-Protobuf; charset=utf-8",
        "application/grpc+proto",
        "gzip",
        "ZSTD",
        "gzip, gzip",
        "Bearer cct_0000000000000000000000000000000000000000000YyiXm",
        "Bearer ",
        "99999999999999999999",
    ]);
    let value = prop_oneof![
        3 => usual.prop_map(HeaderValue::from_static),
        1 => prop::collection::vec(any::<u8>().prop_filter("header bytes", |b| *b >= 32 && *b != 127), 0..40)
            .prop_map(|b| HeaderValue::from_bytes(&b).unwrap()),
    ];
    (names.prop_map(HeaderName::from_static), value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_request_gets_an_answer_from_the_table(
        method in prop::sample::select(vec![Method::POST, Method::GET, Method::PUT, Method::OPTIONS]),
        path in prop::sample::select(vec!["/v1/logs", "/v1/metrics", "/v1/traces", "/v1/", "/v1/logs/", "//v1/logs"]),
        headers in prop::collection::vec(header(), 0..5),
        body in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let mut request = Request::new(Bytes::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().unwrap();
        request.headers_mut().extend(headers.into_iter().map(|(name, value)| (Some(name), value)));
        let answer = RUNTIME.block_on(INGEST.answer(request, Timestamp::now()));
        let status = answer.status().as_u16();
        prop_assert!([400, 401, 404, 405, 413, 415].contains(&status), "{status}");
        let kind = answer.headers()["content-type"].to_str().unwrap();
        prop_assert!(kind == "application/json" || kind == "application/x-protobuf", "{kind}");
        prop_assert!(!answer.headers().contains_key("retry-after"));
        prop_assert!(!answer.body().is_empty());
    }

    #[test]
    fn a_mutated_export_is_read_back_from_its_packs_as_it_was_read(seed: u64) {
        let (capture, body) = mutated_export(seed);
        let _ = body_to_records(body, capture.signal(), capture.encoding(), coding(&capture));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_mutated_export_is_stored_whole_or_refused(seed: u64) {
        let (capture, body) = mutated_export(seed);
        let records = body_to_records(body.clone(), capture.signal(), capture.encoding(), coding(&capture));
        let (status, stored) = RUNTIME.block_on(async {
            let tenant = Stack::start().tenant("acme").await;
            let status = tenant.export(&Capture { body, ..capture.clone() }).await.status;
            (status, tenant.stored().await)
        });
        let accepted: usize = stored.iter().map(|pack| pack.header.accepted as usize).sum();
        match status {
            200 => prop_assert_eq!(Some(accepted), records),
            400 | 413 => prop_assert_eq!(accepted, 0),
            _ => prop_assert!(false, "{}", status),
        }
    }
}

/// A recorded export, and its body after a few changes.
fn mutated_export(seed: u64) -> (Capture, Bytes) {
    let mut numbers = Numbers(seed);
    let (first, second) = (&CORPUS[numbers.below(CORPUS.len())], &CORPUS[numbers.below(CORPUS.len())]);
    (first.clone(), mutated(&first.body, &second.body, &mut numbers).into())
}

fn coding(capture: &Capture) -> Coding {
    if capture.content_encoding.is_some() { Coding::Gzip } else { Coding::Identity }
}
