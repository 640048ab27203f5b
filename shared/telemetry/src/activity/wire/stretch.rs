//! Many stored summaries in one, of several buckets and sources: they are compressed together, since most of what they say is alike, and
//! each comes out as a summary that readers take like any other.
//!
//! ```text
//! stretch  version (1), body, compressed
//! body     count, then each: bucket, source (16), length, summary (not compressed)
//! ```

use std::ops::Range;

use super::read::{self, inflated, visit};
use crate::claude::source::SourceId;
use crate::compression;
use crate::pack::Corrupt;
use crate::pack::wire::{Reader, put, put_signed};
use model::bucket::Bucket;

/// The version of this form. Each summary has its own beside it.
const VERSION: u8 = 1;
/// How large a part of several summaries is at most before it is compressed, in bytes: all of one is in memory when it is read.
const BODY: usize = 4 * 1024 * 1024;

/// A stored summary, and where it is shown.
pub type Stored = (Bucket, SourceId, Vec<u8>);

/// Encodes summaries in parts of at most `most` bytes; `None` if one of them is larger by itself, or cannot be read.
#[must_use]
pub fn encode(summaries: &[Stored], most: usize) -> Option<Vec<Vec<u8>>> {
    let mut entries = Vec::with_capacity(summaries.len());
    for (bucket, source, bytes) in summaries {
        let summary = inflated(bytes).ok()?;
        visit(&summary, |_| {}).ok()?;
        let mut entry = Vec::with_capacity(summary.len() + 32);
        put_signed(&mut entry, bucket.0);
        entry.extend_from_slice(source.bytes());
        put(&mut entry, summary.len() as u64);
        entry.extend(summary);
        entries.push(entry);
    }
    let mut parts = Vec::new();
    split(&entries, most, &mut parts)?;
    Some(parts)
}

fn split(entries: &[Vec<u8>], most: usize, parts: &mut Vec<Vec<u8>>) -> Option<()> {
    let size: usize = entries.iter().map(Vec::len).sum();
    if size <= BODY || entries.len() <= 1 {
        let mut body = Vec::with_capacity(size + 8);
        put(&mut body, entries.len() as u64);
        entries.iter().for_each(|entry| body.extend_from_slice(entry));
        let mut part = vec![VERSION];
        part.extend(compression::compress(&body)?);
        if part.len() <= most {
            parts.push(part);
            return Some(());
        }
        if entries.len() <= 1 {
            return None;
        }
    }
    let (first, second) = entries.split_at(entries.len() / 2);
    split(first, most, parts)?;
    split(second, most, parts)
}

/// A part, decompressed.
#[derive(Debug)]
pub struct Stretch {
    body: Vec<u8>,
    entries: Vec<(Bucket, SourceId, Range<usize>)>,
}

impl Stretch {
    /// Decompresses a part.
    ///
    /// # Errors
    /// [`Corrupt::Version`] if a later release wrote it, [`Corrupt::Damaged`] if it is damaged.
    pub fn open(bytes: &[u8]) -> Result<Self, Corrupt> {
        let body = match bytes {
            [VERSION, packed @ ..] => compression::inflate(packed)?,
            [version, ..] => return Err(Corrupt::Version(*version)),
            [] => return Err(Corrupt::Damaged("it is empty")),
        };
        let mut reader = Reader::new(&body, read::BUDGET);
        let mut entries = Vec::new();
        for _ in 0..reader.count()? {
            reader.spend(size_of::<(Bucket, SourceId, Range<usize>)>())?;
            let bucket = Bucket(reader.signed()?);
            let source = SourceId::read(reader.bytes(16)?).ok_or(Corrupt::Damaged("a source is not whole"))?;
            let len = reader.count()?;
            reader.bytes(len)?;
            let end = body.len() - reader.left();
            entries.push((bucket, source, end - len..end));
        }
        if !reader.is_empty() {
            return Err(Corrupt::Damaged("it continues after its end"));
        }
        Ok(Self { body, entries })
    }

    /// The summaries, in the order in which they were put, for [`visit`].
    pub fn summaries(&self) -> impl Iterator<Item = (Bucket, SourceId, &[u8])> {
        self.entries.iter().map(|(bucket, source, place)| (*bucket, *source, &self.body[place.clone()]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::wire::tests::summary;
    use crate::activity::wire::{decode, encode as encode_summary};
    use crate::claude::source::SourceKind;
    use proptest::prelude::*;

    fn stored() -> impl Strategy<Value = Vec<Stored>> {
        let one = (0..99_999_999_i64, "[a-z]{1,3}", summary());
        prop::collection::vec(one, 0..12).prop_map(|all| {
            let stored = |(bucket, name, summary): (i64, String, _)| {
                (Bucket(bucket), SourceId::new(SourceKind::Client, &name), encode_summary(&summary))
            };
            all.into_iter().map(stored).collect()
        })
    }

    proptest! {
        #[test]
        fn what_is_in_a_stretch_comes_out_as_it_was_stored(stored in stored(), most in 100..2_000_usize) {
            let fits = |one: &Stored| encode(std::slice::from_ref(one), most).is_some();
            prop_assert_eq!(encode(&stored, most).is_some(), stored.iter().all(fits));
            let mut found = Vec::new();
            for part in encode(&stored, most).unwrap_or_default() {
                prop_assert!(part.len() <= most, "{} bytes", part.len());
                let open = Stretch::open(&part).unwrap();
                found.extend(open.summaries().map(|(bucket, source, bytes)| (bucket, source, decode(bytes).unwrap())));
            }
            let told = |(bucket, source, bytes): &Stored| (*bucket, *source, decode(bytes).unwrap());
            if stored.iter().all(fits) {
                prop_assert_eq!(found, stored.iter().map(told).collect::<Vec<_>>());
            }
        }

        #[test]
        fn a_damaged_stretch_is_refused_or_read_but_never_panics(
            stored in stored(), at in any::<prop::sample::Index>(), byte in any::<u8>()
        ) {
            let mut bytes = encode(&stored, usize::MAX).unwrap().remove(0);
            let at = at.index(bytes.len());
            bytes[at] = byte;
            for bytes in [&bytes[..], &bytes[..at]] {
                let _ = Stretch::open(bytes).map(|open| open.summaries().for_each(|(.., bytes)| drop(decode(bytes))));
            }
        }
    }

    #[test]
    fn a_summary_that_cannot_be_read_is_in_no_stretch() {
        let source = SourceId::new(SourceKind::Client, "c");
        for bytes in [b"damaged".to_vec(), Vec::new(), vec![99, 0]] {
            assert_eq!(encode(&[(Bucket(1), source, bytes)], usize::MAX), None);
        }
    }
}
