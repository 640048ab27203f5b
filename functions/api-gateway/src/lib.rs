//! API Gateway's HTTP API as plain HTTP types: what the functions behind it share.
//!
//! A function gives [`serve`] a handler from `http::Request<Bytes>` to `http::Response<Bytes>`. The same handler answers on
//! one machine, where no Lambda type appears.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response, Uri};
use lambda_http::request::RequestContext;
use lambda_http::{Body, RequestExt, service_fn};

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
