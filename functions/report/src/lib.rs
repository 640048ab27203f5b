//! Lambda function: what was stored, in numbers and one by one.
//!
//! Everything is decided in `service`; here a request becomes a call of it, and its outcome an answer.

use api::call::{Operation, ReportCall};
use api::door::{self, NOT_SERVED};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::LINK;
use http::{Request, Response, StatusCode};
use model::base_url::BaseUrl;
use model::organisation::Organisation;
use model::time::Timestamp;
use service::app::App;
use service::http::page::PageRequest;
use service::http::query::Query;
use service::http::{Problem, anthropic, reply};
use service::people::directory::Directory;
use service::report::activity::Question;
use service::report::adoption::{AdoptionQuestion, Who};
use service::report::events::{Format, events, write};
use service::report::session::{SessionDetail, session};
use service::report::sessions::sessions;
use service::report::spend::SpendRequest;
use service::report::status::status;
use service::report::usage::{UsageRequest, usage_report};
use service::report::users::list::{user, users};
use store::Store;

/// The media type of tables.
const CSV: &str = "text/csv; charset=utf-8";

type Answer = Result<Response<Bytes>, Problem>;

/// Answers a request that arrived at `now`; clients reach the service at `base_url`.
pub async fn handle(app: &App, request: Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Response<Bytes> {
    let is_of_usage = request.uri().path().starts_with(anthropic::ROOT);
    let refusal = if is_of_usage { anthropic::refusal } else { Problem::into_response };
    answer(app, &request, base_url, now).await.unwrap_or_else(refusal)
}

async fn answer(app: &App, request: &Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Answer {
    let admitted = door::admit(app, request, now).await?;
    let Operation::Report(call) = admitted.operation else { return Err(NOT_SERVED) };
    let (store, query, organisation) = (&app.store, &admitted.query, admitted.organisation()?);
    match call {
        ReportCall::GetActivity => activity(store, organisation, (base_url, request, query), now).await,
        ReportCall::GetSpend => spend(store, organisation, (base_url, request, query), now).await,
        ReportCall::GetAdoption => {
            let (page, question) = (PageRequest::read(query)?, AdoptionQuestion::read(query, organisation, now)?);
            let directory = directory(store, organisation).await?;
            let adoption = question.answer(store, organisation, &directory, now).await?;
            Ok(reply::json(StatusCode::OK, &adoption.page(&page)?))
        }
        ReportCall::ListAdoptionPeople => {
            let (page, question) = (PageRequest::read(query)?, AdoptionQuestion::read(query, organisation, now)?);
            let who = query.get("who").map(Who::named).transpose()?;
            let directory = directory(store, organisation).await?;
            let adoption = question.answer(store, organisation, &directory, now).await?;
            Ok(reply::json(StatusCode::OK, &adoption.people(who, &directory, &page)?))
        }
        ReportCall::ListEvents => {
            let directory = directory(store, organisation).await?;
            let asked = PageRequest::read(query)?;
            let page = events(store, organisation, &directory, &asked, query, now).await?;
            let media_type = match page.format {
                Format::Ndjson => "application/x-ndjson",
                Format::Csv => CSV,
            };
            let response = reply::text(StatusCode::OK, media_type, write(page.lines, page.format)?);
            let next = page.next.map(|next| URL_SAFE_NO_PAD.encode(next));
            linked(response, (base_url, request, query), next)
        }
        ReportCall::ListSessions => {
            let directory = directory(store, organisation).await?;
            let page = PageRequest::read(query)?;
            Ok(reply::json(StatusCode::OK, &sessions(store, organisation, &directory, &page, query, now).await?))
        }
        ReportCall::GetSession => {
            let directory = directory(store, organisation).await?;
            let found = session(store, organisation, &directory, admitted.value(1), query, now).await?;
            Ok(reply::json(StatusCode::OK, &SessionDetail::of(&found, &directory)))
        }
        ReportCall::GetStatus => {
            let directory = directory(store, organisation).await?;
            Ok(reply::json(
                StatusCode::OK,
                &status(store, organisation, &directory, admitted.admin()?.into(), now).await?,
            ))
        }
        ReportCall::ListUsers => {
            let page = PageRequest::read(query)?;
            Ok(reply::json(StatusCode::OK, &users(store, organisation, &page, query).await?))
        }
        ReportCall::GetUser => {
            Ok(reply::json(StatusCode::OK, &user(store, &organisation.uid, admitted.value(1)).await?))
        }
        ReportCall::GetUsageReport => {
            let wanted = UsageRequest::read(query)?;
            let directory = directory(store, organisation).await?;
            Ok(reply::json(StatusCode::OK, &usage_report(store, organisation, &directory, &wanted, now).await?))
        }
    }
}

async fn directory(store: &Store, organisation: &Organisation) -> Result<Directory, Problem> {
    Ok(Directory::read(store, &organisation.uid).await?)
}

/// A question as it was asked: where the service is reached, the request, and its query.
type Asked<'a> = (&'a BaseUrl, &'a Request<Bytes>, &'a Query<'a>);

async fn activity(store: &Store, organisation: &Organisation, asked: Asked<'_>, now: Timestamp) -> Answer {
    let (_, _, query) = asked;
    let page = PageRequest::read(query)?;
    let question = Question::read(query, organisation, now)?;
    let is_table = is_table(query)?;
    let directory = directory(store, organisation).await?;
    let answer = question.answer(store, organisation, &directory, now).await?;
    let lines = question.lines(&answer, &page)?;
    if is_table {
        let table = question.table(&answer, lines.items, &directory)?;
        return linked(reply::text(StatusCode::OK, CSV, table), asked, lines.next_cursor);
    }
    Ok(reply::json(StatusCode::OK, &question.page(&answer, lines, &directory)))
}

async fn spend(store: &Store, organisation: &Organisation, asked: Asked<'_>, now: Timestamp) -> Answer {
    let (_, _, query) = asked;
    let page = PageRequest::read(query)?;
    let wanted = SpendRequest::read(query, organisation, now)?;
    let is_table = is_table(query)?;
    let directory = directory(store, organisation).await?;
    let spend = wanted.answer(store, organisation, &directory, now).await?;
    let rows = spend.page(&page)?;
    if is_table {
        let table = spend.table(&wanted, rows.items, &directory)?;
        return linked(reply::text(StatusCode::OK, CSV, table), asked, rows.next_cursor);
    }
    Ok(reply::json(StatusCode::OK, &spend.view(&wanted, rows, &directory)))
}

/// Whether a table is asked for in place of JSON.
fn is_table(query: &Query<'_>) -> Result<bool, Problem> {
    match query.get("format") {
        None | Some("json") => Ok(false),
        Some("csv") => Ok(true),
        Some(_) => Err(Problem::invalid("format", "there is no such format", "json or csv")),
    }
}

/// An answer with a `Link` to the page after it, if there is one: the same question with another cursor.
fn linked(mut response: Response<Bytes>, (base_url, request, query): Asked<'_>, next: Option<String>) -> Answer {
    if let Some(next) = next {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        for (name, value) in query.pairs().filter(|(name, _)| *name != "cursor") {
            pairs.append_pair(name, value);
        }
        pairs.append_pair("cursor", &next);
        let link = format!("<{base_url}{}?{}>; rel=\"next\"", request.uri().path(), pairs.finish());
        response.headers_mut().insert(LINK, link.parse().map_err(|_| Problem::Internal)?);
    }
    Ok(response)
}
