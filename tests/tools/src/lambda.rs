//! A stand-in for the Lambda service: the Runtime API that a function's binary asks for events, and the binary itself.
//!
//! As the documentation has it: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>. One event at a time; an answer to
//! one that is not running is refused; an answer over 6 MB is too large.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use http::{Request, Response, StatusCode};
use model::time::SignedDuration;
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc, oneshot};

use crate::captures::data;
use crate::watch::Watch;

/// Most bytes of an answer.
const LARGEST_ANSWER: usize = 6 * 1024 * 1024;

/// How a function ended an invocation.
#[derive(Debug)]
pub enum Outcome {
    /// It answered.
    Response(Value),
    /// It reported an error of this invocation.
    Error(Value),
}

impl Outcome {
    /// The answer.
    #[must_use]
    pub fn answer(self) -> Value {
        match self {
            Self::Response(answer) => answer,
            Self::Error(error) => panic!("the function failed: {error}"),
        }
    }
}

struct Invocation {
    event: String,
    outcome: oneshot::Sender<Outcome>,
}

struct Service {
    waiting: Mutex<mpsc::Receiver<Invocation>>,
    running: Mutex<HashMap<String, oneshot::Sender<Outcome>>>,
    ready: Mutex<Option<oneshot::Sender<Instant>>>,
    counter: AtomicU64,
    timeout: Duration,
}

/// Who hands a function its events.
#[derive(Debug)]
enum Platform {
    /// The stand-in here, which each function has of its own.
    Own(mpsc::Sender<Invocation>),
    /// Another one, which knows it by this name.
    Watch(Arc<Watch>, String),
}

/// A function's binary, running against a Runtime API.
#[derive(Debug)]
pub struct Function {
    process: Child,
    platform: Platform,
    started: Instant,
    ready: Option<oneshot::Receiver<Instant>>,
    log: Arc<std::sync::Mutex<Vec<String>>>,
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
    pub async fn start<V: AsRef<str>>(binary: &Path, environment: &[(&str, V)]) -> Self {
        let (events, waiting) = mpsc::channel(16);
        let (ready, is_ready) = oneshot::channel();
        let service = Arc::new(Service {
            waiting: Mutex::new(waiting),
            running: Mutex::default(),
            ready: Mutex::new(Some(ready)),
            counter: AtomicU64::new(0),
            timeout: Duration::from_secs(30),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let app = Router::new().fallback(answer).with_state(service);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self::spawn(command(binary, &address, environment), Platform::Own(events), Some(is_ready))
    }

    /// Starts `binary` as the function `name` of somebody else's Lambda.
    ///
    /// # Panics
    /// It cannot be started.
    #[must_use]
    pub fn under(watch: &Arc<Watch>, name: &str, binary: &Path, environment: &[(&str, &str)]) -> Self {
        let mut command = command(binary, &watch.runtime_api(name), environment);
        command.env("AWS_LAMBDA_FUNCTION_NAME", name);
        Self::spawn(command, Platform::Watch(Arc::clone(watch), name.to_owned()), None)
    }

    fn spawn(mut command: Command, platform: Platform, ready: Option<oneshot::Receiver<Instant>>) -> Self {
        let started = Instant::now();
        let mut process = command.spawn().unwrap();
        let log = Arc::default();
        follow(process.stdout.take().unwrap(), &log);
        follow(process.stderr.take().unwrap(), &log);
        Self { process, platform, started, ready, log }
    }

    /// Waits until the function asks for its first event, and says how long that took from its start.
    ///
    /// # Panics
    /// It ends before, or this was asked already.
    pub async fn initialised(&mut self) -> Duration {
        let ready = self.ready.take().unwrap();
        tokio::time::timeout(Duration::from_secs(60), ready).await.unwrap().unwrap() - self.started
    }

    /// Hands the function an event and waits for its outcome.
    ///
    /// # Panics
    /// The function is gone.
    pub async fn invoke(&self, event: &Value) -> Outcome {
        let events = match &self.platform {
            Platform::Own(events) => events,
            Platform::Watch(watch, name) => return watch.invoke(name, event).await,
        };
        let (outcome, ended) = oneshot::channel();
        events.send(Invocation { event: event.to_string(), outcome }).await.unwrap();
        let ended = tokio::time::timeout(Duration::from_secs(60), ended).await;
        ended.unwrap_or_else(|_| panic!("no answer; the log: {:?}", self.log())).unwrap()
    }

    /// What the function has written so far, line by line.
    #[must_use]
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// The id of its process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.process.id()
    }
}

/// Runs `binary`, which is to end by itself, and gives whether it said that all is well, and what it wrote.
///
/// # Panics
/// It cannot be started.
#[must_use]
pub fn ends(binary: &Path, environment: &[(&str, String)]) -> (bool, String) {
    let output = command(binary, "127.0.0.1:9", environment).output().unwrap();
    let written = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(written).unwrap())
}

