//! Lambda function: the pages that admins look at.
//!
//! Everything is decided in `shared`; here a request becomes a call of it, and its outcome a page.
//!
//! A request goes through four files: [`handle`] finds the page in the one list of all ([`route`]), the gate says who asks and that
//! the browser was on one of our own pages ([`gate`]), the page asks `shared` and writes its content ([`settings`], [`people`],
//! [`analytics`], [`health`], [`organisations`]), and [`layout`] puts it between header and navigation.
//!
//! To add a page: add it to [`route::Page`] and [`route::ROUTES`], and match it in [`dispatch`]. A page is a function from a [`Visit`]
//! (who asks, for what, and when) to an answer: [`answer::page`] for something to look at, [`answer::done`] after a change, so that
//! reloading never repeats one. What `shared` refuses is returned with `?` and becomes an error page. Every `<form method="post">`
//! contains [`parts::form::token`].

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use shared::api::Problem;
use shared::auth::root_key::RootKey;
use shared::secrets::Secrets;
use shared::store::Store;
use shared::time::Millis;

mod analytics;
mod answer;
mod assets;
mod failure;
mod gate;
mod health;
mod layout;
mod organisations;
mod parts;
mod people;
mod route;
mod settings;
mod sign_in;
mod visit;

use failure::Refusal;
use route::{Access, Page, Route};
use visit::Visit;

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

type Answer = Result<Response<Bytes>, Refusal>;

/// Answers a request that arrived at `now`; browsers reach the service at `base_url`.
pub async fn handle(app: &App, request: Request<Bytes>, base_url: &str, now: Millis) -> Response<Bytes> {
    match answer(app, &request, base_url, now).await {
        Ok(response) => answer::secured(response),
        Err(refusal) => answer::secured(failure::show(refusal, &request)),
    }
}

/// Whether a request is for the console: one of its pages, or a browser that looks for a page.
#[must_use]
pub fn serves(head: &Request<Bytes>) -> bool {
    let path = head.uri().path();
    let accepted = head.headers().get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
    route::is_known(path) || accepted.is_some_and(|types| types.contains("text/html"))
}

/// The largest body that the page takes, in bytes.
#[must_use]
pub fn body_limit(head: &Request<Bytes>) -> usize {
    route::find(head.method(), head.uri().path()).map_or(0, |(route, _)| route.largest)
}

/// The answer to a request that cannot be taken whole: too large, too many, too slow.
#[must_use]
pub fn refuse(head: &Request<Bytes>, refused: StatusCode) -> Response<Bytes> {
    let problem = match refused {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::TooLarge(body_limit(head)),
        StatusCode::TOO_MANY_REQUESTS => Problem::Throttled,
        _ => Problem::Unavailable,
    };
    answer::secured(failure::show(problem.into(), head))
}

async fn answer(app: &App, request: &Request<Bytes>, base_url: &str, now: Millis) -> Answer {
    let (route, values) = route::find(request.method(), request.uri().path())?;
    if request.body().len() > route.largest {
        return Err(Problem::TooLarge(route.largest).into());
    }
    if request.method() == Method::POST {
        gate::check_origin(request, base_url)?;
    }
    match route.access {
        Access::Anybody => in_public(app, route, &values, request, base_url, now).await,
        Access::Admin => {
            let session = gate::session(app, request, now).await?;
            let visit = Visit::begin(app, request, route, values, session, base_url, now).await?;
            dispatch(&visit, route.page).await
        }
    }
}

async fn in_public(
    app: &App,
    route: &Route,
    values: &[std::borrow::Cow<'_, str>],
    request: &Request<Bytes>,
    base_url: &str,
    now: Millis,
) -> Answer {
    match route.page {
        Page::Asset => assets::serve(values.first().map_or("", AsRef::as_ref)),
        Page::SubmitSignIn => sign_in::submit(app, request, base_url, now).await,
        _ => sign_in::show(app, request, base_url, now).await,
    }
}

/// The page itself, for somebody who is signed in.
async fn dispatch(visit: &Visit<'_>, page: Page) -> Answer {
    match page {
        Page::Home => organisations::home(visit).await,
        Page::Organisations => organisations::show(visit),
        Page::Enable => organisations::enable(visit).await,
        Page::SignOut => Ok(sign_in::sign_out(visit)),
        Page::ClaudeCode => settings::show(visit).await,
        Page::Arrivals => settings::arrivals::show(visit).await,
        Page::Verify => settings::verify::show(visit).await,
        Page::Download => settings::download::show(visit).await,
        Page::Rotate => settings::change::rotate(visit).await,
        Page::Revoke => settings::change::revoke(visit).await,
        Page::RevokePrevious => settings::change::revoke_previous(visit).await,
        Page::EnableAgain => settings::change::enable(visit).await,
        Page::Disable => settings::change::disable(visit).await,
        Page::Purge => settings::change::purge(visit).await,
        Page::Attribute => settings::attribution::attribute(visit).await,
        Page::Users => people::list::show(visit).await,
        Page::Person => people::one::show(visit).await,
        Page::Link => people::one::link(visit).await,
        Page::Erase => people::one::erase(visit).await,
        Page::Suggestions => people::suggestions::show(visit).await,
        Page::Accept => people::suggestions::accept(visit).await,
        Page::Reject => people::suggestions::reject(visit).await,
        Page::Merges => people::merges::show(visit).await,
        Page::Undo => people::merges::undo(visit).await,
        Page::RunMerge => people::merges::run(visit).await,
        Page::Choose => people::by_hand::show(visit).await,
        Page::Merge => people::by_hand::merge(visit).await,
        Page::GitUsers => people::git::show(visit).await,
        Page::ImportGitUsers => people::git::import(visit).await,
        Page::Analytics => analytics::show(visit).await,
        Page::AnalyticsTable => analytics::table(visit).await,
        Page::Health => health::show(visit).await,
        // Served before anybody is asked who they are.
        Page::Asset | Page::SignIn | Page::SubmitSignIn => Err(Problem::Internal.into()),
    }
}
