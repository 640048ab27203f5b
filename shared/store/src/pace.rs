//! How fast background work reads and deletes, so that it leaves the tables' capacity to what people wait for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Store;
use super::range::Reading;
use super::sweep::Table;

/// Read units of a page of a table, which holds at most 1 MB: one for each 4 KB if it is read consistently, else half of that.
const PAGE: u32 = 256;

/// The units a second that background work may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Deletes, of both tables together.
    pub deletes: u32,
    /// Reads of the Events table.
    pub event_reads: u32,
    /// Reads of the Activity table, in which every export looks its token up.
    pub activity_reads: u32,
}

/// The turns that background work waits for; none, if it need not wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Paces {
    deletes: Pace,
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
    /// The same store, which goes through tables and deletes in the background at these rates.
    #[must_use]
    pub fn paced(self, rates: Rates) -> Self {
        let Rates { deletes, event_reads, activity_reads } = rates;
        let paces = Paces {
            deletes: Pace::of(deletes),
            event_reads: Pace::of(event_reads),
            activity_reads: Pace::of(activity_reads),
        };
        Self { paces, ..self }
    }
}

impl Paces {
    /// Waits until an item may be deleted.
    pub(super) async fn delete(&self) {
        let _ = self.deletes.turn(1, None).await;
    }

    /// Waits until a page of `table` may be read; false at once if that is after `deadline`.
    pub(super) async fn page(&self, table: Table, reading: Reading, deadline: Instant) -> bool {
        let pace = match table {
            Table::Events => &self.event_reads,
            Table::Activity => &self.activity_reads,
        };
        let units = match reading {
            Reading::Latest => PAGE,
            Reading::Recent => PAGE / 2,
        };
        pace.turn(units, Some(deadline)).await
    }
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
    async fn a_page_waits_for_what_the_one_before_it_cost_and_not_beyond_the_deadline() {
        let paces = Paces { event_reads: Pace::of(256), activity_reads: Pace::of(128), ..Paces::default() };
        let begun = Instant::now();
        let read = async |table, reading, seconds| {
            let read = paces.page(table, reading, begun + Duration::from_secs(seconds)).await;
            (read, begun.elapsed().as_millis())
        };
        assert_eq!(read(Table::Activity, Reading::Recent, 9).await, (true, 0));
        assert_eq!(read(Table::Activity, Reading::Latest, 9).await, (true, 1_000), "128 units of 128 a second");
        assert_eq!(read(Table::Events, Reading::Latest, 9).await, (true, 1_000), "the other table has its own");
        assert_eq!(read(Table::Activity, Reading::Recent, 2).await, (false, 1_000), "not before the deadline");
        assert_eq!(read(Table::Activity, Reading::Recent, 9).await, (true, 3_000), "the turn was left to the next");
    }
}
