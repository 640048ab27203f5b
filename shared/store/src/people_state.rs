//! The state of an organisation's people: one item whose revision grows with every decision and every upload of Git
//! users.
//!
//! A plan is applied on condition that this item is unchanged since the plan's inputs were read, so that no plan is
//! applied after an admin has intervened.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, Update};

use super::organisation::REVISION;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;

/// The state of an organisation's people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeopleState {
    /// Grows with every decision and every set of Git users; 0 before the first.
    pub revision: i64,
    /// The current set of Git users.
    pub git: Option<GitPointer>,
}

/// Identifies the chunks of a set of Git users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitPointer {
    /// The set.
    pub set: String,
    /// How many chunks it has.
    pub chunks: usize,
}

impl Store {
    /// The state of an organisation's people, read consistently.
    pub async fn people_state(&self, uid: &Uid) -> Result<PeopleState, StoreError> {
        self.get(&keys::people_state(uid)).await?.map_or_else(|| Ok(PeopleState::default()), |item| read(&item))
    }

    /// Makes a set of Git users current and returns the previous one. After an error, it may have been done
    /// nevertheless.
    pub async fn point_to_git_set(&self, uid: &Uid, git: &GitPointer) -> Result<Option<GitPointer>, StoreError> {
        let chunks = i64::try_from(git.chunks).unwrap_or(i64::MAX);
        let answer = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::people_state(uid)).into()))
            .update_expression("SET git_set = :set, git_chunks = :chunks ADD #revision :one")
            .expression_attribute_names("#revision", REVISION)
            .expression_attribute_values(":set", AttributeValue::S(git.set.clone()))
            .expression_attribute_values(":chunks", AttributeValue::N(chunks.to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .return_values(ReturnValue::AllOld)
            .send()
            .await
            .map_err(StoreError::from_sdk)?;
        Ok(answer.attributes.map(Item::from).and_then(|item| pointer(&item)))
    }

    /// The write that increments the revision of people.
    pub(super) fn people_moved_on(&self, uid: &Uid) -> Result<Write, StoreError> {
        let update = Update::builder()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::people_state(uid)).into()))
            .update_expression("ADD #revision :one")
            .expression_attribute_names("#revision", REVISION)
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .build()
            .map_err(|_| StoreError::unreadable("people state"))?;
        Ok(Write::Update(Box::new(update)))
    }
}

impl PeopleState {
    /// The condition that people are unchanged since this state was read.
    #[must_use]
    pub fn unchanged(&self, uid: &Uid) -> Write {
        let condition = if self.revision == 0 { If::Absent } else { If::Revision(self.revision) };
        Write::Check(keys::people_state(uid), condition)
    }
}

fn read(item: &Item) -> Result<PeopleState, StoreError> {
    Ok(PeopleState { revision: item.required_number(REVISION)?, git: pointer(item) })
}

fn pointer(item: &Item) -> Option<GitPointer> {
    let chunks = usize::try_from(item.optional_number("git_chunks")?).ok()?;
    Some(GitPointer { set: item.optional_text("git_set")?.into(), chunks })
}
