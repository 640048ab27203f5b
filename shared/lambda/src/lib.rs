#![doc = include_str!("../README.md")]

use std::borrow::Cow;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use lambda_http::lambda_runtime::LambdaEvent;
use lambda_http::request::{LambdaRequest, RequestContext};
use lambda_http::{Body, RequestExt, service_fn};
// What it is for here is its feature: see the workspace.
use log as _;
use model::base_url::{BadBaseUrl, BaseUrl};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use service::auth::peer::Peer;
use store::environment::{BadVariable, Environment};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

mod answer;
mod path;

use answer::Answer;

/// Remaining time assumed when the invocation carries no usable deadline: `cargo lambda watch` sends one of 1970.
const DEFAULT_REMAINING: Duration = Duration::from_secs(60);

/// Time left of what Lambda gives, for the step that is under way when the deadline passes.
const MARGIN: Duration = Duration::from_secs(20);

/// What a schedule of a function that has none ends with.
const NO_SCHEDULE: &str = "this function has no scheduled work";

/// A request to a function whose answers name addresses of the service.
#[derive(Debug)]
pub struct HttpRequest {
    /// The request, its path below the base URL and its body decoded from base64; its extensions tell the [`Peer`].
    pub request: Request<Bytes>,
    /// The address that the client used: `PUBLIC_URL`, or else the domain that API Gateway says it was reached at; never from the `Host`
    /// header.
    pub base_url: BaseUrl,
}

/// What a function is invoked for.
#[derive(Debug)]
enum Invocation<T> {
    /// A request.
    Request(Box<T>),
    /// A schedule of EventBridge.
    Schedule {
        /// How long the invocation may still take.
        remaining: Duration,
    },
}

/// Serves requests whose answers name no address, until Lambda ends the process.
///
/// # Errors
/// The Lambda runtime interface failed.
pub async fn serve_requests<F, Fut>(handler: F) -> Result<(), lambda_http::Error>
where
    F: Fn(Request<Bytes>) -> Fut + Send + Sync,
    Fut: Future<Output = Response<Bytes>> + Send,
{
    let handler = &handler;
    run(
        |event| Ok(read(event)?.request),
        move |invocation| async move {
            match invocation {
                Invocation::Request(request) => Ok(Some(Box::pin(handler(*request)).await)),
                Invocation::Schedule { .. } => Err(NO_SCHEDULE.into()),
            }
        },
    )
    .await
}

/// Serves requests until Lambda ends the process.
///
/// # Errors
/// `PUBLIC_URL` is wrong, or the Lambda runtime interface failed.
pub async fn serve<F, Fut>(handler: F) -> Result<(), lambda_http::Error>
where
    F: Fn(HttpRequest) -> Fut + Send + Sync,
    Fut: Future<Output = Response<Bytes>> + Send,
{
    serve_scheduled(handler, |_| std::future::ready(Err(NO_SCHEDULE))).await
}

/// Serves requests with `handler`, and schedules with `scheduled`, which gets the instant by which it has to end, until Lambda ends the
/// process. A schedule that fails is tried again by Lambda. What is neither is named in the log, and its sender gets a 400.
///
/// # Errors
/// `PUBLIC_URL` is wrong, or the Lambda runtime interface failed.
pub async fn serve_scheduled<F, Fut, S, Done, E>(handler: F, scheduled: S) -> Result<(), lambda_http::Error>
where
    F: Fn(HttpRequest) -> Fut + Send + Sync,
    Fut: Future<Output = Response<Bytes>> + Send,
    S: Fn(Instant) -> Done + Send + Sync,
    Done: Future<Output = Result<(), E>> + Send,
    E: Into<lambda_http::Error> + Send,
{
    let public_url = public_url(&Environment::process())?;
    let (handler, scheduled) = (&handler, &scheduled);
    run(
        |event| addressed(read(event)?, public_url.as_ref()),
        move |invocation| async move {
            match invocation {
                Invocation::Request(request) => Ok(Some(Box::pin(handler(*request)).await)),
                Invocation::Schedule { remaining } => {
                    let deadline = Instant::now() + remaining.saturating_sub(MARGIN);
                    Box::pin(scheduled(deadline)).await.map(|()| None).map_err(Into::into)
                }
            }
        },
    )
    .await
}

/// `read` makes of an event what the handler takes.
async fn run<T, F, Fut>(
    read: impl Fn(lambda_http::Request) -> Result<T, &'static str> + Send + Sync,
    handler: F,
) -> Result<(), lambda_http::Error>
where
    T: Send,
    F: Fn(Invocation<T>) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Option<Response<Bytes>>, lambda_http::Error>> + Send,
{
    let (read, handler) = (&read, &handler);
    lambda_http::lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        let request = match EventKind::of(&event.payload) {
            EventKind::Schedule => {
                let remaining = event.context.deadline().duration_since(SystemTime::now()).unwrap_or(DEFAULT_REMAINING);
                Box::pin(handler(Invocation::Schedule { remaining })).await?;
                return Ok::<_, lambda_http::Error>(to_raw_value(&Value::Null)?);
            }
            EventKind::Request(request) => read((*request).into()),
            EventKind::Unknown(reason) => Err(reason),
        };
        let answer = match request {
            // Boxed: the compiler cannot lay out the whole of it.
            Ok(request) => Box::pin(handler(Invocation::Request(Box::new(request)))).await?.unwrap_or_default(),
            Err(reason) => {
                tracing::error!(reason, "an event of an unknown shape");
                let body = br#"{"type":"about:blank","title":"Bad Request","status":400,"code":"unknown_event"}"#;
                let answer = Response::builder().status(400).header("content-type", "application/problem+json");
                answer.body(Bytes::from_static(body))?
            }
        };
        Ok(to_raw_value(&Answer::from(answer))?)
    }))
    .await
}

