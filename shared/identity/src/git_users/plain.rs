//! What `git shortlog -sne` and `git log --format='%aN <%aE> %aI'` print.

use std::io::BufRead;

use super::clean::{self, Cleaned, Row};
use super::lines::for_each_line;
use super::tally::Tally;
use super::{ParseError, Reason};

pub(super) fn read(input: impl BufRead, tally: &mut Tally<'_>) -> Result<(), ParseError> {
    let limits = tally.limits();
    for_each_line(input, limits.record_bytes, |number, line| tally.row(number, line.and_then(author)))
}

/// The author of one line. Git lets neither a name nor an e-mail hold an angle bracket, so the first pair is the e-mail.
fn author(line: &str) -> Result<Cleaned, Reason> {
    let (name, rest) = without_commit_count(line).split_once('<').ok_or(Reason::NoEmail)?;
    let (email, time) = rest.split_once('>').ok_or(Reason::NotAnAuthor)?;
    let row = Row { name, email, login: None, emails: [], last_commit_at: Some(time) };
    clean::user(row, 0)
}

/// `git shortlog -s` right-aligns the number of commits in six columns and ends it with a tab.
fn without_commit_count(line: &str) -> &str {
    match line.split_once('\t') {
        Some((count, author)) if is_number(count.trim_start()) => author,
        _ => line,
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
