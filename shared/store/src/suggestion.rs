//! Suggested merges, as found by the last merge run.

use serde::{Deserialize, Serialize};

use super::person::KnownAuthor;
use super::query::Range;
use super::range::Reading;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;

/// Name of the attribute that holds the suggestion.
const SUGGESTION: &str = "s";

/// A suggested merge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuggestionRecord {
    /// The id of the person, which is also that of the suggestion.
    pub user: String,
    /// The e-mail address of the person.
    pub email: Option<String>,
    /// The candidates, best first.
    pub candidates: Vec<CandidateRecord>,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateRecord {
    /// The ids of all its authors; the first is the candidate's own.
    pub authors: Vec<String>,
    /// Some of its authors, to be shown.
    pub shown: Vec<KnownAuthor>,
    /// The confidence, from 0 to 1.
    pub score: f64,
    /// The reason, as a sentence.
    pub reason: String,
}

impl Store {
    /// Suggestions in order of id, starting after `after`, at most `limit`.
    pub async fn suggestions(
        &self,
        uid: &Uid,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<SuggestionRecord>, StoreError> {
        let partition = keys::suggestion_partition(uid);
        let items = self.query(Range::after(&partition, after).at_most(limit)).await?;
        items.iter().map(SuggestionRecord::read).collect()
    }

    /// The suggestions for the people whose ids are between the given ones, inclusive.
    pub async fn suggestions_between(
        &self,
        uid: &Uid,
        ends: (&str, &str),
    ) -> Result<Vec<SuggestionRecord>, StoreError> {
        let items = self.between(&keys::suggestion_partition(uid), Some(ends), Reading::Latest).await?;
        items.iter().map(SuggestionRecord::read).collect()
    }

    /// One suggestion.
    pub async fn suggestion(&self, uid: &Uid, user: &str) -> Result<Option<SuggestionRecord>, StoreError> {
        self.get(&keys::suggestion(uid, user)).await?.map(|item| SuggestionRecord::read(&item)).transpose()
    }
}

impl SuggestionRecord {
    /// The write that stores this suggestion.
    pub fn put(&self, uid: &Uid) -> Result<Write, StoreError> {
        let bytes = serde_json::to_vec(self).map_err(|_| StoreError::bug("suggestion"))?;
        Ok(Write::Put(Item::at(keys::suggestion(uid, &self.user)).bytes(SUGGESTION, bytes), If::Always))
    }

    /// The write that removes this suggestion.
    #[must_use]
    pub fn delete(&self, uid: &Uid) -> Write {
        Write::Delete(keys::suggestion(uid, &self.user), If::Always)
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        serde_json::from_slice(item.required_bytes(SUGGESTION)?).map_err(|_| StoreError::unreadable("suggestion"))
    }
}
