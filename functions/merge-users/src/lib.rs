//! Lambda function: Git users, who is the same person as whom, and who is to be forgotten.
//!
//! Everything is decided in `shared`; here a request becomes a call of it, and its outcome an answer. A schedule runs the merge of
//! all organisations, closes their days, and goes on with rebuilds and removals.

use std::time::{Duration, Instant};

use api::call::{Call, Function, Operation};
use api::endpoint;
use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Request, Response, StatusCode};
use model::organisation::Organisation;
use model::time::Millis;
use service::auth::admin;
use service::auth::admin::Admin;
use service::auth::peer::Peer;
use service::auth::root_key::RootKey;
use service::erasure::erase;
use service::http::page::PageRequest;
use service::http::query::Query;
use service::http::{Problem, body, reply};
use service::merging::decide::Desk;
use service::merging::run::{Ran, run};
use service::merging::upload::{Uploaded, upload};
use service::merging::view::{DecidedView, MergeView, OutcomeView, RunningView, SuggestionView};
use service::people::owners::Owners;
use service::people::view::PersonView;
use service::projection::rebuild;
use service::projection::rebuild::view::RebuildView;
use service::removal;
use service::removal::ask;
use service::removal::view::RemovalView;
use service::upkeep::{Tally, run_all};
use store::merge::MergeRecord;
use store::merge_run::RunRecord;
use store::removal::RemovalRecord;
use store::{Store, StoreError};

/// How long a request may work before it answers that it is not done.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What the function works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct App {
    /// The tables.
    pub store: Store,
    /// The root admin key.
    pub root_key: RootKey,
    /// How long a request may work, [`PATIENCE`] but in tests.
    pub patience: Duration,
}

type Answer = Result<Response<Bytes>, Problem>;

/// Does what the clock asks for, for all organisations, at `now`, until `deadline`.
///
/// # Errors
/// The list of organisations cannot be read.
pub async fn scheduled(app: &App, now: Millis, deadline: Instant) -> Result<Tally, StoreError> {
    run_all(&app.store, now, deadline).await
}

/// Answers a request that arrived at `now`; clients reach the service at `base_url`.
pub async fn handle(app: &App, request: Request<Bytes>, base_url: &str, now: Millis) -> Response<Bytes> {
    // Boxed: all calls together need too much for a stack that is deep already.
    Box::pin(answer(app, request, base_url, now)).await.unwrap_or_else(Problem::into_response)
}

async fn answer(app: &App, request: Request<Bytes>, base_url: &str, now: Millis) -> Answer {
    let (parts, body) = request.into_parts();
    let call = endpoint::find(&parts.method, parts.uri.path())?;
    if call.function != Function::MergeUsers {
        return Err(Problem::NotFound("this function does not serve the path"));
    }
    let admin =
        admin::authenticate(&parts.headers, Peer::of(&parts.extensions), &app.store, &app.root_key, now).await?;
    let organisation = admin.organisation(call.value(0), &app.store).await?;
    let (store, uid) = (&app.store, &organisation.uid);
    let query = Query::read(parts.uri.query());
    match call.operation {
        Operation::PutGitUsers => match upload(store, uid, &parts.headers, &query, body, now).await? {
            Uploaded::Whole(report) => Ok(reply::json(StatusCode::OK, &report)),
            Uploaded::Part(part) => Ok(reply::json(StatusCode::ACCEPTED, &part)),
        },
        Operation::RunMerge => {
            let id = RunRecord::id_at(now);
            let begun = RunRecord { id, started_at: now.0, outcome: None };
            go_on(app, &organisation, begun, base_url, now).await
        }
        Operation::GetMergeRun => {
            let found = store.merge_run(uid, call.value(1), now).await?;
            let begun = found.ok_or(Problem::NotFound("there is no such run, or it was asked for over a day ago"))?;
            go_on(app, &organisation, begun, base_url, now).await
        }
        Operation::ListMerges => {
            query.only(&["limit", "cursor"])?;
            let page = PageRequest::read(&query)?;
            let found = store.merges(uid, page.after.as_deref(), page.look_for()).await?;
            Ok(reply::json(StatusCode::OK, &page.page(found, |record| &record.id, MergeView::from)))
        }
        Operation::ListSuggestions => {
            query.only(&["limit", "cursor"])?;
            let page = PageRequest::read(&query)?;
            let found = store.suggestions(uid, page.after.as_deref(), page.look_for()).await?;
            Ok(reply::json(StatusCode::OK, &page.page(found, |record| &record.user, SuggestionView::from)))
        }
        Operation::DeleteUser => {
            erase(store, &organisation, call.value(1), now).await?;
            Ok(reply::no_content())
        }
        Operation::RequestRebuild => {
            let begun = rebuild::begin(store, uid, now).await?;
            Ok(reply::json(StatusCode::ACCEPTED, &RebuildView::from(begun)))
        }
        Operation::GetRebuild => {
            let deadline = Instant::now() + app.patience;
            rebuild::carry_on(store, &organisation, now, usize::MAX, deadline).await.map_err(|error| {
                tracing::error!(%error, "a rebuild failed; asking again, or the schedule, goes on");
                Problem::Unavailable
            })?;
            Ok(reply::json(StatusCode::OK, &RebuildView::from(store.rebuild_state(uid).await?)))
        }
        Operation::RemoveActivity => {
            let asked = ask::Request::read(&query, &organisation, now)?;
            let begun = asked.begin(store, &organisation, now).await?;
            let done = removal::go_on(store, &organisation, begun, now, Instant::now() + app.patience).await;
            let removal = done.map_err(|error| {
                tracing::error!(%error, "a removal failed; asking again, or the schedule, goes on");
                Problem::Unavailable
            })?;
            Ok(if removal.finished_at.is_some() {
                reply::no_content()
            } else {
                removing(&organisation, removal, base_url)
            })
        }
        Operation::GetRemoval => {
            query.only(&[])?;
            let found = store.removal(uid, call.value(1)).await?;
            let removal = found.ok_or(Problem::NotFound("there is no such removal, or it was asked for long ago"))?;
            Ok(match removal.finished_at {
                Some(_) => reply::json(StatusCode::OK, &RemovalView::from(removal)),
                None => removing(&organisation, removal, base_url),
            })
        }
        _ => decide(app, &organisation, &admin, &call, (&parts.headers, &body), now).await,
    }
}

