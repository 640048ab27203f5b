//! CSV after RFC 4180 with a header row, and as spreadsheets write it: [`dialect`] finds out the separator and what stands before
//! the header.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use csv::{ByteRecord, Terminator};

use super::charset::{Charset, windows_1252};
use super::clean::{self, Cleaned, Row};
use super::dialect::{Dialect, Quotes, Quoting, is_column};
use super::meter::{Budget, Metered};
use super::tally::Tally;
use super::{Field, ParseError, Reason};

/// A name or a remark of more lines is none: a quotation mark was left open, and closed by the next one far below.
const MAX_LINES: usize = 3;

pub(super) fn read(input: impl BufRead, charset: Option<Charset>, tally: &mut Tally<'_>) -> Result<(), ParseError> {
    let limits = tally.limits();
    let (dialect, input) = Dialect::of(input)?;
    let mut rows = Rows::new(input, &dialect, limits.record_bytes);
    let Some(_) = rows.next()? else {
        return Err(ParseError::Empty);
    };
    let columns = Columns::of(&rows.record, charset)?;
    while let Some(line) = rows.next()? {
        if columns.hold_rows(&rows.record) {
            return Err(ParseError::OpenQuote { line });
        }
        tally.row(line, columns.user(&rows.record, limits.emails_per_user))?;
    }
    Ok(())
}

/// True for a name or a remark that holds further rows.
fn holds_rows(text: &[u8]) -> bool {
    let ends = text.iter().filter(|byte| **byte == b'\n').count();
    ends >= MAX_LINES || ends > 0 && text.contains(&b'@')
}

/// Records of bounded length with the line they start on.
struct Rows<R> {
    reader: csv::Reader<Metered<Quotes<R>>>,
    record: ByteRecord,
    budget: Budget,
    quoting: Quoting,
    record_bytes: usize,
    /// Lines before the header.
    skipped: u64,
}

impl<R: Read> Rows<R> {
    fn new(input: R, dialect: &Dialect, record_bytes: usize) -> Self {
        let budget = Budget::new(record_bytes);
        let quoting = Quoting::new(dialect.separator);
        let input = Quotes::new(input, quoting.clone());
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(dialect.separator)
            // A record then ends after its line feed, which makes its line known; a carriage return before it is
            // white space at the end of the last cell.
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Metered::new(input, budget.clone()));
        Self { reader, record: ByteRecord::new(), budget, quoting, record_bytes, skipped: dialect.skipped }
    }

    /// Reads the next record that is not blank and returns its line, or `None` at the end.
    fn next(&mut self) -> Result<Option<u64>, ParseError> {
        loop {
            self.budget.refill();
            let before = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                // The end was met within quotation marks: nothing that stands in them can be trusted.
                Ok(true) if self.budget.is_at_end() && self.quoting.is_open() => {
                    return Err(ParseError::OpenQuote { line: self.quoting.opened_at() + self.skipped });
                }
                Ok(true) if self.is_blank() => {}
                Ok(true) => return Ok(Some(self.line())),
                Ok(false) => return Ok(None),
                Err(_) if self.budget.is_spent() => {
                    let line = before + self.skipped;
                    return Err(ParseError::RecordTooLong { line, limit: self.record_bytes });
                }
                Err(error) => return Err(ParseError::Read(unread(error))),
            }
        }
    }

    fn is_blank(&self) -> bool {
        self.record.len() == 1 && self.record.as_slice().trim_ascii().is_empty()
    }

    /// The line the record starts on. The position before it will not do: blank lines are skipped after that.
    fn line(&self) -> u64 {
        let text = self.record.as_slice();
        let inside = text.iter().filter(|byte| **byte == b'\n').count();
        // Only the last record may lack its line feed, and then the end was met in looking for it.
        let ended = usize::from(!self.budget.is_at_end());
        let next = self.reader.position().line();
        next.saturating_sub((inside + ended) as u64) + self.skipped
    }
}

/// What reading failed with; of records of any width and any bytes there is no other error.
fn unread(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => io::ErrorKind::InvalidData.into(),
    }
}

/// Where the fields stand.
struct Columns {
    width: usize,
    name: usize,
    email: usize,
    login: Option<usize>,
    emails: Option<usize>,
    last_commit_at: Option<usize>,
    /// True where nothing says what the file is written in: what is no UTF-8 is then as Windows writes it.
    is_guessed: bool,
}

impl Columns {
    fn of(header: &ByteRecord, charset: Option<Charset>) -> Result<Self, ParseError> {
        Ok(Self {
            width: header.len(),
            name: position(header, Field::Name)?.ok_or(ParseError::MissingColumn(Field::Name))?,
            email: position(header, Field::Email)?.ok_or(ParseError::MissingColumn(Field::Email))?,
            login: position(header, Field::Login)?,
            emails: position(header, Field::Emails)?,
            last_commit_at: position(header, Field::LastCommitAt)?,
            is_guessed: charset.is_none(),
        })
    }

    /// True if a cell holds further rows, whose addresses would be somebody else's: a quotation mark was left open. Only names and what
    /// stands in further columns may have several lines.
    fn hold_rows(&self, record: &ByteRecord) -> bool {
        let of_one_line = [Some(self.email), self.login, self.emails, self.last_commit_at];
        record.iter().enumerate().any(|(column, cell)| {
            if of_one_line.contains(&Some(column)) { cell.trim_ascii().contains(&b'\n') } else { holds_rows(cell) }
        })
    }

    fn user(&self, record: &ByteRecord, emails_per_user: usize) -> Result<Cleaned, Reason> {
        // Spreadsheets leave out empty cells at the end, or add some.
        if record.iter().skip(self.width).any(|cell| !cell.trim_ascii().is_empty()) {
            return Err(Reason::Columns);
        }
        let cell = |column: Option<usize>| {
            let bytes = column.and_then(|column| record.get(column)).unwrap_or_default();
            match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Cow::Borrowed(text)),
                Err(_) if self.is_guessed => Ok(Cow::Owned(bytes.iter().copied().map(windows_1252).collect())),
                Err(_) => Err(Reason::NotUtf8),
            }
        };
        let (name, email, login) = (cell(Some(self.name))?, cell(Some(self.email))?, cell(self.login)?);
        let (emails, last_commit_at) = (cell(self.emails)?, cell(self.last_commit_at)?);
        let row = Row {
            name: &name,
            email: &email,
            login: Some(&login),
            emails: emails.split([';', ',']),
            last_commit_at: Some(&last_commit_at),
        };
        clean::user(row, emails_per_user)
    }
}

fn position(header: &ByteRecord, field: Field) -> Result<Option<usize>, ParseError> {
    let mut found = header.iter().enumerate().filter(|(_, cell)| is_column(cell, field));
    let first = found.next().map(|(column, _)| column);
    match found.next() {
        Some(_) => Err(ParseError::RepeatedColumn(field)),
        None => Ok(first),
    }
}

#[cfg(test)]
mod tests;
