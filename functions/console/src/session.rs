//! The session that a request belongs to, and its cookie.

use bytes::Bytes;
use http::{Request, Response};
use model::base_url::BaseUrl;
use model::time::{SignedDuration, Timestamp};
use service::auth::session::Session;

use crate::cookies::{cookie, with_cookie};
use crate::refusal::Refusal;
use service::app::App;

/// Name of the cookie of the session.
const SESSION: &str = "session";

/// The session of a request.
///
/// # Errors
/// There is none, it is over, or the database or the secret store failed.
pub(crate) async fn session(
    app: &App,
    request: &Request<Bytes>,
    base_url: &BaseUrl,
    now: Timestamp,
) -> Result<Session, Refusal> {
    let Some(text) = cookie(request.headers(), SESSION, base_url) else {
        return Err(Refusal::SignedOut { expired: false });
    };
    let found = Session::resume(text, &app.store, &app.root_key, now).await?;
    found.ok_or(Refusal::SignedOut { expired: true })
}

/// `response` with the cookie of a session, which is good for as long as is `left`.
pub(crate) fn with_session(
    response: Response<Bytes>,
    text: &str,
    left: SignedDuration,
    base_url: &BaseUrl,
) -> Response<Bytes> {
    with_cookie(response, SESSION, text, left.as_secs(), base_url)
}

/// `response` after which the browser has no session any more.
pub(crate) fn without_session(response: Response<Bytes>, base_url: &BaseUrl) -> Response<Bytes> {
    with_cookie(response, SESSION, "", 0, base_url)
}
