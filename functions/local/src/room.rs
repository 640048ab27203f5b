//! What the gateway takes on at the same time. Whoever comes beyond it is asked to come again, which Claude Code does; whoever
//! would have to wait for longer than it waits would lose what it sent.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

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
pub struct Room {
    usual: Arc<Semaphore>,
    large: Arc<Semaphore>,
    requests: Arc<Semaphore>,
}

/// A request that was read.
#[derive(Debug)]
pub enum Taken {
    /// All of it, and the room that it takes until this is dropped.
    Whole(Bytes, Held),
    /// It is larger than it may be.
    TooLarge,
    /// There is no room for it now.
    Full,
}

/// The room that a request takes, given back when this is dropped.
#[derive(Debug)]
pub struct Held {
    _memory: Option<OwnedSemaphorePermit>,
    _request: OwnedSemaphorePermit,
}

impl Default for Room {
    fn default() -> Self {
        Self::of(USUAL, LARGE, AT_ONCE)
    }
}

impl Room {
    /// Room for so many bytes of bodies of usual size and so many bytes of larger ones, in units of 1 KiB, and for so many requests.
    #[must_use]
    pub fn of(usual: usize, large: usize, requests: usize) -> Self {
        let memory = |bytes: usize| Arc::new(Semaphore::new(bytes / UNIT));
        Self { usual: memory(usual), large: memory(large), requests: Arc::new(Semaphore::new(requests)) }
    }

