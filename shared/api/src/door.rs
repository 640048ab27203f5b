//! The door: what every call passes before its function sees it.
//!
//! It finds the call in the one list of all, lets in who may make it, finds the organisation that it is about, and holds its parameters
//! against the list: what the list does not name is refused, for every call.

use std::borrow::Cow;

use http::{HeaderMap, Request};
use model::organisation::Organisation;
use model::time::Timestamp;
use service::app::App;
use service::auth::admin::{self, Admin};
use service::auth::peer::Peer;
use service::http::Problem;
use service::http::query::Query;

use crate::call::{Endpoint, Operation, Scope};
use crate::endpoint;

/// The header of the key for those who ask as Anthropic's API is asked.
pub const API_KEY: &str = "x-api-key";

/// What is answered to a call that another function serves.
pub const NOT_SERVED: Problem = Problem::NotFound(Cow::Borrowed("this function does not serve the path"));

/// A call that was let in.
#[derive(Debug)]
pub struct Admitted<'a> {
    /// What it is to do.
    pub operation: Operation,
    who: Option<Admin>,
    organisation: Option<Organisation>,
    values: Vec<Cow<'a, str>>,
    /// The parameters of its query, all of them known.
    pub query: Query<'a>,
}

impl Admitted<'_> {
    /// Who makes it.
    ///
    /// # Errors
    /// The call is one that anybody may make.
    pub fn admin(&self) -> Result<&Admin, Problem> {
        self.who.as_ref().ok_or(Problem::Internal)
    }

    /// The organisation that it is about.
    ///
    /// # Errors
    /// It is about none that there is yet.
    pub fn organisation(&self) -> Result<&Organisation, Problem> {
        self.organisation.as_ref().ok_or(Problem::Internal)
    }

    /// The value of the path's parameter number `at`, from 0; empty if there is none.
    #[must_use]
    pub fn value(&self, at: usize) -> &str {
        self.values.get(at).map_or("", AsRef::as_ref)
    }
}

/// Lets a call in that arrived at `now`.
///
/// # Errors
/// There is no such call, its maker may not make it, there is no such organisation, or a parameter is unknown or given twice.
pub async fn admit<'a, B>(app: &App, request: &'a Request<B>, now: Timestamp) -> Result<Admitted<'a>, Problem> {
    let (endpoint, values) = endpoint::find(request.method(), request.uri().path())?;
    let who = authenticate(app, endpoint, request, now).await?;
    let organisation = match (&who, endpoint.scope) {
        (Some(admin), Scope::Organisation) => {
            Some(admin.organisation(values.first().map_or("", AsRef::as_ref), &app.store).await?)
        }
        (Some(admin), Scope::OwnOrganisation) => Some(admin.own().cloned().ok_or_else(no_organisation)?),
        _ => None,
    };
    let query = Query::read(request.uri().query());
    query.only(&endpoint.query().collect::<Vec<_>>())?;
    Ok(Admitted { operation: endpoint.operation, who, organisation, values, query })
}

/// Judges the head of a call whose body is not read yet: the largest body that it may have, in bytes. A call without a body costs nothing,
/// so that it is judged by [`admit`] alone.
///
/// # Errors
/// There are two keys; or there is a body, and no such call, or its maker may not make it.
pub async fn admit_head<B>(app: &App, head: &Request<B>, has_body: bool, now: Timestamp) -> Result<usize, Problem> {
    // Which of two counts would depend on who reads them.
    if ["authorization", API_KEY].iter().any(|name| head.headers().get_all(*name).iter().nth(1).is_some()) {
        return Err(Problem::Unauthorized("more than one key: send one admin key, once".into()));
    }
    if !has_body {
        return Ok(0);
    }
    let (endpoint, _) = endpoint::find(head.method(), head.uri().path())?;
    if matches!(endpoint.scope, Scope::Key | Scope::Organisation) {
        authenticate(app, endpoint, head, now).await?;
    }
    Ok(endpoint.largest())
}

async fn authenticate<B>(
    app: &App,
    endpoint: &Endpoint,
    request: &Request<B>,
    now: Timestamp,
) -> Result<Option<Admin>, Problem> {
    let (headers, peer) = (request.headers(), Peer::of(request.extensions()));
    Ok(match endpoint.scope {
        Scope::Open => None,
        Scope::IngestToken => return Err(NOT_SERVED),
        Scope::Key | Scope::Organisation => {
            Some(admin::authenticate(headers, peer, &app.store, &app.root_key, now).await?)
        }
        Scope::OwnOrganisation => {
            Some(admin::authenticate_key(api_key(headers)?, peer, &app.store, &app.root_key, now).await?)
        }
    })
}

fn api_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let key = headers.get(API_KEY).and_then(|value| value.to_str().ok()).map(str::trim);
    key.ok_or_else(|| Problem::Unauthorized("send an admin key of one organisation in x-api-key".into()))
}

fn no_organisation() -> Problem {
    Problem::invalid(API_KEY, "x-api-key: the root key is of no organisation", "an admin key of one organisation")
}
