//! The summaries of many sources in one: they are read at once, and have their strings in common.
//!
//! ```text
//! block    version (of summaries), form (1 summaries, 2 outlines of them), body, compressed
//! body     strings, count, then each: source (16), length, content
//! content  traffic, and what follows the strings of a summary; of outlines see `outline`
//! ```

use std::collections::BTreeMap;
use std::ops::Range;

use super::read::{self, Strings, collect, parts_after_strings, traffic};
use super::{VERSION, after_strings, numbers, outline};
use crate::activity::outline::Outline;
use crate::activity::summary::{Part, Summary};
use crate::claude::source::SourceId;
use crate::compression;
use crate::pack::Corrupt;
use crate::pack::wire::{Reader, put};

/// The version of summaries in the first blocks.
const FIRST: u8 = 3;
/// Blocks of summaries.
const WHOLE: u8 = 1;
/// Blocks of outlines.
const OUTLINES: u8 = 2;
/// How many summaries a block has at most. Those of more would be much to compress at once for being split again.
const MOST: usize = 1_024;
/// How large a block of several summaries is at most before it is compressed, in bytes. What is alike compresses to next to nothing,
/// and all of a block is in memory when it is read.
const BODY: usize = 4 * 1024 * 1024;

/// The two forms of one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The summaries.
    pub whole: Vec<u8>,
    /// Their outlines; `None` if they are larger than a block may be.
    pub outlines: Option<Vec<u8>>,
}

/// Encodes summaries of days in blocks of at most `most` bytes. A summary that is larger than that by itself is in none.
///
/// # Errors
/// zstd failed.
pub fn encode(summaries: &[(SourceId, Summary)], most: usize) -> Result<Vec<Encoded>, Corrupt> {
    if summaries.len() <= MOST {
        match whole(summaries)?.filter(|whole| whole.len() <= most) {
            Some(whole) => return Ok(vec![Encoded { whole, outlines: outlines(summaries, most)? }]),
            None if summaries.len() <= 1 => return Ok(Vec::new()),
            None => {}
        }
    }
    let (first, second) = summaries.split_at(summaries.len() / 2);
    let mut blocks = encode(first, most)?;
    blocks.extend(encode(second, most)?);
    Ok(blocks)
}

/// Encodes summaries of which one block was made in one block, whose outlines may have `most` bytes.
///
/// # Errors
/// zstd failed, or they are larger than any block.
pub fn encode_one(summaries: &[(SourceId, Summary)], most: usize) -> Result<Encoded, Corrupt> {
    let whole = whole(summaries)?.ok_or(Corrupt::Damaged("it is larger than a block"))?;
    Ok(Encoded { whole, outlines: outlines(summaries, most)? })
}

fn whole(summaries: &[(SourceId, Summary)]) -> Result<Option<Vec<u8>>, Corrupt> {
    pack(WHOLE, summaries, |summary, strings| {
        let mut content = Vec::new();
        numbers(&mut content, summary.traffic.numbers());
        content.extend(after_strings(summary, strings));
        content
    })
}

fn outlines(summaries: &[(SourceId, Summary)], most: usize) -> Result<Option<Vec<u8>>, Corrupt> {
    let packed = pack(OUTLINES, summaries, |summary, strings| outline::encode(&Outline::of(summary), strings))?;
    Ok(packed.filter(|block| block.len() <= most))
}

/// A block of what `encoded` makes of each summary; `None` if its body would be too large.
fn pack(
    form: u8,
    summaries: &[(SourceId, Summary)],
    encoded: impl Fn(&Summary, &mut super::Strings) -> Vec<u8>,
) -> Result<Option<Vec<u8>>, Corrupt> {
    let (mut strings, mut entries) = (super::Strings::default(), Vec::new());
    put(&mut entries, summaries.len() as u64);
    for (source, summary) in summaries {
        let content = encoded(summary, &mut strings);
        entries.extend_from_slice(source.bytes());
        put(&mut entries, content.len() as u64);
        entries.extend(content);
    }
    let mut body = Vec::new();
    strings.write(&mut body);
    body.extend(entries);
    if body.len() > BODY {
        return Ok(None);
    }
    let packed = compression::compress(&body).ok_or(Corrupt::Damaged("it cannot be compressed"))?;
    let mut block = vec![VERSION, form];
    block.extend(packed);
    Ok(Some(block))
}

