//! How a spreadsheet wrote its CSV: what separates cells, what stands before the header, and whether quotation marks are closed.

use std::cell::Cell;
use std::io::{self, BufRead, Cursor, Read};
use std::rc::Rc;

use super::Field;

/// Separators that are tried, in this order; where none fits, it is the comma.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// A header is not longer, in bytes.
const HEADER: usize = 16 * 1024;

/// How a file is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    /// What separates cells.
    pub(super) separator: u8,
    /// How many lines stand before the header.
    pub(super) skipped: u64,
}

impl Dialect {
    /// Looks at the first lines, and gives the rest with the header before it. Excel writes `sep=;`, and Windows PowerShell `#TYPE …`.
    pub(super) fn of(mut input: impl BufRead) -> io::Result<(Self, impl Read)> {
        let (mut declared, mut skipped, mut line) = (None, 0, Vec::new());
        loop {
            line.clear();
            input.by_ref().take(HEADER as u64).read_until(b'\n', &mut line)?;
            match line.trim_ascii() {
                [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator] if declared.is_none() => {
                    declared = Some(*separator)
                }
                // A tab is white space itself.
                [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] if line.contains(&b'\t') && declared.is_none() => {
                    declared = Some(b'\t')
                }
                text if text.starts_with(b"#TYPE ") => {}
                [] if !line.is_empty() => {}
                _ => break,
            }
            skipped += 1;
        }
        let separator = declared.unwrap_or_else(|| separator(&line));
        Ok((Self { separator, skipped }, Cursor::new(line).chain(input)))
    }
}

/// The separator with which a line is a header.
fn separator(line: &[u8]) -> u8 {
    let fits = |separator: &u8| {
        let has = |field| line.split(|byte| byte == separator).any(|cell| is_column(cell, field));
        has(Field::Name) && has(Field::Email)
    };
    SEPARATORS.into_iter().find(fits).unwrap_or(b',')
}

/// True if the cell of a header names the field, whatever its case, quotation marks and signs: `E-Mail` is `email`.
pub(super) fn is_column(cell: &[u8], field: Field) -> bool {
    let letters = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    let is_plain = cell.iter().all(|byte| byte.is_ascii_alphanumeric() || b" \t\r\n_-\"'".contains(byte));
    is_plain && letters(cell) == letters(field.as_str().as_bytes())
}

/// Whether quotation marks are open, as the parser takes them; shared between [`Quotes`] and who asks.
#[derive(Clone)]
pub(super) struct Quoting {
    state: Rc<Cell<State>>,
    line: Rc<Cell<u64>>,
    opened_at: Rc<Cell<u64>>,
    separator: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// After a quotation mark within quotation marks: the end, or the first of two.
    Mark,
}

impl Quoting {
    pub(super) fn new(separator: u8) -> Self {
        Self {
            state: Rc::new(Cell::new(State::Start)),
            line: Rc::new(Cell::new(1)),
            opened_at: Rc::default(),
            separator,
        }
    }

    /// True if what was read so far ends within quotation marks.
    pub(super) fn is_open(&self) -> bool {
        self.state.get() == State::Quoted
    }

    /// The line of the quotation mark that was opened last, from 1.
    pub(super) fn opened_at(&self) -> u64 {
        self.opened_at.get()
    }

    fn read(&self, byte: u8) {
        let state = match (self.state.get(), byte) {
            (State::Start, b'"') => {
                self.opened_at.set(self.line.get());
                State::Quoted
            }
            (State::Quoted, b'"') => State::Mark,
            (State::Mark, b'"') | (State::Quoted, _) => State::Quoted,
            (_, byte) if byte == self.separator || byte == b'\n' => State::Start,
            _ => State::Plain,
        };
        self.state.set(state);
        self.line.set(self.line.get() + u64::from(byte == b'\n'));
    }
}

/// A reader that follows quotation marks.
pub(super) struct Quotes<R> {
    inner: R,
    quoting: Quoting,
}

impl<R> Quotes<R> {
    pub(super) fn new(inner: R, quoting: Quoting) -> Self {
        Self { inner, quoting }
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        buffer[..read].iter().for_each(|byte| self.quoting.read(*byte));
        Ok(read)
    }
}
