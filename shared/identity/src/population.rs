//! How common each word of a name is among the people at hand: the measure of what a match by name is worth.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::names::is_word;

/// The share of people whose given name starts with one letter, where nothing is known; and how many people that belief weighs.
const INITIAL: f64 = 0.06;
const INITIAL_WEIGHT: f64 = 20.0;
/// The share of people who go by one bare name of theirs in an address, where they may choose.
const BARE_NAME: f64 = 0.5;
/// How many further people the population is thought to be drawn from. A word that stands once among five people is not
/// borne by every fifth human being.
const UNSEEN: f64 = 1_000.0;

/// Of words borne once, the share borne twice if nothing is known; and how many words that belief weighs.
const REPEATED: f64 = 0.3;
const REPEATED_WEIGHT: f64 = 20.0;
/// Words of this length and longer are alike in how rare they are.
const LONG: usize = 10;

/// Longer handles are no names, in bytes.
const LONGEST_NAME: usize = 64;

/// So many characters old systems leave of an account name.
pub(super) const CUT_AT: [usize; 2] = [7, 8];

/// The beginning of a longer text, in characters.
pub(super) fn cut_off(text: &str, length: usize) -> Option<&str> {
    let (at, _) = text.char_indices().nth(length)?;
    Some(&text[..at])
}

/// A 64-bit key of some text, so that millions of them stay small.
pub(super) fn key_of(parts: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}

/// Word counts over distinct full names of both sides.
///
/// All figures it answers are expected numbers: how many people of this population would show the same by chance.
#[derive(Debug, Default)]
pub(super) struct Population {
    bearers: HashMap<u64, Bearers>,
    names: HashSet<u64>,
    initials: HashMap<char, u32>,
    /// How many words begin like this and go on, for the beginnings that a cut after [`CUT_AT`] leaves behind an initial.
    cut: HashMap<u64, u32>,
    /// Names that an employer had to number.
    numbered: HashSet<u64>,
    /// By length: what one bearer counts for, see [`Population::finish`].
    single: [f64; LONG + 1],
}

#[derive(Clone, Copy, Debug, Default)]
struct Bearers {
    count: u32,
    length: u8,
}

