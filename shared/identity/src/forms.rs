//! The strings by which an address and an author can meet, each under a key, with what the meeting is worth.

pub(super) mod address;
pub(super) mod author;

use super::rule::Rule;

/// Beyond this many expected strangers a match says nothing: it is not even looked up. This caps every block.
pub(super) const WORTHLESS: f64 = 8.0;
/// Numbers at the end tell people with the same name apart: at an employer's domain always, elsewhere sometimes.
const NUMBERED: f64 = 10.0;
const NUMBERED_PUBLICLY: f64 = 2.0;
const STEM: usize = 6;
/// A handle without its digits must be this long to be compared, in characters.
const MIN_LETTERS: usize = 5;
/// So many letters forms of one given name have in common at the beginning.
const ALIKE: usize = 3;

/// A string that an author answers to.
#[derive(Clone, Copy, Debug)]
pub(super) struct GitForm {
    /// The key to look up.
    pub(super) key: u64,
    /// What a match would mean.
    pub(super) rule: Rule,
    /// How many strangers would match by chance.
    pub(super) chance: f64,
    /// The e-mail it came from, as an index into the e-mails of the author.
    pub(super) email: Option<u32>,
}

/// A string that an address asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct MailForm {
    /// The key to look up.
    pub(super) key: u64,
    /// How much less a match means because of what was left out.
    pub(super) factor: f32,
    /// Where it was read.
    pub(super) part: Part,
}

/// The part of an address that a string was read off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The local part, with or without the domain.
    Local,
    /// The domain alone.
    Domain,
    /// Of two words in the local part one, and the first letter of the other: `given` says which is meant as the given name.
    Words {
        /// 0 or 1.
        given: u8,
    },
}

/// Both words of a local part such as `jane.doe`, if it has exactly two.
pub(super) fn two_words(local: &str) -> [&str; 2] {
    let mut words = local.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty());
    match (words.next(), words.next(), words.next()) {
        (Some(one), Some(other), None) if one.len() >= ALIKE && other.len() >= ALIKE => [one, other],
        _ => ["", ""],
    }
}

/// True if one given name can be a form of the other: they begin with the same three letters.
pub(super) fn is_form_of(one: &str, other: &str) -> bool {
    one != other
        && one.chars().count() >= ALIKE
        && other.chars().count() >= ALIKE
        && one.chars().take(ALIKE).eq(other.chars().take(ALIKE))
}

/// A handle without the digits at its end.
fn without_digits(handle: &str) -> &str {
    handle.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// How a long handle begins.
fn stem(handle: &str) -> Option<&str> {
    let (at, _) = handle.char_indices().nth(STEM)?;
    Some(&handle[..at])
}
