//! CSV after RFC 4180 with a header row.

use std::io::{self, Read};

use csv::{ByteRecord, Terminator};

use super::clean::{self, Row};
use super::meter::{Budget, Metered};
use super::tally::Tally;
use super::{Field, GitUser, ParseError, Reason};

pub(super) fn read(input: impl Read, tally: &mut Tally<'_>) -> Result<(), ParseError> {
    let limits = tally.limits();
    let mut rows = Rows::new(input, limits.record_bytes);
    let Some(_) = rows.next()? else {
        return Err(ParseError::Empty);
    };
    let columns = Columns::of(&rows.record)?;
    while let Some(line) = rows.next()? {
        tally.row(line, columns.user(&rows.record, limits.emails_per_user))?;
    }
    Ok(())
}

/// Records of bounded length with the line they start on.
struct Rows<R> {
    reader: csv::Reader<Metered<R>>,
    record: ByteRecord,
    budget: Budget,
    record_bytes: usize,
}

impl<R: Read> Rows<R> {
    fn new(input: R, record_bytes: usize) -> Self {
        let budget = Budget::new(record_bytes);
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // A record then ends after its line feed, which makes its line known; a carriage return before it is
            // white space at the end of the last cell.
            .terminator(Terminator::Any(b'\n'))
            .from_reader(Metered::new(input, budget.clone()));
        Self { reader, record: ByteRecord::new(), budget, record_bytes }
    }

    /// Reads the next record that is not blank and returns its line, or `None` at the end.
    fn next(&mut self) -> Result<Option<u64>, ParseError> {
        loop {
            self.budget.refill();
            let before = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(true) if self.is_blank() => {}
                Ok(true) => return Ok(Some(self.line())),
                Ok(false) => return Ok(None),
                Err(_) if self.budget.is_spent() => {
                    return Err(ParseError::RecordTooLong { line: before, limit: self.record_bytes });
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
        next.saturating_sub((inside + ended) as u64)
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
}

impl Columns {
    fn of(header: &ByteRecord) -> Result<Self, ParseError> {
        Ok(Self {
            width: header.len(),
            name: position(header, Field::Name)?.ok_or(ParseError::MissingColumn(Field::Name))?,
            email: position(header, Field::Email)?.ok_or(ParseError::MissingColumn(Field::Email))?,
            login: position(header, Field::Login)?,
            emails: position(header, Field::Emails)?,
            last_commit_at: position(header, Field::LastCommitAt)?,
        })
    }

    fn user(&self, record: &ByteRecord, emails_per_user: usize) -> Result<GitUser, Reason> {
        if record.len() != self.width {
            return Err(Reason::Columns);
        }
        let cell = |column: Option<usize>| {
            let bytes = column.and_then(|column| record.get(column)).unwrap_or_default();
            std::str::from_utf8(bytes).map_err(|_| Reason::NotUtf8)
        };
        let row = Row {
            name: cell(Some(self.name))?,
            email: cell(Some(self.email))?,
            login: Some(cell(self.login)?),
            emails: cell(self.emails)?.split(';'),
            last_commit_at: Some(cell(self.last_commit_at)?),
        };
        clean::user(row, emails_per_user)
    }
}

fn position(header: &ByteRecord, field: Field) -> Result<Option<usize>, ParseError> {
    let is_field = |cell: &[u8]| cell.trim_ascii().eq_ignore_ascii_case(field.as_str().as_bytes());
    let mut found = header.iter().enumerate().filter(|(_, cell)| is_field(cell));
    let first = found.next().map(|(column, _)| column);
    match found.next() {
        Some(_) => Err(ParseError::RepeatedColumn(field)),
        None => Ok(first),
    }
}

#[cfg(test)]
mod tests;
