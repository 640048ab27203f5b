//! Signing in and out.

use model::base_url::BaseUrl;
use std::borrow::Cow;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Method, Request, Response, StatusCode};
use maud::html;
use model::random::Random;
use model::time::Timestamp;
use service::auth::error::AuthError;
use service::auth::one_time;
use service::auth::peer::Peer;
use service::auth::session::Session;
use service::http::Problem;
use service::http::query::Query;

use crate::components::form;
use crate::context::PageContext;
use crate::error_page::sentence;
use crate::{Answer, answer, layout, route, session};
use service::app::App;

/// Why somebody is asked for a key, if there is more to it than that they are new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    New,
    Expired,
    WrongKey,
    UsedCode,
    SignedOut,
    /// Seconds until a key is taken again.
    TooMany(i64),
}

/// Takes the one-time code of a printed link, or asks for an admin key.
pub(crate) async fn show(app: &App, request: &Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Answer {
    let query = Query::read(request.uri().query());
    let (to, peer) = (query.get("to").and_then(route::local).unwrap_or("/"), Peer::of(request.extensions()));
    if let Some(code) = query.get("code") {
        // A look at the headers alone, as some programs that meet a link take, uses nothing up.
        if request.method() == Method::HEAD {
            return Ok(answer::see("/sign-in"));
        }
        return match one_time::redeem(code, peer, &app.store, &app.root_key, &draw()?, now).await {
            Ok(Some(session)) => Ok(signed_in(&session, to, base_url, now)),
            Ok(None) => Ok(ask(to, Why::UsedCode)),
            Err(AuthError::TooManyWrongKeys { wait }) => Ok(come_back(to, wait.as_secs())),
            Err(other) => Err(other.into()),
        };
    }
    let why = match (query.get("expired"), query.get("out")) {
        (Some(_), _) => Why::Expired,
        (_, Some(_)) => Why::SignedOut,
        _ if session::session(app, request, base_url, now).await.is_ok() => return Ok(answer::see(to)),
        _ => Why::New,
    };
    Ok(ask(to, why))
}

/// Takes an admin key.
pub(crate) async fn submit(app: &App, request: &Request<Bytes>, base_url: &BaseUrl, now: Timestamp) -> Answer {
    let form = form::read(request);
    let to = form.get("to").and_then(route::local).unwrap_or("/");
    let key = form.get("admin_key").unwrap_or_default().trim();
    let peer = Peer::of(request.extensions());
    match Session::begin(key, peer, &app.store, &app.root_key, &draw()?, now).await {
        Ok(session) => Ok(signed_in(&session, to, base_url, now)),
        Err(AuthError::TooManyWrongKeys { wait }) => Ok(come_back(to, wait.as_secs())),
        Err(error) if error.is_wrong_key() => Ok(ask(to, Why::WrongKey)),
        Err(other) => Err(other.into()),
    }
}

/// Ends the session, wherever a copy of its cookie is.
pub(crate) async fn sign_out(context: &PageContext<'_>) -> Answer {
    context.session.end(context.store()).await?;
    Ok(session::without_session(answer::see("/sign-in?out=1"), context.base_url))
}

fn signed_in(session: &Session, to: &str, base_url: &BaseUrl, now: Timestamp) -> Response<Bytes> {
    session::with_session(answer::see(to), &session.text(), session.left(now), base_url)
}

/// Asks to come back: this address has tried too many keys.
fn come_back(to: &str, seconds: i64) -> Response<Bytes> {
    let mut response = ask(to, Why::TooMany(seconds));
    response.headers_mut().insert(RETRY_AFTER, seconds.into());
    response
}

fn ask(to: &str, why: Why) -> Response<Bytes> {
    let said: Option<Cow<'_, str>> = match why {
        Why::New => None,
        Why::Expired => Some(Cow::from("Your session has ended. Sign in again to continue where you were.")),
        Why::SignedOut => Some("You are signed out.".into()),
        Why::TooMany(seconds) => Some(sentence(&Problem::TooManyWrongKeys(seconds).detail()).into()),
        Why::WrongKey => Some(
            "This admin key is not known here. Check that it is complete, and that it is an admin key: ingest tokens, which begin \
             with cct_, can only write telemetry."
                .into(),
        ),
        Why::UsedCode => Some(
            "This link works once and for ten minutes, and is used up. Sign in with the admin key, or restart the gateway for a \
             new link."
                .into(),
        ),
    };
    let status = match why {
        Why::WrongKey | Why::UsedCode => StatusCode::UNAUTHORIZED,
        Why::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
        Why::New | Why::Expired | Why::SignedOut => StatusCode::OK,
    };
    let is_bad = status != StatusCode::OK;
    let content = html! {
        h1 { "Sign in" }
        @if let Some(said) = &said {
            div.notice.bad[is_bad] #said role=(if is_bad { "alert" } else { "status" }) { p { (said) } }
        }
        form method="post" action="/sign-in" {
            @if to != "/" { input type="hidden" name="to" value=(to); }
            label for="admin_key" { "Admin key" }
            input #admin_key type="password" name="admin_key" required autofocus autocomplete="current-password"
                spellcheck="false" maxlength="128" aria-invalid=[is_bad.then_some("true")]
                aria-describedby=(if said.is_some() { "said where" } else { "where" });
            p.hint #where {
                "The root key or the key of an organisation. On one machine the root key is in " code { "secrets/admin-key" }
                " of the data folder; on AWS it is the secret that the stack made."
            }
            p.actions { button.primary type="submit" { "Sign in" } }
        }
    };
    answer::page(status, layout::bare("Sign in", content))
}

pub(crate) fn draw() -> Result<Random, Problem> {
    Random::draw().map_err(|error| {
        tracing::error!(%error, "the operating system has no random numbers");
        Problem::Unavailable
    })
}
