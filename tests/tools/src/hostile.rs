//! Hostile input: one body through everything that reads it, and mutations of real bodies.

use bytes::Bytes;
use model::time::Timestamp;
use otlp::{Coding, Encoding, Limits, Signal, decode, inflate};
use telemetry::claude::read::Reader;
use telemetry::pack;
use telemetry::pack::group::groups;

use crate::activity::{header_of, pack_of};

/// When invented exports arrive.
const ARRIVAL: Timestamp = Timestamp(1_795_328_010_000);

/// Reads `body` as an export the way ingest does, down to packs and back. Returns how many records it holds, if it is an export.
///
/// # Panics
/// A pack is not read back as it was written, or does not fit an item.
#[must_use]
pub fn body_to_records(body: Bytes, signal: Signal, encoding: Encoding, coding: Coding) -> Option<usize> {
    let limits = Limits { sent: 1024 * 1024, inflated: 4 * 1024 * 1024 };
    let plain = inflate(body, coding, &limits).ok()?;
    let decoded = decode(signal, encoding, &plain).ok()?;
    let mut count = 0;
    for store_content in [false, true] {
        let mut export = Reader::new(store_content).read(decoded.payload.clone());
        count = export.entries.len();
        for group in groups(&mut export) {
            let bytes = pack_of(&export, &group, ARRIVAL);
            assert!(bytes.len() <= 390 * 1024, "a pack of {} bytes does not fit an item", bytes.len());
            let read = pack::decode(&bytes).unwrap();
            assert_eq!(read.header, header_of(&export, &group, ARRIVAL));
            assert_eq!(read.records.len(), group.records.len());
            for (read, written) in read.records.iter().zip(&group.records) {
                assert_eq!((&read.name, read.time, read.digest), (&written.name, written.time, written.digest));
                assert_eq!(read.attributes.len(), written.attributes.len());
                for attribute in &written.attributes {
                    assert_eq!(read.get(&attribute.key), Some(&attribute.value));
                }
                assert_eq!(read.point, written.point);
            }
        }
    }
    Some(count)
}

/// A small, repeatable source of numbers.
#[derive(Debug, Clone)]
pub struct Numbers(pub u64);

impl Numbers {
    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 17
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.draw() as usize % bound
    }
}

/// `body` after a few changes of the kinds that find defects in decoders: flipped bits, odd numbers, cut and repeated pieces, pieces of
/// `other`.
#[must_use]
pub fn mutated(body: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    const ODD: [&[u8]; 12] = [
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x80\x80\x80\x80\x10",
        b"\x00",
        b"\x7f",
        b"null",
        b"\"NaN\"",
        b"1e400",
        b"-9223372036854775808",
        b"18446744073709551615",
        b"[[[[[[[[",
        b"{\"a\":",
        b"\xed\xa0\x80",
    ];
    let mut out = body.to_vec();
    for _ in 0..=numbers.below(4) {
        if out.is_empty() {
            out = other.to_vec();
        }
        let at = numbers.below(out.len().max(1));
        let end = (at + numbers.below(64)).min(out.len());
        match numbers.below(6) {
            0 if at < out.len() => out[at] ^= 1 << numbers.below(8),
            1 => drop(out.splice(at..end, ODD[numbers.below(ODD.len())].iter().copied())),
            2 => drop(out.drain(at..end)),
            3 => {
                let piece = out[at..end].to_vec();
                drop(out.splice(at..at, piece));
            }
            4 if !other.is_empty() => {
                let from = numbers.below(other.len());
                let to = (from + numbers.below(200)).min(other.len());
                drop(out.splice(at..end, other[from..to].iter().copied()));
            }
            _ => out.truncate(at),
        }
    }
    out
}

/// Reads `bytes` as a stored pack and as a stored summary. Gives how many records came of it.
///
/// # Panics
/// A reader panics, or gives more than a pack may stand for.
#[must_use]
pub fn stored_to_records(bytes: &[u8]) -> usize {
    // The summary's reader is fed the same bytes: neither may trust what it finds.
    let _ = telemetry::activity::wire::decode(bytes);
    let Ok(read) = pack::decode(bytes) else { return 0 };
    assert!(read.records.len() <= 64 * 1024 * 1024 / size_of::<telemetry::claude::record::Record>());
    read.records.len()
}

/// Packs that clients' exports became.
#[must_use]
pub fn real_packs() -> Vec<Vec<u8>> {
    let mut packs = Vec::new();
    for capture in crate::captures::all() {
        let mut export = Reader::new(true).read(capture.payload());
        for group in groups(&mut export) {
            packs.push(pack_of(&export, &group, ARRIVAL));
        }
    }
    packs
}

/// `pack` after a few changes. Most are made below the compression, since a frame with flipped bits is hardly ever inflated.
///
/// # Panics
/// One of the two is no pack.
#[must_use]
pub fn mutated_pack(pack: &[u8], other: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    if numbers.below(4) == 0 {
        return mutated(pack, other, numbers);
    }
    mutated(&pack::uncompressed(pack).unwrap(), &pack::uncompressed(other).unwrap(), numbers)
}
