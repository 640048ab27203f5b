//! The strings that an author answers to.

use super::{GitForm, MIN_LETTERS, NUMBERED_PUBLICLY, WORTHLESS, stem, without_digits};
use crate::authors::Author;
use crate::exclude;
use crate::names::is_word;
use crate::nickname;
use crate::normal::squash;
use crate::population;
use crate::population::{CUT_AT, Population, cut_off, key_of};
use crate::rule::Rule;

/// A short form of a given name may be somebody else's full one.
const BY_NICKNAME: f64 = 5.0;
/// The surname first.
const BY_ORDER: f64 = 5.0;
/// Which of a person's middle initials they use is one more thing that agrees.
const BY_MIDDLE_INITIAL: f64 = 0.1;
/// Logins are taken once per host.
const BY_LOGIN: f64 = 0.5;
/// A name of one word may be a given name.
const BY_HANDLE_NAME: f64 = 2.0;
/// A single word is never worth more, however rare: somebody new may bear it tomorrow.
const ONE_WORD: f64 = 0.25;
/// A surname that so few people bear is safe with an initial. How much safer than chance says, and how unsafe any other is at least.
const FEW_BEARERS: u32 = 2;
const BY_COMMON_SURNAME: f64 = 0.05;
const BY_RARE_SURNAME: f64 = 0.05;
/// Other surnames may begin alike.
const BY_CUT: f64 = 2.0;
const GIVEN_NAME_AND_INITIAL: f64 = 0.1;
/// Handles that only begin alike.
const BY_STEM: f64 = 1.5;

/// All strings of one author that are worth looking up.
pub(crate) fn forms(author: &Author, population: &Population, emit: &mut dyn FnMut(GitForm)) {
    let mut emit = |tag: &str, text: &str, rule: Rule, chance: f64, email: Option<u32>| {
        let chance = chance.max(match rule {
            Rule::OneWord => ONE_WORD,
            Rule::GivenNameAndInitial => GIVEN_NAME_AND_INITIAL,
            _ => population::by_length(text.chars().count()),
        });
        if chance <= WORTHLESS {
            emit(GitForm { key: key_of(&[tag, text]), rule, chance, email });
        }
    };
    if author.name.is_full() {
        for words in author.name.spellings() {
            full_names(words, population, &mut |text, rule, chance| emit("full", text, rule, chance, None));
            initials(words, population, &mut |text, rule, chance| emit("initial", text, rule, chance, None));
        }
        for word in author.name.words.iter().filter(|w| w.chars().count() >= 3) {
            emit("word", word, Rule::OneWord, population.sharing(word), None);
        }
    }
    handles(author, population, &mut |text, rule, factor, email| {
        emit("handle", text, rule, population.choosing(text) * factor, email);
        let letters = without_digits(text);
        if letters.chars().count() >= MIN_LETTERS {
            let rule = if rule == Rule::OneWord { rule } else { Rule::SameButDigits };
            emit("letters", letters, rule, population.choosing(letters) * factor * NUMBERED_PUBLICLY, email);
        }
        if let Some(stem) = stem(text) {
            emit("stem", stem, Rule::SimilarHandle, BY_STEM, email);
        }
    });
}

/// Takes a handle, what it is, what a match is worth less for that, and the e-mail it came from.
type EmitHandle<'a> = dyn FnMut(&str, Rule, f64, Option<u32>) + 'a;

/// Logins, local parts and a name of one word; what is a single word of a name is worth no more than that.
fn handles(author: &Author, population: &Population, emit: &mut EmitHandle<'_>) {
    for login in &author.logins {
        emit(&squash(login), Rule::Login, BY_LOGIN, None);
    }
    for (at, email) in author.emails.iter().enumerate().filter(|(_, e)| !exclude::is_generic(&e.local)) {
        let local = squash(&email.local);
        let bare = is_bare_name(author, &local, population);
        emit(&local, if bare { Rule::OneWord } else { Rule::SameLocalPart }, 1.0, Some(at as u32));
    }
    if let Some(word) = author.name.handle().filter(|_| author.is_reachable()) {
        let bare = population.bearers(word) > 0;
        emit(word, if bare { Rule::OneWord } else { Rule::HandleName }, BY_HANDLE_NAME, None);
    }
}

