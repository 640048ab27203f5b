//! Reads a range of a partition of the Activity table, all pages of it.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};

use super::{Item, Store, StoreError};

/// The required freshness of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Strongly consistent.
    Latest,
    /// Eventually consistent, for half the cost.
    Recent,
}

impl Store {
    /// All items of a partition, in order of their sort keys.
    pub async fn partition(&self, pk: &str, reading: Reading) -> Result<Vec<Item>, StoreError> {
        self.between(pk, None, reading).await
    }

    /// The items of a partition whose sort keys are between the given ones, inclusive.
    pub async fn between(
        &self,
        pk: &str,
        ends: Option<(&str, &str)>,
        reading: Reading,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        self.each_page(pk, ends, reading, |page| {
            items.extend(page);
            Ok(())
        })
        .await?;
        Ok(items)
    }

    /// As [`between`](Self::between), but passes the items to `take` page by page, so that no more than a page (1 MB)
    /// of them is in memory.
    ///
    /// # Errors
    /// Those of `take` are passed on.
    pub async fn each_page(
        &self,
        pk: &str,
        ends: Option<(&str, &str)>,
        reading: Reading,
        mut take: impl FnMut(Vec<Item>) -> Result<(), StoreError> + Send,
    ) -> Result<(), StoreError> {
        let text = |value: &str| AttributeValue::S(value.into());
        let query = self
            .client
            .query()
            .table_name(&self.activity)
            .expression_attribute_values(":pk", text(pk))
            .consistent_read(reading == Reading::Latest)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        let query = match ends {
            None => query.key_condition_expression("pk = :pk"),
            Some((first, last)) => query
                .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
                .expression_attribute_values(":first", text(first))
                .expression_attribute_values(":last", text(last)),
        };
        let mut pages = query.into_paginator().send();
        let mut count = 0;
        let mut units = 0.0;
        while let Some(page) = pages.try_next().await.map_err(StoreError::from_sdk)? {
            units += page.consumed_capacity.and_then(|c| c.capacity_units).unwrap_or_default();
            let items: Vec<Item> = page.items.unwrap_or_default().into_iter().map(Item::from).collect();
            count += items.len();
            take(items)?;
        }
        self.paces.read(units);
        tracing::debug!(units, items = count, "read units");
        Ok(())
    }

    /// Stores an item, replacing any other with its key.
    pub async fn put(&self, item: Item) -> Result<(), StoreError> {
        let put = self.client.put_item().table_name(&self.activity).set_item(Some(item.into()));
        put.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }

    /// Deletes an item, if it exists.
    pub async fn delete(&self, key: super::keys::Key) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.activity).set_key(Some(Item::at(key).into()));
        delete.send().await.map(|_| ()).map_err(StoreError::from_sdk)
    }
}
