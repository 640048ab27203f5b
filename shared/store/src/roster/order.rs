//! In which order people are listed, and how many there are: a page by number of a list is in a run of it, or in two.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Stored;
use crate::StoreError;

/// How many stand in a run: those of some pages, and not so many that a page reads much more than it shows. Whoever is new moves all
/// runs after theirs.
pub const RUN: usize = 120;
/// What the counts are stored under.
pub const COUNTS: &str = "counts";

/// Somebody in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// The id.
    #[serde(rename = "i")]
    pub id: String,
    /// The group that the person is in.
    #[serde(rename = "g")]
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
///
/// # Errors
/// None that is expected.
pub fn runs(list: &str, people: &[Listed]) -> Result<Vec<Stored>, StoreError> {
    let runs = people.chunks(RUN).enumerate();
    runs.map(|(number, run)| encoded(run_id(list, number), &run)).collect()
}

/// The counts.
///
/// # Errors
/// None that is expected.
pub fn counts(counts: &Counts) -> Result<Stored, StoreError> {
    encoded(COUNTS.to_owned(), counts)
}

fn encoded(id: String, value: &impl Serialize) -> Result<Stored, StoreError> {
    Ok(Stored { id, bytes: serde_json::to_vec(value).map_err(|_| StoreError::bug("roster"))? })
}

impl Stored {
    /// Those who stand in a run.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if this is none.
    pub fn run(&self) -> Result<Vec<Listed>, StoreError> {
        self.decoded()
    }

    /// The counts.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if these are none.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        self.decoded()
    }

    fn decoded<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_slice(&self.bytes).map_err(|_| StoreError::unreadable("roster"))
    }
}
