//! The Git side as an administrator sends it: who commits, under which names and e-mails.
//!
//! Four formats give the same cleaned [`GitUser`]s: JSON, CSV, what `git shortlog -sne` and `git log` print, and a
//! `.mailmap`. The input is hostile or at least careless: a bad row is named in the [`Report`] and its neighbours are
//! kept; only a document whose structure cannot be trusted (no array, no header, a record without an end) is refused
//! whole. Memory is bounded by the people found plus one record of [`Limits::record_bytes`].

mod clean;
mod json;
mod lines;
mod mailmap;
mod meter;
mod plain;
mod reason;
mod set;
mod table;
mod tally;

use std::io::{BufRead, BufReader, Cursor, Read};

use serde::Serialize;

pub use reason::{Field, Reason};

use tally::Tally;

/// How the Git side is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/json`: an array of objects with `name`, `email` and optionally `login`, `emails`, `last_commit_at`.
    Json,
    /// `text/csv`: RFC 4180 with a header row of the same names in any order; further columns are ignored.
    Csv,
    /// `text/plain`: lines of `git shortlog -sne` or `git log --format='%aN <%aE> %aI'`, also mixed, the time optional.
    Plain,
    /// `text/x-mailmap`: a `.mailmap`, see `git help mailmap`.
    Mailmap,
}

/// The content type names none of the four formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("supported content types are application/json, text/csv, text/plain and text/x-mailmap")]
pub struct UnsupportedFormat;

impl Format {
    /// The format a `Content-Type` header names; parameters and case do not matter.
    ///
    /// # Errors
    /// [`UnsupportedFormat`], whose text lists the supported types.
    pub fn from_content_type(value: &str) -> Result<Self, UnsupportedFormat> {
        let media_type = value.split(';').next().unwrap_or_default().trim();
        match media_type.to_ascii_lowercase().as_str() {
            "application/json" => Ok(Self::Json),
            "text/csv" => Ok(Self::Csv),
            "text/plain" => Ok(Self::Plain),
            "text/x-mailmap" => Ok(Self::Mailmap),
            _ => Err(UnsupportedFormat),
        }
    }
}

/// Bounds on what one upload may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Distinct users; more refuses the upload. Rows are not limited: `git log` prints one per commit.
    pub users: usize,
    /// Bytes of one line, CSV record or JSON element.
    pub record_bytes: usize,
    /// Further e-mails of one user.
    pub emails_per_user: usize,
    /// Rejections listed one by one; the rest is only counted.
    pub rejections_listed: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { users: 500_000, record_bytes: 64 * 1024, emails_per_user: 100, rejections_listed: 1_000 }
    }
}

/// One person as Git knows them, cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitUser {
    /// The name in NFC, without control and invisible characters, at most 256 characters; may be empty, as in Git.
    pub name: String,
    /// The e-mail as written (case kept), at most 254 bytes; always `a@b`, the host possibly without a dot.
    pub email: String,
    /// The login at the Git host, at most 64 characters.
    pub login: Option<String>,
    /// Further e-mails, without `email` itself and without repetition; case does not distinguish them.
    pub emails: Vec<String>,
    /// The author time of the latest commit, milliseconds since the Unix epoch.
    pub last_commit_at: Option<i64>,
}

/// A row that was not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rejection {
    /// The line the row starts on, or the position of the JSON element; the first is 1.
    pub line: u64,
    /// Why, in words that never repeat the row.
    pub reason: Reason,
}

/// What became of the rows. `received == stored + folded + rejected_total` always holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Rows read: not blank lines, comments and the CSV header.
    pub received: u64,
    /// Distinct users handed to the sink.
    pub stored: u64,
    /// Rows that went into a user already counted in `stored`, or that a later mailmap entry replaced.
    #[serde(skip)]
    pub folded: u64,
    /// Rows not stored, listed or not.
    #[serde(skip)]
    pub rejected_total: u64,
    /// The first rejections found, in order of their line, at most [`Limits::rejections_listed`].
    pub rejected: Vec<Rejection>,
}

/// Why an upload is refused as a whole; nothing reaches the sink then. No text repeats any of the input.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// There is no row in it. The JSON array `[]` is not this error: it says "nobody" on purpose.
    #[error("the file is empty: it holds no Git user")]
    Empty,
    /// A byte order mark of UTF-16, as Windows PowerShell writes on `>`.
    #[error("the file is UTF-16: save it as UTF-8")]
    Utf16,
    /// More distinct users than [`Limits::users`].
    #[error("more than {limit} distinct Git users")]
    TooManyUsers {
        /// The limit that was passed.
        limit: usize,
    },
    /// The CSV header lacks a required column.
    #[error("the CSV header has no column {0}: it must have name and email")]
    MissingColumn(Field),
    /// The CSV header names a column twice.
    #[error("the CSV header names the column {0} twice")]
    RepeatedColumn(Field),
    /// A CSV record or JSON element does not end within [`Limits::record_bytes`], so nothing after it can be trusted.
    #[error("record {line} is longer than {limit} bytes; is a quotation mark or bracket left open?")]
    RecordTooLong {
        /// The line it starts on, or the position of the JSON element; the first is 1.
        line: u64,
        /// The limit in bytes.
        limit: usize,
    },
    /// The JSON document is not an array.
    #[error("the JSON document is not an array of Git users")]
    NotAnArray,
    /// The JSON document is not well formed, or not UTF-8.
    #[error("the JSON document is not well formed at element {element}")]
    Json {
        /// The position of the element where reading stopped; the first is 1.
        element: u64,
    },
    /// The input could not be read.
    #[error("the upload could not be read")]
    Read(#[from] std::io::Error),
}

/// Reads `input` as `format` and hands every distinct user to `sink`, in the order they first appear.
///
/// Users are distinct by name and e-mail, both without regard to case. Rows of the same user become one with the
/// union of their e-mails, the latest `last_commit_at` and the first login given. The sink is called after the whole
/// input was read, so an error never leaves half a set behind.
///
/// # Errors
/// [`ParseError`], when the document as a whole cannot be trusted; a bad row alone is a [`Rejection`].
pub fn parse(
    format: Format,
    input: impl Read,
    limits: &Limits,
    sink: impl FnMut(GitUser),
) -> Result<Report, ParseError> {
    let input = without_byte_order_mark(input)?;
    let mut tally = Tally::new(limits);
    match format {
        Format::Json => json::read(input, &mut tally)?,
        Format::Csv => table::read(input, &mut tally)?,
        Format::Plain => plain::read(input, &mut tally)?,
        Format::Mailmap => mailmap::read(input, &mut tally)?,
    }
    if tally.received() == 0 && format != Format::Json {
        return Err(ParseError::Empty);
    }
    Ok(tally.finish(sink))
}

fn without_byte_order_mark(input: impl Read) -> Result<impl BufRead, ParseError> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let mut head = Vec::with_capacity(3);
    input.by_ref().take(3).read_to_end(&mut head)?;
    match head.as_slice() {
        [] => return Err(ParseError::Empty),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => return Err(ParseError::Utf16),
        [0xEF, 0xBB, 0xBF] => head.clear(),
        _ => {}
    }
    Ok(Cursor::new(head).chain(input))
}

#[cfg(test)]
mod tests;
