use std::cell::Cell;

use super::*;

const COUNT: usize = 50;

/// `COUNT` empty fields at the end of a path of field numbers, such as `[1, 2, 2]` for log records.
fn body(path: &[u8]) -> Vec<u8> {
    let (leaf, above) = path.split_last().unwrap();
    let leaves = [leaf << 3 | 2, 0].repeat(COUNT);
    above.iter().rev().fold(leaves, |inner, tag| field(*tag, &inner))
}

fn field(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut field = vec![tag << 3 | 2];
    prost::encode_length_delimiter(content.len(), &mut field).unwrap();
    field.extend_from_slice(content);
    field
}

fn weight_of(signal: Signal, body: &[u8]) -> usize {
    let budget = MessageBudget { left: Cell::new(Some(usize::MAX)) };
    walk(Kind::Request(signal), body, &budget, DEEPEST).unwrap();
    usize::MAX - budget.left.get().unwrap()
}

#[test]
fn every_list_of_messages_has_the_weight_of_its_elements() {
    use Signal::{Logs, Metrics, Traces};
    let table: &[(Signal, &[u8], usize)] = &[
        (Logs, &[1], size_of::<ResourceLogs>()),
        (Logs, &[1, 2], size_of::<ScopeLogs>()),
        (Logs, &[1, 2, 2], size_of::<LogRecord>() + READ),
        (Logs, &[1, 1, 1], ATTRIBUTE),
        (Logs, &[1, 1, 3], size_of::<EntityRef>()),
        (Logs, &[1, 1, 3, 3], size_of::<String>()),
        (Logs, &[1, 1, 3, 4], size_of::<String>()),
        (Logs, &[1, 2, 1, 3], ATTRIBUTE),
        (Logs, &[1, 2, 2, 6], ATTRIBUTE),
        (Logs, &[1, 2, 2, 5, 5, 1], ELEMENT),
        (Logs, &[1, 2, 2, 6, 2, 5, 1, 6, 1], ATTRIBUTE),
        (Metrics, &[1], size_of::<ResourceMetrics>()),
        (Metrics, &[1, 2], size_of::<ScopeMetrics>()),
        (Metrics, &[1, 2, 2], size_of::<Metric>()),
        (Metrics, &[1, 2, 2, 12], ATTRIBUTE),
        (Metrics, &[1, 2, 2, 5, 1], size_of::<NumberDataPoint>() + READ),
        (Metrics, &[1, 2, 2, 7, 1], size_of::<NumberDataPoint>() + READ),
        (Metrics, &[1, 2, 2, 7, 1, 7], ATTRIBUTE),
        (Metrics, &[1, 2, 2, 7, 1, 5], size_of::<Exemplar>()),
        (Metrics, &[1, 2, 2, 7, 1, 5, 7], ATTRIBUTE),
        (Metrics, &[1, 2, 2, 9, 1], size_of::<HistogramDataPoint>() + READ),
        (Metrics, &[1, 2, 2, 9, 1, 9], ATTRIBUTE),
        (Metrics, &[1, 2, 2, 9, 1, 8], size_of::<Exemplar>()),
        (Metrics, &[1, 2, 2, 10, 1], size_of::<ExponentialHistogramDataPoint>() + READ),
        (Metrics, &[1, 2, 2, 10, 1, 1], ATTRIBUTE),
        (Metrics, &[1, 2, 2, 10, 1, 11], size_of::<Exemplar>()),
        (Metrics, &[1, 2, 2, 11, 1], size_of::<SummaryDataPoint>() + READ),
        (Metrics, &[1, 2, 2, 11, 1, 7], ATTRIBUTE),
        (Metrics, &[1, 2, 2, 11, 1, 6], size_of::<ValueAtQuantile>()),
        (Traces, &[1], size_of::<ResourceSpans>()),
        (Traces, &[1, 2], size_of::<ScopeSpans>()),
        (Traces, &[1, 2, 2], size_of::<Span>() + READ),
        (Traces, &[1, 2, 2, 9], ATTRIBUTE),
        (Traces, &[1, 2, 2, 11], size_of::<span::Event>()),
        (Traces, &[1, 2, 2, 11, 3], ATTRIBUTE),
        (Traces, &[1, 2, 2, 13], size_of::<span::Link>()),
        (Traces, &[1, 2, 2, 13, 4], ATTRIBUTE),
    ];
    for (signal, path, each) in table {
        let (_, above) = path.split_last().unwrap();
        let around = if above.is_empty() {
            0
        } else {
            weight_of(*signal, &body(above)) - (COUNT - 1) * last(*signal, above).budget(0)
        };
        let spare = SPARE_PLACES * last(*signal, path).place();
        assert_eq!(weight_of(*signal, &body(path)), around + COUNT * each + spare, "{signal:?} {path:?}");
    }
}

/// What is at the end of a path.
fn last(signal: Signal, path: &[u8]) -> Kind {
    path.iter().fold(Kind::Request(signal), |kind, tag| kind.field((*tag).into()).unwrap())
}

#[test]
fn a_list_of_one_element_has_the_weight_of_the_four_places_that_are_made_for_it() {
    let nested = |depth: usize| {
        let path: Vec<u8> = [1, 2, 2, 5].into_iter().chain([5, 1].repeat(depth)).collect();
        path.iter().rev().fold(Vec::new(), |inner, tag| field(*tag, &inner))
    };
    let each = weight_of(Signal::Logs, &nested(21)) - weight_of(Signal::Logs, &nested(20));
    assert!(each >= 4 * size_of::<AnyValue>(), "{each}");
}

#[test]
fn packed_bucket_counts_weigh_eight_bytes_for_each_of_theirs() {
    for side in [8, 9] {
        let point = |counts: &[u8]| {
            [1, 2, 2, 10, 1, side, 2].iter().rev().fold(counts.to_vec(), |inner, tag| field(*tag, &inner))
        };
        let packed = weight_of(Signal::Metrics, &point(&[1; 100]));
        assert_eq!(packed - weight_of(Signal::Metrics, &point(&[])), 800);
    }
}

#[test]
fn what_is_over_the_cap_is_refused_before_it_is_decoded() {
    let small = MessageBudget { left: Cell::new(Some((COUNT + SPARE_PLACES) * size_of::<ResourceLogs>())) };
    assert_eq!(walk(Kind::Request(Signal::Logs), &body(&[1]), &small, DEEPEST), Ok(()));
    assert!(!small.is_over());
    assert_eq!(walk(Kind::Request(Signal::Logs), &body(&[1]), &small, DEEPEST), Err(SizeError::TooManyMessages));
    assert!(small.is_over() && !small.add(0), "once exceeded, it stays exceeded");
}

#[test]
fn what_is_not_understood_is_refused() {
    for malformed in [
        b"\x0a\x05abc".as_slice(),   // shorter than it says
        b"\x0a",                     // no length
        b"\xf3\x01",                 // a group without an end
        b"\xf3\x01\x0c",             // a group that ends as another
        b"\xf3\x01\x1a\x05\xf4\x01", // a group that ends within its field
        b"\x0c",                     // an end without a group
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x09\x00",
    ] {
        assert_eq!(check_decoded_size(Signal::Logs, malformed), Err(SizeError::Malformed), "{malformed:?}");
    }
}

#[test]
fn unknown_fields_of_every_wire_type_are_passed_over() {
    let unknown = b"\xf8\x01\x01\xf9\x0112345678\xfa\x01\x02ab\xfb\x01\x08\x01\x0b\x0c\xfc\x01\xfd\x011234";
    assert_eq!(check_decoded_size(Signal::Traces, unknown), Ok(()));
}
