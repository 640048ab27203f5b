//! The canonical form: what makes two records, and two exports, the same.
//!
//! Frozen forever. Keys of stored packs are digests of this form, so any change would make every retried export count
//! twice. It covers records as they were sent, before content is dropped or values are typed, and it is the same for
//! the protobuf and the JSON form of an export.
//!
//! ```text
//! number   u64, i64, f64 (one NaN), u32: little endian, fixed width
//! text     u32 length, bytes
//! value    tag: 0 none, 1 text, 2 bool, 3 i64, 4 f64, 5 bytes, 6 list (u32 count, values), 7 map (attributes)
//! attributes  u32 count, then (text, value) ordered by key; equal keys stay in the order they were sent
//! context  SHA-256 of "context 1", resource attributes, scope name, scope version
//! log      "log 1", context, time, observed time, severity number and text, event name, body, attributes, trace id,
//!          span id, flags
//! point    "point 1", context, metric name, unit, kind, temporality, monotonic, start, time, flags, attributes,
//!          values of its kind
//! span     "span 1", context, trace id, span id, name, start, end, attributes
//! export   SHA-256 of "pack 1" and (digest of the record, u32 count) of each distinct record, by (time, digest)
//! ```

use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use opentelemetry_proto::tonic::trace::v1::Span;
use sha2::{Digest, Sha256};

mod point;

pub use point::{Kind, MetricHead, Point, for_each_point, number_of_points};

/// SHA-256 of a canonical form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordDigest(pub [u8; 32]);

/// A record's digest, and the length of its canonical form, by which groups are split.
#[derive(Debug, Clone, Copy)]
pub struct Canonical {
    /// Identifies the record.
    pub digest: RecordDigest,
    /// Length of the canonical form, in bytes.
    pub size: usize,
}

/// From this length on, in bytes, what is written goes into the hash at once, because a form may be as large as the
/// export.
const FULL: usize = 64 * 1024;

/// Writes canonical forms, reusing one buffer for all records.
#[derive(Debug, Default)]
pub struct Canonicalizer {
    buffer: Vec<u8>,
    /// The part that did not fit the buffer: its hash, and its length in bytes.
    hashed: Option<(Sha256, usize)>,
}

/// The common beginning of the canonical forms of all contexts of one resource, hashed once however many scopes follow.
#[derive(Debug, Clone)]
pub struct ResourceForm {
    hasher: Sha256,
    size: usize,
}

impl Canonicalizer {
    /// The beginning of the contexts of a resource with these attributes.
    pub fn resource(&mut self, attributes: &[KeyValue]) -> ResourceForm {
        self.begin(b"context 1");
        self.attributes(attributes);
        let (hasher, size) = self.hashed.take().unwrap_or_default();
        ResourceForm { hasher: hasher.chain_update(&self.buffer), size: size + self.buffer.len() }
    }

    /// The canonical form of what the records of a scope share.
    pub fn context(&mut self, resource: &ResourceForm, scope: Option<&InstrumentationScope>) -> Canonical {
        self.buffer.clear();
        self.hashed = Some((resource.hasher.clone(), resource.size));
        self.text(scope.map_or("", |s| &s.name));
        self.text(scope.map_or("", |s| &s.version));
        self.finish()
    }

    /// The canonical form of a log record.
    pub fn log(&mut self, context: &Canonical, log: &LogRecord) -> Canonical {
        self.begin(b"log 1");
        self.bytes(&context.digest.0);
        self.u64(log.time_unix_nano);
        self.u64(log.observed_time_unix_nano);
        self.i64(log.severity_number.into());
        self.text(&log.severity_text);
        self.text(&log.event_name);
        self.value(log.body.as_ref());
        self.attributes(&log.attributes);
        self.bytes(&log.trace_id);
        self.bytes(&log.span_id);
        self.u32(log.flags);
        self.finish()
    }

