//! Reads stored summaries part by part, so a report can add up a month of them without holding a whole one.

use std::sync::{Arc, LazyLock};

use super::{PLAIN, VERSION, WORDS, ZSTD, compression, text};
use crate::activity::dimensions::{Dimensions, Label};
use crate::activity::measure::{Measure, Numbers};
use crate::activity::series::{Piece, Series};
use crate::activity::summary::{Part, Span, Summary, Traffic};
use crate::pack::Corrupt;
use crate::pack::wire::Reader;
use model::time::Millis;

/// The most that decoding may hold, in bytes.
const BUDGET: usize = 256 * 1024 * 1024;

/// Decodes a summary of any version.
///
/// # Errors
/// [`Corrupt::Version`] if a later release wrote the bytes, [`Corrupt::Damaged`] if they are damaged.
pub fn decode(bytes: &[u8]) -> Result<Summary, Corrupt> {
    let (mut summary, mut rows) = (Summary::default(), Vec::new());
    visit(bytes, |part| match part {
        Part::Traffic(traffic) => summary.traffic = traffic,
        Part::Session(session, span) => {
            summary.sessions.insert(session.clone(), span);
        }
        Part::Row(about, numbers) => rows.push((about.clone(), *numbers)),
        Part::Series(series, piece) => {
            summary.series.insert(series.clone(), piece);
        }
    })?;
    summary.rows = rows.into_iter().collect();
    Ok(summary)
}

/// Passes the parts of a summary of any version to `take`, in stored order: traffic, sessions, rows, series.
///
/// # Errors
/// As [`decode`]; then the parts passed so far are not the whole summary.
pub fn visit(bytes: &[u8], take: impl FnMut(Part<'_>)) -> Result<(), Corrupt> {
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
            inflated = compression::inflate(packed)?;
            &inflated
        }
        _ => return Err(Corrupt::Damaged("its body is compressed in an unknown way")),
    };
    let mut reader = Reader::new(body, BUDGET);
    parts(&mut reader, take)?;
    if reader.is_empty() { Ok(()) } else { Err(Corrupt::Damaged("it continues after its end")) }
}

fn parts(reader: &mut Reader<'_>, mut take: impl FnMut(Part<'_>)) -> Result<(), Corrupt> {
    take(Part::Traffic(traffic(reader)?));
    let strings = text::read(reader)?;
    let base = reader.signed()?;
    for _ in 0..reader.count()? {
        reader.spend(64)?;
        let session = lookup(&strings, reader.number()?)?.ok_or(Corrupt::Damaged("a session has no name"))?;
        let first = Millis(base.wrapping_add(reader.signed()?));
        let last = Millis(first.0.wrapping_add(reader.signed()?));
        take(Part::Session(&session, Span { first, last }));
    }
    let mut about = Dimensions::default();
    for _ in 0..reader.count()? {
        reader.spend(size_of::<(Dimensions, Numbers)>())?;
        labels(reader, &mut about, &strings)?;
        let mut row = Numbers::default();
        numbers(reader, |index, number| {
            if let Some(measure) = Measure::ALL.get(index) {
                row[*measure] = number as i64;
            }
        })?;
        take(Part::Row(&about, &row));
    }
    for _ in 0..reader.count()? {
        reader.spend(size_of::<(Series, Piece)>())?;
        labels(reader, &mut about, &strings)?;
        let (series, piece) = series(reader, about.clone())?;
        take(Part::Series(&series, piece));
    }
    Ok(())
}

fn series(reader: &mut Reader<'_>, about: Dimensions) -> Result<(Series, Piece), Corrupt> {
    let measure =
        *Measure::ALL.get(usize::from(reader.byte()?)).ok_or(Corrupt::Damaged("it has an unknown measure"))?;
    let start = Millis(reader.signed()?);
    let mut labels = [0; 8];
    labels.copy_from_slice(reader.bytes(8)?);
    let from = Millis(reader.signed()?);
    let to = Millis(from.0.wrapping_add(reader.signed()?));
    let piece = Piece { from, to, first: reader.signed()?, last: reader.signed()?, gained: reader.signed()? };
    Ok((Series { about, measure, start, labels }, piece))
}

/// Replaces the labels that differ from those of the previous row.
fn labels(reader: &mut Reader<'_>, about: &mut Dimensions, strings: &[Arc<str>]) -> Result<(), Corrupt> {
    let mask = reader.byte()?;
    for (index, slot) in about.labels_mut().into_iter().enumerate() {
        if mask >> index & 1 == 1 {
            *slot = lookup(strings, reader.number()?)?;
        }
    }
    Ok(())
}

fn numbers(reader: &mut Reader<'_>, mut take: impl FnMut(usize, u64)) -> Result<(), Corrupt> {
    let mut mask = reader.number()?;
    while mask != 0 {
        take(mask.trailing_zeros() as usize, reader.number()?);
        mask &= mask - 1;
    }
    Ok(())
}

fn traffic(reader: &mut Reader<'_>) -> Result<Traffic, Corrupt> {
    let mut found = [0; u64::BITS as usize];
    numbers(reader, |index, number| found[index] = number)?;
    let mut traffic = Traffic::default();
    traffic.numbers_mut().zip(found).for_each(|(slot, number)| *slot = number);
    Ok(traffic)
}

fn lookup(strings: &[Arc<str>], reference: u64) -> Result<Label, Corrupt> {
    static KNOWN: LazyLock<[Arc<str>; WORDS.len()]> = LazyLock::new(|| WORDS.map(Arc::from));
    let Some(index) = reference.checked_sub(1) else { return Ok(None) };
    let index = usize::try_from(index).map_err(|_| Corrupt::Damaged("a label refers to a missing string"))?;
    let found = KNOWN.get(index).or_else(|| strings.get(index - WORDS.len()));
    found.cloned().map(Some).ok_or(Corrupt::Damaged("a label refers to a missing string"))
}
