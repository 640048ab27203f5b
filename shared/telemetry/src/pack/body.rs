//! Writes and reads the body of a pack.

#![expect(clippy::disallowed_types, reason = "only own packs are decompressed here, with a size limit")]

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use super::column;
use super::records;
use super::strings::{Interner, Strings};
use super::wire::{Corrupt, Reader, put};
use super::{Header, Pack};
use crate::claude::record::{Context, Record};

const VERSION: u8 = 1;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
/// Higher levels take time and save nothing on bodies of a few kilobytes.
const LEVEL: i32 = 3;
/// The bytes that begin every zstd frame; omitted from packs.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Bodies of real exports, with their ids, digests, times and numbers replaced by random ones. What most exports have
/// in common (the attributes of each event, the form of their columns) thus becomes a reference. Frozen with the
/// version, like the words.
const DICTIONARY: &[u8] = include_bytes!("v1.zdict");

static ENCODER: LazyLock<EncoderDictionary<'static>> = LazyLock::new(|| EncoderDictionary::copy(DICTIONARY, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> = LazyLock::new(|| DecoderDictionary::copy(DICTIONARY));
thread_local! {
    // Creating one of these takes longer than using it on a body of a few kilobytes, so each thread keeps its own.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Larger than any body: groups are split at 128 KiB, and a single record and its resource take at most 320 KiB.
const BODY_LIMIT: usize = 1024 * 1024;
/// The most that decoding may hold, since a value that applies to a whole column is written only once.
const BUDGET: usize = 64 * 1024 * 1024;

/// Encodes a pack in the newest version.
#[must_use]
pub fn encode(header: &Header, contexts: &[&Context], records: &[Record]) -> Vec<u8> {
    let body = write_body(contexts, records);
    let mut out = Vec::with_capacity(body.len() + 32);
    out.push(VERSION);
    header.write(&mut out);
    // A body that zstd cannot shorten stays as it is.
    let packed = compress(&body);
    match packed.as_deref().and_then(|frame| frame.strip_prefix(&MAGIC)) {
        Some(frame) if frame.len() < body.len() => {
            out.push(ZSTD);
            out.extend_from_slice(frame);
        }
        _ => {
            out.push(PLAIN);
            out.extend_from_slice(&body);
        }
    }
    out
}

/// Decodes a pack of any version.
///
/// # Errors
/// [`Corrupt::Version`] if a later release wrote the bytes, [`Corrupt::Damaged`] if they are damaged.
pub fn decode(bytes: &[u8]) -> Result<Pack, Corrupt> {
    let (header, body) = open(bytes)?;
    let (contexts, records) = read_body(&body)?;
    Ok(Pack { header, contexts, records })
}

/// The header alone, which can be read also if the rest is damaged.
///
/// # Errors
/// As for [`decode`].
pub fn header(bytes: &[u8]) -> Result<Header, Corrupt> {
    Ok(start(bytes)?.0)
}

/// The same pack with an uncompressed body, which [`decode`] reads as well. For inspection.
///
/// # Errors
/// As for [`decode`], from the header and the compression.
pub fn uncompressed(bytes: &[u8]) -> Result<Vec<u8>, Corrupt> {
    let (header, body) = open(bytes)?;
    let mut out = vec![VERSION];
    header.write(&mut out);
    out.push(PLAIN);
    out.extend_from_slice(&body);
    Ok(out)
}

/// Reads the header, and gives what comes after it to be read.
fn start(bytes: &[u8]) -> Result<(Header, Reader<'_>), Corrupt> {
    let mut reader = Reader::new(bytes, BUDGET);
    match reader.byte()? {
        VERSION => {}
        later => return Err(Corrupt::Version(later)),
    }
    Ok((Header::read(&mut reader)?, reader))
}

fn open(bytes: &[u8]) -> Result<(Header, Cow<'_, [u8]>), Corrupt> {
    let (header, mut reader) = start(bytes)?;
    let packing = reader.byte()?;
    let packed = reader.rest();
    match packing {
        PLAIN => Ok((header, packed.into())),
        ZSTD => {
            let frame = [&MAGIC, packed].concat();
            let body = inflate(&frame).ok_or(Corrupt::Damaged("its body cannot be decompressed"))?;
            Ok((header, body.into()))
        }
        _ => Err(Corrupt::Damaged("its body is compressed in an unknown way")),
    }
}

fn compress(body: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Compressor::with_prepared_dictionary(&ENCODER).ok();
        }
        kept.as_mut()?.compress(body).ok()
    })
}

fn inflate(frame: &[u8]) -> Option<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = Decompressor::with_prepared_dictionary(&DECODER).ok();
        }
        kept.as_mut()?.decompress(frame, BODY_LIMIT).ok()
    })
}

fn write_body(contexts: &[&Context], records: &[Record]) -> Vec<u8> {
    let derived = records::Derived::of(records);
    let mut strings = Interner::default();
    let mut rest = Vec::new();
    put(&mut rest, contexts.len() as u64);
    for context in contexts {
        column::write_attributes(&mut rest, &mut strings, &context.resource);
        strings.put(&mut rest, &context.scope);
        strings.put(&mut rest, &context.scope_version);
    }
    records::write(&mut rest, &mut strings, records, contexts.len(), &derived);
    let mut out = Vec::with_capacity(rest.len() + 256);
    strings.write(&mut out);
    out.extend_from_slice(&rest);
    out
}

fn read_body(body: &[u8]) -> Result<(Vec<Context>, Vec<Record>), Corrupt> {
    let mut reader = Reader::new(body, BUDGET);
    let strings = Strings::read(&mut reader)?;
    let count = reader.count()?;
    reader.spend(count * size_of::<Context>())?;
    let mut contexts = Vec::new();
    for _ in 0..count {
        contexts.push(Context {
            resource: column::read_attributes(&mut reader, &strings)?.into(),
            scope: strings.text(&mut reader)?.into(),
            scope_version: strings.text(&mut reader)?.into(),
        });
    }
    let records = records::read(&mut reader, &strings, contexts.len())?;
    if reader.is_empty() { Ok((contexts, records)) } else { Err(Corrupt::Damaged("it continues after its end")) }
}
