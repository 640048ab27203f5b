use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::stream::poll_fn;
use futures::{Stream, StreamExt};
use http_body_util::{Full, StreamBody};
use hyper::body::{Frame, SizeHint};
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

/// Announces so many bytes, and has none.
struct Announcing(u64);

impl Body for Announcing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0)
    }
}

#[test]
fn room_is_made_for_what_is_announced_as_far_as_recorded_exports_need_it() {
    for (announced, room) in [(0, 0), (7, 7), (64 << 10, 64 << 10), (65 << 10, 64 << 10), (u64::MAX, 64 << 10)] {
        assert_eq!(believed(&Announcing(announced)), room, "{announced}");
    }
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