/// True if a local part is a single word of somebody's name, or the beginning of the author's name written in one.
fn is_bare_name(author: &Author, local: &str, population: &Population) -> bool {
    population.bearers(local) > 0 || author.name.handle().is_some_and(|h| h != local && h.starts_with(local))
}

fn full_names(words: &[String], population: &Population, emit: &mut dyn FnMut(&str, Rule, f64)) {
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return;
    };
    let both = |one: &str, other: &str| {
        if is_word(one) && is_word(other) { population.sharing_both(one, other) } else { f64::INFINITY }
    };
    let chance = both(first, last);
    // Where others bear both words, either may be the given name.
    let is_either = population.bearers(first) > 1 && population.bearers(last) > 1;
    let reversed = if is_either { chance * BY_ORDER } else { chance };
    emit(&format!("{first}{last}"), Rule::FullName, chance);
    emit(&format!("{last}{first}"), Rule::FullName, reversed);
    if let [_, inner @ .., _] = words
        && !inner.is_empty()
    {
        emit(&words.concat(), Rule::FullName, chance.min(both(first, &words[1])));
        emit(&format!("{last}{}", words[..words.len() - 1].concat()), Rule::FullName, reversed);
        emit(&format!("{first}{}", inner[0]), Rule::TwoWords, both(first, &inner[0]));
        emit(&format!("{}{last}", inner[inner.len() - 1]), Rule::TwoWords, both(&inner[inner.len() - 1], last));
        let middle: String = inner.iter().filter_map(|w| w.chars().next()).collect();
        emit(&format!("{first}{middle}{last}"), Rule::FullName, chance);
    }
    for other in nickname::other_forms(first) {
        emit(&format!("{other}{last}"), Rule::FullName, chance * BY_NICKNAME);
        emit(&format!("{last}{other}"), Rule::FullName, reversed * BY_NICKNAME);
    }
}

fn initials(words: &[String], population: &Population, emit: &mut dyn FnMut(&str, Rule, f64)) {
    let [given @ .., surname] = words else {
        return;
    };
    let Some(first) = given.first() else {
        return;
    };
    let letters: String = given.iter().filter_map(|w| w.chars().next()).collect();
    let (Some(initial), Some(last)) = (first.chars().next(), surname.chars().next()) else {
        return;
    };
    if is_word(surname) {
        let chance = population.sharing_initial_and(initial, surname);
        let is_rare = population.bearers(surname) <= FEW_BEARERS;
        let chance = if is_rare { chance * BY_RARE_SURNAME } else { chance.max(BY_COMMON_SURNAME) };
        emit(&format!("{initial}{surname}"), Rule::InitialAndSurname, chance);
        emit(&format!("{surname}{initial}"), Rule::InitialAndSurname, chance);
        for length in CUT_AT {
            if let Some(cut) = cut_off(surname, length - 1) {
                let alike = f64::from(population.beginning(cut)) / f64::from(population.bearers(surname).max(1));
                emit(&format!("{initial}{cut}"), Rule::CutOff, chance * alike.powi(2) * BY_CUT);
            }
        }
        if given.len() > 1 {
            emit(&format!("{letters}{surname}"), Rule::InitialAndSurname, chance * BY_MIDDLE_INITIAL);
            emit(&format!("{surname}{letters}"), Rule::InitialAndSurname, chance * BY_MIDDLE_INITIAL);
        }
    }
    if is_word(first) {
        let chance = population.sharing_initial_and(last, first);
        emit(&format!("{first}{last}"), Rule::GivenNameAndInitial, chance);
        emit(&format!("{last}{first}"), Rule::GivenNameAndInitial, chance);
    }
}
