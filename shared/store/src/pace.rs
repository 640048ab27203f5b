//! How fast background work reads, writes and deletes, so that it leaves the tables' capacity to what people wait for.
//!
//! What a page or a delete will cost is known when it has been answered: it waits for what was taken before it, and what it took itself is
//! owed by the next one. Writes of the Activity table are never held up in the middle of something: background work asks before each
//! piece, with [`Store::waits_its_turn`], and pays for the piece before.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};
use tokio::time::Instant;

use super::Store;
use super::sweep::Table;

/// The units a second that background work may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Deletes of packs, and of what a purge finds, of both tables together: one for each KB of an item.
    pub deletes: u32,
    /// Writes of the Activity table, one for each KB, two in a transaction.
    pub activity_writes: u32,
    /// Reads of the Events table.
    pub event_reads: u32,
    /// Reads of the Activity table, in which every export looks its token up.
    pub activity_reads: u32,
}

/// The turns that background work waits for; none, if it need not wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Paces {
    deletes: Pace,
    activity_writes: Pace,
    event_reads: Pace,
    activity_reads: Pace,
}

#[derive(Debug, Clone, Default)]
struct Pace(Option<Arc<Turns>>);

#[derive(Debug)]
struct Turns {
    /// Of one unit.
    interval: Duration,
    /// When the next turn is; `None` before the first.
    next: Mutex<Option<Instant>>,
}

impl Store {
    /// The same store, which goes through tables, writes and deletes in the background at these rates.
    #[must_use]
    pub fn paced(self, rates: Rates) -> Self {
        let Rates { deletes, activity_writes, event_reads, activity_reads } = rates;
        let paces = Paces {
            deletes: Pace::of(deletes),
            activity_writes: Pace::of(activity_writes),
            event_reads: Pace::of(event_reads),
            activity_reads: Pace::of(activity_reads),
        };
        Self { paces, ..self }
    }

    /// Waits until what this store has read and written of the Activity table is within its rates, before more is begun in the background;
    /// false at once if that is after `deadline`, or that has passed.
    pub async fn waits_its_turn(&self, deadline: std::time::Instant) -> bool {
        if std::time::Instant::now() >= deadline {
            return false;
        }
        let Paces { activity_writes, activity_reads, .. } = &self.paces;
        activity_writes.turn(0, Some(deadline.into())).await && activity_reads.turn(0, Some(deadline.into())).await
    }
}

impl Paces {
    /// Waits until an item may be deleted.
    pub(super) async fn delete(&self) {
        let _ = self.deletes.turn(1, None).await;
    }

    /// What a delete took beyond the unit that it waited for.
    pub(super) fn deleted(&self, consumed: Option<&ConsumedCapacity>) {
        self.deletes.owe(units(consumed) - 1.0);
    }

    /// What a write of the Activity table took.
    pub(super) fn written<'a>(&self, consumed: impl IntoIterator<Item = &'a ConsumedCapacity>) {
        self.activity_writes.owe(consumed.into_iter().map(|consumed| units(Some(consumed))).sum());
    }

    /// What reading the Activity table took, in read units.
    pub(super) fn read(&self, units: f64) {
        self.activity_reads.owe(units);
    }

    /// What requests have to ask for so that it is known what they took.
    pub(super) fn asks(&self) -> Option<ReturnConsumedCapacity> {
        self.activity_writes.0.as_ref().map(|_| ReturnConsumedCapacity::Total)
    }

    /// Waits until a page of `table` may be read; false at once if that is after `deadline`.
    pub(super) async fn page(&self, table: Table, deadline: Instant) -> bool {
        self.reads(table).turn(0, Some(deadline)).await
    }

    /// What a page of `table` took.
    pub(super) fn paged(&self, table: Table, consumed: Option<&ConsumedCapacity>) {
        self.reads(table).owe(units(consumed));
    }

    fn reads(&self, table: Table) -> &Pace {
        match table {
            Table::Events => &self.event_reads,
            Table::Activity => &self.activity_reads,
        }
    }
}

fn units(consumed: Option<&ConsumedCapacity>) -> f64 {
    consumed.and_then(|consumed| consumed.capacity_units).unwrap_or_default()
}

impl Pace {
    fn of(units_per_second: u32) -> Self {
        let interval = Duration::from_secs(1) / units_per_second.max(1);
        Self(Some(Arc::new(Turns { interval, next: Mutex::new(None) })))
    }

    /// Waits for the next turn, after which the next one is so many units later. One that is after `deadline` is not taken: then it is
    /// false.
    async fn turn(&self, units: u32, deadline: Option<Instant>) -> bool {
        let Some(turns) = &self.0 else { return true };
        let now = Instant::now();
        let own = {
            let mut next = turns.next.lock().unwrap_or_else(PoisonError::into_inner);
            // Turns that nobody took are lost.
            let own = next.map_or(now, |next| next.max(now));
            if deadline.is_some_and(|deadline| own > deadline) {
                return false;
            }
            *next = Some(own + turns.interval * units);
            own
        };
        tokio::time::sleep_until(own).await;
        true
    }

    /// Puts the next turn off by what was taken without one.
    fn owe(&self, units: f64) {
        let Some(turns) = &self.0 else { return };
        let now = Instant::now();
        let mut next = turns.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(next.map_or(now, |next| next.max(now)) + turns.interval.mul_f64(units.max(0.0)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_are_apart_whoever_takes_them_and_those_that_nobody_took_are_lost() {
        let pace = Pace::of(100);
        let begun = Instant::now();
        tokio::join!(pace.turn(1, None), pace.turn(1, None), pace.turn(1, None));
        assert_eq!(begun.elapsed(), Duration::from_millis(20));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let begun = Instant::now();
        tokio::join!(pace.turn(1, None), pace.turn(1, None));
        assert_eq!(begun.elapsed(), Duration::from_millis(10));
        Pace::default().turn(1, None).await;
        assert_eq!(begun.elapsed(), Duration::from_millis(10));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_taken_without_a_turn_is_waited_for_by_the_next_one_and_by_who_asks_for_none() {
        let pace = Pace::of(100);
        let begun = Instant::now();
        pace.owe(50.0);
        pace.owe(-1.0);
        assert!(!pace.turn(1, Some(begun + Duration::from_millis(499))).await, "not before the deadline");
        assert!(pace.turn(0, None).await && pace.turn(1, None).await);
        assert_eq!(begun.elapsed(), Duration::from_millis(500));
        Pace::default().owe(1e9);
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_waits_for_what_the_one_before_it_cost_and_not_beyond_the_deadline() {
        let paces = Paces { event_reads: Pace::of(256), activity_reads: Pace::of(128), ..Paces::default() };
        let begun = Instant::now();
        let read = async |table, took: f64, seconds| {
            let is_read = paces.page(table, begun + Duration::from_secs(seconds)).await;
            if is_read {
                paces.paged(table, Some(&ConsumedCapacity::builder().capacity_units(took).build()));
            }
            (is_read, begun.elapsed().as_millis())
        };
        assert_eq!(read(Table::Activity, 128.0, 9).await, (true, 0));
        assert_eq!(read(Table::Activity, 256.0, 9).await, (true, 1_000), "128 units of 128 a second");
        assert_eq!(read(Table::Events, 256.0, 9).await, (true, 1_000), "the other table has its own");
        assert_eq!(read(Table::Activity, 128.0, 2).await, (false, 1_000), "not before the deadline");
        assert_eq!(read(Table::Activity, 128.0, 9).await, (true, 3_000), "the turn was left to the next");
    }
}
