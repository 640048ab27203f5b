//! Sizes a protobuf body without decoding it: walks the wire format, knowing of each message only which of its fields
//! are messages.

use opentelemetry_proto::tonic::common::v1::{AnyValue, EntityRef, KeyValue};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, SummaryDataPoint, summary_data_point::ValueAtQuantile,
};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, span};

use super::{ATTRIBUTE, ELEMENT, MessageBudget, READ, SPARE_PLACES};
use crate::types::Signal;

/// Deeper than prost's limit, so that prost is the one to refuse deep nesting, with its own message.
const DEEPEST: usize = 128;

/// Why a body must not be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SizeError {
    /// Its messages would take too much memory.
    TooManyMessages,
    /// It is not protobuf, or uses a part of the format that OTLP does not.
    Malformed,
}

/// What a field holds, as far as memory is concerned.
#[derive(Clone, Copy)]
enum Kind {
    Request(Signal),
    Group(Signal),
    ScopeGroup(Signal),
    Resource,
    EntityRef,
    Scope,
    KeyValue,
    /// The value of an attribute, or the body of a record: stored inside the message that has it.
    AnyValue,
    /// A value in a list of values.
    Element,
    ArrayValue,
    KeyValueList,
    LogRecord,
    Metric,
    /// The oneof of a metric, with the kind of its points.
    Data(Point),
    Point(Point),
    Buckets,
    Exemplar,
    Quantile,
    Span,
    SpanEvent,
    SpanLink,
    /// A list of packed variable-length integers: each byte on the wire may become eight in memory.
    Varints,
    /// A text in a list of texts.
    Text,
}

#[derive(Clone, Copy)]
enum Point {
    Number,
    Histogram,
    Exponential,
    Summary,
}

impl Kind {
    /// What the given field of such a message holds; `None` if it takes no memory of its own.
    fn field(self, tag: usize) -> Option<Self> {
        match (self, tag) {
            (Self::Request(signal), 1) => Some(Self::Group(signal)),
            (Self::Group(_), 1) => Some(Self::Resource),
            (Self::Group(signal), 2) => Some(Self::ScopeGroup(signal)),
            (Self::ScopeGroup(_), 1) => Some(Self::Scope),
            (Self::ScopeGroup(Signal::Logs), 2) => Some(Self::LogRecord),
            (Self::ScopeGroup(Signal::Metrics), 2) => Some(Self::Metric),
            (Self::ScopeGroup(Signal::Traces), 2) => Some(Self::Span),
            (Self::Resource, 3) => Some(Self::EntityRef),
            (Self::EntityRef, 3 | 4) => Some(Self::Text),
            (Self::KeyValue, 2) | (Self::LogRecord, 5) => Some(Self::AnyValue),
            (Self::ArrayValue, 1) => Some(Self::Element),
            (Self::AnyValue | Self::Element, 5) => Some(Self::ArrayValue),
            (Self::AnyValue | Self::Element, 6) => Some(Self::KeyValueList),
            (Self::Resource | Self::KeyValueList, 1)
            | (Self::Scope | Self::SpanEvent, 3)
            | (Self::LogRecord, 6)
            | (Self::Metric, 12)
            | (Self::Span, 9)
            | (Self::SpanLink, 4)
            | (Self::Exemplar, 7) => Some(Self::KeyValue),
            (Self::Metric, 5 | 7) => Some(Self::Data(Point::Number)),
            (Self::Metric, 9) => Some(Self::Data(Point::Histogram)),
            (Self::Metric, 10) => Some(Self::Data(Point::Exponential)),
            (Self::Metric, 11) => Some(Self::Data(Point::Summary)),
            (Self::Data(point), 1) => Some(Self::Point(point)),
            (Self::Point(point), tag) => point.field(tag),
            (Self::Buckets, 2) => Some(Self::Varints),
            (Self::Span, 11) => Some(Self::SpanEvent),
            (Self::Span, 13) => Some(Self::SpanLink),
            _ => None,
        }
    }

    /// The memory it takes besides its own fields, in bytes, if it is `length` bytes on the wire. Kinds that are stored
    /// inside another message are counted there.
    fn budget(self, length: usize) -> usize {
        match self {
            Self::Request(_) | Self::Resource | Self::Scope | Self::ArrayValue | Self::KeyValueList => 0,
            Self::AnyValue | Self::Data(_) | Self::Buckets => 0,
            Self::Group(Signal::Logs) => size_of::<ResourceLogs>(),
            Self::Group(Signal::Metrics) => size_of::<ResourceMetrics>(),
            Self::Group(Signal::Traces) => size_of::<ResourceSpans>(),
            Self::ScopeGroup(Signal::Logs) => size_of::<ScopeLogs>(),
            Self::ScopeGroup(Signal::Metrics) => size_of::<ScopeMetrics>(),
            Self::ScopeGroup(Signal::Traces) => size_of::<ScopeSpans>(),
            Self::EntityRef => size_of::<EntityRef>(),
            Self::KeyValue => ATTRIBUTE,
            Self::Element => ELEMENT,
            Self::LogRecord => size_of::<LogRecord>() + READ,
            Self::Metric => size_of::<Metric>(),
            Self::Point(Point::Number) => size_of::<NumberDataPoint>() + READ,
            Self::Point(Point::Histogram) => size_of::<HistogramDataPoint>() + READ,
            Self::Point(Point::Exponential) => size_of::<ExponentialHistogramDataPoint>() + READ,
            Self::Point(Point::Summary) => size_of::<SummaryDataPoint>() + READ,
            Self::Exemplar => size_of::<Exemplar>(),
            Self::Quantile => size_of::<ValueAtQuantile>(),
            Self::Span => size_of::<Span>() + READ,
            Self::SpanEvent => size_of::<span::Event>(),
            Self::SpanLink => size_of::<span::Link>(),
            Self::Varints => length.saturating_mul(size_of::<u64>()),
            Self::Text => size_of::<String>(),
        }
    }

