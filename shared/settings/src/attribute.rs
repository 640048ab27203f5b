//! The admin's own resource attributes, such as team and cost centre, in the form clients read.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use model::attributes;

use super::variant::Variant;

mod reserved;

use reserved::is_reserved;

/// The most resource attributes that every client bears: with more than 12 of them, Claude Code from 2.1.161 to at least
/// 2.1.191 sends no metrics and says nothing (anthropics/claude-code#71447).
const MAX_ENTRIES: usize = 12;
/// The most attributes of an admin's own: one of those that every client bears is `settings_version`.
pub const MAX_OWN: usize = MAX_ENTRIES - 1;
/// What names the runs of a workflow, unless the admin names them: whoever works in CI is no person. GitHub puts in the repository and
/// the number of the run, which hold nothing that would have to be encoded; the name of a workflow or of a branch may hold anything.
const WORKFLOW: [(&str, &str); 2] =
    [(ACTOR, "ci/${{github.repository}}"), ("cicd.pipeline.run.id", "${{github.run_id}}")];
/// What names who works where nobody is logged in.
const ACTOR: &str = attributes::END_USER;

/// The longest key, in characters.
const MAX_KEY: usize = 64;
/// The longest encoded value, in characters. Claude Code 2.1.330 silently drops a longer one; older releases of
/// OpenTelemetry's JavaScript SDK then drop all attributes.
const MAX_ENCODED_VALUE: usize = 255;

/// The characters that are encoded in a value. The variable allows printable ASCII without space, double quote, comma,
/// semicolon and backslash; a pair with a second `=` is dropped, and old SDKs refuse `~`. The characters of names,
/// paths and e-mail addresses are left readable.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'@').remove(b'/').remove(b':');

/// One decoded attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    key: String,
    value: String,
}

/// Why a list of attributes cannot be put into a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    /// More attributes than every client bears.
    #[error(
        "there are more than {most} attributes; with more than {MAX_ENTRIES} in all, Claude Code 2.1.161 to 2.1.191 sends no metrics"
    )]
    TooMany {
        /// How many the configuration has room for.
        most: usize,
    },
    /// An item without `=`.
    #[error("{item:?} is not of the form key=value (write a comma within a value as %2C)")]
    NotAPair {
        /// The beginning of the item.
        item: String,
    },
    /// A key that some client would refuse, together with all other attributes.
    #[error("the key {key:?} must be a letter followed by at most 63 of A-Z a-z 0-9 _ . -")]
    Key {
        /// The beginning of the key.
        key: String,
    },
    /// A key that Claude Code sets itself.
    #[error("the key {key} is reserved for Claude Code; choose another, such as team, cost_center or department")]
    Reserved {
        /// The key.
        key: String,
    },
    /// A key that names a person, in a configuration for many people.
    #[error(
        "the key {key} names one person, so it is only allowed in user.json, shell.sh, github-actions.yml and headers-helper.json"
    )]
    OnePerson {
        /// The key.
        key: String,
    },
    /// The same key a second time.
    #[error("the key {key} is given more than once")]
    Twice {
        /// The key.
        key: String,
    },
    /// A value that is empty, not text, or contains control characters.
    #[error("the value of {key} must be non-empty text without control characters")]
    Value {
        /// The key.
        key: String,
    },
    /// A value that some client would refuse, together with all other attributes.
    #[error("the value of {key} is longer than {MAX_ENCODED_VALUE} characters when encoded")]
    TooLong {
        /// The key.
        key: String,
    },
}

impl Attribute {
    /// Parses `team=core,cost_center=x`, the form of `OTEL_RESOURCE_ATTRIBUTES` itself: `%` and two hexadecimal digits
    /// stand for a byte, every other character for itself. An empty text is an empty list.
    pub(super) fn parse_list(text: &str) -> Result<Vec<Self>, AttributeError> {
        if text.trim_matches(' ').is_empty() {
            return Ok(Vec::new());
        }
        let mut list: Vec<Self> = Vec::new();
        for item in text.split(',') {
            let attribute = Self::parse(item.trim_matches(' '))?;
            if list.iter().any(|other| other.key.eq_ignore_ascii_case(&attribute.key)) {
                return Err(AttributeError::Twice { key: attribute.key });
            }
            if list.len() == MAX_OWN {
                return Err(AttributeError::TooMany { most: MAX_OWN });
            }
            list.push(attribute);
        }
        Ok(list)
    }

    fn parse(item: &str) -> Result<Self, AttributeError> {
        let (key, value) = item.split_once('=').ok_or_else(|| AttributeError::NotAPair { item: beginning(item) })?;
        let (key, value) = (key.trim_matches(' '), value.trim_matches(' '));
        if !is_key(key) {
            return Err(AttributeError::Key { key: beginning(key) });
        }
        let key = key.to_owned();
        if is_reserved(&key) {
            return Err(AttributeError::Reserved { key });
        }
        let Ok(value) = percent_decode_str(value).decode_utf8() else {
            return Err(AttributeError::Value { key });
        };
        if value.is_empty() || value.chars().any(char::is_control) {
            return Err(AttributeError::Value { key });
        }
        if !fits(&value) {
            return Err(AttributeError::TooLong { key });
        }
        Ok(Self { value: value.into_owned(), key })
    }

    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn value(&self) -> &str {
        &self.value
    }

