//! The stored form of a summary, version 1.
//!
//! ```text
//! summary  version (1), packing (0 plain, 1 zstd), body
//! body     traffic, strings, sessions, rows, series
//! numbers  which of them are not zero (bits), then those, as varints
//! strings  count, then each: length + 1 and bytes, or 0 and the 16 bytes of a UUID
//! sessions base time, count, then each: label, first - base, last - first
//! rows     count, then each: labels, numbers
//! labels   which differ from those of the row before (bits), then each of those: 0 none, 1.. a word, then a string
//! series   count, then each: labels, measure, start, digest, from, to - from, first, last, gained
//! ```
//!
//! Rows are sorted, so that most differ from the one before in few labels. A reader refuses an unknown version; a writer may
//! only write a version that was readable one release before.

use std::collections::HashMap;
use std::sync::Arc;

use zstd::bulk::Compressor;

use super::dimensions::{Dimensions, Label};
use super::measure::{Measure, Numbers};
use super::series::{Piece, Series};
use super::summary::{Span, Summary, Traffic};
use crate::pack::Corrupt;
use crate::pack::wire::{Reader, put, put_signed};
use crate::time::Millis;

mod inflate;
mod text;

const VERSION: u8 = 1;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
const LEVEL: i32 = 3;
/// What decoding may hold at most, in bytes.
const BUDGET: usize = 256 * 1024 * 1024;

/// Words that nearly every summary has. Frozen with the version.
const WORDS: [&str; 24] = [
    "Bash",
    "Read",
    "Edit",
    "Write",
    "Grep",
    "Glob",
    "MultiEdit",
    "NotebookEdit",
    "Task",
    "Agent",
    "TodoWrite",
    "WebFetch",
    "WebSearch",
    "mcp_tool",
    "Skill",
    "vscode",
    "cursor",
    "iTerm.app",
    "Apple_Terminal",
    "xterm-256color",
    "tmux",
    "WarpTerminal",
    "ghostty",
    "windows-terminal",
];

/// Encodes a summary in the newest version.
#[must_use]
pub fn encode(summary: &Summary) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut rest = Vec::new();
    sessions(&mut rest, &mut strings, summary);
    put(&mut rest, summary.rows.len() as u64);
    let mut last = Dimensions::default();
    for (about, row) in &summary.rows {
        labels(&mut rest, &mut strings, &last, about);
        numbers(&mut rest, Measure::ALL.map(|m| row[m] as u64));
        last.clone_from(about);
    }
    put(&mut rest, summary.series.len() as u64);
    for (series, piece) in &summary.series {
        labels(&mut rest, &mut strings, &last, &series.about);
        rest.push(series.measure as u8);
        put_signed(&mut rest, series.start.0);
        rest.extend_from_slice(&series.labels);
        put_signed(&mut rest, piece.from.0);
        put_signed(&mut rest, piece.to.0.wrapping_sub(piece.from.0));
        [piece.first, piece.last, piece.gained].into_iter().for_each(|n| put_signed(&mut rest, n));
        last.clone_from(&series.about);
    }
    let mut body = Vec::new();
    numbers(&mut body, summary.traffic.numbers());
    strings.write(&mut body);
    body.extend_from_slice(&rest);
    pack(&body)
}

fn pack(body: &[u8]) -> Vec<u8> {
    let packed = Compressor::new(LEVEL).and_then(|mut c| c.compress(body)).ok().filter(|p| p.len() < body.len());
    let (packing, bytes) = packed.as_deref().map_or((PLAIN, body), |p| (ZSTD, p));
    let mut out = vec![VERSION, packing];
    out.extend_from_slice(bytes);
    out
}

/// Decodes a summary of any version.
///
/// # Errors
/// The bytes are of a version that a later release wrote, or damaged.
pub fn decode(bytes: &[u8]) -> Result<Summary, Corrupt> {
    let mut reader = Reader::new(bytes, BUDGET);
    match reader.byte()? {
        VERSION => {}
        later => return Err(Corrupt::Version(later)),
    }
    let packing = reader.byte()?;
    let packed = reader.rest();
    let inflated;
    let body = match packing {
        PLAIN => packed,
        ZSTD => {
            inflated = inflate::inflate(packed)?;
            &inflated
        }
        _ => return Err(Corrupt::Damaged("its body is packed in an unknown way")),
    };
    let mut reader = Reader::new(body, BUDGET);
    let summary = read(&mut reader)?;
    if reader.is_empty() { Ok(summary) } else { Err(Corrupt::Damaged("something follows its end")) }
}

