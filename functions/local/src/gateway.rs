//! HTTP on one machine, in the place of API Gateway: judges heads, takes the bodies that are wanted whole, as Lambda does, and hands
//! them to the handlers.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use hyper::body::{Body, Incoming};
use hyper_util::server::graceful::GracefulShutdown;
use model::time::Timestamp;
use model::{VERSION, VERSION_HEADER};
use service::http::reply;
use service::ingest::Outdated;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::callers::{Caller, Proxies};
use crate::conversation::{Answer, converse};
use crate::handlers::{Entry, Handlers};
use crate::memory_budget::{BodyOutcome, Memory, MemoryBudget, Wanted};
use crate::patience::Patience;
use crate::pool::Pool;
use crate::pulse::Pulse;

/// Connections at the same time; whoever comes beyond them waits to be accepted.
const CONNECTIONS: usize = 8_192;
/// Files that the gateway has open when all connections are: theirs, the database's and the program's own.
pub(crate) const FILES: u64 = CONNECTIONS as u64 + 128;
/// Connections that wait to be accepted, where the system allows as many: all clients of a company connect anew when the gateway
/// was restarted, and Claude Code loses what it cannot connect for.
const BACKLOG: u32 = 4_096;
/// What the system keeps of an answer that its client does not read yet, in bytes.
const UNREAD_ANSWER: u32 = 256 * 1024;
/// How long open requests may take once the gateway is told to stop: as long as an export may take at all.
const GRACE: Duration = service::ingest::DEADLINE;
/// How long to wait when the system has no file left for another connection.
const EXHAUSTED: Duration = Duration::from_millis(200);

/// What the gateway grants its clients.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Connections at the same time.
    pub connections: usize,
    /// Requests and their bodies at the same time.
    pub room: MemoryBudget,
    /// How long it waits for them.
    pub patience: Patience,
    /// Behind which addresses many of them stand.
    pub proxies: Proxies,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            connections: CONNECTIONS,
            room: MemoryBudget::default(),
            patience: Patience::default(),
            proxies: Proxies::default(),
        }
    }
}

struct Gateway {
    handlers: Handlers,
    terms: Terms,
    pulse: Pulse,
}

/// The body of a request, as far as it is not read.
struct Arriving {
    body: Incoming,
    is_unread: bool,
}

/// Listens on `address`.
///
/// # Errors
/// The address is in use, or not this machine's.
///
/// # Panics
/// Outside of a Tokio runtime.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As the standard library does it, too: otherwise a restart would have to wait for the old connections' last packets.
    socket.set_reuseaddr(true)?;
    // Connections inherit it: laptops go to sleep without a word.
    socket.set_keepalive(true)?;
    // And this: what somebody does not read must not fill the memory of the system.
    socket.set_send_buffer_size(UNREAD_ANSWER)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves on `listener` until `stop` resolves; then lets open requests finish.
pub async fn serve(listener: TcpListener, handlers: Handlers, terms: Terms, stop: impl Future<Output = ()>) {
    let waiting = Arc::new(Semaphore::new(terms.connections));
    let connections = Pool::of(terms.connections);
    let pulse = Pulse::of(handlers.app.store.clone());
    let gateway = Arc::new(Gateway { handlers, terms, pulse });
    let open = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, address, place) = tokio::select! {
            accepted = accept(&listener, &waiting) => accepted,
            () = &mut stop => break,
        };
        let caller = gateway.terms.proxies.caller(address);
        // Closed without a word: whoever holds so many connections gets no more of anything.
        let Some(connection) = connections.take(caller, 1) else { continue };
        let (gateway, watcher) = (Arc::clone(&gateway), open.watcher());
        tokio::spawn(async move {
            let _held = (place, connection);
            converse(stream, gateway.terms.patience, watcher, |request| gateway.answer(request, caller)).await;
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, open.shutdown()).await.is_err() {
        tracing::warn!("stopped while requests were open");
    }
}

/// The next connection and where it comes from, once there is room for it.
async fn accept(listener: &TcpListener, waiting: &Arc<Semaphore>) -> (TcpStream, IpAddr, Option<OwnedSemaphorePermit>) {
    // Nobody closes the semaphore.
    let place = Arc::clone(waiting).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, address)) => return (stream, address.ip(), place),
            // The client has gone away again.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(EXHAUSTED).await;
            }
        }
    }
}