/// What an event is.
enum EventKind {
    Schedule,
    Request(Box<LambdaRequest>),
    Unknown(&'static str),
}

/// What an event is recognised by. The library would take an empty object for a request.
#[derive(Deserialize)]
struct Marks<'a> {
    #[serde(borrow, default)]
    source: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    version: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "requestContext")]
    context: Option<&'a RawValue>,
}

impl EventKind {
    /// Never quotes the event: it may hold a token.
    fn of(event: &RawValue) -> Self {
        let Ok(marks) = serde_json::from_str::<Marks<'_>>(event.get()) else {
            return Self::Unknown("it is no object, or its members are of other types");
        };
        if is_clock(marks.source.as_deref()) {
            return Self::Schedule;
        }
        if marks.context.is_none() || marks.version.as_deref() != Some("2.0") {
            return Self::Unknown("it is neither a schedule nor a request in payload format 2.0");
        }
        match serde_json::from_str(event.get()) {
            Ok(request) => Self::Request(Box::new(request)),
            Err(_) => Self::Unknown("it is a request that cannot be read"),
        }
    }
}

/// The address in `PUBLIC_URL`, under which clients reach a domain of its own; without one API Gateway's domain is used.
fn public_url(environment: &Environment<'_>) -> Result<Option<BaseUrl>, BadVariable> {
    let Some(text) = environment.optional("PUBLIC_URL") else { return Ok(None) };
    let read =
        text.parse().map_err(|error: BadBaseUrl| BadVariable::Wrong { name: "PUBLIC_URL", reason: error.to_string() });
    read.map(Some)
}

/// Whether EventBridge sent an event, by a rule or by a schedule of its own.
fn is_clock(source: Option<&str>) -> bool {
    matches!(source, Some("aws.events" | "aws.scheduler"))
}

/// What an event of API Gateway says.
struct Read {
    request: Request<Bytes>,
    /// The domain that API Gateway was reached at.
    domain: String,
    /// The stage in front of every path, with a slash, if it has a name.
    prefix: String,
}

fn read(event: lambda_http::Request) -> Result<Read, &'static str> {
    let (domain, stage, address) = match event.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => (
            context.domain_name.clone().unwrap_or_default(),
            context.stage.clone().unwrap_or_default(),
            context.http.source_ip.as_deref().and_then(|text| text.parse().ok()),
        ),
        _ => Default::default(),
    };
    // A stage with a name stands in front of every path; `$default` does not.
    let prefix = if stage.is_empty() || stage == "$default" { String::new() } else { format!("/{stage}") };
    let raw = event.raw_http_path();
    let path = raw.strip_prefix(&prefix).filter(|rest| rest.starts_with('/')).unwrap_or(raw);
    let target = path::target(path, event.uri().query()).ok_or("its path or query is invalid")?;
    let (mut parts, body) = event.into_parts();
    if let Some(address) = address {
        parts.extensions.insert(Peer::new(address));
    }
    parts.uri = target;
    let body = match body {
        Body::Empty => Bytes::new(),
        Body::Text(text) => Bytes::from(text),
        Body::Binary(bytes) => Bytes::from(bytes),
        // A later release of the library may add kinds; what cannot be read is refused as an empty body is.
        _ => Bytes::new(),
    };
    Ok(Read { request: Request::from_parts(parts, body), domain, prefix })
}

/// A request with the address that its client used: `public_url`, or else API Gateway's own domain.
fn addressed(read: Read, public_url: Option<&BaseUrl>) -> Result<HttpRequest, &'static str> {
    let Read { request, domain, prefix } = read;
    let base_url = match public_url {
        Some(url) => url.clone(),
        None => format!("https://{domain}{prefix}").parse().map_err(|_| "it names no domain of API Gateway")?,
    };
    Ok(HttpRequest { request, base_url })
}

/// Writes structured log lines as JSON. `RUST_LOG` says which, as a level or as `target=level` joined by commas; `info` otherwise.
/// Each has a `timestamp` in RFC 3339 and a `level`: by these two Lambda knows the level of a line, else it takes every line for `INFO`:
/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html>. It knows no more: filters by fields need regular expressions, which would be a twentieth of every binary.
pub fn start_logging() {
    let wanted = Environment::process().optional("RUST_LOG").and_then(|text| text.parse::<Targets>().ok());
    let lines = tracing_subscriber::fmt::layer().json().with_target(false);
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(file: &str) -> EventKind {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/");
        let text = std::fs::read_to_string(format!("{path}{file}.json")).unwrap();
        EventKind::of(&RawValue::from_string(text).unwrap())
    }

    #[test]
    fn a_schedule_is_told_from_a_request() {
        assert!(matches!(kind("schedule"), EventKind::Schedule));
        assert!(matches!(kind("ingest-metrics-json"), EventKind::Request(_)));
    }
}