    /// The canonical form of a span.
    pub fn span(&mut self, context: &Canonical, span: &Span) -> Canonical {
        self.begin(b"span 1");
        self.bytes(&context.digest.0);
        self.bytes(&span.trace_id);
        self.bytes(&span.span_id);
        self.text(&span.name);
        self.u64(span.start_time_unix_nano);
        self.u64(span.end_time_unix_nano);
        self.attributes(&span.attributes);
        self.finish()
    }

    fn begin(&mut self, kind: &[u8]) {
        self.buffer.clear();
        self.hashed = None;
        self.bytes(kind);
    }

    fn finish(&mut self) -> Canonical {
        match self.hashed.take() {
            None => Canonical { digest: RecordDigest(Sha256::digest(&self.buffer).into()), size: self.buffer.len() },
            Some((hasher, size)) => Canonical {
                digest: RecordDigest(hasher.chain_update(&self.buffer).finalize().into()),
                size: size + self.buffer.len(),
            },
        }
    }

    fn put(&mut self, bytes: &[u8]) {
        if self.buffer.len() + bytes.len() > FULL {
            let (hasher, size) = self.hashed.get_or_insert_default();
            hasher.update(&self.buffer);
            hasher.update(bytes);
            *size += self.buffer.len() + bytes.len();
            self.buffer.clear();
        } else {
            self.buffer.extend_from_slice(bytes);
        }
    }

    fn u32(&mut self, number: u32) {
        self.put(&number.to_le_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.put(&number.to_le_bytes());
    }

    fn i64(&mut self, number: i64) {
        self.put(&number.to_le_bytes());
    }

    fn f64(&mut self, number: f64) {
        let bits = if number.is_nan() { f64::NAN.to_bits() } else { number.to_bits() };
        self.u64(bits);
    }

    /// Lengths are bounded by the size of a body, far below 2^32.
    fn bytes(&mut self, bytes: &[u8]) {
        self.u32(bytes.len() as u32);
        self.put(bytes);
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    fn attributes(&mut self, attributes: &[KeyValue]) {
        self.u32(attributes.len() as u32);
        let mut ordered: Vec<&KeyValue> = attributes.iter().collect();
        ordered.sort_by(|a, b| a.key.cmp(&b.key));
        for attribute in ordered {
            self.text(&attribute.key);
            self.value(attribute.value.as_ref());
        }
    }

    fn value(&mut self, value: Option<&AnyValue>) {
        match value.and_then(|v| v.value.as_ref()) {
            // String indexes belong to profiles; receivers of other signals treat them as absent.
            None | Some(Value::StringValueStrindex(_)) => self.put(&[0]),
            Some(Value::StringValue(text)) => {
                self.put(&[1]);
                self.text(text);
            }
            Some(Value::BoolValue(flag)) => self.put(&[2, u8::from(*flag)]),
            Some(Value::IntValue(number)) => {
                self.put(&[3]);
                self.i64(*number);
            }
            Some(Value::DoubleValue(number)) => {
                self.put(&[4]);
                self.f64(*number);
            }
            Some(Value::BytesValue(bytes)) => {
                self.put(&[5]);
                self.bytes(bytes);
            }
            Some(Value::ArrayValue(list)) => {
                self.put(&[6]);
                self.u32(list.values.len() as u32);
                for value in &list.values {
                    self.value(Some(value));
                }
            }
            Some(Value::KvlistValue(map)) => {
                self.put(&[7]);
                self.attributes(&map.values);
            }
        }
    }
}

/// The digest of a group of distinct records, each with how often it occurs, in order of (time, digest).
#[must_use]
pub fn pack_digest<'a>(entries: impl Iterator<Item = (&'a RecordDigest, u32)>) -> [u8; 16] {
    let mut hasher = Sha256::new();
    hasher.update(b"pack 1");
    for (digest, count) in entries {
        hasher.update(digest.0);
        hasher.update(count.to_le_bytes());
    }
    let mut out = [0; 16];
    out.copy_from_slice(&hasher.finalize()[..16]);
    out
}

#[cfg(test)]
mod tests;
