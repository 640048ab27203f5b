//! One-time sign-in codes in the Activity table, by digest.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Item, Store, StoreError, keys};
use model::time::Timestamp;
use model::token::TokenHash;

/// Name of the attribute with the end of a code's validity. Expired items may remain for days.
const UNTIL: &str = "valid_until";

impl Store {
    /// Stores the digest of a code that is valid until `until`.
    pub async fn create_sign_in_code(&self, code: &TokenHash, until: Timestamp) -> Result<(), StoreError> {
        let item = Item::at(keys::sign_in_code(code)).number(UNTIL, until.0).number(keys::TTL, until.seconds() + 1);
        let put = self.client.put_item().table_name(&self.activity).set_item(Some(item.into()));
        put.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }

    /// Removes a code and returns whether it was still valid. If several processes ask, only one gets `true`.
    pub async fn use_up_sign_in_code(&self, code: &TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.activity)
            .set_key(Some(Item::at(keys::sign_in_code(code)).into()))
            .condition_expression("#until > :now")
            .expression_attribute_names("#until", UNTIL)
            .expression_attribute_values(":now", AttributeValue::N(now.0.to_string()));
        match delete.send().await.map_err(StoreError::from_sdk) {
            Ok(_) => Ok(true),
            Err(error) if error.is_conflict() => Ok(false),
            Err(error) => Err(error),
        }
    }
}
