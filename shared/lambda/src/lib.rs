#![doc = include_str!("../README.md")]

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response, Uri};
use lambda_http::lambda_runtime::LambdaEvent;
use lambda_http::request::{LambdaRequest, RequestContext};
use lambda_http::{Body, RequestExt, service_fn};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use service::auth::peer::Peer;
use store::environment::{BadVariable, Environment};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

mod answer;

use answer::Answer;

/// What is taken to remain where the platform tells no deadline: Lambda hands nothing out after it, `cargo lambda watch` one of 1970.
const UNTOLD: Duration = Duration::from_secs(60);

/// A request as a handler takes it.
#[derive(Debug)]
pub struct Arrival {
    /// The request, its path below the base URL and its body decoded from base64; its extensions tell the [`Peer`].
    pub request: Request<Bytes>,
    /// The address that the client used, for generated settings: `PUBLIC_URL`, or else the domain that API Gateway says it was
    /// reached at; never from the `Host` header.
    pub base_url: String,
}

/// Serves requests until Lambda ends the process.
///
/// # Errors
/// `PUBLIC_URL` is wrong, or the Lambda runtime interface failed.
pub async fn serve<F, Fut>(handler: F) -> Result<(), lambda_http::Error>
where
    F: Fn(Arrival) -> Fut + Send + Sync,
    Fut: Future<Output = Response<Bytes>> + Send,
{
    let handler = &handler;
    serve_all(move |happening| async move {
        match happening {
            // Boxed here and below: the compiler cannot lay out the whole of it.
            Happening::Request(arrival) => Ok(Some(Box::pin(handler(*arrival)).await)),
            Happening::Schedule { .. } => Err("this function does nothing by the clock".into()),
        }
    })
    .await
}

/// What a function that is also called by the clock is started for.
#[derive(Debug)]
pub enum Happening {
    /// A request.
    Request(Box<Arrival>),
    /// A schedule of EventBridge.
    Schedule {
        /// How long the invocation may still take.
        remaining: Duration,
    },
}

/// Serves requests and schedules until Lambda ends the process. A schedule is answered with nothing; one that fails is tried
/// again by Lambda. What is neither is named in the log, and its sender gets a 400.
///
/// # Errors
/// `PUBLIC_URL` is wrong, or the Lambda runtime interface failed.
pub async fn serve_all<F, Fut>(handler: F) -> Result<(), lambda_http::Error>
where
    F: Fn(Happening) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Option<Response<Bytes>>, lambda_http::Error>> + Send,
{
    let public_url = &public_url(&Environment::process())?;
    let handler = &handler;
    lambda_http::lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| async move {
        match Shape::of(&event.payload) {
            Shape::Schedule => {
                let remaining = event.context.deadline().duration_since(SystemTime::now()).unwrap_or(UNTOLD);
                Box::pin(handler(Happening::Schedule { remaining })).await?;
                Ok::<_, lambda_http::Error>(to_raw_value(&Value::Null)?)
            }
            Shape::Request(request) => {
                let arrival = arrival((*request).into(), public_url.as_deref());
                let answer = Box::pin(handler(Happening::Request(Box::new(arrival)))).await?;
                Ok(to_raw_value(&Answer::from(answer.unwrap_or_default()))?)
            }
            Shape::Unknown(reason) => {
                tracing::error!(reason, "an event of an unknown shape");
                let body = br#"{"type":"about:blank","title":"Bad Request","status":400,"code":"unknown_event"}"#;
                let answer = Response::builder().status(400).header("content-type", "application/problem+json");
                Ok(to_raw_value(&Answer::from(answer.body(Bytes::from_static(body))?))?)
            }
        }
    }))
    .await
}

/// What an event is.
enum Shape {
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

impl Shape {
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
fn public_url(environment: &Environment<'_>) -> Result<Option<String>, BadVariable> {
    let Some(text) = environment.optional("PUBLIC_URL") else { return Ok(None) };
    match text.parse::<Uri>() {
        Ok(uri) if uri.scheme_str().is_some() && uri.host().is_some() => Ok(Some(text.trim_end_matches('/').into())),
        _ => Err(BadVariable::Wrong {
            name: "PUBLIC_URL",
            reason: "it has to be an address such as https://telemetry.example.com".into(),
        }),
    }
}

/// Whether EventBridge sent this, by a rule or by a schedule of its own.
#[must_use]
pub fn is_schedule(event: &Value) -> bool {
    is_clock(event["source"].as_str())
}

fn is_clock(source: Option<&str>) -> bool {
    matches!(source, Some("aws.events" | "aws.scheduler"))
}

/// Translates an event of API Gateway, whose clients reach it at `public_url` or else at its own domain.
fn arrival(event: lambda_http::Request, public_url: Option<&str>) -> Arrival {
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
    let path = raw.strip_prefix(&prefix).filter(|rest| rest.starts_with('/')).unwrap_or(raw).to_owned();
    let target = match event.uri().query() {
        Some(query) => format!("{path}?{query}"),
        None => path,
    };
    let (mut parts, body) = event.into_parts();
    if let Some(address) = address {
        parts.extensions.insert(Peer::new(address));
    }
    parts.uri = target.parse().unwrap_or_else(|_| Uri::from_static("/"));
    let body = match body {
        Body::Empty => Bytes::new(),
        Body::Text(text) => Bytes::from(text),
        Body::Binary(bytes) => Bytes::from(bytes),
        // A later release of the library may add kinds; what cannot be read is refused as an empty body is.
        _ => Bytes::new(),
    };
    let base_url = public_url.map_or_else(|| format!("https://{domain}{prefix}"), str::to_owned);
    Arrival { request: Request::from_parts(parts, body), base_url }
}

/// Writes structured log lines as JSON. `RUST_LOG` says which, as a level or as `target=level` joined by commas; `info` otherwise.
/// It knows no more: filters by fields need regular expressions, which would be a twentieth of every binary.
pub fn start_logging() {
    let wanted = Environment::process().optional("RUST_LOG").and_then(|text| text.parse::<Targets>().ok());
    let lines = tracing_subscriber::fmt::layer().json().with_target(false).without_time();
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
}
