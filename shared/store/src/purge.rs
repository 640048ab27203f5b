//! Organisations being purged, and their removal.

use aws_sdk_dynamodb::types::AttributeValue;

use tokio::task::JoinSet;

use super::query::Range;
use super::{Item, Store, StoreError, keys};
use model::organisation::{OrgName, Uid};
use model::time::Millis;

/// Items removed at a time.
const AT_A_TIME: usize = 16;

/// An organisation being purged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purge {
    /// Its former name.
    pub org: OrgName,
    /// Its uid, as used in keys.
    pub uid: Uid,
    /// When an admin requested it.
    pub requested_at: Millis,
}

impl Store {
    /// The unfinished purges.
    pub async fn purges(&self) -> Result<Vec<Purge>, StoreError> {
        self.query(Range::all(keys::PURGES)).await?.iter().map(Purge::read).collect()
    }

    /// Removes the record of a finished purge.
    pub async fn finish_purge(&self, purge: &Purge) -> Result<(), StoreError> {
        self.delete(keys::purge(&purge.uid)).await
    }

    /// Removes everything whose key begins with `uid` from both tables, and returns how many items it found. It scans
    /// the tables: purges are rare, and only a scan finds everything, whatever the rest of the service stores. If
    /// interrupted, it starts over and finds less.
    pub async fn remove_everything_of(&self, uid: &Uid) -> Result<usize, StoreError> {
        let mut removed = 0;
        for table in [&self.events, &self.activity] {
            let mut pages = self
                .client
                .scan()
                .table_name(table)
                .projection_expression("pk, sk")
                .filter_expression("begins_with(pk, :prefix)")
                .expression_attribute_values(":prefix", AttributeValue::S(keys::everything_of(uid)))
                .consistent_read(true)
                .into_paginator()
                .send();
            while let Some(page) = pages.try_next().await.map_err(StoreError::from_sdk)? {
                let found: Result<Vec<_>, _> =
                    page.items.unwrap_or_default().into_iter().map(|item| Item::from(item).key()).collect();
                let found = found?;
                removed += found.len();
                self.remove_from(table, found).await?;
            }
        }
        Ok(removed)
    }

    /// Removes items from the Activity table. After an error, some may have been removed.
    pub async fn remove_keys(&self, keys: Vec<keys::Key>) -> Result<(), StoreError> {
        self.remove_from(&self.activity, keys).await
    }

    /// One by one: a function that may write in batches may put what it likes.
    async fn remove_from(&self, table: &str, keys: Vec<keys::Key>) -> Result<(), StoreError> {
        let mut running = JoinSet::new();
        let mut waiting = keys.into_iter();
        loop {
            while running.len() < AT_A_TIME
                && let Some(key) = waiting.next()
            {
                let delete = self.client.delete_item().table_name(table).set_key(Some(Item::at(key).into()));
                running.spawn(async move { delete.send().await.map_err(StoreError::from_sdk) });
            }
            match running.join_next().await {
                None => return Ok(()),
                Some(deleted) => drop(deleted.map_err(|error| StoreError::of_task(&error))??),
            }
        }
    }
}

impl Purge {
    /// The item that records this purge.
    #[must_use]
    pub fn item(&self) -> Item {
        Item::at(keys::purge(&self.uid))
            .text("org", self.org.as_str())
            .text("uid", self.uid.as_str())
            .number("requested_at", self.requested_at.0)
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        Ok(Self {
            org: item.required_text("org")?.parse().map_err(|_| StoreError::unreadable("org"))?,
            uid: Uid::parse(item.required_text("uid")?).ok_or(StoreError::unreadable("uid"))?,
            requested_at: Millis(item.required_number("requested_at")?),
        })
    }
}