/// A block, decompressed. Its summaries, or outlines, are decoded one by one when they are visited.
#[derive(Debug)]
pub struct Block {
    is_whole: bool,
    body: Vec<u8>,
    strings: Strings,
    entries: BTreeMap<SourceId, Range<usize>>,
}

impl Block {
    /// Decompresses a block.
    ///
    /// # Errors
    /// [`Corrupt::Version`] if a later release wrote it, [`Corrupt::Damaged`] if it is damaged.
    pub fn open(bytes: &[u8]) -> Result<Self, Corrupt> {
        let (version, is_whole, packed) = match bytes {
            [version, ..] if !(FIRST..=VERSION).contains(version) => return Err(Corrupt::Version(*version)),
            [version, form @ (WHOLE | OUTLINES), packed @ ..] => (*version, *form == WHOLE, packed),
            _ => return Err(Corrupt::Damaged("it has an unknown form")),
        };
        let body = compression::inflate(packed)?;
        let mut reader = Reader::new(&body, read::BUDGET);
        let strings = Strings::read(&mut reader, version)?;
        let mut entries = BTreeMap::new();
        for _ in 0..reader.count()? {
            reader.spend(size_of::<(SourceId, Range<usize>)>())?;
            let source = SourceId::read(reader.bytes(16)?).ok_or(Corrupt::Damaged("a source is not whole"))?;
            let len = reader.count()?;
            reader.bytes(len)?;
            let end = body.len() - reader.left();
            entries.insert(source, end - len..end);
        }
        if !reader.is_empty() {
            return Err(Corrupt::Damaged("it continues after its end"));
        }
        Ok(Self { is_whole, body, strings, entries })
    }

    /// Whether it has summaries, and not outlines of them.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Whether a source has a summary here.
    #[must_use]
    pub fn has(&self, source: SourceId) -> bool {
        self.entries.contains_key(&source)
    }

    /// Whose summaries they are, in order.
    pub fn sources(&self) -> impl Iterator<Item = SourceId> + '_ {
        self.entries.keys().copied()
    }

    /// Passes the parts of a source's summary, or of its outline, to `take`, in stored order; none if it has none.
    ///
    /// # Errors
    /// [`Corrupt::Damaged`]; then the parts passed so far are not the whole summary.
    pub fn visit(&self, source: SourceId, mut take: impl FnMut(Part<'_>)) -> Result<(), Corrupt> {
        let Some(place) = self.entries.get(&source) else { return Ok(()) };
        let mut reader = Reader::new(&self.body[place.clone()], read::BUDGET);
        if self.is_whole {
            take(Part::Traffic(traffic(&mut reader)?));
            parts_after_strings(&mut reader, &self.strings, &mut take)?;
        } else {
            outline::visit(&mut reader, &self.strings, &mut take)?;
        }
        if reader.is_empty() { Ok(()) } else { Err(Corrupt::Damaged("it continues after its end")) }
    }

    /// All summaries, decoded.
    ///
    /// # Errors
    /// [`Corrupt::Damaged`]; also if it has outlines.
    pub fn summaries(&self) -> Result<Vec<(SourceId, Summary)>, Corrupt> {
        if !self.is_whole {
            return Err(Corrupt::Damaged("it has outlines in place of summaries"));
        }
        let decode = |source| {
            let mut summary = Summary::default();
            self.visit(source, |part| collect(&mut summary, part))?;
            Ok((source, summary))
        };
        self.sources().map(decode).collect()
    }
}

#[cfg(test)]
mod tests;
