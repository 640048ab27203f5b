//! Reads part of a partition in order, to its end or up to a limit.

use aws_sdk_dynamodb::types::AttributeValue;

use super::{Item, Store, StoreError};

/// The items of a partition of the Activity table to be read.
#[derive(Debug, Clone)]
pub struct Range<'a> {
    partition: &'a str,
    after: Option<&'a str>,
    limit: usize,
    newest_first: bool,
}

impl<'a> Range<'a> {
    /// All items of a partition, in order of sort key.
    #[must_use]
    pub fn all(partition: &'a str) -> Self {
        Self::after(partition, None)
    }

    /// The items after the sort key `after`, which need not exist (any more), in the requested order.
    #[must_use]
    pub fn after(partition: &'a str, after: Option<&'a str>) -> Self {
        Self { partition, after, limit: usize::MAX, newest_first: false }
    }

    /// Limits the number of items.
    #[must_use]
    pub fn at_most(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// Reverses the order.
    #[must_use]
    pub fn newest_first(self) -> Self {
        Self { newest_first: true, ..self }
    }
}

impl Store {
    /// The items of the Activity table in `range`, read consistently.
    pub async fn query(&self, range: Range<'_>) -> Result<Vec<Item>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.activity)
            .expression_attribute_values(":pk", AttributeValue::S(range.partition.into()))
            .consistent_read(true)
            .scan_index_forward(!range.newest_first)
            .set_limit(i32::try_from(range.limit).ok());
        let query = match range.after {
            None => query.key_condition_expression("pk = :pk"),
            Some(after) => query
                .key_condition_expression(if range.newest_first {
                    "pk = :pk AND sk < :after"
                } else {
                    "pk = :pk AND sk > :after"
                })
                .expression_attribute_values(":after", AttributeValue::S(after.into())),
        };
        let mut pages = query.into_paginator().send();
        let mut found = Vec::new();
        while found.len() < range.limit
            && let Some(page) = pages.try_next().await.map_err(StoreError::from_sdk)?
        {
            found.extend(page.items.unwrap_or_default().into_iter().map(Item::from));
        }
        // Each page has the limit for itself, which matters where the one before was cut at 1 MB.
        found.truncate(range.limit);
        Ok(found)
    }
}
