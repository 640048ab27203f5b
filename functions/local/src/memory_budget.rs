//! What the gateway takes on at the same time. Whoever comes beyond it is asked to come again, which Claude Code does; whoever
//! would have to wait for longer than it waits would lose what it sent.

use std::error::Error;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::time::{Instant, timeout_at};

use crate::callers::Caller;
use crate::patience::Pace;
use crate::pool::{Pool, Portion};

/// Requests that are answered at the same time. An export that takes longer than seven seconds is sent again, and given up after ten: where
/// 150 a second can be stored, the last of so many is in time.
const AT_ONCE: usize = 1_024;
/// Bodies of usual size in memory at the same time, in bytes.
const USUAL: usize = 128 * 1024 * 1024;
/// Larger bodies in memory at the same time, in bytes. They have their own, so that a few of them that arrive slowly keep no usual one out.
const LARGE: usize = 384 * 1024 * 1024;
/// The largest body of usual size, in bytes; recorded exports have 60 KB at most.
const USUAL_SIZE: usize = 256 * 1024;
/// What room is made for before it is needed, in bytes, if a body is announced to be as large.
const ANNOUNCED: usize = 64 * 1024;
/// The unit in which memory is counted, in bytes.
const UNIT: usize = 1024;

/// Room for requests.
#[derive(Debug, Clone)]
pub struct MemoryBudget {
    usual: Arc<Pool>,
    large: Arc<Pool>,
    requests: Arc<Pool>,
}

/// How much of a body is wanted.
#[derive(Debug, Clone, Copy)]
pub enum Wanted {
    /// All of it, if it is no larger than so many bytes.
    Whole(usize),
    /// So many bytes of it, or all of it if it is smaller.
    Beginning(usize),
}

/// What became of a body.
#[derive(Debug)]
pub enum BodyOutcome {
    /// What was wanted, and the memory that it takes until this is dropped.
    Read(Bytes, Memory),
    /// It is larger than it may be.
    TooLarge,
    /// There is no room for it now.
    Full,
    /// It came slower than it has to.
    Slow,
    /// It is not what HTTP calls a body: its chunks cannot be told apart.
    Broken,
    /// Its sender went away.
    Gone,
}

/// The memory that a body takes, given back when this is dropped.
#[derive(Debug)]
pub struct Memory {
    _portion: Option<Portion>,
}

/// The place of a request among those that are answered at the same time, given back when this is dropped.
#[derive(Debug)]
pub struct Turn {
    _place: Portion,
}

impl Default for MemoryBudget {
    fn default() -> Self {
        Self::of(USUAL, LARGE, AT_ONCE)
    }
}

impl MemoryBudget {
    /// Room for so many bytes of bodies of usual size and so many bytes of larger ones, in units of 1 KiB, and for so many requests.
    #[must_use]
    pub fn of(usual: usize, large: usize, requests: usize) -> Self {
        Self { usual: Pool::of(usual / UNIT), large: Pool::of(large / UNIT), requests: Pool::of(requests) }
    }

    /// A place among the requests that are answered, if there is one for this caller.
    #[must_use]
    pub fn turn(&self, caller: Caller) -> Option<Turn> {
        self.requests.take(caller, 1).map(|place| Turn { _place: place })
    }

    /// Reads what is wanted of `body`, which has to come at this `pace`. It takes room as it arrives, not as it was announced.
    pub async fn take<B>(&self, mut body: B, wanted: Wanted, caller: Caller, pace: Pace) -> BodyOutcome
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: Error + 'static,
    {
        let began = Instant::now();
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(ANNOUNCED);
        let mut collected = Vec::new();
        let mut memory = None;
        loop {
            let frame = match timeout_at(pace.deadline(began, collected.len() as u64), body.frame()).await {
                Err(_elapsed) => return BodyOutcome::Slow,
                Ok(None) => break,
                Ok(Some(Err(error))) if is_malformed(&error) => return BodyOutcome::Broken,
                Ok(Some(Err(_))) => return BodyOutcome::Gone,
                Ok(Some(Ok(frame))) => frame,
            };
            let Ok(mut data) = frame.into_data() else { continue };
            match wanted {
                Wanted::Whole(limit) if collected.len() + data.len() > limit => return BodyOutcome::TooLarge,
                Wanted::Whole(_) => {}
                Wanted::Beginning(limit) => data.truncate(limit - collected.len()),
            }
            let length = collected.len() + data.len();
            if !self.grow(&mut memory, collected.len(), length, caller) {
                return BodyOutcome::Full;
            }
            if collected.is_empty() {
                collected.reserve_exact(announced.min(ANNOUNCED));
            }
            collected.extend_from_slice(&data);
            if matches!(wanted, Wanted::Beginning(limit) if length == limit) {
                break;
            }
        }
        BodyOutcome::Read(collected.into(), Memory { _portion: memory })
    }

