//! Lines of bounded length: what is longer is skipped, not stored.

use std::io::{self, BufRead};

use super::{ParseError, Reason};

/// Calls `each` with the number (from 1) and the text of every line that is not blank, or with why it cannot be read.
pub(super) fn for_each_line<F>(mut input: impl BufRead, line_bytes: usize, mut each: F) -> Result<(), ParseError>
where
    F: FnMut(u64, Result<&str, Reason>) -> Result<(), ParseError>,
{
    let mut line = Vec::new();
    let mut number = 0;
    while let Some(complete) = next_line(&mut input, line_bytes, &mut line)? {
        number += 1;
        let text = match std::str::from_utf8(&line) {
            _ if !complete => Err(Reason::LineTooLong),
            Ok(text) => Ok(text),
            Err(_) => Err(Reason::NotUtf8),
        };
        if text.is_ok_and(|text| text.trim().is_empty()) {
            continue;
        }
        each(number, text)?;
    }
    Ok(())
}

/// Reads a line without its end into `line`. `Some(false)` if it was longer than `line_bytes`, `None` at the end.
fn next_line(input: &mut impl BufRead, line_bytes: usize, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
    line.clear();
    let mut started = false;
    let mut complete = true;
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(started.then_some(complete));
        }
        started = true;
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        complete = complete && line.len() + part.len() <= line_bytes;
        if complete {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            if line.ends_with(b"\r") {
                line.pop();
            }
            return Ok(Some(complete));
        }
    }
}
