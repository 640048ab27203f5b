//! How the days of an organisation are closed, and when they were looked at.

use crate::{Item, Store, StoreError, keys};
use model::organisation::Uid;
use model::time::Timestamp;

/// How the days of an organisation are closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The time zone whose days they are.
    pub zone: String,
    /// Since when it is this zone.
    pub since: Timestamp,
    /// When all days were last looked at.
    pub looked_at: Option<Timestamp>,
}

impl Store {
    /// How the days of an organisation are closed.
    pub async fn closing(&self, uid: &Uid) -> Result<Option<Closing>, StoreError> {
        let Some(item) = self.get(&keys::closing(uid)).await? else { return Ok(None) };
        Ok(Some(Closing {
            zone: item.required_text("zone")?.to_owned(),
            since: Timestamp(item.required_number("since")?),
            looked_at: item.optional_number("looked_at").map(Timestamp),
        }))
    }

    /// Notes how the days of an organisation are closed.
    pub async fn put_closing(&self, uid: &Uid, closing: &Closing) -> Result<(), StoreError> {
        let item = Item::at(keys::closing(uid)).text("zone", &*closing.zone).number("since", closing.since.0);
        self.put(match closing.looked_at {
            Some(at) => item.number("looked_at", at.0),
            None => item,
        })
        .await
    }
}
