//! Why a row is rejected, in words an administrator can act on and that repeat nothing of the row.

use std::fmt;

use serde::{Serialize, Serializer};

/// A field of a Git user, as named in JSON and in the CSV header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `name`
    Name,
    /// `email`
    Email,
    /// `login`
    Login,
    /// `emails`
    Emails,
    /// `last_commit_at`
    LastCommitAt,
}

impl Field {
    /// All fields.
    pub const ALL: [Self; 5] = [Self::Name, Self::Email, Self::Login, Self::Emails, Self::LastCommitAt];

    /// The name in JSON and in the CSV header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Login => "login",
            Self::Emails => "emails",
            Self::LastCommitAt => "last_commit_at",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a row is rejected. Serialised as its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The bytes are not UTF-8.
    #[error("it is not UTF-8")]
    NotUtf8,
    /// A line longer than [`super::Limits::record_bytes`].
    #[error("the line is too long")]
    LineTooLong,
    /// There is no e-mail where one belongs.
    #[error("it has no e-mail")]
    NoEmail,
    /// The e-mail is not `a@b`, or has spaces, control, invisible characters or angle brackets in it.
    #[error("the e-mail is not of the form a@b")]
    Email,
    /// The e-mail has more than 254 bytes, the most RFC 5321 can deliver to.
    #[error("the e-mail is longer than 254 bytes")]
    EmailTooLong,
    /// One of the further e-mails is not an e-mail.
    #[error("one of the further e-mails is not of the form a@b or longer than 254 bytes")]
    FurtherEmail,
    /// The user would have more than [`super::Limits::emails_per_user`] further e-mails.
    #[error("the user has too many further e-mails")]
    TooManyEmails,
    /// The login has spaces, control or invisible characters in it, or more than 64 characters.
    #[error("the login has spaces in it or more than 64 characters")]
    Login,
    /// The time is neither RFC 3339 nor a date.
    #[error("the time is not of the form 2026-01-31T12:00:00Z")]
    Time,
    /// A CSV row with more cells than the header has columns.
    #[error("it has more cells than the header has columns")]
    Columns,
    /// A JSON element that is not an object, or an object with a key twice.
    #[error("it is not an object with name and email")]
    NotAnObject,
    /// A JSON object without a required field.
    #[error("{0} is missing")]
    Missing(Field),
    /// A JSON field of another type.
    #[error("{0} has the wrong type")]
    FieldType(Field),
    /// Text that follows no form of the format.
    #[error("it is not of the form: name, e-mail in angle brackets, time")]
    NotAnAuthor,
    /// A mailmap entry with one e-mail and no name.
    #[error("it maps nothing: a name or a second e-mail is missing")]
    MapsNothing,
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
