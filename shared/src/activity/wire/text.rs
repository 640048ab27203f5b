//! Strings, of which most are UUIDs.

use std::sync::Arc;

use crate::pack::Corrupt;
use crate::pack::wire::{Reader, put};

/// Appends a string: a UUID in its canonical spelling as 16 bytes.
pub(super) fn write(out: &mut Vec<u8>, text: &str) {
    match uuid(text) {
        Some(bytes) => {
            out.push(0);
            out.extend_from_slice(&bytes);
        }
        None => {
            put(out, text.len() as u64 + 1);
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// Reads all strings.
pub(super) fn read(reader: &mut Reader<'_>) -> Result<Vec<Arc<str>>, Corrupt> {
    let count = reader.count()?;
    let mut strings = Vec::new();
    for _ in 0..count {
        let len = reader.count()?;
        strings.push(match len.checked_sub(1) {
            None => spelled(reader.bytes(16)?),
            Some(len) => {
                let text = std::str::from_utf8(reader.bytes(len)?);
                Arc::from(text.map_err(|_| Corrupt::Damaged("a string is no text"))?)
            }
        });
    }
    Ok(strings)
}

fn uuid(text: &str) -> Option<Vec<u8>> {
    if text.len() != 36 {
        return None;
    }
    let digits: Vec<u8> = text.bytes().filter_map(|b| char::from(b).to_digit(16)).map(|d| d as u8).collect();
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    (bytes.len() == 16 && &*spelled(&bytes) == text).then_some(bytes)
}

fn spelled(bytes: &[u8]) -> Arc<str> {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let mut text = String::with_capacity(36);
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend([byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]));
    }
    text.into()
}
