//! Lambda function: organisations, their tokens and their admin keys.
//!
//! Everything is decided in `service`; here a request becomes a call of it, and its outcome an answer.

use api::call::{Operation, OrganisationCall};
use api::door::{self, Admitted, NOT_SERVED};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use model::base_url::BaseUrl;
use model::organisation::Organisation;
use model::random::Random;
use model::time::Timestamp;
use service::app::App;
use service::http::page::PageRequest;
use service::http::{Problem, body, reply};
use service::organisations::change::Change;
use service::organisations::enable::{Enabled, enable};
use service::organisations::key::{self, KeyRequest};
use service::organisations::purge::purge;
use service::organisations::rotate::{RotateRequest, Rotation, rotate};
use service::organisations::view::{AdminKeyView, EnabledView, NewAdminKeyView, OrganisationView, RotatedView};
use service::organisations::{end, tokens};
use store::Store;

type Answer = Result<Response<Bytes>, Problem>;

/// Answers a request that arrived at `now`; clients reach the service at `base_url`.
pub async fn handle(app: &App, request: Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Response<Bytes> {
    // Boxed: all calls together need too much for a stack that is deep already.
    Box::pin(answer(app, &request, base_url, now)).await.unwrap_or_else(Problem::into_response)
}

async fn answer(app: &App, request: &Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Answer {
    let admitted = door::admit(app, request, now).await?;
    let Operation::Organisations(call) = admitted.operation else { return Err(NOT_SERVED) };
    let store = &app.store;
    match call {
        OrganisationCall::PutOrganisation => put_organisation(app, &admitted, request, base_url, now).await,
        OrganisationCall::ListOrganisations => list_organisations(app, &admitted).await,
        OrganisationCall::GetOrganisation => {
            Ok(reply::json(StatusCode::OK, &OrganisationView::from(admitted.organisation()?.clone())))
        }
        OrganisationCall::DeleteOrganisation => {
            if admitted.query.flag("purge")? {
                purge(store, admitted.organisation()?, now).await?;
            } else {
                end::disable(store, admitted.organisation()?, now).await?;
            }
            Ok(reply::no_content())
        }
        OrganisationCall::RotateToken => rotate_token(app, &admitted, request, base_url, now).await,
        OrganisationCall::RevokePreviousToken => {
            show_tokens(store, &end::revoke_previous(store, admitted.organisation()?, now).await?, now).await
        }
        OrganisationCall::RevokeTokens => {
            show_tokens(store, &end::revoke(store, admitted.organisation()?, now).await?, now).await
        }
        OrganisationCall::GetToken => show_tokens(store, admitted.organisation()?, now).await,
        OrganisationCall::CreateAdminKey => {
            let wanted: KeyRequest = body::read(request.headers(), request.body())?;
            let organisation = admitted.organisation()?;
            let (key, token) = key::create(store, organisation, wanted.name.as_deref(), &draw()?, now).await?;
            Ok(reply::json(StatusCode::CREATED, &NewAdminKeyView::new(key, &token)))
        }
        OrganisationCall::ListAdminKeys => {
            let page = PageRequest::read(&admitted.query)?;
            let uid = &admitted.organisation()?.uid;
            let found = store.admin_keys(uid, page.after.as_deref(), page.look_for()).await?;
            Ok(reply::json(StatusCode::OK, &page.page(found, |key| &key.id, AdminKeyView::from)))
        }
        OrganisationCall::DeleteAdminKey => {
            key::delete(store, admitted.organisation()?, admitted.value(1)).await?;
            Ok(reply::no_content())
        }
    }
}

async fn put_organisation(
    app: &App,
    admitted: &Admitted<'_>,
    request: &Request<Bytes>,
    base_url: &BaseUrl,
    now: Timestamp,
) -> Answer {
    let admin = admitted.admin()?;
    let org = admin.name(admitted.value(0))?;
    let change: Change = body::read(request.headers(), request.body())?;
    match enable(&app.store, &app.secrets, &org, &change, admin.into(), &draw()?, now).await? {
        Enabled::Now(issue) => Ok(reply::json(StatusCode::CREATED, &EnabledView::new(*issue, base_url))),
        Enabled::Already(organisation) => Ok(reply::json(StatusCode::OK, &OrganisationView::from(*organisation))),
    }
}

async fn list_organisations(app: &App, admitted: &Admitted<'_>) -> Answer {
    let page = PageRequest::read(&admitted.query)?;
    let found = match admitted.admin()?.own() {
        Some(own) => vec![own.clone()],
        None => app.store.organisations(page.after.as_deref(), page.look_for()).await?,
    };
    let shown = page.page(found, |organisation| organisation.org.as_str(), OrganisationView::from);
    Ok(reply::json(StatusCode::OK, &shown))
}

async fn rotate_token(
    app: &App,
    admitted: &Admitted<'_>,
    request: &Request<Bytes>,
    base_url: &BaseUrl,
    now: Timestamp,
) -> Answer {
    let wanted: RotateRequest = body::read(request.headers(), request.body())?;
    let rotation = Rotation::new(wanted, request.headers().get("idempotency-key"))?;
    let (organisation, by) = (admitted.organisation()?, admitted.admin()?.into());
    let rotated = rotate(&app.store, &app.secrets, organisation, &rotation, by, &draw()?, now).await?;
    Ok(reply::json(StatusCode::OK, &RotatedView::new(rotated, base_url)))
}

async fn show_tokens(store: &Store, organisation: &Organisation, now: Timestamp) -> Answer {
    Ok(reply::json(StatusCode::OK, &tokens::show(store, organisation, now).await?))
}

fn draw() -> Result<Random, Problem> {
    Random::draw().map_err(|error| {
        tracing::error!(%error, "the operating system has no random numbers");
        Problem::Unavailable
    })
}
