//! Lambda function: erasing people, removing what a token sent, and rebuilding; and, by a schedule, all work that no request waits for but
//! the merge.
//!
//! Everything is decided in `service`; here a request becomes a call of it, and its outcome an answer.

use std::time::Instant;

use api::call::{MaintenanceCall, Operation};
use api::door::{self, NOT_SERVED};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use model::base_url::BaseUrl;
use model::organisation::Organisation;
use model::time::Timestamp;
use service::app::App;
use service::erasure::{self, ErasureView};
use service::http::{Problem, reply};
use service::maintenance::{MaintenanceError, Summary, maintain};
use service::projection::rebuild::{self, view::RebuildView};
use service::removal::view::RemovalView;
use service::removal::{self, ask};
use store::removal::RemovalRecord;

type Answer = Result<Response<Bytes>, Problem>;

/// Does the work that no request waits for, for all organisations, at `now`, until `deadline`.
///
/// # Errors
/// See [`maintain`].
pub async fn scheduled(app: &App, now: Timestamp, deadline: Instant) -> Result<Summary, MaintenanceError> {
    maintain(&app.store, &app.secrets, now, deadline).await
}

/// Answers a request that arrived at `now`; clients reach the service at `base_url`.
pub async fn handle(app: &App, request: Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Response<Bytes> {
    // Boxed: all calls together need too much for a stack that is deep already.
    Box::pin(answer(app, &request, base_url, now)).await.unwrap_or_else(Problem::into_response)
}

async fn answer(app: &App, request: &Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Answer {
    let admitted = door::admit(app, request, now).await?;
    let Operation::Maintenance(call) = admitted.operation else { return Err(NOT_SERVED) };
    let (store, organisation, deadline) = (&app.store, admitted.organisation()?, Instant::now() + app.patience);
    let uid = &organisation.uid;
    match call {
        MaintenanceCall::DeleteUser => {
            let erasure = erasure::erase(store, organisation, admitted.value(1), now, deadline).await?;
            Ok(if erasure.is_complete() { reply::no_content() } else { erasing(organisation, &erasure, base_url) })
        }
        MaintenanceCall::GetErasure => {
            let erasure = erasure::look(store, organisation, admitted.value(1)).await?;
            Ok(match erasure.is_complete() {
                true => reply::json(StatusCode::OK, &erasure),
                false => erasing(organisation, &erasure, base_url),
            })
        }
        MaintenanceCall::RequestRebuild => {
            rebuild::begin(store, uid, now).await?;
            rebuild::carry_on(store, organisation, now, usize::MAX, deadline).await?;
            let address = format!("{base_url}/api/orgs/{}/rebuild", organisation.org);
            Ok(reply::unfinished(&address, &RebuildView::from(store.rebuild_state(uid).await?)))
        }
        MaintenanceCall::GetRebuild => {
            Ok(reply::json(StatusCode::OK, &RebuildView::from(store.rebuild_state(uid).await?)))
        }
        MaintenanceCall::RemoveActivity => {
            let asked = ask::Request::read(&admitted.query, organisation, now)?;
            let begun = asked.begin(store, organisation, admitted.query.flag("confirm")?, now).await?;
            let removal = removal::go_on(store, organisation, begun, now, deadline).await?;
            Ok(match removal.finished_at {
                Some(_) => reply::no_content(),
                None => removing(organisation, removal, base_url),
            })
        }
        MaintenanceCall::GetRemoval => {
            let found = store.removal(uid, admitted.value(1)).await?;
            let removal = found
                .ok_or_else(|| Problem::NotFound("there is no such removal, or it was asked for long ago".into()))?;
            Ok(match removal.finished_at {
                Some(_) => reply::json(StatusCode::OK, &RemovalView::from(removal)),
                None => removing(organisation, removal, base_url),
            })
        }
    }
}

fn erasing(organisation: &Organisation, erasure: &ErasureView, base_url: &BaseUrl) -> Response<Bytes> {
    let address = format!("{base_url}/api/orgs/{}/erasures/{}", organisation.org, erasure.person);
    reply::unfinished(&address, erasure)
}

fn removing(organisation: &Organisation, removal: RemovalRecord, base_url: &BaseUrl) -> Response<Bytes> {
    let address = format!("{base_url}/api/orgs/{}/activity/removals/{}", organisation.org, removal.id);
    reply::unfinished(&address, &RemovalView::from(removal))
}