    /// Whether there is room for a body to grow from one length to another.
    fn grow(&self, held: &mut Option<Portion>, from: usize, to: usize, caller: Caller) -> bool {
        let pool = if to <= USUAL_SIZE { &self.usual } else { &self.large };
        let moves = from <= USUAL_SIZE && to > USUAL_SIZE;
        match held {
            Some(held) if !moves => held.grow(to.div_ceil(UNIT).saturating_sub(held.amount())),
            _ => {
                let Some(portion) = pool.take(caller, to.div_ceil(UNIT)) else { return false };
                *held = Some(portion);
                true
            }
        }
    }
}

/// Whether a body could not be read for what was sent, and not for how: what hyper says of chunks.
fn is_malformed(error: &(dyn Error + 'static)) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData))
        || error.source().is_some_and(is_malformed)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use futures::stream::poll_fn;
    use futures::{Stream, StreamExt};
    use http_body_util::{Full, StreamBody};
    use hyper::body::Frame;
    use service::auth::peer::Peer;
    use tokio::sync::mpsc::{Sender, channel};
    use tokio::task::JoinHandle;

    use super::*;

    const LIMIT: usize = 2 * USUAL_SIZE;
    const PACE: Pace = Pace { grace: Duration::from_secs(5), rate: 1_000, longest: Duration::from_secs(60) };

    /// A proxy, which may take all there is.
    fn proxy() -> Caller {
        Caller { peer: Peer::new([127, 0, 0, 1].into()), is_many: true }
    }

    fn sized(bytes: usize) -> Full<Bytes> {
        Full::from(vec![7; bytes])
    }

    async fn taken(room: &MemoryBudget, bytes: usize) -> BodyOutcome {
        room.take(sized(bytes), Wanted::Whole(LIMIT), proxy(), PACE).await
    }

    /// A body that arrives as it is sent, and ends when the sender is dropped.
    fn arriving() -> (Sender<usize>, StreamBody<impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Unpin + Send>) {
        let (sender, mut sizes) = channel(4);
        let sizes = poll_fn(move |context| sizes.poll_recv(context));
        (sender, StreamBody::new(sizes.map(|size| Ok(Frame::data(Bytes::from(vec![7; size]))))))
    }

    fn taking<B>(room: &MemoryBudget, body: B, wanted: Wanted) -> JoinHandle<BodyOutcome>
    where
        B: Body<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
    {
        let room = room.clone();
        tokio::spawn(async move { room.take(body, wanted, proxy(), PACE).await })
    }

    async fn until(condition: impl Fn() -> bool) {
        let holds = async {
            while !condition() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), holds).await.expect("it never holds");
    }

    #[tokio::test]
    async fn requests_beyond_the_number_are_asked_to_come_again_until_one_is_answered() {
        let room = MemoryBudget::of(0, 0, 2);
        let (first, second) = (room.turn(proxy()), room.turn(proxy()));
        assert!(first.is_some() && second.is_some() && room.turn(proxy()).is_none());
        drop(first);
        assert!(room.turn(proxy()).is_some());
    }

    #[tokio::test]
    async fn bodies_beyond_the_memory_are_asked_to_come_again_until_it_is_free() {
        let room = MemoryBudget::of(3 * UNIT, 0, 100);
        let held = taken(&room, 2 * UNIT).await;
        assert!(matches!(taken(&room, UNIT + 1).await, BodyOutcome::Full));
        let BodyOutcome::Read(bytes, small) = taken(&room, UNIT).await else { panic!("there is room for it") };
        assert_eq!(bytes.len(), UNIT);
        drop((held, small));
        assert!(matches!(taken(&room, 3 * UNIT).await, BodyOutcome::Read(..)));
    }

    #[tokio::test]
    async fn one_address_leaves_three_times_the_memory_and_the_turns_that_it_takes() {
        let room = MemoryBudget::of(8 * UNIT, 0, 8);
        let caller = |number| Caller { peer: Peer::new([192, 0, 2, number].into()), is_many: false };
        let body = async |number, bytes| room.take(sized(bytes), Wanted::Whole(LIMIT), caller(number), PACE).await;
        assert!(matches!(body(1, 3 * UNIT).await, BodyOutcome::Full));
        let held = body(1, 2 * UNIT).await;
        assert!(matches!(held, BodyOutcome::Read(..)) && matches!(body(1, 1).await, BodyOutcome::Full));
        assert!(matches!(body(2, UNIT).await, BodyOutcome::Read(..)));
        let turns: Vec<_> = std::iter::from_fn(|| room.turn(caller(1))).collect();
        assert_eq!(turns.len(), 2);
        assert!(room.turn(caller(2)).is_some());
    }

    #[tokio::test]
    async fn a_body_that_stops_arriving_keeps_the_room_of_what_arrived_and_no_more() {
        let room = MemoryBudget::of(4 * UNIT, 0, 1);
        let (rest, body) = arriving();
        let waiting = taking(&room, body, Wanted::Whole(LIMIT));
        rest.send(1).await.unwrap();
        until(|| room.usual.free() == 3).await;
        assert!(matches!(taken(&room, 3 * UNIT).await, BodyOutcome::Read(..)), "three of four units are free");
        assert!(matches!(taken(&room, 3 * UNIT + 1).await, BodyOutcome::Full));
        rest.send(UNIT).await.unwrap();
        drop(rest);
        assert!(matches!(waiting.await.unwrap(), BodyOutcome::Read(bytes, _) if bytes.len() == UNIT + 1));
    }

    #[tokio::test]
    async fn large_bodies_that_take_all_of_their_room_keep_no_usual_one_out() {
        let room = MemoryBudget::of(USUAL_SIZE, USUAL_SIZE + UNIT, 100);
        let (rest, body) = arriving();
        let waiting = taking(&room, body, Wanted::Whole(LIMIT));
        rest.send(USUAL_SIZE).await.unwrap();
        until(|| room.usual.free() == 0).await;
        rest.send(UNIT).await.unwrap();
        until(|| room.large.free() == 0).await;
        assert!(matches!(taken(&room, USUAL_SIZE + 1).await, BodyOutcome::Full));
        assert!(matches!(taken(&room, USUAL_SIZE).await, BodyOutcome::Read(..)));
        drop(rest);
        assert!(matches!(waiting.await.unwrap(), BodyOutcome::Read(bytes, _) if bytes.len() == USUAL_SIZE + UNIT));
        assert_eq!((room.usual.free(), room.large.free()), (USUAL_SIZE / UNIT, USUAL_SIZE / UNIT + 1));
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_gives_back_its_room_and_is_not_read_to_its_end() {
        let room = MemoryBudget::of(4 * UNIT, 0, 1);
        let (rest, body) = arriving();
        let refused = taking(&room, body, Wanted::Whole(LIMIT));
        rest.send(UNIT).await.unwrap();
        until(|| room.usual.free() == 3).await;
        rest.send(LIMIT).await.unwrap();
        assert!(matches!(refused.await.unwrap(), BodyOutcome::TooLarge));
        assert_eq!(room.usual.free(), 4);
    }

    #[tokio::test]
    async fn of_a_body_that_only_the_beginning_is_wanted_of_no_more_is_read() {
        let room = MemoryBudget::of(4 * UNIT, 0, 1);
        let (rest, body) = arriving();
        let beginning = taking(&room, body, Wanted::Beginning(UNIT + 1));
        rest.send(UNIT).await.unwrap();
        rest.send(UNIT).await.unwrap();
        assert!(matches!(beginning.await.unwrap(), BodyOutcome::Read(bytes, _) if bytes.len() == UNIT + 1));
        let small = room.take(sized(7), Wanted::Beginning(UNIT), proxy(), PACE).await;
        assert!(matches!(small, BodyOutcome::Read(bytes, _) if bytes.len() == 7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_to_come_at_its_pace_however_regularly_a_byte_comes() {
        for (bytes, each, arrives) in [(200, 50, false), (200, 150, true)] {
            let room = MemoryBudget::of(64 * UNIT, 0, 1);
            let (rest, body) = arriving();
            let waiting = taking(&room, body, Wanted::Whole(LIMIT));
            for _ in 0..bytes {
                tokio::time::sleep(Duration::from_millis(100)).await;
                if rest.send(each).await.is_err() {
                    break;
                }
            }
            drop(rest);
            match waiting.await.unwrap() {
                BodyOutcome::Read(whole, _) => {
                    assert!(arrives && whole.len() == bytes * each, "at {each} bytes a tenth")
                }
                BodyOutcome::Slow => assert!(!arrives, "at {each} bytes a tenth"),
                other => panic!("{other:?}"),
            }
            assert_eq!(room.usual.free(), 64);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_comes_fast_enough_but_for_ever_is_ended_too() {
        let room = MemoryBudget::of(1 << 20, 0, 1);
        let (rest, body) = arriving();
        let waiting = taking(&room, body, Wanted::Whole(LIMIT));
        let began = Instant::now();
        while rest.send(2_000).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert!(matches!(waiting.await.unwrap(), BodyOutcome::Slow));
        assert!((60..=62).contains(&began.elapsed().as_secs()), "the clock is the test's own");
    }
}
