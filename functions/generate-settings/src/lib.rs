//! Lambda function: the generated configuration of clients, and the description of the API.

use api::call::{Call, Function, Operation};
use api::endpoint;
use api::openapi;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use model::time::Millis;
use service::auth::admin;
use service::auth::peer::Peer;
use service::auth::root_key::RootKey;
use service::http::query::Query;
use service::http::{Problem, reply};
use service::organisations::settings::document;
use settings::Document;
use store::Store;
use store::secrets::Secrets;

/// Says where the configuration goes.
const TARGET: HeaderName = HeaderName::from_static("claude-settings-target");
/// Says, once a step, what to do with it.
const NEXT_STEP: HeaderName = HeaderName::from_static("claude-settings-next-step");

/// What the function works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// The tables.
    pub store: Store,
    /// Where tokens are kept in clear.
    pub secrets: Secrets,
    /// The root admin key.
    pub root_key: RootKey,
}

/// Answers a request that arrived at `now`; clients reach the service at `base_url`.
pub async fn handle(app: &App, request: Request<Bytes>, base_url: &str, now: Millis) -> Response<Bytes> {
    answer(app, &request, base_url, now).await.unwrap_or_else(Problem::into_response)
}

async fn answer(app: &App, request: &Request<Bytes>, base_url: &str, now: Millis) -> Result<Response<Bytes>, Problem> {
    let call = endpoint::find(request.method(), request.uri().path())?;
    match (call.function, call.operation) {
        (_, Operation::GetOpenApi) => Ok(reply::json(StatusCode::OK, &openapi::describe(base_url))),
        (Function::GenerateSettings, Operation::GetSettings) => settings(app, &call, request, base_url, now).await,
        _ => Err(Problem::NotFound("this function does not serve the path")),
    }
}

async fn settings(
    app: &App,
    call: &Call<'_>,
    request: &Request<Bytes>,
    base_url: &str,
    now: Millis,
) -> Result<Response<Bytes>, Problem> {
    let admin =
        admin::authenticate(request.headers(), Peer::of(request.extensions()), &app.store, &app.root_key, now).await?;
    let organisation = admin.organisation(call.value(0), &app.store).await?;
    let query = Query::read(request.uri().query());
    let document = document(&app.store, &app.secrets, &organisation, call.value(1), &query, base_url).await?;
    Ok(as_response(document))
}

fn as_response(document: Document) -> Response<Bytes> {
    let Document { body, content_type, file_name, target_path, next_steps } = document;
    let mut response = reply::text(StatusCode::OK, content_type, body);
    let headers = response.headers_mut();
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{file_name}\""));
    if let (Ok(disposition), Ok(target)) = (disposition, HeaderValue::from_str(target_path)) {
        headers.insert(http::header::CONTENT_DISPOSITION, disposition);
        headers.insert(TARGET, target);
    }
    for step in next_steps.iter().filter_map(|step| HeaderValue::from_str(step).ok()) {
        headers.append(NEXT_STEP, step);
    }
    response
}
