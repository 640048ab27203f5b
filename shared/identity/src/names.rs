//! An author name, taken apart into words.

use super::exclude;
use super::nickname;
use super::normal::{comparable, fold, fold_written_out};

const TITLES: &[&str] = &["dr", "ii", "iii", "iv", "ing", "jr", "mr", "mrs", "ms", "phd", "prof", "sr"];

/// The words of a name, folded, in the order of writing; empty if nobody in particular goes by it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Name {
    /// Folded words without titles, numbers and what stands in brackets.
    pub(super) words: Vec<String>,
    /// The same with umlauts written out, where that differs.
    pub(super) written_out: Option<Vec<String>>,
}

impl Name {
    /// Reads a name as Git has it.
    pub(super) fn parse(text: &str) -> Self {
        let text = comparable(text);
        let text = text.split_once('@').map_or(text.as_str(), |(before, _)| before);
        if exclude::is_nobody(text) {
            return Self::default();
        }
        let text = in_order(&without_brackets(text));
        let words = words(&text, fold);
        let written_out = fold_written_out(&text).map(|out| self::words(&out, str::to_owned)).filter(|w| *w != words);
        Self { words, written_out }
    }

    /// Given name and surname, if it has both; a single letter is neither.
    pub(super) fn is_full(&self) -> bool {
        self.words.iter().filter(|w| is_word(w)).count() >= 2
    }

    /// The one word of a name that is no full name: often a handle.
    pub(super) fn handle(&self) -> Option<&str> {
        match self.words.as_slice() {
            [word] => Some(word),
            _ => None,
        }
    }

    /// Equal for two full names of the same words, initials aside: in any order, or only `as_written`.
    pub(super) fn key(&self, as_written: bool) -> Option<String> {
        if !self.is_full() {
            return None;
        }
        let mut words: Vec<&str> = self.words.iter().map(String::as_str).filter(|w| is_word(w)).collect();
        if !as_written {
            words.sort_unstable();
        }
        Some(words.join(" "))
    }

    /// The spellings to try: as folded, and with umlauts written out.
    pub(super) fn spellings(&self) -> impl Iterator<Item = &[String]> {
        std::iter::once(self.words.as_slice()).chain(self.written_out.as_deref())
    }

    /// True if the two have a word in common.
    pub(super) fn has_word_of(&self, other: &Self) -> bool {
        self.words.iter().any(|w| is_word(w) && other.words.contains(w))
    }

    /// True if two full names can be one person's: the same words in any order, one of them with more or fewer words or with
    /// initials, or the same surname after two forms of one given name.
    pub(super) fn can_be(&self, other: &Self) -> bool {
        let spellings = || self.spellings().flat_map(|one| other.spellings().map(move |two| (one, two)));
        spellings().any(|(one, two)| {
            are_forms(one, two) || one.concat() == two.concat() || includes(one, two) || includes(two, one)
        })
    }
}

/// True if the surnames are equal and the given names can be one.
fn are_forms(one: &[String], other: &[String]) -> bool {
    let ([given, .., last], [other_given, .., other_last]) = (one, other) else {
        return false;
    };
    let begins_alike = || {
        let alike = given.chars().zip(other_given.chars()).take_while(|(a, b)| a == b).count();
        alike >= 3 || alike == given.chars().count().min(other_given.chars().count()) && alike == 1
    };
    last == other_last && (begins_alike() || nickname::other_forms(given).any(|form| form == other_given))
}

/// True if all words of the second, at least two of them, stand in the first, an initial for any word that begins with it.
fn includes(more: &[String], fewer: &[String]) -> bool {
    let mut left: Vec<&String> = more.iter().collect();
    fewer.iter().filter(|w| is_word(w)).count() >= 2
        && fewer.iter().all(|word| {
            let at = left.iter().position(|w| *w == word || !is_word(word) && w.starts_with(word.as_str()));
            at.map(|at| left.swap_remove(at)).is_some()
        })
}

/// A word that can be a given name or a surname: an initial cannot. One letter of a script without cases is a word.
pub(super) fn is_word(word: &str) -> bool {
    word.len() >= 2
}

fn words(text: &str, fold: impl Fn(&str) -> String) -> Vec<String> {
    let plain: String = text.chars().filter(|c| !matches!(c, '\'' | '’' | '`' | '´')).collect();
    let mut parts: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    if let [one] = parts.as_slice() {
        parts = humps(one);
    }
    let mut words: Vec<String> = parts.into_iter().map(fold).filter(|w| w.chars().any(char::is_alphabetic)).collect();
    while words.len() > 2 && words.last().is_some_and(|w| TITLES.contains(&w.as_str())) {
        words.pop();
    }
    if words.len() > 2 && TITLES.contains(&words[0].as_str()) {
        words.remove(0);
    }
    words.shrink_to_fit();
    words
}

/// `JaneDoe` is two words; `JaneD` and `McDoe` are one.
fn humps(word: &str) -> Vec<&str> {
    let mut cuts = vec![0];
    let mut before_is_lower = false;
    for (at, c) in word.char_indices() {
        if before_is_lower && c.is_uppercase() {
            cuts.push(at);
        }
        before_is_lower = c.is_lowercase();
    }
    cuts.push(word.len());
    let parts: Vec<&str> = cuts.windows(2).map(|w| &word[w[0]..w[1]]).collect();
    if parts.iter().all(|p| p.len() >= 3) { parts } else { vec![word] }
}

fn without_brackets(text: &str) -> String {
    let mut depth = 0_u32;
    let kept: String = text
        .chars()
        .filter(|c| match c {
            '(' | '[' => {
                depth += 1;
                false
            }
            ')' | ']' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect();
    if kept.trim().is_empty() { text.to_owned() } else { kept }
}

/// `Doe, Jane` is `Jane Doe`.
fn in_order(text: &str) -> String {
    match text.split_once(',') {
        Some((last, first)) if !first.contains(',') && !first.trim().is_empty() => {
            format!("{first} {last}")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(text: &str) -> String {
        Name::parse(text).words.join(" ")
    }

    #[test]
    fn names_fall_into_words() {
        assert_eq!(words_of("Dr. Jane van Doe (Acme) Jr."), "jane van doe");
        assert_eq!(words_of("Doe, Jane"), "jane doe");
        assert_eq!(words_of("JaneDoe"), "jane doe");
        assert_eq!(words_of("JaneD"), "janed");
        assert_eq!(words_of("Jane O'Hara"), "jane ohara");
        assert_eq!(words_of("jane.doe@example.com"), "jane doe");
    }

    #[test]
    fn order_and_initials_make_no_other_name() {
        assert_eq!(Name::parse("Jane Q. Doe").key(false), Name::parse("DOE Jane").key(false));
        assert_ne!(Name::parse("Jane Q. Doe").key(true), Name::parse("DOE Jane").key(true));
        assert_eq!(Name::parse("Jane D.").key(false), None);
    }

    #[test]
    fn nobody_goes_by_a_placeholder() {
        assert_eq!(Name::parse("Your Name"), Name::default());
        assert_eq!(Name::parse("root"), Name::default());
    }
}
