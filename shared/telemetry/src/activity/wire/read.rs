//! Reads stored summaries part by part, so a report can add up a month of them without holding a whole one.

use std::sync::Arc;

use super::{FIRST_WORDS, NARROW, PLAIN, UNCOMPARED, VERSION, WORDS, ZSTD, text};
use crate::activity::dimensions::{Dimension, Dimensions, Label};
use crate::activity::matching::Subject;
use crate::activity::measure::{Measure, Numbers};
use crate::activity::money::Money;
use crate::activity::reported::Unexplained;
use crate::activity::series::{Piece, Series};
use crate::activity::spread::Spread;
use crate::activity::summary::{Part, Span, Summary, Traffic};
use crate::claude::service;
use crate::compression;
use crate::pack::Corrupt;
use crate::pack::wire::Reader;
use model::time::Timestamp;

/// The most that decoding may hold, in bytes.
pub(super) const BUDGET: usize = 256 * 1024 * 1024;

/// Decodes a summary of any version.
///
/// # Errors
/// [`Corrupt::Version`] if a later release wrote the bytes, [`Corrupt::Damaged`] if they are damaged.
pub fn decode(bytes: &[u8]) -> Result<Summary, Corrupt> {
    let mut summary = Summary::default();
    visit(bytes, |part| collect(&mut summary, part))?;
    Ok(summary)
}

/// Puts a part of a summary where it belongs.
pub(super) fn collect(summary: &mut Summary, part: Part<'_>) {
    match part {
        Part::Traffic(traffic) => summary.traffic = traffic,
        Part::Session(session, span) => {
            summary.sessions.insert(session.clone(), span);
        }
        Part::Explained(subject, money) => {
            summary.comparison.explained.insert(subject.clone(), money);
        }
        Part::Head(subject, money) => {
            summary.comparison.heads.insert(subject.clone(), money);
        }
        Part::Row(about, numbers) => {
            summary.rows.insert(about.clone(), numbers.clone());
        }
        Part::Unexplained(what, money) => {
            summary.comparison.unexplained.insert(what.clone(), money);
        }
        Part::Series(series, piece) => {
            summary.series.insert(series.clone(), piece);
        }
        // No summary has parts of outlines.
        Part::Began(..) | Part::Left(..) | Part::Outlined(..) => {}
    }
}

/// Passes the parts of a summary of any version to `take`, in stored order: traffic, sessions, what is
/// explained, rows, what is not, series.
///
/// # Errors
/// As [`decode`]; then the parts passed so far are not the whole summary.
pub fn visit(bytes: &[u8], mut take: impl FnMut(Part<'_>)) -> Result<(), Corrupt> {
    visit_dyn(bytes, &mut take)
}

/// The same summary, not compressed.
///
/// # Errors
/// [`Corrupt::Damaged`] if it cannot be decompressed.
pub(super) fn inflated(bytes: &[u8]) -> Result<Vec<u8>, Corrupt> {
    let [version, ZSTD, packed @ ..] = bytes else { return Ok(bytes.to_vec()) };
    let mut plain = vec![*version, PLAIN];
    plain.extend(compression::inflate(packed)?);
    Ok(plain)
}

/// Takes parts. By reference, so that the program has the decoder once, however many readers there are.
pub(super) type Take<'a> = dyn FnMut(Part<'_>) + 'a;

