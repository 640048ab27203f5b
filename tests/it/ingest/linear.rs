//! Four times as much takes four times as long, whatever it is that an export has much of.

use otlp::{Encoding, Signal};
use tools::clock;
use tools::worst::{SHAPES, Shape, packed};

/// How many times as long four times as much may take. The square law would be 16; sorting and caches make it a little more than 4.
const MOST: f64 = 9.0;
/// How often a shape is measured before it is wrong: whoever else works on the machine takes of its caches.
const TRIES: usize = 3;

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
            let measured = || [shape.many / 2, 2 * shape.many].map(|n| seconds(shape, encoding, n));
            let is_linear = |[less, more]: [f64; 2]| more <= MOST * less;
            if !(0..TRIES).any(|_| is_linear(measured())) {
                wrong.push(format!("{} as {encoding:?}: {:?} s", shape.name, measured()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn four_times_as_many_log_records_attributes_or_scopes_take_four_times_as_long() {
    assert_linear(Signal::Logs);
}

#[test]
fn four_times_as_many_points_or_buckets_take_four_times_as_long() {
    assert_linear(Signal::Metrics);
}

#[test]
fn four_times_as_many_spans_events_or_links_take_four_times_as_long() {
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
