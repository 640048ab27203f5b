//! What the gateway takes on at the same time. Whoever comes beyond it is asked to try again, which Claude Code does; whoever
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
        let believed = believed(&body);
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
                collected.reserve_exact(believed);
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

/// What room is made for a body before it is there: anybody can announce anything.
fn believed(body: &impl Body) -> usize {
    usize::try_from(body.size_hint().lower()).unwrap_or(ANNOUNCED).min(ANNOUNCED)
}

/// Whether a body could not be read for what was sent, and not for how: what hyper says of chunks.
fn is_malformed(error: &(dyn Error + 'static)) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(kind, Some(io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData))
        || error.source().is_some_and(is_malformed)
}

#[cfg(test)]
mod tests;
