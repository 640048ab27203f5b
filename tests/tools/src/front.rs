//! A stack that a browser reaches by an address, with a clock that stands still: what its pages say is known beforehand.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use http::{Request, Response};
use local::handlers::Handlers;
use model::time::Timestamp;
use tokio::task::JoinHandle;

use crate::stack::Stack;

/// Most bytes of what a browser sends.
const LARGEST: usize = 1024 * 1024;

/// The address of a stack.
#[derive(Debug)]
pub struct Front {
    /// Where it is, without a slash in the end.
    pub base_url: String,
    task: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Front {
    /// Puts an address before a stack, where it is `now`.
    ///
    /// # Panics
    /// No port of this machine is free.
    pub async fn of(stack: &Stack, now: Timestamp) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let handlers = Handlers { base_url: base_url.parse().unwrap(), ..stack.handlers.clone() };
        let router = Router::new().fallback(answer).with_state((handlers, now));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base_url, task }
    }
}

async fn answer(State((handlers, now)): State<(Handlers, Timestamp)>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST).await.unwrap();
    Box::pin(handlers.answer_at(Request::from_parts(parts, body), now)).await.map(Body::from)
}