impl Gateway {
    async fn answer(&self, request: Request<Incoming>, caller: Caller) -> Answer {
        let mut answer = self.answer_unversioned(request, caller).await;
        let headers = answer.response.headers_mut();
        headers.insert(HeaderName::from_static(VERSION_HEADER), HeaderValue::from_static(VERSION));
        answer
    }

    async fn answer_unversioned(&self, request: Request<Incoming>, caller: Caller) -> Answer {
        if request.uri().path() == reply::ALIVE {
            let is_unread = !request.body().is_end_stream();
            return Answer { response: reply::alive(self.pulse.beats().await), lets_in: false, is_unread };
        }
        let (parts, body) = request.into_parts();
        let mut head = Request::from_parts(parts, Bytes::new());
        let mut arriving = Arriving { is_unread: !body.is_end_stream(), body };
        let sender = self.terms.proxies.sender(caller, head.headers());
        head.extensions_mut().insert(sender.peer);
        let entered = self.enter(&mut head, &mut arriving, sender).await;
        let (response, lets_in) = entered.unwrap_or_else(|refused| (self.handlers.refuse(&head, refused), false));
        Answer { response, lets_in, is_unread: arriving.is_unread }
    }

    /// Answers a request by its head if that is enough, else reads the body that is wanted. Whether it was from somebody who was let
    /// in; an error is the status of a refusal.
    async fn enter(
        &self,
        head: &mut Request<Bytes>,
        arriving: &mut Arriving,
        sender: Caller,
    ) -> Result<(Response<Bytes>, bool), StatusCode> {
        let room = &self.terms.room;
        let turn = || room.turn(sender).ok_or(StatusCode::TOO_MANY_REQUESTS);
        let entry = {
            let _turn = turn()?;
            self.handlers.admit(head, arriving.is_unread, Timestamp::now()).await
        };
        match entry {
            Entry::Answered(response) => Ok((response, false)),
            Entry::Outdated(outdated) => {
                let (beginning, _memory) = self.read(arriving, Wanted::Beginning(Outdated::LOOKED_AT), sender).await?;
                let _turn = turn()?;
                Ok((self.handlers.ingest.turn_away(*outdated, &beginning, Timestamp::now()).await, false))
            }
            Entry::Export(admitted) => {
                let (whole, memory) = self.read(arriving, Wanted::Whole(self.handlers.limits.sent), sender).await?;
                // An export is finished even if its client goes away, and takes room until then.
                let held = (memory, turn()?);
                Ok((self.handlers.ingest.take(*admitted, whole, held, Timestamp::now()).await, true))
            }
            Entry::Other { largest } => {
                let (whole, memory) = self.read(arriving, Wanted::Whole(largest), sender).await?;
                head.extensions_mut().insert(Arc::new((memory, turn()?)));
                *head.body_mut() = whole;
                let is_guarded = self.handlers.is_guarded(head);
                let response = self.handlers.answer(std::mem::take(head)).await;
                let lets_in = is_guarded && response.status().is_success();
                Ok((response, lets_in))
            }
        }
    }

    async fn read(
        &self,
        arriving: &mut Arriving,
        wanted: Wanted,
        sender: Caller,
    ) -> Result<(Bytes, Memory), StatusCode> {
        match self.terms.room.take(&mut arriving.body, wanted, sender, self.terms.patience.body).await {
            BodyOutcome::Read(bytes, memory) => {
                // Of chunks nobody knows which is the last before it is read.
                arriving.is_unread = matches!(wanted, Wanted::Beginning(_)) && !arriving.body.is_end_stream();
                Ok((bytes, memory))
            }
            BodyOutcome::TooLarge => Err(StatusCode::PAYLOAD_TOO_LARGE),
            BodyOutcome::Full => Err(StatusCode::TOO_MANY_REQUESTS),
            BodyOutcome::Broken => Err(StatusCode::BAD_REQUEST),
            // Hardly anybody reads this.
            BodyOutcome::Slow | BodyOutcome::Gone => Err(StatusCode::REQUEST_TIMEOUT),
        }
    }
}
