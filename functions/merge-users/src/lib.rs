//! Lambda function: Git users, and who is the same person as whom. A schedule merges the people of all organisations.
//!
//! Everything is decided in `service`; here a request becomes a call of it, and its outcome an answer.

use std::time::Instant;

use api::call::{Operation, PeopleCall};
use api::door::{self, Admitted, NOT_SERVED};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use model::base_url::BaseUrl;
use model::organisation::Organisation;
use model::time::Timestamp;
use service::app::App;
use service::http::page::PageRequest;
use service::http::{Problem, body, reply};
use service::maintenance::{Summary, merge_all};
use service::merging::decide::AdminDecisions;
use service::merging::rejections::{kept_apart, named};
use service::merging::run;
use service::merging::upload::{Uploaded, restore, upload};
use service::merging::view::{DecidedView, MergeView, OutcomeView, RunningView, SuggestionView};
use service::people::owners::Owners;
use service::people::view::PersonView;
use store::StoreError;
use store::decision::DecisionRecord;
use store::merge::MergeRecord;
use store::merge_run::RunRecord;

type Answer = Result<Response<Bytes>, Problem>;

/// Merges the people of all organisations at `now`, until `deadline`.
///
/// # Errors
/// The list of organisations cannot be read.
pub async fn scheduled(app: &App, now: Timestamp, deadline: Instant) -> Result<Summary, StoreError> {
    merge_all(&app.store, now, deadline).await
}

/// Answers a request that arrived at `now`; clients reach the service at `base_url`.
pub async fn handle(app: &App, request: Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Response<Bytes> {
    // Boxed: all calls together need too much for a stack that is deep already.
    Box::pin(answer(app, request, base_url, now)).await.unwrap_or_else(Problem::into_response)
}

async fn answer(app: &App, mut request: Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Answer {
    // An upload is read piece by piece, and what is read of it is let go.
    let sent = std::mem::take(request.body_mut());
    let admitted = door::admit(app, &request, now).await?;
    let Operation::People(call) = admitted.operation else { return Err(NOT_SERVED) };
    let (store, organisation, headers) = (&app.store, admitted.organisation()?, request.headers());
    let uid = &organisation.uid;
    match call {
        PeopleCall::PutGitUsers => match upload(store, uid, headers, &admitted.query, sent, now).await? {
            Uploaded::Whole(report) => Ok(reply::json(StatusCode::OK, &report)),
            Uploaded::Part(part) => Ok(reply::json(StatusCode::ACCEPTED, &part)),
        },
        PeopleCall::RestoreGitUsers => Ok(reply::json(StatusCode::OK, &restore(store, uid).await?)),
        PeopleCall::RunMerge => {
            let run = run::begin(store, uid, now, Instant::now() + app.patience).await?;
            Ok(show_run(organisation, run, base_url))
        }
        PeopleCall::GetMergeRun => {
            let found = store.merge_run(uid, admitted.value(1), now).await?;
            let run = found
                .ok_or_else(|| Problem::NotFound("there is no such run, or it was asked for over a day ago".into()))?;
            Ok(show_run(organisation, run, base_url))
        }
        PeopleCall::ListMerges => {
            let page = PageRequest::read(&admitted.query)?;
            let found = store.merges(uid, page.after.as_deref(), page.look_for()).await?;
            Ok(reply::json(StatusCode::OK, &page.page(found, |record| &record.id, MergeView::from)))
        }
        PeopleCall::ListSuggestions => {
            let page = PageRequest::read(&admitted.query)?;
            let found = store.suggestions(uid, page.after.as_deref(), page.look_for()).await?;
            Ok(reply::json(StatusCode::OK, &page.page(found, |record| &record.user, SuggestionView::from)))
        }
        PeopleCall::CreateMerge => {
            let wanted = body::read(headers, &sent)?;
            Ok(merged(StatusCode::CREATED, decisions(app, &admitted, now)?.merge(&wanted).await?))
        }
        PeopleCall::AcceptSuggestion => {
            let wanted = body::read(headers, &sent)?;
            Ok(merged(StatusCode::OK, decisions(app, &admitted, now)?.accept(admitted.value(1), &wanted).await?))
        }
        PeopleCall::RejectSuggestion => {
            decisions(app, &admitted, now)?.reject(admitted.value(1)).await?;
            Ok(reply::no_content())
        }
        PeopleCall::ListRejections => {
            let page = PageRequest::read(&admitted.query)?;
            let found = kept_apart(store, uid).await?.into_iter();
            let found = found.filter(|record| page.after.as_ref().is_none_or(|after| record.decision.id.0 < *after));
            let found: Vec<DecisionRecord> = found.take(page.look_for()).collect();
            let found = named(store, uid, &found).await?;
            Ok(reply::json(StatusCode::OK, &page.page(found, |found| &found.id, |found| found)))
        }
        PeopleCall::UndoRejection => {
            decisions(app, &admitted, now)?.take_back(admitted.value(1)).await?;
            Ok(reply::no_content())
        }
        PeopleCall::UndoMerge => {
            Ok(merged(StatusCode::OK, decisions(app, &admitted, now)?.undo(admitted.value(1)).await?))
        }
        PeopleCall::LinkUser => {
            let wanted = body::read(headers, &sent)?;
            let id = decisions(app, &admitted, now)?.link(admitted.value(1), &wanted).await?;
            let owners = Owners::new(store.people(uid).await?);
            let alone = || PersonView { id: id.clone(), email: None, name: None };
            Ok(reply::json(StatusCode::OK, &owners.person(&id).map_or_else(alone, PersonView::from)))
        }
    }
}

/// What an admin decides about people.
fn decisions<'a>(app: &'a App, admitted: &'a Admitted<'_>, now: Timestamp) -> Result<AdminDecisions<'a>, Problem> {
    let (uid, by) = (&admitted.organisation()?.uid, admitted.admin()?.signature());
    Ok(AdminDecisions { store: &app.store, uid, by, now, deadline: Instant::now() + app.patience })
}

fn merged(status: StatusCode, record: Option<MergeRecord>) -> Response<Bytes> {
    match record {
        Some(record) => reply::json(status, &MergeView::from(record)),
        None => reply::json(StatusCode::ACCEPTED, &DecidedView { status: "decided" }),
    }
}

/// What came of a run, or where to ask for it.
fn show_run(organisation: &Organisation, run: RunRecord, base_url: &BaseUrl) -> Response<Bytes> {
    match run.outcome {
        Some(outcome) => reply::json(StatusCode::OK, &OutcomeView::from(outcome)),
        None => {
            let address = format!("{base_url}/api/orgs/{}/merge/runs/{}", organisation.org, run.id);
            reply::unfinished(&address, &RunningView { run: run.id, status: "running" })
        }
    }
}
