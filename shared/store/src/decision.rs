//! Decisions of admins about people. A later decision overrides an earlier one; none is changed or removed, unless a
//! person it names is erased.

use serde::{Deserialize, Serialize};

use super::query::Range;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use identity::decision::Decision;
use model::organisation::Uid;
use model::time::Timestamp;

/// Name of the attribute that holds the decision.
const DECISION: &str = "d";

/// A decision and its author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// The decision and its time.
    pub decision: Decision,
    /// Who decided: `root`, or the organisation's own key.
    pub by: String,
}

impl Store {
    /// All decisions, in order of time.
    pub async fn decisions(&self, uid: &Uid) -> Result<Vec<DecisionRecord>, StoreError> {
        let items = self.query(Range::all(&keys::decision_partition(uid))).await?;
        items.iter().map(DecisionRecord::read).collect()
    }

    /// The time of the last decision, if there is one.
    pub async fn last_decision(&self, uid: &Uid) -> Result<Option<Timestamp>, StoreError> {
        let partition = keys::decision_partition(uid);
        let items = self.query(Range::all(&partition).newest_first().at_most(1)).await?;
        Ok(items.first().map(DecisionRecord::read).transpose()?.map(|record| record.decision.at))
    }

    /// Stores decisions together with `also_write`, and increments the revision of people. The roster moves on. A decision that is already
    /// stored stays as it is.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if a condition in `also_write` failed.
    pub async fn decide(
        &self,
        uid: &Uid,
        decisions: &[DecisionRecord],
        also_write: Vec<Write>,
    ) -> Result<(), StoreError> {
        let mut writes = also_write;
        for decision in decisions {
            writes.push(decision.put(uid)?);
        }
        writes.push(self.people_moved_on(uid)?);
        writes.push(self.roster_moves_on(keys::roster_count_of_people(uid))?);
        self.transact(writes).await
    }
}

impl DecisionRecord {
    /// The write that stores this decision.
    pub fn put(&self, uid: &Uid) -> Result<Write, StoreError> {
        let bytes = serde_json::to_vec(self).map_err(|_| StoreError::bug("decision"))?;
        Ok(Write::Put(Item::at(keys::decision(uid, &self.decision.id.0)).bytes(DECISION, bytes), If::Always))
    }

    /// The write that removes this decision.
    #[must_use]
    pub fn delete(&self, uid: &Uid) -> Write {
        Write::Delete(keys::decision(uid, &self.decision.id.0), If::Always)
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        serde_json::from_slice(item.required_bytes(DECISION)?).map_err(|_| StoreError::unreadable("decision"))
    }
}
