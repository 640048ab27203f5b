//! HTTP on one machine, in the place of API Gateway: takes requests whole, as Lambda does, and hands them to the handlers.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use shared::auth::peer::Peer;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::handlers::Handlers;
use crate::room::{Room, Taken};

/// Connections at the same time; whoever comes beyond them waits to be accepted.
const CONNECTIONS: usize = 8_192;
/// Files that the gateway has open when all connections are: theirs, the database's and the program's own.
pub(crate) const FILES: u64 = CONNECTIONS as u64 + 128;
/// Connections that wait to be accepted, where the system allows as many: all clients of a company connect anew when the gateway
/// was restarted, and Claude Code loses what it cannot connect for.
const BACKLOG: u32 = 4_096;
/// How long a connection may say nothing between two requests. Claude Code keeps its own and exports every minute at least while it is at work.
const IDLE: Duration = Duration::from_secs(900);
/// The largest head of a request, and what is read of a body at a time, in bytes.
const BUFFER: usize = 64 * 1024;
/// How long a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);
/// How long open requests may take once the gateway is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long to wait when the system has no file left for another connection.
const EXHAUSTED: Duration = Duration::from_millis(200);

struct Gateway {
    handlers: Handlers,
    room: Room,
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
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves on `listener`, as many requests at once as there is `room` for, until `stop` resolves; then lets open requests finish.
pub async fn serve(listener: TcpListener, handlers: Handlers, room: Room, stop: impl Future<Output = ()>) {
    let gateway = Arc::new(Gateway { handlers, room });
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let open = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, peer, connection) = tokio::select! {
            accepted = accept(&listener, &connections) => accepted,
            () = &mut stop => break,
        };
        let gateway = Arc::clone(&gateway);
        let service = service_fn(move |request| {
            let gateway = Arc::clone(&gateway);
            async move { Ok::<_, Infallible>(gateway.answer(request, peer).await.map(Full::new)) }
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(IDLE).max_buf_size(BUFFER);
        let served = open.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            let _connection = connection;
            if let Err(error) = served.await {
                tracing::debug!(%error, "a connection broke");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, open.shutdown()).await.is_err() {
        tracing::warn!("stopped while requests were open");
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> (TcpStream, Peer, Option<OwnedSemaphorePermit>) {
    // Nobody closes the semaphore.
    let connection = Arc::clone(connections).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, address)) => return (stream, Peer::new(address.ip()), connection),
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
    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Bytes> {
        if request.uri().path() == "/healthz" {
            return Response::new(Bytes::from_static(b"ok\n"));
        }
        let (parts, body) = request.into_parts();
        let mut head = Request::from_parts(parts, Bytes::new());
        head.extensions_mut().insert(peer);
        let limit = self.handlers.body_limit(&head);
        match tokio::time::timeout(ARRIVAL, self.room.take(body, limit)).await {
            Ok(Ok(Taken::Whole(body, held))) => {
                // The request holds its room itself: an export is finished even if its client goes away, and takes room until then.
                head.extensions_mut().insert(Arc::new(held));
                *head.body_mut() = body;
                self.handlers.answer(head).await
            }
            Ok(Ok(Taken::TooLarge)) => self.handlers.refuse(&head, StatusCode::PAYLOAD_TOO_LARGE),
            Ok(Ok(Taken::Full)) => self.handlers.refuse(&head, StatusCode::TOO_MANY_REQUESTS),
            // The connection broke or is too slow: hardly anybody reads this.
            Ok(Err(_)) | Err(_) => self.handlers.refuse(&head, StatusCode::REQUEST_TIMEOUT),
        }
    }
}
