//! Wrong admin keys presented by a peer within a window of time, counted across all processes of the console.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};

use super::{Item, Store, StoreError, keys};

/// Name of the attribute that counts all attempts.
const ALL: &str = "wrong";
/// Name of the attribute with the set of distinct names; adding one twice changes nothing.
const DIFFERENT: &str = "different";

/// The wrong keys of a peer within a window.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many wrong keys it presented.
    pub all: u64,
    /// Public names of the distinct ones.
    pub different: Vec<String>,
}

impl Store {
    /// The wrong keys of `peer` in the window with this number.
    pub async fn attempts(&self, peer: &str, window: i64) -> Result<Tally, StoreError> {
        let found = self.get(&keys::attempts(peer, window)).await?;
        Ok(found.as_ref().map(read).unwrap_or_default())
    }

    /// Counts a wrong key with this public name and returns the new tally of `peer`. The item expires at the second
    /// `forget`.
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
    let all = item.optional_number(ALL).and_then(|all| u64::try_from(all).ok()).unwrap_or_default();
    Tally { all, different: item.find_set(DIFFERENT) }
}