fn visit_dyn(bytes: &[u8], take: &mut Take<'_>) -> Result<(), Corrupt> {
    let mut reader = Reader::new(bytes, BUDGET);
    let version = reader.byte()?;
    if !(UNCOMPARED..=VERSION).contains(&version) {
        return Err(Corrupt::Version(version));
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
    if version > UNCOMPARED {
        parts(&mut reader, version, take)?;
    } else {
        let mut summary = Summary::default();
        parts(&mut reader, version, &mut |part| collect(&mut summary, part))?;
        summary.compare();
        summary.parts(take);
    }
    if reader.is_empty() { Ok(()) } else { Err(Corrupt::Damaged("it continues after its end")) }
}

fn parts(reader: &mut Reader<'_>, version: u8, take: &mut Take<'_>) -> Result<(), Corrupt> {
    take(Part::Traffic(traffic(reader)?));
    let strings = Strings { version, list: text::read(reader)? };
    parts_after_strings(reader, &strings, take)
}

/// The parts that follow the strings of a body, which they refer to.
pub(super) fn parts_after_strings(
    reader: &mut Reader<'_>,
    strings: &Strings,
    take: &mut Take<'_>,
) -> Result<(), Corrupt> {
    let version = strings.version;
    let has_comparison = version > UNCOMPARED;
    let base = reader.signed()?;
    for _ in 0..reader.count()? {
        reader.spend(64)?;
        let session = strings.lookup(reader.number()?)?.ok_or(Corrupt::Damaged("a session has no name"))?;
        let first = Timestamp(base.wrapping_add(reader.signed()?));
        let last = Timestamp(first.0.wrapping_add(reader.signed()?));
        take(Part::Session(&session, Span { first, last }));
    }
    let mut about = Dimensions::default();
    if version <= NARROW {
        about[Dimension::Service] = Some(service::CLAUDE_CODE.into());
    }
    for is_head in [false, true] {
        for _ in 0..count_if(has_comparison, reader)? {
            reader.spend(size_of::<(Subject, Money)>())?;
            labels(reader, &mut about, strings)?;
            let (subject, money) = (Subject::of(&about), amounts(reader)?);
            take(if is_head { Part::Head(&subject, money) } else { Part::Explained(&subject, money) });
        }
    }
    let mut row = Numbers::default();
    for _ in 0..reader.count()? {
        reader.spend(size_of::<(Dimensions, Numbers)>())?;
        labels(reader, &mut about, strings)?;
        row_numbers(reader, version, &mut row)?;
        take(Part::Row(&about, &row));
    }
    metrics(reader, about, strings, take)
}

/// What metrics say that is not in rows; `about` are the labels before.
pub(super) fn metrics(
    reader: &mut Reader<'_>,
    mut about: Dimensions,
    strings: &Strings,
    take: &mut Take<'_>,
) -> Result<(), Corrupt> {
    for _ in 0..count_if(strings.version > UNCOMPARED, reader)? {
        reader.spend(size_of::<(Unexplained, Money)>())?;
        labels(reader, &mut about, strings)?;
        let reach = u32::try_from(reader.number()?).map_err(|_| Corrupt::Damaged("it reaches too far back"))?;
        let unexplained = Unexplained { about: about.clone(), reach };
        take(Part::Unexplained(&unexplained, amounts(reader)?));
    }
    for _ in 0..reader.count()? {
        reader.spend(size_of::<(Series, Piece)>())?;
        labels(reader, &mut about, strings)?;
        let (series, piece) = series(reader, about.clone())?;
        take(Part::Series(&series, piece));
    }
    Ok(())
}

pub(super) fn row_numbers(reader: &mut Reader<'_>, version: u8, row: &mut Numbers) -> Result<(), Corrupt> {
    row.clear();
    numbers(reader, |index, number| {
        if let Some(measure) = Measure::ALL.get(index) {
            row[*measure] = number as i64;
        }
    })?;
    if version > NARROW { durations(reader, &mut row.spread) } else { Ok(()) }
}

/// The length of a list that only some versions have.
fn count_if(is_there: bool, reader: &mut Reader<'_>) -> Result<usize, Corrupt> {
    if is_there { reader.count() } else { Ok(0) }
}

pub(super) fn amounts(reader: &mut Reader<'_>) -> Result<Money, Corrupt> {
    let mut amounts = Money::default();
    numbers(reader, |index, number| {
        if index < Money::LEN {
            amounts[index] = number as i64;
        }
    })?;
    Ok(amounts)
}

fn series(reader: &mut Reader<'_>, about: Dimensions) -> Result<(Series, Piece), Corrupt> {
    let measure =
        *Measure::ALL.get(usize::from(reader.byte()?)).ok_or(Corrupt::Damaged("it has an unknown measure"))?;
    let start = Timestamp(reader.signed()?);
    let mut labels = [0; 8];
    labels.copy_from_slice(reader.bytes(8)?);
    let from = Timestamp(reader.signed()?);
    let to = Timestamp(from.0.wrapping_add(reader.signed()?));
    let piece = Piece { from, to, first: reader.signed()?, last: reader.signed()?, gained: reader.signed()? };
    Ok((Series { about, measure, start, labels }, piece))
}

/// Replaces the labels that differ from those of the previous row.
pub(super) fn labels(reader: &mut Reader<'_>, about: &mut Dimensions, strings: &Strings) -> Result<(), Corrupt> {
    let mask = match strings.version {
        UNCOMPARED => u64::from(reader.byte()?),
        NARROW => u64::from(reader.byte()?) | reader.number()? << 8,
        _ => reader.number()?,
    };
    for (index, slot) in about.labels_mut().iter_mut().enumerate() {
        if mask >> index & 1 == 1 {
            *slot = strings.lookup(reader.number()?)?;
        }
    }
    Ok(())
}

fn durations(reader: &mut Reader<'_>, spread: &mut Spread) -> Result<(), Corrupt> {
    let mut counter = 0_u8;
    for _ in 0..reader.count()? {
        let further = u8::try_from(reader.number()?).ok().and_then(|further| counter.checked_add(further));
        counter = further.filter(|c| *c < Spread::COUNTERS).ok_or(Corrupt::Damaged("it has an unknown duration"))?;
        spread.count(counter, reader.number()?);
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

pub(super) fn traffic(reader: &mut Reader<'_>) -> Result<Traffic, Corrupt> {
    let mut found = [0; u64::BITS as usize];
    numbers(reader, |index, number| found[index] = number)?;
    let mut traffic = Traffic::default();
    traffic.numbers_mut().zip(found).for_each(|(slot, number)| *slot = number);
    Ok(traffic)
}

/// The strings of a summary, or of a block of them.
#[derive(Debug)]
pub(super) struct Strings {
    pub(super) version: u8,
    list: Vec<Arc<str>>,
}

impl Strings {
    /// Those of a block whose summaries have this version.
    pub(super) fn read(reader: &mut Reader<'_>, version: u8) -> Result<Self, Corrupt> {
        Ok(Self { version, list: text::read(reader)? })
    }

    /// The label that a reference stands for.
    fn lookup(&self, reference: u64) -> Result<Label, Corrupt> {
        thread_local! {
            // Of each thread, since all of them would count the references to the same words.
            static KNOWN: [Arc<str>; WORDS.len()] = WORDS.map(Arc::from);
        }
        let Some(index) = reference.checked_sub(1) else { return Ok(None) };
        let index = usize::try_from(index).map_err(|_| Corrupt::Damaged("a label refers to a missing string"))?;
        let words = if self.version <= NARROW { FIRST_WORDS } else { WORDS.len() };
        let found = match index.checked_sub(words) {
            None => Some(KNOWN.with(|known| Arc::clone(&known[index]))),
            Some(index) => self.list.get(index).cloned(),
        };
        found.map(Some).ok_or(Corrupt::Damaged("a label refers to a missing string"))
    }
}
