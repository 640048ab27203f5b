//! Wrong admin keys of a peer within a window of time, as all processes of the console count them.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use super::{Item, Store, StoreError, keys};

/// Name of the attribute that counts all.
const ALL: &str = "wrong";
/// Name of the attribute that has the names of those that differ, as a set: adding one twice changes nothing.
const DIFFERENT: &str = "different";

/// What a peer got wrong within a window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many wrong keys it presented.
    pub all: u64,
    /// Public names of those that differ.
    pub different: Vec<String>,
}

impl Store {
    /// What `peer` got wrong in the window of this number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn attempts(&self, peer: &str, window: i64) -> Result<Tally, StoreError> {
        let found = self.get(&keys::attempts(peer, window)).await?;
        Ok(found.as_ref().map(read).unwrap_or_default())
    }

    /// Counts a wrong key of this public name, and gives what `peer` got wrong with it. The item is forgotten after the second
    /// `forget`.
    ///
    /// # Errors
    /// The database failed.
    pub async fn count_attempt(&self, peer: &str, window: i64, name: &str, forget: i64) -> Result<Tally, StoreError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::attempts(peer, window)).into()))
            .update_expression("ADD #all :one, #different :name SET #ttl = :ttl")
            .expression_attribute_names("#all", ALL)
            .expression_attribute_names("#different", DIFFERENT)
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_values(":one", AttributeValue::N("1".into()))
            .expression_attribute_values(":name", AttributeValue::Ss(vec![name.into()]))
            .expression_attribute_values(":ttl", AttributeValue::N(forget.to_string()))
            .return_values(ReturnValue::AllNew);
        let updated = update.send().await.map_err(StoreError::from_sdk)?;
        Ok(updated.attributes.map(Item::from).as_ref().map(read).unwrap_or_default())
    }
}

fn read(item: &Item) -> Tally {
    let all = item.find_number(ALL).and_then(|all| u64::try_from(all).ok()).unwrap_or_default();
    Tally { all, different: item.find_set(DIFFERENT) }
}
