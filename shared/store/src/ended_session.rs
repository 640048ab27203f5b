//! Sessions of the console that were ended early.

use super::{Item, Store, StoreError, keys};
use model::time::Timestamp;

impl Store {
    /// Records that the session with this nonce has ended, until `expires`, when its cookie would have expired anyway.
    pub async fn end_session(&self, nonce: &str, expires: Timestamp) -> Result<(), StoreError> {
        let item = Item::at(keys::ended_session(nonce)).number(keys::TTL, expires.seconds() + 1);
        let put = self.client.put_item().table_name(&self.activity).set_item(Some(item.into()));
        put.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }

    /// Whether the session with this nonce was ended, by any process.
    pub async fn is_session_ended(&self, nonce: &str) -> Result<bool, StoreError> {
        Ok(self.get(&keys::ended_session(nonce)).await?.is_some())
    }
}
