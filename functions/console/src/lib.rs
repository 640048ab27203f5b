//! Lambda function: the pages that admins look at.
//!
//! Everything is decided in `service`; here a request becomes a call of it, and its outcome a page.
//!
//! A request goes through four files: [`handle`] finds the page in the one list of all (`route`), who asks and whether
//! the browser was on one of our own pages is found out (`session`, `csrf`), the page asks `service` and writes its content (`settings`, `people`,
//! `analytics`, `health`, `organisations`), and `layout` puts it between header and navigation.
//!
//! To add a page: add it to `route::Page` and `route::ROUTES`, say in `parameters` what its address can ask for, and match it in `dispatch`. A page is a function from a `PageContext`
//! (who asks, for what, and when) to an answer: `answer::page` for something to look at, `answer::done` after a change, so that
//! reloading never repeats one. What `service` refuses is returned with `?` and becomes an error page. Every `<form method="post">`
//! contains `components::form::token`.

use std::future::{Future, ready};
use std::pin::Pin;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use model::base_url::BaseUrl;
use model::time::Timestamp;
use service::app::App;
use service::http::Problem;

mod analytics;
mod answer;
mod assets;
mod components;
mod context;
mod cookies;
mod csrf;
mod error_page;
mod flash;
mod health;
mod layout;
mod organisations;
mod parameters;
mod people;
mod refusal;
mod route;
mod session;
mod settings;
mod sign_in;

use context::PageContext;
use refusal::Refusal;
use route::{Page, PublicPage, Target};

type Answer = Result<Response<Bytes>, Refusal>;

/// Answers a request that arrived at `now`; browsers reach the service at `base_url`.
pub async fn handle(app: &App, request: Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Response<Bytes> {
    let response = match answer(app, &request, base_url, now).await {
        Ok(response) => response,
        Err(refusal) => error_page::show(refusal, &request),
    };
    answer::over_https(answer::secured(response), base_url)
}

/// Whether a request is for the console: one of its pages, or a browser that looks for a page.
#[must_use]
pub fn serves(head: &Request<Bytes>) -> bool {
    let path = head.uri().path();
    let accepted = head.headers().get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
    route::is_known(path) || accepted.is_some_and(|types| types.contains("text/html"))
}

/// Judges the head of a request that has a body, before anything of that is read: whether there is such a page, and whether who
/// sends it is signed in. The largest body that the page takes, in bytes.
///
/// # Errors
/// The answer to who may send none.
pub async fn admit(
    app: &App,
    head: &Request<Bytes>,
    base_url: &BaseUrl,
    now: Timestamp,
) -> Result<usize, Box<Response<Bytes>>> {
    let judged = async {
        let (route, _) = route::find(head.method(), head.uri().path())?;
        if head.method() == Method::POST {
            csrf::check_origin(head, base_url)?;
        }
        if matches!(route.target, Target::Admin(_)) {
            session::session(app, head, base_url, now).await?;
        }
        Ok(route.largest)
    };
    judged
        .await
        .map_err(|refusal| Box::new(answer::over_https(answer::secured(error_page::show(refusal, head)), base_url)))
}

/// Whether the page is for those alone who are signed in.
#[must_use]
pub fn is_guarded(head: &Request<Bytes>) -> bool {
    route::find(head.method(), head.uri().path()).is_ok_and(|(route, _)| matches!(route.target, Target::Admin(_)))
}

/// The answer to a request that cannot be taken whole: too large, too many, too slow.
#[must_use]
pub fn refuse(head: &Request<Bytes>, refused: StatusCode) -> Response<Bytes> {
    let problem = match refused {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let route = route::find(head.method(), head.uri().path());
            Problem::TooLarge(route.map_or(route::FORM, |(route, _)| route.largest))
        }
        StatusCode::BAD_REQUEST => Problem::broken(),
        StatusCode::TOO_MANY_REQUESTS => Problem::Throttled,
        _ => Problem::Unavailable,
    };
    answer::secured(error_page::show(problem.into(), head))
}

