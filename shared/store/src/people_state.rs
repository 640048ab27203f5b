//! The state of an organisation's people: one item whose revision grows with every decision and every upload of Git
//! users.
//!
//! A plan is applied on condition that this item is unchanged since the plan's inputs were read, so that no plan is
//! applied after an admin has intervened.

use aws_sdk_dynamodb::types::{AttributeValue, Update};

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
    /// The set that was current before, which can be brought back.
    pub before: Option<GitPointer>,
    /// A set that can be brought back no more, and whose chunks are being deleted.
    pub leaving: Option<GitPointer>,
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

    /// Says which sets of Git users there are, on condition that people are still at the revision of `state`. The roster
    /// moves on.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if people moved on.
    pub(super) async fn put_people_state(&self, uid: &Uid, state: &PeopleState) -> Result<(), StoreError> {
        let mut item = Item::at(keys::people_state(uid)).number(REVISION, state.revision + 1);
        for ((set, chunks), pointer) in [(CURRENT, &state.git), (BEFORE, &state.before), (LEAVING, &state.leaving)] {
            if let Some(pointer) = pointer {
                let count = i64::try_from(pointer.chunks).unwrap_or(i64::MAX);
                item = item.text(set, &*pointer.set).number(chunks, count);
            }
        }
        let condition = if state.revision == 0 { If::Absent } else { If::Revision(state.revision) };
        self.transact(vec![Write::Put(item, condition), self.roster_moves_on(keys::roster_count_of_people(uid))?]).await
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

/// The attributes of a set: its name, and how many chunks it has.
type Attributes = (&'static str, &'static str);

const CURRENT: Attributes = ("git_set", "git_chunks");
const BEFORE: Attributes = ("before_set", "before_chunks");
const LEAVING: Attributes = ("leaving_set", "leaving_chunks");

fn read(item: &Item) -> Result<PeopleState, StoreError> {
    let (git, before, leaving) = (pointer(item, CURRENT), pointer(item, BEFORE), pointer(item, LEAVING));
    Ok(PeopleState { revision: item.required_number(REVISION)?, git, before, leaving })
}

fn pointer(item: &Item, (set, chunks): Attributes) -> Option<GitPointer> {
    let chunks = usize::try_from(item.optional_number(chunks)?).ok()?;
    Some(GitPointer { set: item.optional_text(set)?.into(), chunks })
}
