//! The exporter of Claude Code, as recordings of version 2.1.330 show that it behaves: up to five tries of the identical body within
//! ten seconds, at the server's pace or at its own, and whatever is answered otherwise is final.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::time::{Instant, sleep, timeout};

use crate::activity::Sent;

/// How long all tries of an export may take together.
const BUDGET: Duration = Duration::from_secs(10);
/// Most tries.
const TRIES: u32 = 5;

/// What became of an export, as the client knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was answered with 200.
    Acknowledged,
    /// It was refused for good, with this status.
    Refused(u16),
    /// The client gave up: it may be stored or not.
    GivenUp,
}

/// Sends `sent` with `token` through `post` until the client is done with it. `post` gives no answer if the connection breaks.
///
/// # Panics
/// A transient fault is answered as the exporter must not be answered: by anything but 429 or 503 with a `Retry-After` of one to three
/// seconds.
pub async fn export<F>(sent: &Sent, token: &str, post: impl Fn(Request<Bytes>) -> F) -> Fate
where
    F: Future<Output = Option<Response<Bytes>>>,
{
    let begun = Instant::now();
    for tried in 1..=TRIES {
        let left = BUDGET.saturating_sub(begun.elapsed());
        let response = match timeout(left, post(request(sent, token))).await {
            Ok(Some(response)) => response,
            // A broken connection and a client's own timeout are both final.
            Ok(None) | Err(_) => return Fate::GivenUp,
        };
        let status = response.status().as_u16();
        let wait = match status {
            200 => return Fate::Acknowledged,
            401 => return Fate::Refused(status),
            429 | 503 => retry_after(&response),
            _ => panic!("a transient fault was answered with {status}: {:?}", response.body()),
        };
        if tried == TRIES || begun.elapsed() + wait >= BUDGET {
            return Fate::GivenUp;
        }
        sleep(wait).await;
    }
    Fate::GivenUp
}

fn retry_after(response: &Response<Bytes>) -> Duration {
    let header = response.headers().get(http::header::RETRY_AFTER).expect("429 and 503 say when to come again");
    let seconds: u64 = header.to_str().unwrap().parse().unwrap();
    assert!((1..=3).contains(&seconds), "Retry-After: {seconds}");
    Duration::from_secs(seconds)
}

fn request(sent: &Sent, token: &str) -> Request<Bytes> {
    Request::post(sent.signal.path())
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", sent.media_type())
        .body(Bytes::from(sent.body.clone()))
        .unwrap()
}
