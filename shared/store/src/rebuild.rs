//! How often everything of an organisation was recomputed, and the progress of the last rebuild.

use aws_sdk_dynamodb::types::AttributeValue;

use super::removal::Haul;
use super::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Timestamp;

/// The state of a rebuild.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RebuildState {
    /// How often everything was recomputed.
    pub epoch: i64,
    /// The last key that was processed, empty before the first; `None` if all are.
    pub after: Option<String>,
    /// How many buckets were processed.
    pub projected: i64,
    /// When the last rebuild was requested.
    pub started_at: Option<Timestamp>,
    /// When it finished.
    pub finished_at: Option<Timestamp>,
    /// What projections skip because it was removed. Written separately: see [`Store::leave_out`].
    pub removed: Vec<Haul>,
}

impl Store {
    /// The state of the last rebuild.
    pub async fn rebuild_state(&self, uid: &Uid) -> Result<RebuildState, StoreError> {
        let Some(item) = self.get(&keys::rebuild(uid)).await? else { return Ok(RebuildState::default()) };
        Ok(RebuildState {
            epoch: item.optional_number("epoch").unwrap_or(0),
            after: item.optional_text("after").map(str::to_owned),
            projected: item.optional_number("projected").unwrap_or(0),
            started_at: item.find_time("started_at"),
            finished_at: item.find_time("finished_at"),
            removed: Haul::listed(&item),
        })
    }

    /// Stores the progress of a rebuild, if the last one known is that of `epoch` (0 before the first) and, unless another one is begun,
    /// is not finished: of two that work on it at once the slower one would turn it back.
    ///
    /// # Errors
    /// [`StoreError::is_conflict`] if another one was started, or this one has been finished.
    pub async fn put_rebuild_state(&self, uid: &Uid, state: &RebuildState, epoch: i64) -> Result<(), StoreError> {
        let number = |n: i64| AttributeValue::N(n.to_string());
        let time = |at: Option<Timestamp>| at.map(|at| number(at.0));
        let members = [
            ("epoch", Some(number(state.epoch))),
            ("projected", Some(number(state.projected))),
            ("started_at", time(state.started_at)),
            ("finished_at", time(state.finished_at)),
            ("after", state.after.clone().map(AttributeValue::S)),
        ];
        let (set, gone): (Vec<_>, Vec<_>) = members.iter().partition(|(_, value)| value.is_some());
        let set: Vec<String> = set.iter().map(|(name, _)| format!("#{name} = :{name}")).collect();
        let gone: Vec<String> = gone.iter().map(|(name, _)| format!("#{name}")).collect();
        let removal = if gone.is_empty() { String::new() } else { format!(" REMOVE {}", gone.join(", ")) };
        let mut update = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::rebuild(uid)).into()))
            .update_expression(format!("SET {}{removal}", set.join(", ")));
        for (name, value) in members {
            update = update.expression_attribute_names(format!("#{name}"), name);
            if let Some(value) = value {
                update = update.expression_attribute_values(format!(":{name}"), value);
            }
        }
        let update = if epoch == 0 {
            update.condition_expression("attribute_not_exists(#epoch)")
        } else {
            let is_progress = state.epoch == epoch;
            let known = if is_progress { "#epoch = :known AND attribute_exists(#after)" } else { "#epoch = :known" };
            update.condition_expression(known).expression_attribute_values(":known", number(epoch))
        };
        update.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }
}
