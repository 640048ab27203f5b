//! Organisations being purged, and their removal.

use std::time::Instant;

use tokio::task::JoinSet;

use super::query::Range;
use super::range::Reading;
use super::sweep::{KeyPage, Sweep, Table};
use super::{Item, Store, StoreError, keys};
use model::organisation::{OrgName, Uid};
use model::time::Timestamp;

/// What the tables are called in the record of a pass.
const EVENTS: &str = "events";
const ACTIVITY: &str = "activity";
/// Items removed at a time.
pub const AT_A_TIME: usize = 16;

/// An organisation being purged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purge {
    /// Its former name.
    pub org: OrgName,
    /// Its uid, as used in keys.
    pub uid: Uid,
    /// When an admin requested it.
    pub requested_at: Timestamp,
}

/// How far a pass through both tables is, in which everything of a purged organisation is removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// When it began.
    pub began_at: Timestamp,
    /// The table that it is in; `None` at its end.
    pub table: Option<Table>,
    /// The key after which it goes on.
    pub after: Option<keys::Key>,
    /// How many items it has found.
    pub found: i64,
}

impl Pass {
    /// Goes on to the page that begins at `next`, or else to the next table.
    pub fn turn_to(&mut self, next: Option<keys::Key>) {
        self.after = next;
        if self.after.is_none() {
            self.table = (self.table == Some(Table::Events)).then_some(Table::Activity);
        }
    }

    /// A pass that begins at `now`.
    #[must_use]
    pub fn begin(now: Timestamp) -> Self {
        Self { began_at: now, table: Some(Table::Events), after: None, found: 0 }
    }

    fn item(&self, uid: &Uid) -> Item {
        let item = Item::at(keys::purge_pass(uid)).number("began_at", self.began_at.0).number("found", self.found);
        let item = match self.table {
            Some(Table::Events) => item.text("table", EVENTS),
            Some(Table::Activity) => item.text("table", ACTIVITY),
            None => item,
        };
        item.place(self.after.as_ref())
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        let table = match item.optional_text("table") {
            None => None,
            Some(EVENTS) => Some(Table::Events),
            Some(ACTIVITY) => Some(Table::Activity),
            Some(_) => return Err(StoreError::unreadable("table")),
        };
        let began_at = Timestamp(item.required_number("began_at")?);
        Ok(Self { began_at, table, after: item.find_place(), found: item.required_number("found")? })
    }
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

    /// How far the pass is that is on its way through the tables; `None` if none is.
    pub async fn purge_pass(&self, uid: &Uid) -> Result<Option<Pass>, StoreError> {
        self.get(&keys::purge_pass(uid)).await?.map(|item| Pass::read(&item)).transpose()
    }

    /// Notes how far a pass is.
    pub async fn put_purge_pass(&self, uid: &Uid, pass: &Pass) -> Result<(), StoreError> {
        self.put(pass.item(uid)).await
    }

    /// Forgets how far a pass was.
    pub async fn end_purge_pass(&self, uid: &Uid) -> Result<(), StoreError> {
        self.delete(keys::purge_pass(uid)).await
    }

    /// The next page of a pass that is in `table`; `None` if it cannot be read before `deadline`. A pass goes through the tables: purges
    /// are rare, and only that finds everything, whatever the rest of the service stores.
    pub async fn purge_page(
        &self,
        uid: &Uid,
        pass: &Pass,
        (table, reading): (Table, Reading),
        deadline: Instant,
    ) -> Result<Option<KeyPage>, StoreError> {
        let sweep = Sweep { table, uid, reading, alive_at: None };
        let page = self.sweep(&sweep, pass.after.clone(), deadline).await?;
        let own = keys::purge_pass(uid);
        Ok(page.map(|page| KeyPage { keys: page.keys.into_iter().filter(|key| *key != own).collect(), ..page }))
    }

    /// Removes some of the keys of a page, and notes in the pass that it is behind them. If interrupted, it finds less the next time.
    pub async fn purge_keys(&self, pass: &mut Pass, table: Table, keys: &[keys::Key]) -> Result<(), StoreError> {
        self.remove_from(table, keys.to_vec()).await?;
        pass.found += keys.len() as i64;
        pass.after = keys.last().cloned().or(pass.after.take());
        Ok(())
    }

    /// Removes items from the Activity table. After an error, some may have been removed.
    pub async fn remove_keys(&self, keys: Vec<keys::Key>) -> Result<(), StoreError> {
        self.remove_from(Table::Activity, keys).await
    }

    /// Removes packs. After an error, some may have been removed.
    pub async fn remove_packs(&self, keys: Vec<keys::Key>) -> Result<(), StoreError> {
        self.remove_from(Table::Events, keys).await
    }

    /// One by one: a function that may write in batches may put what it likes.
    async fn remove_from(&self, table: Table, keys: Vec<keys::Key>) -> Result<(), StoreError> {
        let mut running = JoinSet::new();
        let mut waiting = keys.into_iter();
        loop {
            while running.len() < AT_A_TIME
                && let Some(key) = waiting.next()
            {
                let delete = self.client.delete_item().table_name(self.name_of(table));
                let delete = delete.set_key(Some(Item::at(key).into()));
                let (delete, paces) = (delete.set_return_consumed_capacity(self.paces.asks()), self.paces.clone());
                running.spawn(async move {
                    paces.delete().await;
                    let deleted = delete.send().await.map_err(StoreError::from_sdk)?;
                    paces.deleted(deleted.consumed_capacity());
                    Ok(())
                });
            }
            match running.join_next().await {
                None => return Ok(()),
                Some(deleted) => deleted.map_err(|error| StoreError::of_task(&error))??,
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
            requested_at: Timestamp(item.required_number("requested_at")?),
        })
    }
}