impl Population {
    /// Counts one full name; the same words in any order count once, whoever bears them.
    pub(super) fn add<'a>(&mut self, words: impl Iterator<Item = &'a str>) {
        let mut words: Vec<&str> = words.filter(|w| is_word(w)).collect();
        let initial = words.first().and_then(|w| w.chars().next());
        words.sort_unstable();
        words.dedup();
        if words.len() < 2 || !self.names.insert(key_of(&words)) {
            return;
        }
        for word in words {
            let bearers = self.bearers.entry(key_of(&[word])).or_default();
            bearers.count += 1;
            bearers.length = word.chars().count().min(LONG) as u8;
            for length in CUT_AT {
                if let Some(cut) = cut_off(word, length - 1) {
                    self.cut.entry(key_of(&[cut])).and_modify(|count| *count += 1).or_insert(1);
                }
            }
        }
        if let Some(initial) = initial {
            *self.initials.entry(initial).or_default() += 1;
        }
    }

    /// Takes note of two words that are the name of several people: an employer numbers their addresses.
    pub(super) fn add_numbered(&mut self, one: &str, other: &str) {
        self.numbered.insert(Self::pair(one, other));
    }

    fn pair(one: &str, other: &str) -> u64 {
        key_of(&[one.min(other), one.max(other)])
    }

    /// Learns from the words counted how often a word seen once is borne again, by its length: long names are rarer than short
    /// ones. This is Good and Turing's estimate, 2 × (words seen twice) / (words seen once).
    pub(super) fn finish(mut self) -> Self {
        let (mut once, mut twice) = ([0_u32; LONG + 1], [0_u32; LONG + 1]);
        for bearers in self.bearers.values() {
            match bearers.count {
                1 => once[usize::from(bearers.length)] += 1,
                2 => twice[usize::from(bearers.length)] += 1,
                _ => {}
            }
        }
        for (at, single) in self.single.iter_mut().enumerate() {
            let repeated =
                (f64::from(twice[at]) + REPEATED * REPEATED_WEIGHT) / (f64::from(once[at]) + REPEATED_WEIGHT);
            *single = (2.0 * repeated).min(1.0);
        }
        self
    }

    /// How many distinct full names have this word.
    pub(super) fn bearers(&self, word: &str) -> u32 {
        self.bearers.get(&key_of(&[word])).map_or(0, |b| b.count)
    }

    fn size(&self) -> f64 {
        self.names.len() as f64
    }

    fn share(&self, word: &str) -> f64 {
        let count = self.bearers(word);
        let counted = if count > 1 { f64::from(count) } else { self.single[word.chars().count().min(LONG)] };
        counted / (self.size() + UNSEEN)
    }

    /// Others with both words as their name.
    pub(super) fn sharing_both(&self, one: &str, other: &str) -> f64 {
        let expected = 2.0 * self.size() * self.share(one) * self.share(other);
        if self.numbered.contains(&Self::pair(one, other)) { expected.max(1.0) } else { expected }
    }

    /// Others with this word in their name and this first letter of the other.
    pub(super) fn sharing_initial_and(&self, initial: char, word: &str) -> f64 {
        let seen = f64::from(self.initials.get(&initial).copied().unwrap_or(0));
        let share = (seen + INITIAL * INITIAL_WEIGHT) / (self.size() + INITIAL_WEIGHT);
        self.size() * share * self.share(word)
    }

    /// How many words of names begin like this, or are this.
    pub(super) fn beginning(&self, cut: &str) -> u32 {
        self.cut.get(&key_of(&[cut])).copied().unwrap_or(0) + self.bearers(cut)
    }

    /// Others with this word in their name.
    pub(super) fn sharing(&self, word: &str) -> f64 {
        self.size() * self.share(word)
    }

    /// Others who would choose this text (letters and digits, folded) as a handle: read as a name if it can be, else by its length.
    pub(super) fn choosing(&self, handle: &str) -> f64 {
        let letters = handle.trim_end_matches(|c: char| c.is_ascii_digit());
        let digits = handle.len() - letters.len();
        let tail = [1.0, 0.5, 0.1, 0.02][digits.min(3)];
        (self.as_name(letters) * tail).max(by_length(handle.chars().count()))
    }

    /// The likeliest reading of letters as a bare name, an initial with a name, or two names.
    fn as_name(&self, letters: &str) -> f64 {
        if letters.len() > LONGEST_NAME {
            return 0.0;
        }
        let mut most = if self.bearers(letters) > 0 { BARE_NAME * self.sharing(letters) } else { 0.0 };
        for (at, c) in letters.char_indices().skip(1) {
            let (head, tail) = letters.split_at(at);
            let initial = letters.chars().next().filter(|i| i.len_utf8() == at);
            let initial_last = at + c.len_utf8() == letters.len();
            let (known_head, known_tail) = (self.bearers(head) > 0, self.bearers(tail) > 0);
            if let Some(initial) = initial.filter(|_| known_tail) {
                most = most.max(self.sharing_initial_and(initial, tail));
            }
            if initial_last && known_head {
                most = most.max(self.sharing_initial_and(c, head));
            }
            if known_head && known_tail {
                most = most.max(self.sharing_both(head, tail));
            }
        }
        most
    }
}

/// Short handles are taken by several people, long ones by one.
pub(super) fn by_length(chars: usize) -> f64 {
    match chars {
        0..=3 => 1.0,
        4 => 0.3,
        5 => 0.1,
        6 => 0.01,
        _ => 0.002,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(names: &[&str]) -> Population {
        let mut population = Population::default();
        for name in names {
            population.add(name.split(' '));
        }
        population.finish()
    }

    #[test]
    fn the_same_name_counts_once_in_any_order() {
        let population = people(&["jane doe", "doe jane", "john doe"]);
        assert_eq!((population.bearers("doe"), population.bearers("jane")), (2, 1));
    }

    #[test]
    fn a_common_surname_is_worth_less_than_a_rare_one() {
        let population = people(&["jane doe", "john doe", "jim doe", "ann rarefield"]);
        assert!(population.sharing_initial_and('j', "doe") > 2.0 * population.sharing_initial_and('j', "rarefield"));
        assert!(population.choosing("jdoe") > population.choosing("jdoe77"));
        assert!(population.choosing("ann") > population.choosing("annrarefield"));
    }
}
