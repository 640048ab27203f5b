//! In which order people are listed, and how many there are: a page by number of a list is in a run of it, or in two.

use std::collections::BTreeMap;

use super::Stored;

/// How many stand in a run: those of some pages, and not so many that a page reads much more than it shows. Whoever is new moves all
/// runs after theirs.
pub const RUN: usize = 120;
/// What the counts are stored under.
pub const COUNTS: &str = "counts";

/// Somebody in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The id, which has no space in it.
    pub id: String,
    /// The group that the person is in.
    pub group: String,
}

/// How many each list has.
pub type Counts = BTreeMap<String, usize>;

/// What a run of a list is stored under, the first of which has the number 0.
#[must_use]
pub fn run_id(list: &str, number: usize) -> String {
    format!("{list}#{number:06}")
}

/// The runs of a list.
#[must_use]
pub fn runs(list: &str, people: &[Listed]) -> Vec<Stored> {
    let runs = people.chunks(RUN).enumerate();
    let run = |(number, run): (usize, &[Listed])| {
        encoded(run_id(list, number), run.iter().map(|listed| format!("{} {}\n", listed.group, listed.id)).collect())
    };
    runs.map(run).collect()
}

/// The counts.
#[must_use]
pub fn counts(counts: &Counts) -> Stored {
    encoded(COUNTS.to_owned(), counts.iter().map(|(list, count)| format!("{list} {count}\n")).collect())
}

/// Two words a line.
fn encoded(id: String, lines: String) -> Stored {
    Stored { id, bytes: lines.into_bytes() }
}

impl Stored {
    /// Those who stand in a run; none if this is no run.
    #[must_use]
    pub fn run(&self) -> Option<Vec<Listed>> {
        let listed = |(group, id): (&str, &str)| Listed { id: id.to_owned(), group: group.to_owned() };
        Some(self.lines()?.into_iter().map(listed).collect())
    }

    /// The counts; none if these are none.
    #[must_use]
    pub fn counts(&self) -> Option<Counts> {
        let count = |(list, count): (&str, &str)| Some((list.to_owned(), count.parse().ok()?));
        self.lines()?.into_iter().map(count).collect()
    }

    fn lines(&self) -> Option<Vec<(&str, &str)>> {
        str::from_utf8(&self.bytes).ok()?.lines().map(|line| line.split_once(' ')).collect()
    }
}
