//! The strings of a pack: each is written once, in the shortest form that restores it byte for byte.
//!
//! ```text
//! reference  0-159 word of the dictionary; 160-239 string of the pack; 250 + varint: later word; 251 + varint: later
//!            string
//! string     form * 8 + prefix, varint length (of the text without its prefix), payload
//! form       0 UTF-8, 1 hex (lower case, two digits a byte), 2 UUID (16 bytes), 3 six bits per [0-9A-Za-z_-]
//! prefix     0 none, 1 req_, 2 toolu_, 3 msg_, 4 user_, 5 claude-
//! ```

use std::collections::HashMap;

use super::dictionary::{WORDS, word_index};
use super::wire::{Corrupt, Reader, put};

const ONE_BYTE_WORDS: usize = 160;
const ONE_BYTE_STRINGS: usize = 80;
const LATER_WORD: u8 = 250;
const LATER_STRING: u8 = 251;
const PREFIXES: [&str; 6] = ["", "req_", "toolu_", "msg_", "user_", "claude-"];
const SIX_BITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

/// Collects strings while a pack is written.
#[derive(Debug, Default)]
pub(super) struct Interner<'a> {
    order: Vec<&'a str>,
    known: HashMap<&'a str, usize>,
}

impl<'a> Interner<'a> {
    /// Appends a reference to `text`.
    pub(super) fn put(&mut self, out: &mut Vec<u8>, text: &'a str) {
        if let Some(index) = word_index(text) {
            put_reference(out, index, ONE_BYTE_WORDS, 0, LATER_WORD);
        } else {
            let next = self.order.len();
            let index = *self.known.entry(text).or_insert(next);
            if index == next {
                self.order.push(text);
            }
            put_reference(out, index, ONE_BYTE_STRINGS, ONE_BYTE_WORDS as u8, LATER_STRING);
        }
    }

    /// Appends all collected strings.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        put(out, self.order.len() as u64);
        for text in &self.order {
            write_string(out, text);
        }
    }
}

fn put_reference(out: &mut Vec<u8>, index: usize, one_byte: usize, base: u8, later: u8) {
    if index < one_byte {
        out.push(base + index as u8);
    } else {
        out.push(later);
        put(out, (index - one_byte) as u64);
    }
}

fn write_string(out: &mut Vec<u8>, text: &str) {
    let prefix = PREFIXES.iter().rposition(|p| text.starts_with(p)).unwrap_or(0);
    let rest = &text[PREFIXES[prefix].len()..];
    let bytes = rest.as_bytes();
    let mut begin = |form: u8, len: usize| {
        out.push(form * 8 + prefix as u8);
        put(out, len as u64);
    };
    if let Some(packed) = hex(bytes) {
        begin(1, bytes.len());
        out.extend(packed);
    } else if let Some(packed) = uuid(rest) {
        begin(2, bytes.len());
        out.extend(packed);
    } else if let Some(packed) = six_bits(bytes) {
        begin(3, bytes.len());
        out.extend(packed);
    } else {
        begin(0, bytes.len());
        out.extend_from_slice(bytes);
    }
}

/// The strings of a pack being read.
#[derive(Debug)]
pub(super) struct Strings(Vec<String>);

impl Strings {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Corrupt> {
        let count = reader.count()?;
        let mut strings = Vec::new();
        for _ in 0..count {
            strings.push(read_string(reader)?);
        }
        Ok(Self(strings))
    }

    /// Reads the next reference and returns its text.
    pub(super) fn text<'s>(&'s self, reader: &mut Reader<'_>) -> Result<&'s str, Corrupt> {
        let first = reader.byte()?;
        let own = |index: usize| self.0.get(index).map(String::as_str);
        let word = |index: usize| WORDS.get(index).copied();
        let found = match usize::from(first) {
            index @ 0..ONE_BYTE_WORDS => word(index),
            index @ ONE_BYTE_WORDS..240 => own(index - ONE_BYTE_WORDS),
            250 => word(usize::from(u16::try_from(reader.number()?).unwrap_or(u16::MAX)) + ONE_BYTE_WORDS),
            251 => own(reader.small()? as usize + ONE_BYTE_STRINGS),
            _ => None,
        };
        let text = found.ok_or(Corrupt::Damaged("it refers to a missing string"))?;
        reader.spend(text.len())?;
        Ok(text)
    }
}

fn read_string(reader: &mut Reader<'_>) -> Result<String, Corrupt> {
    let head = reader.byte()?;
    let prefix = PREFIXES.get(usize::from(head % 8)).ok_or(Corrupt::Damaged("a string has an unknown prefix"))?;
    let len = reader.count()?;
    let mut text = String::from(*prefix);
    match head / 8 {
        0 => text
            .push_str(std::str::from_utf8(reader.bytes(len)?).map_err(|_| Corrupt::Damaged("a string is not UTF-8"))?),
        1 => push_hex(&mut text, reader.bytes(len / 2)?),
        2 => push_uuid(&mut text, reader.bytes(16)?),
        3 => push_six_bits(&mut text, reader.bytes((len * 6).div_ceil(8))?, len),
        _ => return Err(Corrupt::Damaged("a string has an unknown form")),
    }
    Ok(text)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn hex(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() < 2 || !text.len().is_multiple_of(2) {
        return None;
    }
    text.chunks_exact(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)].into());
        out.push(DIGITS[usize::from(byte & 15)].into());
    }
}

/// The positions of the hyphens in a UUID.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

fn uuid(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 || HYPHENS.iter().any(|at| bytes[*at] != b'-') {
        return None;
    }
    let digits: Vec<u8> = bytes.iter().enumerate().filter(|(at, _)| !HYPHENS.contains(at)).map(|(_, b)| *b).collect();
    hex(&digits)
}

fn push_uuid(out: &mut String, bytes: &[u8]) {
    for (index, byte) in bytes.iter().enumerate() {
        if [4, 6, 8, 10].contains(&index) {
            out.push('-');
        }
        push_hex(out, &[*byte]);
    }
}

fn six_bits(text: &[u8]) -> Option<Vec<u8>> {
    // Nothing is saved below four characters.
    if text.len() < 4 {
        return None;
    }
    let mut out = Vec::with_capacity((text.len() * 6).div_ceil(8));
    let (mut pending, mut bits) = (0_u32, 0);
    for character in text {
        let code = match character {
            b'0'..=b'9' => character - b'0',
            b'A'..=b'Z' => character - b'A' + 10,
            b'a'..=b'z' => character - b'a' + 36,
            b'_' => 62,
            b'-' => 63,
            _ => return None,
        };
        pending = pending << 6 | u32::from(code);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((pending >> bits) as u8);
        }
    }
    if bits > 0 {
        out.push((pending << (8 - bits)) as u8);
    }
    Some(out)
}

fn push_six_bits(out: &mut String, bytes: &[u8], len: usize) {
    let (mut pending, mut bits, mut left) = (0_u32, 0, len);
    for byte in bytes {
        pending = pending << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 6 && left > 0 {
            bits -= 6;
            left -= 1;
            out.push(SIX_BITS[(pending >> bits) as usize & 63].into());
        }
    }
}
