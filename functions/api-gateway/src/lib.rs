//! API Gateway's HTTP API as plain HTTP types: what the functions behind it share.
//!
//! A function gives [`serve`] a handler from `http::Request<Bytes>` to `http::Response<Bytes>`. The same handler answers on
//! one machine, where no Lambda type appears.

use std::convert::Infallible;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response, Uri};
use lambda_http::request::LambdaRequest;
use lambda_http::request::RequestContext;
use lambda_http::{Adapter, Body, LambdaEvent, RequestExt, Service, service_fn};
use serde_json::Value;

/// A request as a handler takes it.
#[derive(Debug)]
pub struct Arrival {
    /// The request, its path below the base URL and its body decoded from base64.
    pub request: Request<Bytes>,
    /// The address that the client used, for generated settings: from API Gateway's own domain, never from the `Host` header.
    pub base_url: String,
}

/// Serves requests until Lambda ends the process.
///
/// # Errors
/// The Lambda runtime interface failed.
pub async fn serve<F, Fut>(handler: F) -> Result<(), lambda_http::Error>
where
    F: Fn(Arrival) -> Fut + Send + Sync,
    Fut: Future<Output = Response<Bytes>> + Send,
{
    let handler = &handler;
    lambda_http::run(service_fn(move |event: lambda_http::Request| async move {
        Ok::<_, Infallible>(handler(arrival(event)).await.map(|body| Body::Binary(body.to_vec())))
    }))
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
/// again by Lambda.
///
/// # Errors
/// The Lambda runtime interface failed.
pub async fn serve_all<F, Fut>(handler: F) -> Result<(), lambda_http::Error>
where
    F: Fn(Happening) -> Fut + Send + Sync,
    Fut: Future<Output = Result<Option<Response<Bytes>>, lambda_http::Error>> + Send,
{
    let handler = &handler;
    lambda_http::lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| async move {
        if is_schedule(&event.payload) {
            let remaining = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
            handler(Happening::Schedule { remaining }).await?;
            return Ok(Value::Null);
        }
        let request: LambdaRequest = serde_json::from_value(event.payload)?;
        let answer = service_fn(move |request: lambda_http::Request| async move {
            let answer = handler(Happening::Request(Box::new(arrival(request)))).await?;
            Ok::<_, lambda_http::Error>(answer.unwrap_or_default().map(|body| Body::Binary(body.to_vec())))
        });
        let answered = Adapter::from(answer).call(LambdaEvent::new(request, event.context)).await?;
        Ok::<_, lambda_http::Error>(serde_json::to_value(answered)?)
    }))
    .await
}

/// Whether EventBridge sent this, by a rule or by a schedule of its own.
#[must_use]
pub fn is_schedule(event: &Value) -> bool {
    matches!(event["source"].as_str(), Some("aws.events" | "aws.scheduler"))
}

/// Translates an event of API Gateway.
#[must_use]
pub fn arrival(event: lambda_http::Request) -> Arrival {
    let (domain, stage) = match event.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            (context.domain_name.clone().unwrap_or_default(), context.stage.clone().unwrap_or_default())
        }
        _ => (String::new(), String::new()),
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
    parts.uri = target.parse().unwrap_or_else(|_| Uri::from_static("/"));
    let body = match body {
        Body::Empty => Bytes::new(),
        Body::Text(text) => Bytes::from(text),
        Body::Binary(bytes) => Bytes::from(bytes),
        // A later release of the library may add kinds; what cannot be read is refused as an empty body is.
        _ => Bytes::new(),
    };
    Arrival { request: Request::from_parts(parts, body), base_url: format!("https://{domain}{prefix}") }
}

/// Writes structured log lines as JSON; the level is `RUST_LOG`'s, or `info`.
pub fn start_logging() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")))
        .with_target(false)
        .without_time()
        .init();
}
