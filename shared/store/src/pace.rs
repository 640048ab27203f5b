//! How fast background work deletes, so that it leaves the tables' capacity to what people wait for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Store;

/// The turns that deletes wait for; none, if they need not wait.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace(Option<Arc<Turns>>);

#[derive(Debug)]
struct Turns {
    /// Between two turns.
    interval: Duration,
    /// When the next one is; `None` before the first.
    next: Mutex<Option<Instant>>,
}

impl Store {
    /// The same store, which deletes in the background at most this often a second.
    #[must_use]
    pub fn paced(self, deletes_per_second: u32) -> Self {
        let interval = Duration::from_secs(1) / deletes_per_second.max(1);
        Self { pace: Pace(Some(Arc::new(Turns { interval, next: Mutex::new(None) }))), ..self }
    }
}

impl Pace {
    /// Waits for the next turn.
    pub(super) async fn turn(&self) {
        let Some(turns) = &self.0 else { return };
        let now = Instant::now();
        let own = {
            let mut next = turns.next.lock().unwrap_or_else(PoisonError::into_inner);
            // Turns that nobody took are lost.
            let own = next.map_or(now, |next| next.max(now));
            *next = Some(own + turns.interval);
            own
        };
        tokio::time::sleep_until(own).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn turns_are_apart_whoever_takes_them_and_those_that_nobody_took_are_lost() {
        let pace = Pace(Some(Arc::new(Turns { interval: Duration::from_millis(10), next: Mutex::new(None) })));
        let begun = Instant::now();
        tokio::join!(pace.turn(), pace.turn(), pace.turn());
        assert_eq!(begun.elapsed(), Duration::from_millis(20));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let begun = Instant::now();
        tokio::join!(pace.turn(), pace.turn());
        assert_eq!(begun.elapsed(), Duration::from_millis(10));
        Pace::default().turn().await;
        assert_eq!(begun.elapsed(), Duration::from_millis(10));
    }
}
