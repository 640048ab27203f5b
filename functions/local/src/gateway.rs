//! HTTP on one machine, in the place of API Gateway: takes requests whole, as Lambda does, and hands them to the handlers.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::handlers::Handlers;

/// Bodies in memory at the same time, in bytes; beyond it clients are asked to come back.
const MEMORY: usize = 512 * 1024 * 1024;
/// The unit in which that memory is counted, in bytes.
const UNIT: usize = 64 * 1024;
/// How long a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(30);
/// How long open requests may take once the gateway is told to stop.
const GRACE: Duration = Duration::from_secs(10);

struct Gateway {
    handlers: Handlers,
    memory: Arc<Semaphore>,
}

/// Serves on `listener` until `stop` resolves, then lets open requests finish.
///
/// # Errors
/// The listener failed.
pub async fn serve(
    listener: TcpListener,
    handlers: Handlers,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let gateway = Arc::new(Gateway { handlers, memory: Arc::new(Semaphore::new(MEMORY / UNIT)) });
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
        let Some(_room) = self.room(&head, limit) else {
            return self.handlers.refuse(&head, StatusCode::TOO_MANY_REQUESTS);
        };
        match tokio::time::timeout(ARRIVAL, read(body, limit)).await {
            Ok(Ok(Some(body))) => {
                let (parts, _) = head.into_parts();
                self.handlers.answer(Request::from_parts(parts, body)).await
            }
            Ok(Ok(None)) => self.handlers.refuse(&head, StatusCode::PAYLOAD_TOO_LARGE),
            // The connection broke or is too slow: hardly anybody reads this.
            Ok(Err(_)) | Err(_) => self.handlers.refuse(&head, StatusCode::REQUEST_TIMEOUT),
        }
    }

    /// Room for the body that `head` announces, or for the largest if it does not say.
    fn room(&self, head: &Request<Bytes>, limit: usize) -> Option<OwnedSemaphorePermit> {
        let announced = head.headers().get(http::header::CONTENT_LENGTH);
        let length = announced.and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok()).unwrap_or(limit);
        let units = u32::try_from(length.min(limit).div_ceil(UNIT).max(1)).ok()?;
        self.memory.clone().try_acquire_many_owned(units).ok()
    }
}

/// The whole body, or `None` when it is larger than `limit`. The rest of a larger one is read and thrown away, so that its
/// sender gets to see the answer.
async fn read(mut body: Body, limit: usize) -> Result<Option<Bytes>, axum::Error> {
    let mut collected = Vec::new();
    let mut fits = true;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data()
            && fits
        {
            fits = collected.len() + data.len() <= limit;
            if fits {
                collected.extend_from_slice(&data);
            } else {
                collected = Vec::new();
            }
        }
    }
    Ok(fits.then(|| Bytes::from(collected)))
}