async fn answer(app: &App, request: &Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Answer {
    let (route, values) = route::find(request.method(), request.uri().path())?;
    if request.body().len() > route.largest {
        return Err(Problem::TooLarge(route.largest).into());
    }
    if request.method() == Method::POST {
        csrf::check_origin(request, base_url)?;
    }
    match route.target {
        Target::Public(page) => in_public(app, page, &values, request, base_url, now).await,
        Target::Admin(page) => {
            let session = session::session(app, request, base_url, now).await?;
            let context = PageContext::begin(app, request, (route, page), values, session, base_url, now).await?;
            let response = dispatch(&context, page).await?;
            let renewed = context.session.renewed(now).filter(|_| page.is_use());
            Ok(match renewed {
                Some(text) => session::with_session(response, &text, context.session.left(now), base_url),
                None => response,
            })
        }
    }
}

async fn in_public(
    app: &App,
    page: PublicPage,
    values: &[std::borrow::Cow<'_, str>],
    request: &Request<Bytes>,
    base_url: &BaseUrl,
    now: Timestamp,
) -> Answer {
    match page {
        PublicPage::Asset => assets::serve(values.first().map_or("", AsRef::as_ref), request.headers()),
        PublicPage::SubmitSignIn => sign_in::submit(app, request, base_url, now).await,
        PublicPage::SignIn => sign_in::show(app, request, base_url, now).await,
    }
}

/// The page itself, for somebody who is signed in.
///
/// Boxed before anything is polled: the pages are many, and together they would not fit on the stack of a thread.
fn dispatch<'a>(context: &'a PageContext<'_>, page: Page) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
    match page {
        Page::Home => Box::pin(organisations::home(context)),
        Page::Organisations => Box::pin(ready(organisations::show(context))),
        Page::Enable => Box::pin(organisations::enable(context)),
        Page::SignOut => Box::pin(sign_in::sign_out(context)),
        Page::ClaudeCode => Box::pin(settings::show(context)),
        Page::LastActivity => Box::pin(settings::last_activity::show(context)),
        Page::Verify => Box::pin(settings::verify::show(context)),
        Page::Download => Box::pin(settings::download::show(context)),
        Page::Rotate => Box::pin(settings::change::rotate(context)),
        Page::Revoke => Box::pin(settings::change::revoke(context)),
        Page::RevokePrevious => Box::pin(settings::change::revoke_previous(context)),
        Page::EnableAgain => Box::pin(settings::change::enable(context)),
        Page::Disable => Box::pin(settings::change::disable(context)),
        Page::Purge => Box::pin(settings::change::purge(context)),
        Page::Attribute => Box::pin(settings::attribution::attribute(context)),
        Page::Users => Box::pin(people::list::show(context)),
        Page::UsersTable => Box::pin(people::list::table(context)),
        Page::Person => Box::pin(people::detail::show(context)),
        Page::Link => Box::pin(people::detail::link(context)),
        Page::Erase => Box::pin(people::detail::erase(context)),
        Page::Suggestions => Box::pin(people::suggestions::show(context)),
        Page::Accept => Box::pin(people::suggestions::accept(context)),
        Page::Reject => Box::pin(people::suggestions::reject(context)),
        Page::UndoRejection => Box::pin(people::suggestions::take_back(context)),
        Page::Merges => Box::pin(people::merges::show(context)),
        Page::Undo => Box::pin(people::merges::undo(context)),
        Page::RunMerge => Box::pin(people::merges::run(context)),
        Page::Choose => Box::pin(people::manual_merge::show(context)),
        Page::Merge => Box::pin(people::manual_merge::merge(context)),
        Page::GitUsers => Box::pin(people::git::show(context)),
        Page::ImportGitUsers => Box::pin(people::git::import(context)),
        Page::RestoreGitUsers => Box::pin(people::git::bring_back(context)),
        Page::Analytics => Box::pin(analytics::show(context)),
        Page::AnalyticsTable => Box::pin(analytics::table(context)),
        Page::Spend => Box::pin(analytics::spend::show(context)),
        Page::SpendTable => Box::pin(analytics::spend::csv(context)),
        Page::Adoption => Box::pin(analytics::adoption::show(context)),
        Page::AdoptionTable => Box::pin(analytics::adoption::table(context)),
        Page::Reliability => Box::pin(analytics::reliability::show(context)),
        Page::ReliabilityTable => Box::pin(analytics::reliability::table(context)),
        Page::Outcome => Box::pin(analytics::outcome::show(context)),
        Page::OutcomeTable => Box::pin(analytics::outcome::table(context)),
        Page::Sessions => Box::pin(analytics::sessions::show(context)),
        Page::SessionsTable => Box::pin(analytics::sessions::csv(context)),
        Page::Session => Box::pin(analytics::session::show(context)),
        Page::SessionTable => Box::pin(analytics::session::csv(context)),
        Page::Health => Box::pin(health::show(context)),
    }
}
