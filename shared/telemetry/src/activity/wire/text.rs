//! Strings, most of which are UUIDs.

use std::sync::Arc;

use uuid::Uuid;

use crate::pack::Corrupt;
use crate::pack::wire::{Reader, put};

/// Appends a string; a UUID in canonical spelling takes 16 bytes.
pub(super) fn write(out: &mut Vec<u8>, text: &str) {
    match uuid(text) {
        Some(id) => {
            out.push(0);
            out.extend_from_slice(id.as_bytes());
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
            None => {
                let id = Uuid::from_slice(reader.bytes(16)?).map_err(|_| Corrupt::Damaged("a string is not a UUID"))?;
                Arc::from(&*id.hyphenated().encode_lower(&mut Uuid::encode_buffer()))
            }
            Some(len) => {
                let text = std::str::from_utf8(reader.bytes(len)?);
                Arc::from(text.map_err(|_| Corrupt::Damaged("a string is not UTF-8"))?)
            }
        });
    }
    Ok(strings)
}

/// Parses a UUID, accepting only its canonical spelling.
fn uuid(text: &str) -> Option<Uuid> {
    let id = Uuid::try_parse(text).ok()?;
    (*id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == *text).then_some(id)
}
