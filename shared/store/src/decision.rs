//! What admins decided about people. A later decision takes an earlier one back; none is changed or removed, unless somebody whom it
//! names is forgotten.

use serde::{Deserialize, Serialize};

use super::query::Range;
use super::transaction::{If, Write};
use super::{Item, Store, StoreError, keys};
use identity::decision::Decision;
use model::organisation::Uid;

/// Name of the attribute that holds the decision.
const DECISION: &str = "d";

/// A decision, and whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRecord {
    /// What was decided, and when.
    pub decision: Decision,
    /// Who decided: `root`, or the organisation's own key.
    pub by: String,
}

impl Store {
    /// Everything that was decided, in order of time.
    ///
    /// # Errors
    /// The database failed.
    pub async fn decisions(&self, uid: &Uid) -> Result<Vec<DecisionRecord>, StoreError> {
        let items = self.query(Range::all(&keys::decision_partition(uid))).await?;
        items.iter().map(DecisionRecord::read).collect()
    }

    /// When the last decision was taken; none before the first.
    ///
    /// # Errors
    /// The database failed.
    pub async fn last_decision(&self, uid: &Uid) -> Result<Option<i64>, StoreError> {
        let partition = keys::decision_partition(uid);
        let items = self.query(Range::all(&partition).newest_first().at_most(1)).await?;
        Ok(items.first().map(DecisionRecord::read).transpose()?.map(|record| record.decision.at))
    }

    /// Writes decisions down together with `beside`, and moves people on. A decision that is written already stays one.
    ///
    /// # Errors
    /// A condition of `beside` did not hold, or the database failed.
    pub async fn decide(&self, uid: &Uid, decisions: &[DecisionRecord], beside: Vec<Write>) -> Result<(), StoreError> {
        let mut writes = beside;
        for decision in decisions {
            writes.push(decision.put(uid)?);
        }
        writes.push(self.people_moved_on(uid)?);
        self.transact(writes).await
    }
}

impl DecisionRecord {
    /// The write that puts this decision.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    pub fn put(&self, uid: &Uid) -> Result<Write, StoreError> {
        let bytes = serde_json::to_vec(self).map_err(|_| StoreError::unreadable("decision"))?;
        Ok(Write::Put(Item::at(keys::decision(uid, &self.decision.id.0)).bytes(DECISION, bytes), If::Always))
    }

    /// The write that removes this decision.
    #[must_use]
    pub fn delete(&self, uid: &Uid) -> Write {
        Write::Delete(keys::decision(uid, &self.decision.id.0), If::Always)
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        serde_json::from_slice(item.get_bytes(DECISION)?).map_err(|_| StoreError::unreadable("decision"))
    }
}
