//! How often everything of an organisation was recomputed, and how far the last time is.

use super::{Item, Store, StoreError, keys};
use crate::organisation::Uid;

/// The state of a rebuild.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RebuildState {
    /// How often everything was recomputed.
    pub epoch: i64,
    /// The partition of the last quarter hour that was done; `None` if all are.
    pub after: Option<String>,
}

impl Store {
    /// The epoch of an organisation's summaries, as it is after every write that was answered.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rebuild_epoch(&self, uid: &Uid) -> Result<i64, StoreError> {
        Ok(self.rebuild_state(uid).await?.epoch)
    }

    /// The state of the last rebuild.
    ///
    /// # Errors
    /// The database failed.
    pub async fn rebuild_state(&self, uid: &Uid) -> Result<RebuildState, StoreError> {
        let Some(item) = self.get(&keys::rebuild(uid)).await? else { return Ok(RebuildState::default()) };
        Ok(RebuildState { epoch: item.get_number("epoch")?, after: item.find_text("after").map(str::to_owned) })
    }

    /// Notes how far a rebuild is.
    ///
    /// # Errors
    /// The database failed.
    pub async fn put_rebuild_state(&self, uid: &Uid, state: &RebuildState) -> Result<(), StoreError> {
        let item = Item::at(keys::rebuild(uid)).number("epoch", state.epoch);
        self.put(match &state.after {
            Some(after) => item.text("after", after.as_str()),
            None => item,
        })
        .await
    }
}