async fn decide(
    app: &App,
    organisation: &Organisation,
    admin: &Admin,
    call: &Call<'_>,
    (headers, body): (&http::HeaderMap, &Bytes),
    now: Millis,
) -> Answer {
    let (store, uid) = (&app.store, &organisation.uid);
    let deadline = Instant::now() + app.patience;
    let desk = Desk { store, uid, by: admin.signature(), now, deadline };
    match call.operation {
        Operation::CreateMerge => Ok(merged(StatusCode::CREATED, desk.merge(&body::read(headers, body)?).await?)),
        Operation::AcceptSuggestion => {
            let request = body::read(headers, body)?;
            Ok(merged(StatusCode::OK, desk.accept(call.value(1), &request).await?))
        }
        Operation::RejectSuggestion => {
            desk.reject(call.value(1)).await?;
            Ok(reply::no_content())
        }
        Operation::UndoMerge => Ok(merged(StatusCode::OK, desk.undo(call.value(1)).await?)),
        Operation::LinkUser => {
            let id = desk.link(call.value(1), &body::read(headers, body)?).await?;
            let owners = Owners::new(store.people(uid).await?);
            let alone = || PersonView { id: id.clone(), email: None, name: None };
            Ok(reply::json(StatusCode::OK, &owners.person(&id).map_or_else(alone, PersonView::from)))
        }
        _ => Err(Problem::NotFound("this function does not serve the path")),
    }
}

fn merged(status: StatusCode, record: Option<MergeRecord>) -> Response<Bytes> {
    match record {
        Some(record) => reply::json(status, &MergeView::from(record)),
        None => reply::json(StatusCode::ACCEPTED, &DecidedView { status: "decided" }),
    }
}

/// How far a removal is that is not done, and where to ask for it.
fn removing(organisation: &Organisation, removal: RemovalRecord, base_url: &str) -> Response<Bytes> {
    let location = format!("{base_url}/api/orgs/{}/activity/removals/{}", organisation.org, removal.id);
    let mut response = reply::json(StatusCode::ACCEPTED, &RemovalView::from(removal));
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// Works on a run for a while. On Lambda nothing works between two requests, so it is the asking that takes it further.
async fn go_on(app: &App, organisation: &Organisation, mut asked: RunRecord, base_url: &str, now: Millis) -> Answer {
    let (store, uid) = (&app.store, &organisation.uid);
    if let Some(outcome) = asked.outcome {
        return Ok(reply::json(StatusCode::OK, &OutcomeView::from(outcome)));
    }
    let begun = Instant::now();
    let earlier = now.0 - asked.started_at;
    if let Ran::Done(mut outcome) = run(store, uid, now, begun + app.patience).await? {
        outcome.duration_ms = earlier + i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        if earlier > 0 {
            asked.outcome = Some(outcome);
            store.put_merge_run(uid, &asked).await?;
        }
        return Ok(reply::json(StatusCode::OK, &OutcomeView::from(outcome)));
    }
    store.put_merge_run(uid, &asked).await?;
    let location = format!("{base_url}/api/orgs/{}/merge/runs/{}", organisation.org, asked.id);
    let mut response = reply::json(StatusCode::ACCEPTED, &RunningView { run: asked.id, status: "running" });
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}
