//! Makes a [`GitUser`] of what a row says, or says why not.

use jiff::{civil::Date, tz::TimeZone};
use unicode_normalization::UnicodeNormalization;

use super::reason::Reason;
use super::upload::GitUser;
use model::text::email;
use model::text::invisible::is_taken_out;
use model::time::Timestamp;

const NAME_CHARS: usize = 256;
const LOGIN_CHARS: usize = 64;

/// The fields of one row as written.
pub(super) struct Row<'a, E> {
    pub(super) name: &'a str,
    pub(super) email: &'a str,
    pub(super) login: Option<&'a str>,
    pub(super) emails: E,
    pub(super) last_commit_at: Option<&'a str>,
}

/// What a row says: the user, and what of the row could not be read and was left out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cleaned {
    pub(super) user: GitUser,
    /// The first of what was left out.
    pub(super) ignored: Option<Reason>,
}

/// The cleaned user of `row`, with at most `emails_per_user` further e-mails. Only a user without an e-mail address is none: an
/// optional field that cannot be read is left out.
pub(super) fn user<'a, E>(row: Row<'a, E>, emails_per_user: usize) -> Result<Cleaned, Reason>
where
    E: IntoIterator<Item = &'a str>,
{
    let mut ignored = None;
    let mut read = |reason: Reason| _ = ignored.get_or_insert(reason);
    let mut user = GitUser {
        name: name(row.name),
        email: email(row.email)?,
        login: present(row.login).and_then(|raw| login(raw).map_err(&mut read).ok()),
        emails: Vec::new(),
        last_commit_at: present(row.last_commit_at).and_then(|raw| time(raw).map_err(&mut read).ok()),
    };
    for further in row.emails {
        if let Some(further) = present(Some(further)) {
            match email(further) {
                Ok(further) => add_email(&mut user, further, emails_per_user)?,
                Err(_) => read(Reason::FurtherEmail),
            }
        }
    }
    Ok(Cleaned { user, ignored })
}

/// Adds a cleaned e-mail to the further ones unless the user has it already.
pub(super) fn add_email(user: &mut GitUser, email: String, emails_per_user: usize) -> Result<(), Reason> {
    let known = |other: &String| other.eq_ignore_ascii_case(&email);
    if known(&user.email) || user.emails.iter().any(known) {
        return Ok(());
    }
    if user.emails.len() >= emails_per_user {
        return Err(Reason::TooManyEmails);
    }
    // Nearly everybody has none or one of them, and a vector would begin with room for four.
    user.emails.reserve_exact(1);
    user.emails.push(email);
    Ok(())
}

/// A name in NFC with single spaces and nothing invisible that its script does not need, cut at 256 characters.
pub(super) fn name(raw: &str) -> String {
    let mut seen = String::with_capacity(raw.len().min(4 * NAME_CHARS));
    for c in raw.chars() {
        if c.is_whitespace() {
            if !seen.is_empty() && !seen.ends_with(' ') {
                seen.push(' ');
            }
        } else if !is_taken_out(c) {
            seen.push(c);
        }
    }
    if !seen.is_ascii() {
        seen = seen.nfc().collect();
    }
    if let Some((end, _)) = seen.char_indices().nth(NAME_CHARS) {
        seen.truncate(end);
    }
    seen.truncate(seen.trim_end().len());
    seen
}

/// What Git takes for an e-mail address: see [`email::parts`].
pub(super) fn email(raw: &str) -> Result<String, Reason> {
    let address = raw.trim();
    // As spreadsheets write a link.
    let address = match address.split_at_checked("mailto:".len()) {
        Some((scheme, address)) if scheme.eq_ignore_ascii_case("mailto:") => address,
        _ => address,
    };
    if address.is_empty() {
        return Err(Reason::NoEmail);
    }
    if email::parts(address).is_none() {
        return Err(Reason::Email);
    }
    if address.len() > email::MAX_BYTES {
        return Err(Reason::EmailTooLong);
    }
    Ok(address.to_owned())
}

fn login(raw: &str) -> Result<String, Reason> {
    if raw.chars().any(is_gap) || raw.chars().nth(LOGIN_CHARS).is_some() {
        return Err(Reason::Login);
    }
    Ok(raw.to_owned())
}

/// The instant of an RFC 3339 time, also as `git log` prints it with `%ai`; a date alone is its midnight in UTC.
pub(super) fn time(raw: &str) -> Result<Timestamp, Reason> {
    let instant = raw
        .parse::<jiff::Timestamp>()
        .or_else(|_| jiff::Timestamp::strptime("%Y-%m-%d %H:%M:%S %z", raw))
        .or_else(|error| {
            // A time of day without an offset would be read as a date, off by up to a day.
            if raw.len() > "2026-01-31".len() {
                return Err(error);
            }
            let midnight = raw.parse::<Date>()?.to_zoned(TimeZone::UTC)?;
            Ok(midnight.timestamp())
        });
    instant.map(|instant| Timestamp(instant.as_millisecond())).map_err(|_: jiff::Error| Reason::Time)
}

fn present(field: Option<&str>) -> Option<&str> {
    field.map(str::trim).filter(|field| !field.is_empty())
}

fn is_gap(c: char) -> bool {
    c.is_whitespace() || is_taken_out(c)
}

#[cfg(test)]
mod tests;
