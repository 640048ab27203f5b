//! Whose turn it is to be inflated and decoded, and how much memory there is for it: work that a sender of few bytes can make long and
//! large. It is the same on Lambda and in the gateway.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use otlp;
use otlp::{BodyError, Coding, Limits, Rejection, RetryAfter, Size, budget};

/// Bodies up to this size, as sent and inflated, are worked on where they are, in bytes: recorded exports have 60 KB at most, and a
/// change of threads would take longer than most of them.
const INLINE: usize = 64 * 1024;
/// What bodies that take their turn may hold together once they are inflated, in bytes. It is more than the largest may alone.
const MEMORY: usize = 512 << 20;
/// The unit in which memory is counted, in bytes.
const UNIT: usize = 1024;

/// The turns of one process: as many at a time as it has cores. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    cores: Arc<Semaphore>,
    memory: Arc<Semaphore>,
}

impl Default for Turns {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::of(cores, MEMORY)
    }
}

impl Turns {
    fn of(cores: usize, memory: usize) -> Self {
        Self { cores: Arc::new(Semaphore::new(cores)), memory: Arc::new(Semaphore::new(memory / UNIT)) }
    }

    /// Inflates `body` and does `work` with what it was: at once if it is small, else when it is its turn, where it holds up nobody.
    /// The turn lasts until the work is done, even if nobody waits for it any more.
    ///
    /// # Errors
    /// The body cannot be inflated, or what `work` says.
    pub(super) async fn inflated<T, W>(
        &self,
        body: Bytes,
        coding: Coding,
        limits: Limits,
        work: W,
    ) -> Result<T, Rejection>
    where
        T: Send + 'static,
        W: FnOnce(Bytes) -> Result<T, Rejection> + Send + 'static,
    {
        if body.len() <= INLINE {
            let small = Limits { sent: limits.sent, inflated: limits.inflated.min(INLINE) };
            match otlp::inflate(body.clone(), coding, &small) {
                Err(BodyError::TooLarge { size: Size::Inflated, .. }) if small.inflated < limits.inflated => {}
                plain => return work(plain?),
            }
        }
        let turn = Arc::clone(&self.cores).acquire_owned().await.map_err(closed)?;
        let (plain, turn) = aside(move || Ok((otlp::inflate(body, coding, &limits)?, turn))).await?;
        // Who has memory gives it back without needing more, so nobody waits for ever.
        let memory = self.memory_for(plain.len()).await?;
        aside(move || {
            let _held = (turn, memory);
            work(plain)
        })
        .await
    }

    async fn memory_for(&self, inflated: usize) -> Result<OwnedSemaphorePermit, Rejection> {
        let units = u32::try_from(budget::most(inflated).div_ceil(UNIT)).unwrap_or(u32::MAX);
        Arc::clone(&self.memory).acquire_many_owned(units).await.map_err(closed)
    }
}

/// Nobody closes a semaphore here; whoever did would be about to end the process.
fn closed(_: AcquireError) -> Rejection {
    Rejection::Unavailable(RetryAfter::SHORTEST)
}

async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Rejection> + Send + 'static,
) -> Result<T, Rejection> {
    // A panic may pass, like everything that is no fault of the body's.
    tokio::task::spawn_blocking(work).await.map_err(|_| Rejection::Unavailable(RetryAfter::SHORTEST))?
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::sync::mpsc;
    use std::task::Poll;

    use super::*;

    const LARGE: usize = INLINE + 1;

    async fn length(turns: &Turns, body: Bytes) -> Result<usize, Rejection> {
        turns.inflated(body, Coding::Identity, Limits::default(), |plain| Ok(plain.len())).await
    }

    /// Takes a turn and keeps it until the sender is dropped.
    async fn busy(turns: &Turns) -> (mpsc::Sender<()>, tokio::task::JoinHandle<Result<(), Rejection>>) {
        let (release, wait) = mpsc::channel::<()>();
        let (began, begins) = tokio::sync::oneshot::channel();
        let turns = turns.clone();
        let task = tokio::spawn(async move {
            let work = move |_| {
                let _ = began.send(());
                let _ = wait.recv();
                Ok(())
            };
            turns.inflated(Bytes::from(vec![0; LARGE]), Coding::Identity, Limits::default(), work).await
        });
        begins.await.unwrap();
        (release, task)
    }

    /// How many turns are free, and how many bytes.
    fn free(turns: &Turns) -> (usize, usize) {
        (turns.cores.available_permits(), turns.memory.available_permits() * UNIT)
    }

    #[tokio::test]
    async fn as_many_large_bodies_are_worked_on_as_there_are_cores_and_small_ones_pass() {
        let turns = Turns::of(1, MEMORY);
        let (release, first) = busy(&turns).await;
        let (cores, memory) = free(&turns);
        assert_eq!(cores, 0);
        let mut second = pin!(length(&turns, Bytes::from(vec![0; LARGE])));
        assert!(polled(second.as_mut()).await.is_pending(), "it is not its turn");
        assert_eq!(length(&turns, Bytes::from(vec![0; INLINE])).await.unwrap(), INLINE);
        assert_eq!(free(&turns), (0, memory), "neither has taken anything");
        drop(release);
        first.await.unwrap().unwrap();
        assert_eq!(second.await.unwrap(), LARGE);
        assert_eq!(free(&turns), (1, MEMORY));
    }

    #[tokio::test]
    async fn what_a_body_may_take_once_it_is_inflated_is_taken_while_it_is_worked_on() {
        let turns = Turns::of(2, MEMORY);
        let (release, first) = busy(&turns).await;
        assert_eq!(free(&turns), (1, MEMORY - budget::most(LARGE).next_multiple_of(UNIT)));
        drop(release);
        first.await.unwrap().unwrap();
        assert_eq!(free(&turns), (2, MEMORY));
    }

    /// Lets `future` go as far as it gets at once.
    async fn polled<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
        std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
    }

    #[tokio::test]
    async fn who_gives_up_waiting_takes_no_turn_and_who_gives_up_working_keeps_it_to_the_end() {
        let turns = Turns::of(1, MEMORY);
        let (release, working) = busy(&turns).await;
        working.abort();
        assert!(working.await.unwrap_err().is_cancelled());
        assert_eq!(turns.cores.available_permits(), 0, "its work goes on");
        drop(release);
        assert_eq!(length(&turns, Bytes::from(vec![0; LARGE])).await.unwrap(), LARGE);
    }

    #[tokio::test]
    async fn the_largest_body_has_memory_when_it_is_alone() {
        let turns = Turns::of(1, MEMORY);
        assert!(turns.memory_for(Limits::default().inflated).await.is_ok());
    }
}
