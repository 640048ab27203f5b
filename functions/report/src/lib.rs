//! Lambda function: what was stored, in numbers and one by one.
//!
//! Everything is decided in `shared`; here a request becomes a call of it, and its outcome an answer.

use api::call::{Call, Function, Operation};
use api::endpoint;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::LINK;
use http::{Request, Response, StatusCode};
use model::organisation::Organisation;
use model::time::Millis;
use service::auth::admin;
use service::auth::peer::Peer;
use service::auth::root_key::RootKey;
use service::http::page::PageRequest;
use service::http::query::Query;
use service::http::{Problem, reply};
use service::people::directory::Directory;
use service::report::activity::Question;
use service::report::events::{Format, events};
use service::report::sessions::sessions;
use service::report::status::status;
use service::report::usage;
use service::report::usage::{UsageRequest, refusal, usage_report};
use service::report::users::list::{user, users};
use store::Store;

/// What the function works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// The tables.
    pub store: Store,
    /// The root admin key.
    pub root_key: RootKey,
}

type Answer = Result<Response<Bytes>, Problem>;

/// Answers a request that arrived at `now`; clients reach the service at `base_url`.
pub async fn handle(app: &App, request: Request<Bytes>, base_url: &str, now: Millis) -> Response<Bytes> {
    let call = match endpoint::find(request.method(), request.uri().path()) {
        Ok(call) if call.function == Function::Report => call,
        Ok(_) => return Problem::NotFound("this function does not serve the path").into_response(),
        Err(problem) if request.uri().path().starts_with(usage::ROOT) => return refusal(problem),
        Err(problem) => return problem.into_response(),
    };
    if call.operation == Operation::GetUsageReport {
        return of_usage(app, &request, now).await.unwrap_or_else(refusal);
    }
    answer(app, &call, &request, base_url, now).await.unwrap_or_else(Problem::into_response)
}

async fn answer(app: &App, call: &Call<'_>, request: &Request<Bytes>, base_url: &str, now: Millis) -> Answer {
    let admin =
        admin::authenticate(request.headers(), Peer::of(request.extensions()), &app.store, &app.root_key, now).await?;
    let organisation = admin.organisation(call.value(0), &app.store).await?;
    let query = Query::read(request.uri().query());
    // What makes no sense is refused before anything is read.
    query.only(known(call.operation))?;
    let store = &app.store;
    match call.operation {
        Operation::GetActivity => activity(store, &organisation, &query, now).await,
        Operation::ListEvents => {
            let directory = directory(store, &organisation).await?;
            let page = events(store, &organisation, &directory, &query, now).await?;
            let media_type = match page.format {
                Format::Ndjson => "application/x-ndjson",
                Format::Csv => "text/csv; charset=utf-8",
            };
            let mut response = reply::text(StatusCode::OK, media_type, page.body);
            if let Some(next) = page.next {
                let link = next_link(base_url, request, &query, &next);
                response.headers_mut().insert(LINK, link.parse().map_err(|_| Problem::Internal)?);
            }
            Ok(response)
        }
        Operation::ListSessions => {
            let directory = directory(store, &organisation).await?;
            Ok(reply::json(StatusCode::OK, &sessions(store, &organisation, &directory, &query, now).await?))
        }
        Operation::GetStatus => {
            let directory = directory(store, &organisation).await?;
            Ok(reply::json(StatusCode::OK, &status(store, &organisation, &directory, now).await?))
        }
        Operation::ListUsers => Ok(reply::json(StatusCode::OK, &users(store, &organisation.uid, &query).await?)),
        Operation::GetUser => Ok(reply::json(StatusCode::OK, &user(store, &organisation.uid, call.value(1)).await?)),
        _ => Err(Problem::NotFound("this function does not serve the path")),
    }
}

/// The parameters that a call takes, as the list of calls has them.
fn known(operation: Operation) -> &'static [&'static str] {
    match operation {
        Operation::GetActivity => &["from", "to", "group_by", "user", "format", "limit", "cursor"],
        Operation::ListEvents => &["from", "to", "user", "session", "name", "signal", "format", "limit", "cursor"],
        Operation::ListSessions => &["from", "to", "user", "session", "limit", "cursor"],
        Operation::ListUsers => &["include", "limit", "cursor"],
        _ => &[],
    }
}

async fn directory(store: &Store, organisation: &Organisation) -> Result<Directory, Problem> {
    Ok(Directory::read(store, &organisation.uid).await?)
}

async fn activity(store: &Store, organisation: &Organisation, query: &Query<'_>, now: Millis) -> Answer {
    let page = PageRequest::read(query)?;
    let question = Question::read(query, organisation, now)?;
    let is_table = match query.get("format") {
        None | Some("json") => false,
        Some("csv") => true,
        Some(_) => return Err(Problem::invalid("format", "there is no such format", "json or csv")),
    };
    let directory = directory(store, organisation).await?;
    let account = question.answer(store, organisation, &directory, now).await?;
    if is_table {
        let table = question.table(&account, &directory)?;
        return Ok(reply::text(StatusCode::OK, "text/csv; charset=utf-8", table));
    }
    Ok(reply::json(StatusCode::OK, &question.page(&account, &directory, &page)?))
}

async fn of_usage(app: &App, request: &Request<Bytes>, now: Millis) -> Answer {
    let key = request.headers().get("x-api-key").and_then(|value| value.to_str().ok());
    let key = key.ok_or(Problem::Unauthorized("send an admin key of one organisation in x-api-key"))?;
    let admin =
        admin::authenticate_key(key.trim(), Peer::of(request.extensions()), &app.store, &app.root_key, now).await?;
    let organisation = admin.own().ok_or_else(|| {
        Problem::invalid(
            "x-api-key",
            "x-api-key: the root key is of no organisation",
            "an admin key of one organisation",
        )
    })?;
    let query = Query::read(request.uri().query());
    let usage_request = UsageRequest::read(&query)?;
    let directory = directory(&app.store, organisation).await?;
    let report = usage_report(&app.store, organisation, &directory, &usage_request, now).await?;
    Ok(reply::json(StatusCode::OK, &report))
}

/// The `Link` to the page after the one that ends at `next`: the same question with another cursor.
fn next_link(base_url: &str, request: &Request<Bytes>, query: &Query<'_>, next: &str) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    for (name, value) in query.pairs().filter(|(name, _)| *name != "cursor") {
        pairs.append_pair(name, value);
    }
    pairs.append_pair("cursor", &URL_SAFE_NO_PAD.encode(next));
    let base = base_url.trim_end_matches('/');
    format!("<{base}{}?{}>; rel=\"next\"", request.uri().path(), pairs.finish())
}
