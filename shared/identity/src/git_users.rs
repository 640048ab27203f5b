//! The Git side as an administrator sends it: who commits, under which names and e-mails.
//!
//! Four formats give the same cleaned [`GitUser`]s: JSON, CSV, what `git shortlog -sne` and `git log` print, and a
//! `.mailmap`. The input is hostile or at least careless: a bad row is named in the [`Report`] and its neighbours are
//! kept, an optional field that cannot be read is left out; only a document whose structure cannot be trusted (no array, no header, a
//! record without an end) is refused
//! whole. Memory is bounded by the people found plus one record of [`Limits::record_bytes`].

mod charset;
mod clean;
mod dialect;
mod json;
mod lines;
mod mailmap;
mod meter;
mod plain;
mod reason;
mod set;
mod table;
mod tally;
mod upload;

use std::io::Read;

use model::text::media_type::essence;

pub use charset::Charset;
pub use reason::{Field, Reason};
pub use upload::{GitUser, Limits, ParseError, Rejection, Report};

use tally::Tally;

/// How the Git side is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// `application/json`: an array of objects with `name`, `email` and optionally `login`, `emails`, `last_commit_at`.
    Json,
    /// `text/csv`: RFC 4180 and what spreadsheets make of it, with a header row of the same names in any order; further columns are
    /// ignored.
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
        match essence(value).to_ascii_lowercase().as_str() {
            "application/json" => Ok(Self::Json),
            "text/csv" => Ok(Self::Csv),
            "text/plain" => Ok(Self::Plain),
            "text/x-mailmap" => Ok(Self::Mailmap),
            _ => Err(UnsupportedFormat),
        }
    }
}

/// Reads `input`, in the `charset` that was declared, as `format` and hands every distinct user to `sink`, in the order they first appear.
///
/// Users are distinct by name and e-mail, both without regard to case. Rows of the same user become one with the
/// union of their e-mails, the latest `last_commit_at` and the first login given. The sink is called after the whole
/// input was read, so an error never leaves half a set behind.
///
/// # Errors
/// [`ParseError`], when the document as a whole cannot be trusted; a bad row alone is a [`Rejection`].
pub fn parse(
    format: Format,
    charset: Option<Charset>,
    input: impl Read,
    limits: &Limits,
    sink: impl FnMut(GitUser),
) -> Result<Report, ParseError> {
    let input = charset::utf_8(input, charset)?;
    let mut tally = Tally::new(limits);
    match format {
        Format::Json => json::read(input, &mut tally)?,
        Format::Csv => table::read(input, charset, &mut tally)?,
        Format::Plain => plain::read(input, &mut tally)?,
        Format::Mailmap => mailmap::read(input, &mut tally)?,
    }
    if tally.received() == 0 && format != Format::Json {
        return Err(ParseError::Empty);
    }
    Ok(tally.finish(sink))
}

#[cfg(test)]
mod tests;
