//! A stand-in for the Lambda service: the Runtime API that a function's binary asks for events, and the binary itself.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::Value;
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::captures::data;

/// How a function ended an invocation.
#[derive(Debug)]
pub enum Outcome {
    /// It answered.
    Response(Value),
    /// It reported an error, of this invocation or of its start.
    Error(Value),
}

struct Invocation {
    event: String,
    outcome: oneshot::Sender<Outcome>,
}

#[derive(Default)]
struct Service {
    waiting: Mutex<Option<mpsc::Receiver<Invocation>>>,
    running: Mutex<std::collections::HashMap<String, oneshot::Sender<Outcome>>>,
    counter: AtomicU64,
}

/// A function's binary, running against a Runtime API of its own.
#[derive(Debug)]
pub struct Function {
    process: Child,
    events: mpsc::Sender<Invocation>,
}

impl std::fmt::Debug for Invocation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Invocation")
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Function {
    /// Starts `binary` with `environment` beside what Lambda sets.
    ///
    /// # Panics
    /// It cannot be started.
    pub async fn start(binary: &PathBuf, environment: &[(&str, &str)]) -> Self {
        let (events, waiting) = mpsc::channel(16);
        let service = Arc::new(Service { waiting: Mutex::new(Some(waiting)), ..Service::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(service);
        tokio::spawn(async move { axum::serve(listener, app).await });
        let process = Command::new(binary)
            .env_clear()
            .envs([
                ("AWS_LAMBDA_RUNTIME_API", address.to_string().as_str()),
                ("AWS_LAMBDA_FUNCTION_NAME", "function"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
                ("AWS_REGION", "eu-west-1"),
                ("AWS_ACCESS_KEY_ID", "local"),
                ("AWS_SECRET_ACCESS_KEY", "local"),
            ])
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self { process, events }
    }

    /// Hands the function an event and waits for its outcome.
    ///
    /// # Panics
    /// The function is gone.
    pub async fn invoke(&self, event: &Value) -> Outcome {
        let (outcome, ended) = oneshot::channel();
        self.events.send(Invocation { event: event.to_string(), outcome }).await.unwrap();
        tokio::time::timeout(Duration::from_secs(30), ended).await.unwrap().unwrap()
    }
}

async fn answer(State(service): State<Arc<Service>>, request: Request<Body>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let Some(call) = path.strip_prefix("/2018-06-01/runtime/") else { return status(StatusCode::NOT_FOUND) };
    if call == "invocation/next" {
        return next(&service).await;
    }
    let body = to_bytes(request.into_body(), 8 * 1024 * 1024).await.unwrap_or_default();
    let outcome = |body: Bytes| serde_json::from_slice(&body).unwrap_or(Value::Null);
    let Some((id, end)) = call.strip_prefix("invocation/").and_then(|rest| rest.split_once('/')) else {
        return status(StatusCode::ACCEPTED);
    };
    if let Some(waiting) = service.running.lock().await.remove(id) {
        let _ = waiting.send(if end == "response" {
            Outcome::Response(outcome(body))
        } else {
            Outcome::Error(outcome(body))
        });
    }
    status(StatusCode::ACCEPTED)
}

async fn next(service: &Service) -> Response<Body> {
    let mut waiting = service.waiting.lock().await;
    let Some(invocation) = waiting.as_mut().unwrap().recv().await else { return status(StatusCode::GONE) };
    let id = format!("8476a536-e9f4-11e8-9739-{:012x}", service.counter.fetch_add(1, Ordering::Relaxed));
    service.running.lock().await.insert(id.clone(), invocation.outcome);
    let deadline = shared::time::Millis::now().plus(30_000).0;
    Response::builder()
        .header("lambda-runtime-aws-request-id", id)
        .header("lambda-runtime-deadline-ms", deadline.to_string())
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:function")
        .header("lambda-runtime-trace-id", "Root=1-67400000-0123456789abcdef01234567;Sampled=0")
        .header("content-type", "application/json")
        .body(Body::from(invocation.event))
        .unwrap()
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// The binary of `function` as `cargo lambda build --release` leaves it.
#[must_use]
pub fn binary(function: &str) -> PathBuf {
    target().join("lambda").join(function).join("bootstrap")
}

fn target() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    // <target>/<profile>/deps/<test binary>
    own.ancestors().nth(3).map(PathBuf::from).unwrap_or_default()
}

/// An event of `events/`.
///
/// # Panics
/// There is none of this name.
#[must_use]
pub fn event(name: &str) -> Value {
    let file = data("../../events").join(name).with_extension("json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// A DynamoDB on a free port of this machine, with both tables. Returns its address.
///
/// # Panics
/// It cannot be started.
pub async fn dynamodb() -> String {
    let database = dynoxide::Database::memory().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(dynoxide::server::serve_with_shutdown(listener, database, std::future::pending()));
    url
}
