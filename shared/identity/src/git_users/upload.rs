//! What an upload may hold, and what becomes of it.

use model::time::Timestamp;
use serde::Serialize;

use super::reason::{Field, Reason};
use crate::GitIdentity;
use crate::ids::git_id;

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
    /// The author time of the latest commit.
    pub last_commit_at: Option<Timestamp>,
}

impl GitUser {
    /// What tells a user from others: name and e-mail, both without regard to case.
    #[must_use]
    pub fn key(&self) -> Box<str> {
        let mut key = String::with_capacity(self.name.len() + self.email.len() + 1);
        key.extend(self.name.chars().flat_map(char::to_lowercase));
        // A cleaned name has no control character in it, so the line feed keeps name and e-mail apart.
        key.push('\n');
        key.extend(self.email.chars().map(|c| c.to_ascii_lowercase()));
        key.into_boxed_str()
    }
}

impl From<GitUser> for GitIdentity {
    fn from(user: GitUser) -> Self {
        let GitUser { name, email, login, emails, .. } = user;
        Self { id: git_id(&name, &email), name, email, login, emails }
    }
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
    /// Of rows that were stored, what could not be read and was left out, as many at most.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<Rejection>,
}

/// Why an upload is refused as a whole; nothing reaches the sink then. No text repeats any of the input.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// There is no row in it. The JSON array `[]` is not this error: it says "nobody" on purpose.
    #[error("the file is empty: it holds no Git user")]
    Empty,
    /// The charset that was declared is none that is read.
    #[error("the charset is not known: it must be utf-8, utf-16, windows-1252 or iso-8859-1")]
    Charset,
    /// A quotation mark of the CSV was left open, so that rows stand in one cell.
    #[error("a quotation mark in line {line} is left open: what follows it is one cell")]
    OpenQuote {
        /// The line, from 1.
        line: u64,
    },
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
