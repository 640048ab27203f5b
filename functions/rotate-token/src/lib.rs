//! Lambda function: organisations, their tokens and their admin keys.
//!
//! Everything is decided in `shared`; here a request becomes a call of it, and its outcome an answer.

use api::call::{Call, Function, Operation};
use api::endpoint;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use model::organisation::Organisation;
use model::random::Random;
use model::time::Millis;
use service::auth::admin;
use service::auth::admin::Admin;
use service::auth::peer::Peer;
use service::auth::root_key::RootKey;
use service::http::page::PageRequest;
use service::http::query::Query;
use service::http::{Problem, body, reply};
use service::organisations::change::Change;
use service::organisations::enable::{Enabled, enable};
use service::organisations::key;
use service::organisations::key::KeyRequest;
use service::organisations::purge::purge;
use service::organisations::rotate::{RotateRequest, Rotation, rotate};
use service::organisations::view::{AdminKeyView, EnabledView, NewAdminKeyView, OrganisationView, RotatedView};
use service::organisations::{end, tokens};
use store::Store;
use store::secrets::Secrets;

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

type Answer = Result<Response<Bytes>, Problem>;

/// Answers a request that arrived at `now`; clients reach the service at `base_url`.
pub async fn handle(app: &App, request: Request<Bytes>, base_url: &str, now: Millis) -> Response<Bytes> {
    // Boxed: all calls together need too much for a stack that is deep already.
    Box::pin(answer(app, &request, base_url, now)).await.unwrap_or_else(Problem::into_response)
}

async fn answer(app: &App, request: &Request<Bytes>, base_url: &str, now: Millis) -> Answer {
    let call = endpoint::find(request.method(), request.uri().path())?;
    if call.function != Function::RotateToken {
        return Err(Problem::NotFound("this function does not serve the path"));
    }
    let admin =
        admin::authenticate(request.headers(), Peer::of(request.extensions()), &app.store, &app.root_key, now).await?;
    let query = Query::read(request.uri().query());
    match call.operation {
        Operation::PutOrganisation => put_organisation(app, &admin, &call, request, base_url, now).await,
        Operation::ListOrganisations => list_organisations(app, &admin, &query).await,
        _ => {
            let organisation = admin.organisation(call.value(0), &app.store).await?;
            of_organisation(app, &admin, organisation, &call, request, base_url, now).await
        }
    }
}

async fn put_organisation(
    app: &App,
    admin: &Admin,
    call: &Call<'_>,
    request: &Request<Bytes>,
    base_url: &str,
    now: Millis,
) -> Answer {
    let org = admin.name(call.value(0))?;
    let change: Change = body::read(request.headers(), request.body())?;
    match enable(&app.store, &app.secrets, &org, &change, admin.into(), &draw()?, now).await? {
        Enabled::Now(issue) => Ok(reply::json(StatusCode::CREATED, &EnabledView::new(*issue, base_url)?)),
        Enabled::Already(organisation) => Ok(reply::json(StatusCode::OK, &OrganisationView::from(*organisation))),
    }
}

async fn list_organisations(app: &App, admin: &Admin, query: &Query<'_>) -> Answer {
    query.only(&["limit", "cursor"])?;
    let page = PageRequest::read(query)?;
    let found = match admin.own() {
        Some(own) => vec![own.clone()],
        None => app.store.organisations(page.after.as_deref(), page.look_for()).await?,
    };
    let shown = page.page(found, |organisation| organisation.org.as_str(), OrganisationView::from);
    Ok(reply::json(StatusCode::OK, &shown))
}

async fn of_organisation(
    app: &App,
    admin: &Admin,
    organisation: Organisation,
    call: &Call<'_>,
    request: &Request<Bytes>,
    base_url: &str,
    now: Millis,
) -> Answer {
    let App { store, secrets, .. } = app;
    let query = Query::read(request.uri().query());
    match call.operation {
        Operation::GetOrganisation => Ok(reply::json(StatusCode::OK, &OrganisationView::from(organisation))),
        Operation::DeleteOrganisation => {
            query.only(&["purge"])?;
            if query.flag("purge")? {
                purge(store, &organisation, now).await?;
            } else {
                end::disable(store, &organisation, now).await?;
            }
            Ok(reply::no_content())
        }
        Operation::RotateToken => {
            let wanted: RotateRequest = body::read(request.headers(), request.body())?;
            let rotation = Rotation::new(wanted, request.headers().get("idempotency-key"))?;
            let rotated = rotate(store, secrets, &organisation, &rotation, admin.into(), &draw()?, now).await?;
            Ok(reply::json(StatusCode::OK, &RotatedView::new(rotated, base_url)?))
        }
        Operation::RevokePreviousToken => {
            show_tokens(store, &end::revoke_previous(store, &organisation, now).await?, now).await
        }
        Operation::RevokeTokens => show_tokens(store, &end::revoke(store, &organisation, now).await?, now).await,
        Operation::GetToken => show_tokens(store, &organisation, now).await,
        _ => of_admin_keys(store, &organisation, call, request, now).await,
    }
}

async fn of_admin_keys(
    store: &Store,
    organisation: &Organisation,
    call: &Call<'_>,
    request: &Request<Bytes>,
    now: Millis,
) -> Answer {
    match call.operation {
        Operation::CreateAdminKey => {
            let wanted: KeyRequest = body::read(request.headers(), request.body())?;
            let (key, token) = key::create(store, organisation, wanted.name.as_deref(), &draw()?, now).await?;
            Ok(reply::json(StatusCode::CREATED, &NewAdminKeyView::new(key, &token)))
        }
        Operation::ListAdminKeys => {
            let query = Query::read(request.uri().query());
            query.only(&["limit", "cursor"])?;
            let page = PageRequest::read(&query)?;
            let found = store.admin_keys(&organisation.uid, page.after.as_deref(), page.look_for()).await?;
            Ok(reply::json(StatusCode::OK, &page.page(found, |key| &key.id, AdminKeyView::from)))
        }
        Operation::DeleteAdminKey => {
            key::delete(store, organisation, call.value(1)).await?;
            Ok(reply::no_content())
        }
        _ => Err(Problem::NotFound("this function does not serve the path")),
    }
}

async fn show_tokens(store: &Store, organisation: &Organisation, now: Millis) -> Answer {
    Ok(reply::json(StatusCode::OK, &tokens::show(store, organisation, now).await?))
}

fn draw() -> Result<Random, Problem> {
    Random::draw().map_err(|error| {
        tracing::error!(%error, "the operating system has no random numbers");
        Problem::Unavailable
    })
}
