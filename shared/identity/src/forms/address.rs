//! The strings that an address asks for.

use super::{MIN_LETTERS, MailForm, NUMBERED, NUMBERED_PUBLICLY, Part, stem, two_words, without_digits};
use crate::exclude;
use crate::names::is_word;
use crate::normal::{Email, squash};
use crate::owner::owner_label;
use crate::population::{Population, key_of};
use crate::provider;

/// A letter between the names that the author does not show.
const WITH_INNER_LETTER: f64 = 3.0;
/// In shorter names one letter more or less makes another name.
const WITH_ROOM: usize = 9;

/// All strings of one address.
pub(crate) fn forms(email: &Email, population: &Population, emit: &mut dyn FnMut(MailForm)) {
    let mut emit = |tag: &str, text: &str, factor: f64, part: Part| {
        emit(MailForm { key: key_of(&[tag, text]), factor: factor as f32, part });
    };
    let whole = squash(&email.local);
    let letters = without_digits(&whole);
    let public = provider::is_public(&email.domain);
    if !exclude::is_generic(&email.local) {
        let numbered = if public { NUMBERED_PUBLICLY } else { NUMBERED };
        handle(&whole, letters, numbered, &mut |tag, text, factor| emit(tag, text, factor, Part::Local));
        words(email, letters, population, &mut |tag, text, factor| emit(tag, text, factor, Part::Local));
        let [one, other] = two_words(&email.local);
        for (given, name, surname) in [(0, one, other), (1, other, one)] {
            if let Some(initial) = name.chars().next() {
                emit("initial", &format!("{initial}{surname}"), 1.0, Part::Words { given });
            }
        }
    }
    let label = squash(owner_label(&email.domain));
    if !public && label.chars().count() >= 4 {
        emit("full", &format!("{letters}{label}"), 1.0, Part::Local);
        emit("full", &label, 1.0, Part::Domain);
        emit("handle", &label, 1.0, Part::Domain);
    }
}

/// The local part as one word, with its digits and without.
fn handle(whole: &str, letters: &str, numbered: f64, emit: &mut dyn FnMut(&str, &str, f64)) {
    for tag in ["full", "initial", "handle"] {
        emit(tag, whole, 1.0);
    }
    let has_digits = letters.len() < whole.len();
    if has_digits && letters.len() >= 3 {
        emit("full", letters, numbered);
        emit("initial", letters, numbered);
    }
    if letters.chars().count() >= MIN_LETTERS {
        emit("letters", letters, if has_digits { numbered } else { 1.0 });
    }
    if let Some(stem) = stem(whole) {
        emit("stem", stem, 1.0);
    }
}

/// Separate words of a local part, in pairs and alone; of one without separators the names it begins and ends with.
fn words(email: &Email, letters: &str, population: &Population, emit: &mut dyn FnMut(&str, &str, f64)) {
    let parts: Vec<&str> = email.local.split(|c: char| !c.is_alphabetic()).filter(|w| is_word(w)).take(5).collect();
    for (at, one) in parts.iter().enumerate().filter(|_| parts.concat() != letters || parts.len() > 2) {
        parts[at + 1..].iter().for_each(|other| emit("full", &format!("{one}{other}"), 1.0));
    }
    parts.iter().filter(|w| w.chars().count() >= 3).for_each(|w| emit("word", w, 1.0));
    if parts.len() > 1 || letters.chars().count() > 40 {
        return;
    }
    for (at, c) in letters.char_indices().skip(1) {
        let (head, tail) = letters.split_at(at);
        let after = &tail[c.len_utf8()..];
        if is_word(head) && is_word(after) && letters.len() >= WITH_ROOM {
            emit("full", &format!("{head}{after}"), WITH_INNER_LETTER);
        }
        for part in [head, tail].into_iter().filter(|p| p.chars().count() >= 4 && population.bearers(p) > 0) {
            emit("word", part, 1.0);
        }
    }
}
