//! How often everything of an organisation was recomputed, and how far the last time is.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Item, Store, StoreError, keys};
use crate::organisation::Uid;
use crate::time::Millis;

/// The state of a rebuild.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RebuildState {
    /// How often everything was recomputed.
    pub epoch: i64,
    /// The place of the last quarter hour that was done; `None` if all are.
    pub after: Option<String>,
    /// How many quarter hours were done.
    pub projected: i64,
    /// When the last rebuild was asked for.
    pub started_at: Option<Millis>,
    /// When it was done.
    pub finished_at: Option<Millis>,
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
        Ok(RebuildState {
            epoch: item.get_number("epoch")?,
            after: item.find_text("after").map(str::to_owned),
            projected: item.find_number("projected").unwrap_or(0),
            started_at: item.find_time("started_at"),
            finished_at: item.find_time("finished_at"),
        })
    }

    /// Notes how far a rebuild is, if the last one known is that of `epoch` (0 before the first).
    ///
    /// # Errors
    /// Another one was begun (see [`StoreError::is_conflict`]), or the database failed.
    pub async fn put_rebuild_state(&self, uid: &Uid, state: &RebuildState, epoch: i64) -> Result<(), StoreError> {
        let mut item = Item::at(keys::rebuild(uid))
            .number("epoch", state.epoch)
            .number("projected", state.projected)
            .time("started_at", state.started_at)
            .time("finished_at", state.finished_at);
        if let Some(after) = &state.after {
            item = item.text("after", after.as_str());
        }
        let put = self.client.put_item().table_name(&self.activity).set_item(Some(item.into()));
        let put = if epoch == 0 {
            put.condition_expression("attribute_not_exists(pk)")
        } else {
            put.condition_expression("epoch = :epoch")
                .expression_attribute_values(":epoch", AttributeValue::N(epoch.to_string()))
        };
        put.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }
}