    /// The size of its place in the list that it is an element of, in bytes; 0 if it is stored inside another message.
    fn place(self) -> usize {
        match self {
            Self::KeyValue => size_of::<KeyValue>(),
            Self::Element => size_of::<AnyValue>(),
            Self::LogRecord => size_of::<LogRecord>(),
            Self::Point(Point::Number) => size_of::<NumberDataPoint>(),
            Self::Point(Point::Histogram) => size_of::<HistogramDataPoint>(),
            Self::Point(Point::Exponential) => size_of::<ExponentialHistogramDataPoint>(),
            Self::Point(Point::Summary) => size_of::<SummaryDataPoint>(),
            Self::Span => size_of::<Span>(),
            Self::Varints => 0,
            other => other.budget(0),
        }
    }

    fn is_message(self) -> bool {
        !matches!(self, Self::Varints | Self::Text)
    }
}

impl Point {
    fn field(self, tag: usize) -> Option<Kind> {
        match (self, tag) {
            (Self::Number | Self::Summary, 7) | (Self::Histogram, 9) | (Self::Exponential, 1) => Some(Kind::KeyValue),
            (Self::Number, 5) | (Self::Histogram, 8) | (Self::Exponential, 11) => Some(Kind::Exemplar),
            (Self::Summary, 6) => Some(Kind::Quantile),
            (Self::Exponential, 8 | 9) => Some(Kind::Buckets),
            _ => None,
        }
    }
}

/// Checks that the messages of an export request fit into memory.
///
/// It refuses whatever it does not understand: prost must never allocate for something that was skipped here.
pub(crate) fn check_decoded_size(signal: Signal, body: &[u8]) -> Result<(), SizeError> {
    check(signal, body, &MessageBudget::of(body.len(), 2))
}

fn check(signal: Signal, body: &[u8], budget: &MessageBudget) -> Result<(), SizeError> {
    walk(Kind::Request(signal), body, budget, DEEPEST)
}

fn walk(kind: Kind, mut rest: &[u8], budget: &MessageBudget, deeper: usize) -> Result<(), SizeError> {
    let mut before = None;
    while !rest.is_empty() {
        let (key, value) = field(&mut rest, deeper)?;
        let Some(field) = kind.field(key >> 3).filter(|_| key & 7 == 2) else {
            continue;
        };
        // An encoder writes the elements of a list one after the other; whoever mixes lists pays for more of them.
        let spare = if before == Some(key) { 0 } else { SPARE_PLACES * field.place() };
        before = Some(key);
        if !budget.add(field.budget(value.len()).saturating_add(spare)) {
            return Err(SizeError::TooManyMessages);
        }
        if field.is_message() && !is_short_text(field, value) {
            let deeper = deeper.checked_sub(1).ok_or(SizeError::Malformed)?;
            walk(field, value, budget, deeper)?;
        }
    }
    Ok(())
}

/// The next field: its key, and its bytes if it has any besides a varint.
#[inline]
fn field<'a>(rest: &mut &'a [u8], deeper: usize) -> Result<(usize, &'a [u8]), SizeError> {
    let key = varint(rest)?;
    Ok((key, value(key, rest, deeper)?))
}

/// What follows a key.
#[inline]
fn value<'a>(key: usize, rest: &mut &'a [u8], deeper: usize) -> Result<&'a [u8], SizeError> {
    let length = match key & 7 {
        0 => varint(rest).map(|_| 0)?,
        1 => 8,
        2 => varint(rest)?,
        3 => skip_group(key >> 3, rest, deeper).map(|()| 0)?,
        5 => 4,
        _ => return Err(SizeError::Malformed),
    };
    take(length, rest)
}

/// Whether a value is one short text, as nearly all are: nothing in it takes memory of its own.
fn is_short_text(kind: Kind, value: &[u8]) -> bool {
    matches!((kind, value), (Kind::AnyValue | Kind::Element, [0x0a, length @ ..0x80, text @ ..]) if text.len() == usize::from(*length))
}

/// Skips a group. OTLP has none, so it belongs to an unknown field of a later version, which prost skips too. In place
/// of a known field, prost refuses it.
fn skip_group(tag: usize, rest: &mut &[u8], deeper: usize) -> Result<(), SizeError> {
    let deeper = deeper.checked_sub(1).ok_or(SizeError::Malformed)?;
    let end = tag << 3 | 4;
    loop {
        match varint(rest)? {
            key if key == end => return Ok(()),
            key => value(key, rest, deeper)?,
        };
    }
}

/// The next `length` bytes.
#[inline]
fn take<'a>(length: usize, rest: &mut &'a [u8]) -> Result<&'a [u8], SizeError> {
    let (value, after) = rest.split_at_checked(length).ok_or(SizeError::Malformed)?;
    *rest = after;
    Ok(value)
}

#[inline]
fn varint(rest: &mut &[u8]) -> Result<usize, SizeError> {
    // Keys and most lengths are a single byte.
    if let [byte @ ..0x80, after @ ..] = *rest {
        *rest = after;
        return Ok(usize::from(*byte));
    }
    prost::decode_length_delimiter(rest).map_err(|_| SizeError::Malformed)
}

mod unreadable;

pub(crate) use unreadable::without_unreadable;

#[cfg(test)]
mod tests;