/// The environment is the one that Lambda makes: the function's own variables, and Lambda's.
fn command<V: AsRef<str>>(binary: &Path, runtime_api: &str, environment: &[(&str, V)]) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .envs([
            ("AWS_LAMBDA_RUNTIME_API", runtime_api),
            ("AWS_LAMBDA_FUNCTION_NAME", "function"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
            ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_Image"),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_DEFAULT_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "local"),
            ("AWS_SECRET_ACCESS_KEY", "local"),
            ("AWS_SESSION_TOKEN", "local"),
            ("_HANDLER", "bootstrap"),
            ("LAMBDA_TASK_ROOT", "/var/task"),
            ("TZ", ":UTC"),
        ])
        .envs(environment.iter().map(|(name, value)| (*name, value.as_ref())))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn follow(output: impl Read + Send + 'static, log: &Arc<std::sync::Mutex<Vec<String>>>) {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            log.lock().unwrap().push(line);
        }
    });
}

async fn answer(State(service): State<Arc<Service>>, request: Request<Body>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let Some(call) = path.strip_prefix("/2018-06-01/runtime/") else { return status(StatusCode::NOT_FOUND) };
    if call == "invocation/next" {
        return next(&service).await;
    }
    let body = to_bytes(request.into_body(), 64 * 1024 * 1024).await.unwrap_or_default();
    let value = || serde_json::from_slice(&body).unwrap_or(Value::Null);
    if call == "init/error" {
        return status(StatusCode::ACCEPTED);
    }
    let Some((id, end)) = call.strip_prefix("invocation/").and_then(|rest| rest.split_once('/')) else {
        return status(StatusCode::NOT_FOUND);
    };
    let Some(waiting) = service.running.lock().await.remove(id) else { return status(StatusCode::BAD_REQUEST) };
    let outcome = match end {
        "response" if body.len() > LARGEST_ANSWER => Outcome::Error(json!("Function.ResponseSizeTooLarge")),
        "response" => Outcome::Response(value()),
        _ => Outcome::Error(value()),
    };
    let answered = matches!(outcome, Outcome::Error(Value::String(_)));
    let _ = waiting.send(outcome);
    status(if answered { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::ACCEPTED })
}

async fn next(service: &Service) -> Response<Body> {
    if let Some(ready) = service.ready.lock().await.take() {
        let _ = ready.send(Instant::now());
    }
    let Some(invocation) = service.waiting.lock().await.recv().await else { return status(StatusCode::GONE) };
    let number = service.counter.fetch_add(1, Ordering::Relaxed);
    let id = format!("8476a536-e9f4-11e8-9739-{number:012x}");
    service.running.lock().await.insert(id.clone(), invocation.outcome);
    let timeout = i64::try_from(service.timeout.as_millis()).unwrap_or(i64::MAX);
    Response::builder()
        .header("lambda-runtime-aws-request-id", id)
        .header(
            "lambda-runtime-deadline-ms",
            model::time::Timestamp::now().plus(SignedDuration::from_millis(timeout)).0.to_string(),
        )
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:function")
        .header("lambda-runtime-trace-id", format!("Root=1-67400000-{number:024x};Sampled=0"))
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
