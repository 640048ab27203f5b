//! What the gateway takes on at the same time. Whoever comes beyond it is asked to come again, which Claude Code does; whoever
//! would have to wait for longer than it waits would lose what it sent.

use std::sync::Arc;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies in memory at the same time, in bytes.
const MEMORY: usize = 512 * 1024 * 1024;
/// Requests that are answered at the same time. Two cores answer more than a thousand exports a second, so that the last of so
/// many waits for two seconds and not for the ten after which Claude Code gives an export up.
const AT_ONCE: usize = 2_048;
/// The unit in which memory is counted, in bytes.
const UNIT: usize = 64 * 1024;

/// Room for requests.
#[derive(Debug, Clone)]
pub struct Room {
    memory: Arc<Semaphore>,
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
        Self::of(MEMORY, AT_ONCE)
    }
}

impl Room {
    /// Room for so many bytes of bodies, in units of 64 KiB, and so many requests.
    #[must_use]
    pub fn of(bytes: usize, requests: usize) -> Self {
        Self { memory: Arc::new(Semaphore::new(bytes / UNIT)), requests: Arc::new(Semaphore::new(requests)) }
    }

    /// Reads `body`, of at most `limit` bytes. It takes room as it arrives, not as it was announced: somebody who announces much
    /// and sends nothing keeps nobody else out. What there is no room for is read and thrown away, so that its sender
    /// gets to see the answer.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn take(&self, mut body: Body, limit: usize) -> Result<Taken, axum::Error> {
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
            } else if self.grow(&mut memory, length.div_ceil(UNIT)) {
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

    /// Whether `held` could be made to be so many units.
    fn grow(&self, held: &mut Option<OwnedSemaphorePermit>, units: usize) -> bool {
        let has = held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let Ok(more) = u32::try_from(units.saturating_sub(has)) else { return false };
        let Ok(more) = Arc::clone(&self.memory).try_acquire_many_owned(more) else { return false };
        match held {
            Some(held) => held.merge(more),
            None => *held = Some(more),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;
    use futures::stream::poll_fn;

    use super::*;

    const LIMIT: usize = 4 * UNIT;

    fn sized(bytes: usize) -> Body {
        Body::from(vec![7; bytes])
    }

    /// A body of which so many bytes arrive, and then nothing for as long as the sender is held.
    fn begun(bytes: usize) -> (tokio::sync::mpsc::Sender<Bytes>, Body) {
        let (sender, mut frames) = tokio::sync::mpsc::channel(4);
        sender.try_send(Bytes::from(vec![7; bytes])).unwrap();
        let frames = poll_fn(move |context| frames.poll_recv(context));
        (sender, Body::from_stream(frames.map(Ok::<_, std::io::Error>)))
    }

    async fn taken(room: &Room, body: Body) -> Taken {
        room.take(body, LIMIT).await.unwrap()
    }

    #[tokio::test]
    async fn requests_beyond_the_number_are_asked_to_come_again_until_one_is_answered() {
        let room = Room::of(16 * UNIT, 2);
        let first = taken(&room, sized(1)).await;
        let second = taken(&room, sized(0)).await;
        assert!(matches!((&first, &second), (Taken::Whole(..), Taken::Whole(..))));
        assert!(matches!(taken(&room, sized(1)).await, Taken::Full));
        drop(first);
        assert!(matches!(taken(&room, sized(1)).await, Taken::Whole(..)));
    }

    #[tokio::test]
    async fn bodies_beyond_the_memory_are_asked_to_come_again_until_it_is_free() {
        let room = Room::of(3 * UNIT, 100);
        let held = taken(&room, sized(2 * UNIT)).await;
        assert!(matches!(taken(&room, sized(UNIT + 1)).await, Taken::Full));
        let Taken::Whole(bytes, small) = taken(&room, sized(UNIT)).await else { panic!("there is room for it") };
        assert_eq!(bytes.len(), UNIT);
        drop((held, small));
        assert!(matches!(taken(&room, sized(3 * UNIT)).await, Taken::Whole(..)));
    }

    #[tokio::test]
    async fn a_body_that_stops_arriving_keeps_the_room_of_what_arrived_and_no_more() {
        let room = Room::of(4 * UNIT, 1);
        let (rest, body) = begun(1);
        let waiting = tokio::spawn({
            let room = room.clone();
            async move { room.take(body, LIMIT).await.unwrap() }
        });
        while room.memory.available_permits() == 4 {
            tokio::task::yield_now().await;
        }
        assert!(matches!(taken(&room, sized(3 * UNIT)).await, Taken::Whole(..)), "three of four units are free");
        assert!(matches!(taken(&room, sized(3 * UNIT + 1)).await, Taken::Full));
        rest.send(Bytes::from(vec![7; UNIT])).await.unwrap();
        drop(rest);
        assert!(matches!(waiting.await.unwrap(), Taken::Whole(bytes, _) if bytes.len() == UNIT + 1));
    }

    #[tokio::test]
    async fn a_body_that_is_too_large_gives_back_its_room_while_the_rest_is_thrown_away() {
        let room = Room::of(4 * UNIT, 1);
        let (rest, body) = begun(LIMIT + 1);
        let refused = tokio::spawn({
            let room = room.clone();
            async move { room.take(body, LIMIT).await.unwrap() }
        });
        rest.send(Bytes::from(vec![7; UNIT])).await.unwrap();
        assert!(matches!(taken(&room, sized(LIMIT)).await, Taken::Whole(..)));
        drop(rest);
        assert!(matches!(refused.await.unwrap(), Taken::TooLarge));
    }
}
