//! One line of a `.mailmap`.

use crate::git_users::{Reason, clean};

/// What one line says: commits of `commit_email` (and `commit_name`, if given) are by `name` and `email`.
/// At least one of `name` and `email` is given; an e-mail with an `@` is well formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) email: Option<&'a str>,
    pub(super) commit_name: Option<&'a str>,
    pub(super) commit_email: &'a str,
}

impl<'a> Entry<'a> {
    /// Reads a line as git does: the first two e-mails in angle brackets with the name before each; what follows is
    /// ignored.
    pub(super) fn parse(line: &'a str) -> Result<Self, Reason> {
        let (name, first, rest) = name_and_email(line).ok_or(Reason::NoEmail)?;
        well_formed(first)?;
        let Some((commit_name, second, _)) = name_and_email(rest) else {
            return Ok(Self {
                name: Some(name.ok_or(Reason::MapsNothing)?),
                email: None,
                commit_name: None,
                commit_email: first,
            });
        };
        // Git maps commits of whatever stands there, such as a user name; as a person's address it is none.
        if second.is_empty() || second.contains('@') {
            well_formed(second)?;
        }
        Ok(Self { name, email: Some(first), commit_name, commit_email: second })
    }
}

/// Git takes spaces around an e-mail as part of it, so that an entry with them maps no commit.
fn well_formed(email: &str) -> Result<(), Reason> {
    match clean::email(email)? == email {
        true => Ok(()),
        false => Err(Reason::Email),
    }
}

/// Git takes a line for a comment only if `#` is its first character; an indented one maps nothing unless it holds an
/// e-mail.
pub(super) fn is_comment(line: &str) -> bool {
    line.starts_with('#') || (line.trim_start().starts_with('#') && !line.contains('<'))
}

/// The name before the first e-mail in angle brackets, that e-mail, and the rest.
fn name_and_email(text: &str) -> Option<(Option<&str>, &str, &str)> {
    let (name, rest) = text.split_once('<')?;
    let (email, rest) = rest.split_once('>')?;
    let name = name.trim_matches([' ', '\t', '\r', '\n']);
    Some(((!name.is_empty()).then_some(name), email, rest))
}