    /// Whether this names a person: the keys that identify people without a claude.ai login.
    pub(super) fn names_a_person(&self) -> bool {
        let key = self.key.to_ascii_lowercase();
        key.starts_with("enduser.") || attributes::PERSON.contains(&&*key)
    }
}

/// How many resource attributes a configuration has besides the admin's own.
pub(super) fn fixed(variant: Variant) -> usize {
    1 + match variant {
        Variant::Bedrock => 1,
        Variant::GithubActions => WORKFLOW.len(),
        Variant::HeadersHelper => 1,
        _ => 0,
    }
}

/// What names the runs of CI that a configuration is for, unless the admin names them. Elsewhere than on GitHub nothing can be put in when
/// a run begins, so all are of the organisation.
pub(super) fn workflow(variant: Variant, org: &str) -> Vec<(&'static str, String)> {
    match variant {
        Variant::GithubActions => WORKFLOW.map(|(key, value)| (key, value.to_owned())).to_vec(),
        Variant::HeadersHelper => vec![(ACTOR, format!("ci/{org}"))],
        _ => Vec::new(),
    }
}

/// Checks that `count` attributes of an admin's own fit beside those that every configuration of `variant` has.
///
/// # Errors
/// [`AttributeError::TooMany`] if they do not.
pub(super) fn check_count(count: usize, variant: Variant) -> Result<(), AttributeError> {
    let most = MAX_ENTRIES.saturating_sub(fixed(variant));
    if count <= most { Ok(()) } else { Err(AttributeError::TooMany { most }) }
}

/// Encodes a value so that every client reads it back unchanged.
pub(super) fn encode(value: &str) -> String {
    utf8_percent_encode(value, ENCODED).to_string()
}

/// Whether every client accepts the encoded form of `value`.
pub(super) fn fits(value: &str) -> bool {
    encode(value).len() <= MAX_ENCODED_VALUE
}

fn is_key(key: &str) -> bool {
    key.len() <= MAX_KEY
        && key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
}

/// As much of a refused text as a message needs.
fn beginning(text: &str) -> String {
    text.chars().take(MAX_KEY).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let list = Attribute::parse_list(text).unwrap();
        list.into_iter().map(|attribute| (attribute.key, attribute.value)).collect()
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn attributes_keep_their_order_and_lose_the_blanks_around_them() {
        assert_eq!(pairs("team=core, cost_center = x-1"), [pair("team", "core"), pair("cost_center", "x-1")]);
        assert_eq!(pairs(""), []);
    }

    #[test]
    fn a_value_is_read_as_in_the_variable_itself() {
        assert_eq!(pairs("a=R%26D,b=x%2Cy,c=1=2"), [pair("a", "R&D"), pair("b", "x,y"), pair("c", "1=2")]);
        assert_eq!(pairs("load=100%"), [pair("load", "100%")]);
    }

    #[test]
    fn a_value_is_written_so_that_no_client_stumbles_over_it() {
        assert_eq!(encode("R&D, \"K\u{f6}ln\"=1;~\\"), "R%26D%2C%20%22K%C3%B6ln%22%3D1%3B%7E%5C");
        assert_eq!(encode("jane.doe-x_1@example.com"), "jane.doe-x_1@example.com");
        assert_eq!(encode("100%"), "100%25");
    }

    #[test]
    fn a_key_that_some_client_would_refuse_is_refused_here() {
        for key in ["", " ", "1a", ".a", "a b", "a:b", "t\u{e4}m", "a%20b", "a\"", &"k".repeat(65)] {
            let refused = Attribute::parse_list(&format!("{key}=x"));
            assert!(matches!(refused, Err(AttributeError::Key { .. })), "{key}");
        }
    }

    #[test]
    fn a_value_that_some_client_would_refuse_is_refused_here() {
        let key = || "a".to_owned();
        for value in ["", "%00", "x%0Ay", "x\ty", "%FF", "\u{7f}", "\u{85}x"] {
            assert_eq!(Attribute::parse_list(&format!("a={value}")), Err(AttributeError::Value { key: key() }));
        }
        assert!(Attribute::parse_list(&format!("a={}", "x".repeat(255))).is_ok());
        for value in ["x".repeat(256), "\u{20ac}".repeat(29)] {
            assert_eq!(Attribute::parse_list(&format!("a={value}")), Err(AttributeError::TooLong { key: key() }));
        }
    }

    #[test]
    fn a_list_without_pairs_with_a_key_twice_or_too_long_is_refused() {
        let not_a_pair = AttributeError::NotAPair { item: "Core".to_owned() };
        assert_eq!(Attribute::parse_list("team=R&D, Core"), Err(not_a_pair));
        assert!(matches!(Attribute::parse_list("team=a,"), Err(AttributeError::NotAPair { .. })));
        assert_eq!(Attribute::parse_list("a=1,A=2"), Err(AttributeError::Twice { key: "A".to_owned() }));
        let many = |n: usize| (0..n).map(|i| format!("k{i}=v")).collect::<Vec<_>>().join(",");
        assert!(Attribute::parse_list(&many(11)).is_ok());
        assert_eq!(Attribute::parse_list(&many(12)), Err(AttributeError::TooMany { most: 11 }));
    }

    #[test]
    fn a_refusal_repeats_no_more_than_the_beginning() {
        let message = Attribute::parse_list(&"x".repeat(100_000)).unwrap_err().to_string();
        assert!(message.len() < 200, "{message}");
    }
}
