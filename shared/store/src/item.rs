//! An item of a table, accessed attribute by attribute.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use super::StoreError;
use super::keys::{Key, PK, SK};
use model::time::Timestamp;

/// Names of the attributes that hold the key after which something goes on.
const PLACE_PK: &str = "after_pk";
const PLACE_SK: &str = "after_sk";

/// The attributes of an item.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Item(HashMap<String, AttributeValue>);

impl From<HashMap<String, AttributeValue>> for Item {
    fn from(attributes: HashMap<String, AttributeValue>) -> Self {
        Self(attributes)
    }
}

impl From<Item> for HashMap<String, AttributeValue> {
    fn from(item: Item) -> Self {
        item.0
    }
}

impl Item {
    /// An item that consists of its key.
    #[must_use]
    pub fn at(key: Key) -> Self {
        Self::default().text(PK, key.pk).text(SK, key.sk)
    }

    /// Adds a text.
    #[must_use]
    pub fn text(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), AttributeValue::S(value.into()));
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, name: &str, value: i64) -> Self {
        self.0.insert(name.into(), AttributeValue::N(value.to_string()));
        self
    }

    /// Adds a Boolean.
    #[must_use]
    pub fn flag(mut self, name: &str, value: bool) -> Self {
        self.0.insert(name.into(), AttributeValue::Bool(value));
        self
    }

    /// Adds bytes.
    #[must_use]
    pub fn bytes(mut self, name: &str, value: Vec<u8>) -> Self {
        self.0.insert(name.into(), AttributeValue::B(Blob::new(value)));
        self
    }

    /// Adds a list of texts.
    #[must_use]
    pub fn texts(mut self, name: &str, values: &[String]) -> Self {
        let list = values.iter().cloned().map(AttributeValue::S).collect();
        self.0.insert(name.into(), AttributeValue::L(list));
        self
    }

    /// Adds a time, unless it is `None`.
    #[must_use]
    pub fn time(self, name: &str, value: Option<Timestamp>) -> Self {
        match value {
            Some(time) => self.number(name, time.0),
            None => self,
        }
    }

    /// Adds the key after which something goes on, unless it is `None`; no other attribute may be called `after_pk` or `after_sk`.
    #[must_use]
    pub fn place(self, after: Option<&Key>) -> Self {
        match after {
            Some(after) => self.text(PLACE_PK, &after.pk).text(PLACE_SK, &after.sk),
            None => self,
        }
    }

    /// The key after which something goes on; `None` if that is at the beginning.
    #[must_use]
    pub fn find_place(&self) -> Option<Key> {
        let text = |name| self.optional_text(name).map(str::to_owned);
        text(PLACE_PK).zip(text(PLACE_SK)).map(|(pk, sk)| Key { pk, sk })
    }

    /// The key.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if there is none, which cannot happen for an item of a table.
    pub fn key(&self) -> Result<Key, StoreError> {
        Ok(Key { pk: self.required_text(PK)?.into(), sk: self.required_text(SK)?.into() })
    }

    /// The text `name`.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if it is missing or not a text.
    pub fn required_text(&self, name: &'static str) -> Result<&str, StoreError> {
        self.optional_text(name).ok_or(StoreError::unreadable(name))
    }

    /// The text `name`, if there is one.
    #[must_use]
    pub fn optional_text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(|v| v.as_s().ok()).map(String::as_str)
    }

    /// The number `name`.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if it is missing or not a whole number.
    pub fn required_number(&self, name: &'static str) -> Result<i64, StoreError> {
        self.optional_number(name).ok_or(StoreError::unreadable(name))
    }

    /// The number `name`, if there is one.
    #[must_use]
    pub fn optional_number(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(|v| v.as_n().ok()).and_then(|n| n.parse().ok())
    }

    /// The time `name`, if there is one.
    #[must_use]
    pub fn find_time(&self, name: &str) -> Option<Timestamp> {
        self.optional_number(name).map(Timestamp)
    }

    /// The Boolean `name`; false if it is missing.
    #[must_use]
    pub fn find_flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(|v| v.as_bool().ok()).copied().unwrap_or(false)
    }

    /// The bytes `name`.
    ///
    /// # Errors
    /// [`StoreErrorKind::Unreadable`](crate::StoreErrorKind::Unreadable) if they are missing.
    pub fn required_bytes(&self, name: &'static str) -> Result<&[u8], StoreError> {
        self.optional_bytes(name).ok_or(StoreError::unreadable(name))
    }

    /// The bytes `name`; `None` if they are missing.
    #[must_use]
    pub fn optional_bytes(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).and_then(|v| v.as_b().ok()).map(AsRef::as_ref)
    }

    /// The bytes `name`, which the item has no more; none if they are missing.
    pub fn take_bytes(&mut self, name: &str) -> Option<Vec<u8>> {
        match self.0.remove(name) {
            Some(AttributeValue::B(bytes)) => Some(bytes.into_inner()),
            _ => None,
        }
    }

    /// The texts of the set `name`; none if it is missing.
    #[must_use]
    pub fn find_set(&self, name: &str) -> Vec<String> {
        self.0.get(name).and_then(|v| v.as_ss().ok()).cloned().unwrap_or_default()
    }

    /// The texts of the list `name`; none if it is missing.
    #[must_use]
    pub fn find_texts(&self, name: &str) -> Vec<String> {
        let list = self.0.get(name).and_then(|v| v.as_l().ok());
        list.into_iter().flatten().filter_map(|v| v.as_s().ok().cloned()).collect()
    }
}
