//! Suggestions: who may be whom, as the last run of the merge saw it.

use serde::{Deserialize, Serialize};

use super::person::KnownAuthor;
use super::query::Range;
use super::range::Reading;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;

/// Name of the attribute that holds the suggestion.
const SUGGESTION: &str = "s";

/// Who a person may be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SuggestionRecord {
    /// The person, by its id, which is the suggestion's too.
    pub user: String,
    /// The e-mail address that the person goes by.
    pub email: Option<String>,
    /// Best first.
    pub candidates: Vec<CandidateRecord>,
}

/// One candidate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CandidateRecord {
    /// The ids of all its authors; the first is the candidate's own.
    pub authors: Vec<String>,
    /// Some of them, to be shown.
    pub shown: Vec<KnownAuthor>,
    /// How sure, from 0 to 1.
    pub score: f64,
    /// Why, in a sentence.
    pub reason: String,
}

impl Store {
    /// Suggestions in order of id, those after `after` first, at most `limit`.
    ///
    /// # Errors
    /// The database failed.
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

    /// The suggestions for the people whose ids stand between the two given ones, these included.
    ///
    /// # Errors
    /// The database failed.
    pub async fn suggestions_between(
        &self,
        uid: &Uid,
        ends: (&str, &str),
    ) -> Result<Vec<SuggestionRecord>, StoreError> {
        let items = self.between(&keys::suggestion_partition(uid), Some(ends), Reading::Latest).await?;
        items.iter().map(SuggestionRecord::read).collect()
    }

    /// One suggestion.
    ///
    /// # Errors
    /// The database failed.
    pub async fn suggestion(&self, uid: &Uid, user: &str) -> Result<Option<SuggestionRecord>, StoreError> {
        self.get(&keys::suggestion(uid, user)).await?.map(|item| SuggestionRecord::read(&item)).transpose()
    }
}

impl SuggestionRecord {
    /// The write that puts this suggestion.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn put(&self, uid: &Uid) -> Result<Write, StoreError> {
        let bytes = serde_json::to_vec(self).map_err(|_| StoreError::unreadable("suggestion"))?;
        Ok(Write::Put(Item::at(keys::suggestion(uid, &self.user)).bytes(SUGGESTION, bytes), If::Always))
    }

    /// The write that removes this suggestion.
    #[must_use]
    pub fn delete(&self, uid: &Uid) -> Write {
        Write::Delete(keys::suggestion(uid, &self.user), If::Always)
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        serde_json::from_slice(item.get_bytes(SUGGESTION)?).map_err(|_| StoreError::unreadable("suggestion"))
    }
}
