//! Lambda function: the generated configuration of clients, and the description of the API.

use api::call::{Operation, SettingsCall};
use api::door::{self, NOT_SERVED};
use api::openapi;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use model::base_url::BaseUrl;
use model::time::Timestamp;
use service::app::App;
use service::http::{Problem, reply};
use service::organisations::settings::{document, select};
use settings::Document;

/// Says where the configuration goes.
const TARGET: HeaderName = HeaderName::from_static("claude-settings-target");
/// Says, once a step, what to do with it.
const NEXT_STEP: HeaderName = HeaderName::from_static("claude-settings-next-step");

/// Says why it would not work for others, if something is known to be in the way.
const WARNING: HeaderName = HeaderName::from_static("claude-settings-warning");

/// Answers a request that arrived at `now`; clients reach the service at `base_url`.
pub async fn handle(app: &App, request: Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Response<Bytes> {
    answer(app, &request, base_url, now).await.unwrap_or_else(Problem::into_response)
}

async fn answer(
    app: &App,
    request: &Request<Bytes>,
    base_url: &BaseUrl,
    now: Timestamp,
) -> Result<Response<Bytes>, Problem> {
    if request.uri().path() == reply::ALIVE {
        return Ok(reply::alive(app.is_alive().await));
    }
    let admitted = door::admit(app, request, now).await?;
    let Operation::Settings(call) = admitted.operation else { return Err(NOT_SERVED) };
    match call {
        SettingsCall::GetOpenApi => Ok(reply::json(StatusCode::OK, &openapi::describe(base_url))),
        SettingsCall::GetSettings => {
            let (organisation, variant) = (admitted.organisation()?, admitted.value(1));
            let selection = select(variant, admitted.query.pairs())?;
            let wanted = document(&app.store, &app.secrets, organisation, &selection, base_url);
            Ok(as_response(wanted.await?, settings::warning(base_url)))
        }
    }
}

fn as_response(document: Document, warning: Option<&'static str>) -> Response<Bytes> {
    let Document { body, content_type, file_name, target_path, next_steps } = document;
    let mut response = reply::text(StatusCode::OK, content_type, body);
    let headers = response.headers_mut();
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{file_name}\""));
    if let (Ok(disposition), Ok(target)) = (disposition, HeaderValue::from_str(target_path)) {
        headers.insert(http::header::CONTENT_DISPOSITION, disposition);
        headers.insert(TARGET, target);
    }
    if let Some(warning) = warning {
        headers.insert(WARNING, HeaderValue::from_static(warning));
    }
    for step in next_steps.iter().filter_map(|step| HeaderValue::from_str(step).ok()) {
        headers.append(NEXT_STEP, step);
    }
    response
}
