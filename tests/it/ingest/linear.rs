//! Twice as much takes twice as long, whatever it is that an export has much of.

use shared::otlp::{Encoding, Signal};
use tests::clock;
use tests::worst::{SHAPES, Shape, packed};

/// How many times as long twice as much may take. The square law would be 4; sorting and caches make it a little more than 2.
const MOST: f64 = 2.8;

/// The processor time of this thread for a body with `n` of it, in seconds: the least of some tries.
fn seconds(shape: &Shape, encoding: Encoding, n: usize) -> f64 {
    let body = shape.body(encoding, n);
    let once = || {
        let body = body.clone();
        let begun = clock::thread();
        drop(packed(shape.signal, encoding, body));
        (clock::thread() - begun).as_secs_f64()
    };
    (0..3).map(|_| once()).fold(f64::INFINITY, f64::min)
}

fn assert_linear(signal: Signal) {
    let mut wrong = Vec::new();
    for shape in SHAPES.iter().filter(|shape| shape.signal == signal) {
        for encoding in [Encoding::Protobuf, Encoding::Json] {
            let [once, twice] = [shape.many, 2 * shape.many].map(|n| seconds(shape, encoding, n));
            if twice > MOST * once {
                wrong.push(format!("{} as {encoding:?}: {once:.3} s, then {twice:.3} s", shape.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn twice_as_many_log_records_attributes_or_scopes_take_twice_as_long() {
    assert_linear(Signal::Logs);
}

#[test]
fn twice_as_many_points_or_buckets_take_twice_as_long() {
    assert_linear(Signal::Metrics);
}

#[test]
fn twice_as_many_spans_events_or_links_take_twice_as_long() {
    assert_linear(Signal::Traces);
}

#[test]
fn every_shape_is_an_export_that_is_read_alike_in_both_encodings() {
    for shape in SHAPES {
        let told = [Encoding::Protobuf, Encoding::Json].map(|encoding| {
            let batch = packed(shape.signal, encoding, shape.body(encoding, 20));
            batch.map(|batch| batch.packs.into_iter().map(|p| (p.key, p.accepted)).collect::<Vec<_>>())
        });
        assert_eq!(told[0], told[1], "{}", shape.name);
    }
}