fn read(reader: &mut Reader<'_>) -> Result<Summary, Corrupt> {
    let mut summary = Summary { traffic: read_traffic(reader)?, ..Summary::default() };
    let strings = text::read(reader)?;
    let label = |reference: u64| lookup(&strings, reference);
    let base = reader.signed()?;
    for _ in 0..reader.count()? {
        reader.spend(64)?;
        let session = label(reader.number()?)?.ok_or(Corrupt::Damaged("a session has no name"))?;
        let first = Millis(base.wrapping_add(reader.signed()?));
        let last = Millis(first.0.wrapping_add(reader.signed()?));
        summary.sessions.insert(session, Span { first, last });
    }
    let mut rows = Vec::new();
    let mut about = Dimensions::default();
    for _ in 0..reader.count()? {
        reader.spend(size_of::<(Dimensions, Numbers)>())?;
        about = read_labels(reader, about, &label)?;
        let mut row = Numbers::default();
        read_numbers(reader, |index, number| {
            if let Some(measure) = Measure::ALL.get(index) {
                row[*measure] = number as i64;
            }
        })?;
        rows.push((about.clone(), row));
    }
    summary.rows = rows.into_iter().collect();
    for _ in 0..reader.count()? {
        reader.spend(size_of::<(Series, Piece)>())?;
        about = read_labels(reader, about, &label)?;
        let measure =
            *Measure::ALL.get(usize::from(reader.byte()?)).ok_or(Corrupt::Damaged("it counts unknown things"))?;
        let start = Millis(reader.signed()?);
        let mut labels = [0; 8];
        labels.copy_from_slice(reader.bytes(8)?);
        let from = Millis(reader.signed()?);
        let to = Millis(from.0.wrapping_add(reader.signed()?));
        let piece = Piece { from, to, first: reader.signed()?, last: reader.signed()?, gained: reader.signed()? };
        summary.series.insert(Series { about: about.clone(), measure, start, labels }, piece);
    }
    Ok(summary)
}

fn sessions(out: &mut Vec<u8>, strings: &mut Strings, summary: &Summary) {
    let base = summary.sessions.values().map(|s| s.first.0).min().unwrap_or_default();
    put_signed(out, base);
    put(out, summary.sessions.len() as u64);
    for (session, span) in &summary.sessions {
        put(out, strings.reference(session));
        put_signed(out, span.first.0.wrapping_sub(base));
        put_signed(out, span.last.0.wrapping_sub(span.first.0));
    }
}

fn labels(out: &mut Vec<u8>, strings: &mut Strings, last: &Dimensions, about: &Dimensions) {
    let pairs = last.labels().into_iter().zip(about.labels());
    let changed: Vec<(usize, &Label)> =
        pairs.enumerate().filter(|(_, (a, b))| a != b).map(|(i, (_, b))| (i, b)).collect();
    out.push(changed.iter().fold(0, |mask, (index, _)| mask | 1 << index));
    for (_, label) in changed {
        put(out, label.as_ref().map_or(0, |text| strings.reference(text)));
    }
}

fn read_labels(
    reader: &mut Reader<'_>,
    last: Dimensions,
    label: &impl Fn(u64) -> Result<Label, Corrupt>,
) -> Result<Dimensions, Corrupt> {
    let mask = reader.byte()?;
    let mut labels = last.labels().map(Clone::clone);
    for (index, slot) in labels.iter_mut().enumerate() {
        if mask >> index & 1 == 1 {
            *slot = label(reader.number()?)?;
        }
    }
    Ok(Dimensions::from_labels(labels))
}

fn numbers(out: &mut Vec<u8>, numbers: impl IntoIterator<Item = u64>) {
    let present: Vec<(usize, u64)> = numbers.into_iter().enumerate().filter(|(_, n)| *n != 0).collect();
    put(out, present.iter().fold(0, |mask, (index, _)| mask | 1 << index));
    present.into_iter().for_each(|(_, number)| put(out, number));
}

fn read_numbers(reader: &mut Reader<'_>, mut take: impl FnMut(usize, u64)) -> Result<(), Corrupt> {
    let mask = reader.number()?;
    for index in (0..64).filter(|index| mask >> index & 1 == 1) {
        take(index, reader.number()?);
    }
    Ok(())
}

fn read_traffic(reader: &mut Reader<'_>) -> Result<Traffic, Corrupt> {
    let mut traffic = Traffic::default();
    let mut found = HashMap::new();
    read_numbers(reader, |index, number| {
        found.insert(index, number);
    })?;
    for (index, slot) in traffic.numbers_mut().enumerate() {
        *slot = found.get(&index).copied().unwrap_or_default();
    }
    Ok(traffic)
}

fn lookup(strings: &[Arc<str>], reference: u64) -> Result<Label, Corrupt> {
    let Some(index) = reference.checked_sub(1) else { return Ok(None) };
    let index = usize::try_from(index).map_err(|_| Corrupt::Damaged("a label is not there"))?;
    match WORDS.get(index) {
        Some(word) => Ok(Some(Arc::from(*word))),
        None => strings.get(index - WORDS.len()).cloned().map(Some).ok_or(Corrupt::Damaged("a label is not there")),
    }
}

/// The strings of a summary that are no words, each once.
#[derive(Default)]
struct Strings {
    index: HashMap<Arc<str>, u64>,
    list: Vec<Arc<str>>,
}

impl Strings {
    fn reference(&mut self, text: &Arc<str>) -> u64 {
        if let Some(word) = WORDS.iter().position(|word| *word == &**text) {
            return word as u64 + 1;
        }
        *self.index.entry(text.clone()).or_insert_with(|| {
            self.list.push(text.clone());
            (WORDS.len() + self.list.len()) as u64
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        put(out, self.list.len() as u64);
        self.list.iter().for_each(|string| text::write(out, string));
    }
}

#[cfg(test)]
mod tests;
