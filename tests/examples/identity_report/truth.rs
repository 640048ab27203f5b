//! Who is who, as a table says, and what of a plan is right by it.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    id: String,
    person: String,
    class: String,
    unsure: String,
}

/// Who is who, and what cannot be told.
#[derive(Default)]
pub(crate) struct Truth {
    /// Whose each identity is; nobody's in particular where the text is empty.
    pub(crate) person: HashMap<String, String>,
    class: HashMap<String, String>,
    unsure: HashMap<String, HashSet<String>>,
    /// Of a person: what may be theirs as well.
    unsure_of: HashMap<String, HashSet<String>>,
}

/// What a user got.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Git identities of their own, and nobody else's.
    Right,
    /// A Git identity that is certainly somebody else's.
    False,
    /// Only what nobody can judge.
    Unsure,
    /// Nothing.
    Alone,
}

impl Truth {
    /// Reads a table.
    pub(crate) fn read(path: &Path) -> Result<Self, csv::Error> {
        let mut truth = Self::default();
        for row in csv::Reader::from_path(path)?.deserialize() {
            let row: Row = row?;
            truth.add(&row.id, &row.person, &row.class, &row.unsure);
        }
        Ok(truth)
    }

    /// Takes one identity: whose it is, of which class, and the ids that may be the same person.
    pub(crate) fn add(&mut self, id: &str, person: &str, class: &str, unsure: &str) {
        let unsure: HashSet<String> = unsure.split_whitespace().map(str::to_owned).collect();
        if matches!(class, "exact" | "hard") {
            self.unsure_of.entry(person.to_owned()).or_default().extend(unsure.iter().cloned());
        }
        self.unsure.insert(id.to_owned(), unsure);
        self.class.insert(id.to_owned(), class.to_owned());
        self.person.insert(id.to_owned(), person.to_owned());
    }

    /// True for two identities of one person.
    pub(crate) fn is_same(&self, one: &str, other: &str) -> bool {
        self.person.get(one).is_some_and(|p| !p.is_empty() && self.person.get(other) == Some(p))
    }

    /// Whether two Git strings are one person's, if that is known. Somebody of whom nobody knows who it is is a stranger to people who
    /// use Claude, unless it may be theirs; to others nothing is known of it.
    pub(crate) fn are_one(&self, one: &str, other: &str) -> Option<bool> {
        let person = |id: &str| self.person.get(id).filter(|person| !person.is_empty());
        let is_known = match [person(one), person(other)] {
            [Some(_), Some(_)] => true,
            [Some(person), None] | [None, Some(person)] => self.unsure_of.contains_key(person),
            [None, None] => false,
        };
        (is_known && !self.are_twins(one, other)).then(|| self.is_same(one, other))
    }

    fn may_be_same(&self, one: &str, other: &str) -> bool {
        self.unsure.get(one).is_some_and(|set| set.contains(other))
    }

    /// True for two Git strings of whom a user may be both, as far as anybody can tell: they count neither for nor against.
    pub(crate) fn are_twins(&self, one: &str, other: &str) -> bool {
        let may_be = |one: &str, other: &str| {
            self.person.get(one).and_then(|p| self.unsure_of.get(p)).is_some_and(|unsure| unsure.contains(other))
        };
        may_be(one, other) || may_be(other, one)
    }

    /// What a user got with these Git identities.
    pub(crate) fn verdict<'a>(&self, user: &str, git: impl Iterator<Item = &'a str>) -> Verdict {
        let mut verdict = Verdict::Alone;
        for id in git {
            verdict = match (self.is_same(user, id), self.may_be_same(user, id)) {
                (true, _) => Verdict::Right,
                (false, true) if verdict == Verdict::Alone => Verdict::Unsure,
                (false, true) => verdict,
                (false, false) => return Verdict::False,
            };
        }
        verdict
    }

    /// True for a user who is in Git.
    pub(crate) fn is_in_git(&self, user: &str) -> bool {
        self.class.get(user).is_some_and(|class| matches!(class.as_str(), "exact" | "hard"))
    }
}
