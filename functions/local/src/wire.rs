//! A connection that is given up when its client is slower than anybody honest: with a head, with the next request, with reading
//! what it asked for.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::patience::Patience;

/// What is read and thrown away of a client that still sends when it was answered, in bytes: one that sends more closes by itself
/// as soon as it reads the answer, or loses it.
const FAREWELL: usize = 256 * 1024;

/// Whose turn it is on a connection: told by who answers, asked by who waits.
#[derive(Debug)]
pub(crate) struct Talk(Mutex<State>);

#[derive(Debug)]
struct State {
    turn: Turn,
    /// Whether somebody was let in over this connection.
    is_known: bool,
    /// Whether the client may still send what nobody reads.
    is_unread: bool,
}

#[derive(Debug, Clone, Copy)]
enum Turn {
    /// Nothing of the next request is there.
    Nothing { since: Instant },
    /// The beginning of a head is there.
    Head { since: Instant },
    /// A request is being answered.
    Ours,
}

impl Talk {
    /// A connection that was just opened.
    pub(crate) fn begin() -> Arc<Self> {
        let turn = Turn::Nothing { since: Instant::now() };
        Arc::new(Self(Mutex::new(State { turn, is_known: false, is_unread: false })))
    }

    /// A head is there whole.
    pub(crate) fn asked(&self) {
        self.with(|state| state.turn = Turn::Ours);
    }

    /// A request is answered: to somebody who was let in, if `lets_in`. Of what is `unread` nothing will be read.
    pub(crate) fn answered(&self, lets_in: bool, unread: bool) {
        self.with(|state| {
            state.turn = Turn::Nothing { since: Instant::now() };
            state.is_known |= lets_in;
            state.is_unread |= unread;
        });
    }

    fn heard(&self) {
        self.with(|state| {
            if matches!(state.turn, Turn::Nothing { .. }) {
                state.turn = Turn::Head { since: Instant::now() };
            }
        });
    }

    /// The client takes what is written: it is there, though it says nothing.
    fn taken(&self) {
        self.with(|state| {
            if let Turn::Nothing { since } = &mut state.turn {
                *since = Instant::now();
            }
        });
    }

    /// Until when the next byte is waited for.
    fn deadline(&self, patience: &Patience) -> Option<Instant> {
        self.with(|state| match state.turn {
            Turn::Nothing { since } if state.is_known => Some(since + patience.between),
            Turn::Nothing { since } => Some(since + patience.silence),
            Turn::Head { since } => Some(since + patience.head),
            Turn::Ours => None,
        })
    }

    fn is_unread(&self) -> bool {
        self.with(|state| state.is_unread)
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A clock that rings once a deadline has passed.
#[derive(Debug, Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Whether `deadline` has passed; if not, whoever asks is woken then.
    fn rings(&mut self, deadline: Instant, context: &mut Context<'_>) -> bool {
        let sleep = self.0.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if sleep.deadline() != deadline {
            sleep.as_mut().reset(deadline);
        }
        sleep.as_mut().poll(context).is_ready()
    }
}

/// What a client was slow to read.
#[derive(Debug, Clone, Copy)]
struct Stalled {
    since: Instant,
    written: u64,
}

/// A stream whose client is waited for as long as its [`Patience`] says.
#[derive(Debug)]
pub(crate) struct Wire<S> {
    stream: S,
    talk: Arc<Talk>,
    patience: Patience,
    reading: Alarm,
    writing: Alarm,
    stalled: Option<Stalled>,
    /// How much more is thrown away, once nothing more is written, and until when.
    farewell: Option<(usize, Instant)>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(crate) fn over(stream: S, talk: Arc<Talk>, patience: Patience) -> Self {
        let (reading, writing) = (Alarm::default(), Alarm::default());
        Self { stream, talk, patience, reading, writing, stalled: None, farewell: None }
    }

    /// What came of writing: progress, or a client that has been waited for too long.
    fn wrote(&mut self, written: Poll<io::Result<usize>>, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.talk.taken();
                if let Some(stalled) = &mut self.stalled {
                    stalled.written += bytes as u64;
                }
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                let stalled = self.stalled.get_or_insert_with(|| Stalled { since: Instant::now(), written: 0 });
                let deadline = self.patience.answer.deadline(stalled.since, stalled.written);
                if self.writing.rings(deadline, context) {
                    return Poll::Ready(Err(too_slow("an answer was not read in time")));
                }
            }
        }
        written
    }
}

fn too_slow(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, what)
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Wire<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        let before = into.filled().len();
        let read = Pin::new(&mut wire.stream).poll_read(context, into);
        if read.is_ready() {
            if into.filled().len() > before {
                wire.talk.heard();
                // Whoever asks again has read what was answered before.
                wire.stalled = None;
            }
            return read;
        }
        match wire.talk.deadline(&wire.patience) {
            Some(deadline) if wire.reading.rings(deadline, context) => {
                Poll::Ready(Err(too_slow("a request did not come in time")))
            }
            _ => Poll::Pending,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Wire<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        let written = Pin::new(&mut wire.stream).poll_write(context, bytes);
        wire.wrote(written, context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        let written = Pin::new(&mut wire.stream).poll_write_vectored(context, slices);
        wire.wrote(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    /// Closes the connection. A client that still sends would not see the answer if what it sends met a closed socket, so a little
    /// of it is thrown away first.
    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        if wire.farewell.is_none() {
            ready!(Pin::new(&mut wire.stream).poll_shutdown(context))?;
        }
        if !wire.talk.is_unread() {
            return Poll::Ready(Ok(()));
        }
        let (mut left, until) = wire.farewell.unwrap_or((FAREWELL, Instant::now() + wire.patience.farewell));
        let mut buffer = [0; 4096];
        loop {
            wire.farewell = Some((left, until));
            let mut thrown_away = ReadBuf::new(&mut buffer);
            match Pin::new(&mut wire.stream).poll_read(context, &mut thrown_away) {
                Poll::Ready(Ok(())) if !thrown_away.filled().is_empty() && left > 0 => {
                    left = left.saturating_sub(thrown_away.filled().len());
                }
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending if wire.reading.rings(until, context) => return Poll::Ready(Ok(())),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}
