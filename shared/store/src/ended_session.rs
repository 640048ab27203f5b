//! Sessions of the console that were ended before their time.

use super::{Item, Store, StoreError, keys};
use model::time::Millis;

impl Store {
    /// Remembers that the session with this nonce is over, for as long as its cookie would be good: until `expires`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn end_session(&self, nonce: &str, expires: Millis) -> Result<(), StoreError> {
        let item = Item::at(keys::ended_session(nonce)).number(keys::TTL, expires.seconds() + 1);
        let put = self.client.put_item().table_name(&self.activity).set_item(Some(item.into()));
        put.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }

    /// Whether the session with this nonce was ended, in any process.
    ///
    /// # Errors
    /// The database failed.
    pub async fn is_session_ended(&self, nonce: &str) -> Result<bool, StoreError> {
        Ok(self.get(&keys::ended_session(nonce)).await?.is_some())
    }
}