    /// Reads `body`, of at most `limit` bytes. It takes room as it arrives, not as it was announced. What there is no room for is
    /// read and thrown away, so that its sender gets to see the answer.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn take<B>(&self, mut body: B, limit: usize) -> Result<Taken, B::Error>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        let announced = usize::try_from(body.size_hint().lower()).unwrap_or(ANNOUNCED);
        let mut collected = Vec::new();
        let mut memory = None;
        let mut refused = None;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame?.into_data() else { continue };
            if refused.is_some() {
                continue;
            }
            let length = collected.len() + data.len();
            if length > limit {
                refused = Some(Taken::TooLarge);
            } else if self.grow(&mut memory, collected.len(), length) {
                if collected.is_empty() {
                    collected.reserve_exact(announced.min(ANNOUNCED));
                }
                collected.extend_from_slice(&data);
                continue;
            } else {
                refused = Some(Taken::Full);
            }
            (collected, memory) = (Vec::new(), None);
        }
        if let Some(refused) = refused {
            return Ok(refused);
        }
        Ok(match Arc::clone(&self.requests).try_acquire_owned() {
            Ok(request) => Taken::Whole(collected.into(), Held { _memory: memory, _request: request }),
            Err(_) => Taken::Full,
        })
    }

    /// Whether there is room for a body to grow from one length to another.
    fn grow(&self, held: &mut Option<OwnedSemaphorePermit>, from: usize, to: usize) -> bool {
        let pool = if to <= USUAL_SIZE { &self.usual } else { &self.large };
        let moves = from <= USUAL_SIZE && to > USUAL_SIZE;
        let has = held.as_ref().filter(|_| !moves).map_or(0, OwnedSemaphorePermit::num_permits);
        let Ok(more) = u32::try_from(to.div_ceil(UNIT).saturating_sub(has)) else { return false };
        let Ok(more) = Arc::clone(pool).try_acquire_many_owned(more) else { return false };
        match held {
            Some(held) if !moves => held.merge(more),
            _ => *held = Some(more),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::time::Duration;

    use futures::stream::poll_fn;
    use futures::{Stream, StreamExt};
    use http_body_util::{Full, StreamBody};
    use hyper::body::Frame;
    use tokio::sync::mpsc::{Sender, channel};
    use tokio::task::JoinHandle;

    use super::*;

    const LIMIT: usize = 2 * USUAL_SIZE;

    fn sized(bytes: usize) -> Full<Bytes> {
        Full::from(vec![7; bytes])
    }

    async fn taken(room: &Room, bytes: usize) -> Taken {
        room.take(sized(bytes), LIMIT).await.unwrap()
    }

    /// A body that arrives as it is sent, and ends when the sender is dropped.
    fn arriving() -> (Sender<usize>, StreamBody<impl Stream<Item = Result<Frame<Bytes>, Infallible>> + Unpin + Send>) {
        let (sender, mut sizes) = channel(4);
        let sizes = poll_fn(move |context| sizes.poll_recv(context));
        (sender, StreamBody::new(sizes.map(|size| Ok(Frame::data(Bytes::from(vec![7; size]))))))
    }

    fn taking<B>(room: &Room, body: B) -> JoinHandle<Taken>
    where
        B: Body<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
    {
        let room = room.clone();
        tokio::spawn(async move { room.take(body, LIMIT).await.unwrap() })
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
        let room = Room::of(16 * UNIT, 0, 2);
        let first = taken(&room, 1).await;
        let second = taken(&room, 0).await;
        assert!(matches!((&first, &second), (Taken::Whole(..), Taken::Whole(..))));
        assert!(matches!(taken(&room, 1).await, Taken::Full));
        drop(first);
        assert!(matches!(taken(&room, 1).await, Taken::Whole(..)));
    }

    #[tokio::test]
    async fn bodies_beyond_the_memory_are_asked_to_come_again_until_it_is_free() {
        let room = Room::of(3 * UNIT, 0, 100);
        let held = taken(&room, 2 * UNIT).await;
        assert!(matches!(taken(&room, UNIT + 1).await, Taken::Full));
        let Taken::Whole(bytes, small) = taken(&room, UNIT).await else { panic!("there is room for it") };
        assert_eq!(bytes.len(), UNIT);
        drop((held, small));
        assert!(matches!(taken(&room, 3 * UNIT).await, Taken::Whole(..)));
    }

    #[tokio::test]
    async fn a_body_that_stops_arriving_keeps_the_room_of_what_arrived_and_no_more() {
        let room = Room::of(4 * UNIT, 0, 1);
        let (rest, body) = arriving();
        let waiting = taking(&room, body);
        rest.send(1).await.unwrap();
        until(|| room.usual.available_permits() == 3).await;
        assert!(matches!(taken(&room, 3 * UNIT).await, Taken::Whole(..)), "three of four units are free");
        assert!(matches!(taken(&room, 3 * UNIT + 1).await, Taken::Full));
        rest.send(UNIT).await.unwrap();
        drop(rest);
        assert!(matches!(waiting.await.unwrap(), Taken::Whole(bytes, _) if bytes.len() == UNIT + 1));
    }

    #[tokio::test]
    async fn large_bodies_that_take_all_of_their_room_keep_no_usual_one_out() {
        let room = Room::of(USUAL_SIZE, USUAL_SIZE + UNIT, 100);
        let (rest, body) = arriving();
        let waiting = taking(&room, body);
        rest.send(USUAL_SIZE).await.unwrap();
        until(|| room.usual.available_permits() == 0).await;
        rest.send(UNIT).await.unwrap();
        until(|| room.large.available_permits() == 0).await;
        assert!(matches!(taken(&room, USUAL_SIZE + 1).await, Taken::Full));
        assert!(matches!(taken(&room, USUAL_SIZE).await, Taken::Whole(..)));
        drop(rest);
        assert!(matches!(waiting.await.unwrap(), Taken::Whole(bytes, _) if bytes.len() == USUAL_SIZE + UNIT));
        assert_eq!(
            (room.usual.available_permits(), room.large.available_permits()),
            (USUAL_SIZE / UNIT, USUAL_SIZE / UNIT + 1)
        );
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_gives_back_its_room_while_the_rest_is_thrown_away() {
        let room = Room::of(4 * UNIT, 0, 1);
        let (rest, body) = arriving();
        let refused = taking(&room, body);
        rest.send(UNIT).await.unwrap();
        until(|| room.usual.available_permits() == 3).await;
        rest.send(LIMIT).await.unwrap();
        until(|| room.usual.available_permits() == 4).await;
        rest.send(UNIT).await.unwrap();
        drop(rest);
        assert!(matches!(refused.await.unwrap(), Taken::TooLarge));
    }
}
