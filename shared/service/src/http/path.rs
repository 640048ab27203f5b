//! Paths against patterns with parameters in braces: `/api/orgs/{org}`.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// The values of the parameters of `pattern` in `path`, percent-decoded and in their order, if that is such a path.
#[must_use]
pub fn values<'a>(pattern: &str, path: &'a str) -> Option<Vec<Cow<'a, str>>> {
    let (mut expected, mut actual) = (pattern.split('/'), path.split('/'));
    let mut found = Vec::new();
    loop {
        match (expected.next(), actual.next()) {
            (None, None) => return Some(found),
            (Some(name), Some(value)) if name.starts_with('{') && !value.is_empty() => {
                found.push(percent_decode_str(value).decode_utf8().ok()?);
            }
            (Some(expected), Some(actual)) if expected == actual => {}
            _ => return None,
        }
    }
}
