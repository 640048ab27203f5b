//! HTTP on one machine, in the place of API Gateway: takes requests whole, as Lambda does, and hands them to the handlers.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tokio::net::{TcpListener, TcpSocket};

use crate::handlers::Handlers;
use crate::room::{Room, Taken};

/// Connections that wait to be accepted, where the system allows as many: all clients of a company connect anew when the gateway was restarted,
/// and Claude Code loses what it cannot connect for.
const BACKLOG: u32 = 4_096;
/// How long a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);
/// How long open requests may take once the gateway is told to stop.
const GRACE: Duration = Duration::from_secs(10);

struct Gateway {
    handlers: Handlers,
    room: Room,
}

/// Listens on `address`.
///
/// # Errors
/// The address is in use, or not this machine's.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As the standard library does it, too: otherwise a restart would have to wait for the old connections' last packets.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves on `listener`, as many requests at once as there is `room` for, until `stop` resolves; then lets open requests finish.
///
/// # Errors
/// The listener failed.
pub async fn serve(
    listener: TcpListener,
    handlers: Handlers,
    room: Room,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let gateway = Arc::new(Gateway { handlers, room });
    let app = Router::new().fallback(take).with_state(gateway);
    let (stopping, stopped) = tokio::sync::oneshot::channel();
    let stop = async move {
        stop.await;
        // Nobody waits when the listener has failed already.
        let _ = stopping.send(());
    };
    let server = axum::serve(listener, app).with_graceful_shutdown(stop);
    tokio::select! {
        served = server => served,
        () = async { let _ = stopped.await; tokio::time::sleep(GRACE).await } => Ok(()),
    }
}

async fn take(State(gateway): State<Arc<Gateway>>, request: Request<Body>) -> Response<Body> {
    gateway.answer(request).await.map(Body::from)
}

impl Gateway {
    async fn answer(&self, request: Request<Body>) -> Response<Bytes> {
        if request.uri().path() == "/healthz" {
            return Response::new(Bytes::from_static(b"ok\n"));
        }
        let (parts, body) = request.into_parts();
        let head = Request::from_parts(parts, Bytes::new());
        let limit = self.handlers.body_limit(&head);
        match tokio::time::timeout(ARRIVAL, self.room.take(body, limit)).await {
            Ok(Ok(Taken::Whole(body, _held))) => {
                let (parts, _) = head.into_parts();
                self.handlers.answer(Request::from_parts(parts, body)).await
            }
            Ok(Ok(Taken::TooLarge)) => self.handlers.refuse(&head, StatusCode::PAYLOAD_TOO_LARGE),
            Ok(Ok(Taken::Full)) => self.handlers.refuse(&head, StatusCode::TOO_MANY_REQUESTS),
            // The connection broke or is too slow: hardly anybody reads this.
            Ok(Err(_)) | Err(_) => self.handlers.refuse(&head, StatusCode::REQUEST_TIMEOUT),
        }
    }
}
