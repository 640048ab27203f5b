//! Who asks, and whether their browser was on a page of ours when it did.
//!
//! Under HTTPS the names of cookies begin with `__Host-`: a browser takes such a cookie from this very host alone, over HTTPS, for
//! all paths (RFC 6265bis, 4.1.3.2), so that neither a neighbour under the same domain nor anybody between can put one in its place.
//! Under HTTP no browser would keep it. A cookie of the one name is nothing under the other.

use bytes::Bytes;
use http::header::{COOKIE, HOST, ORIGIN, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Request, Response, Uri};
use shared::auth::session::Session;
use shared::time::{Millis, SECOND};

use crate::App;
use crate::failure::Refusal;

/// Name of the cookie of the session.
const SESSION: &str = "session";

/// The session of a request.
///
/// # Errors
/// There is none, it is over, or nobody can say now.
pub(crate) async fn session(
    app: &App,
    request: &Request<Bytes>,
    base_url: &str,
    now: Millis,
) -> Result<Session, Refusal> {
    let Some(text) = cookie(request.headers(), SESSION, base_url) else {
        return Err(Refusal::SignedOut { expired: false });
    };
    let found = Session::resume(text, &app.store, &app.root_key, now).await?;
    found.ok_or(Refusal::SignedOut { expired: true })
}

/// Refuses what a page of another site sent. A browser says where a POST comes from; what says nothing is no browser, and has no
/// cookie that it did not get itself.
///
/// # Errors
/// It comes from elsewhere.
pub(crate) fn check_origin(request: &Request<Bytes>, base_url: &str) -> Result<(), Refusal> {
    let headers = request.headers();
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if text(http::HeaderName::from_static("sec-fetch-site")).is_some_and(|site| !matches!(site, "same-origin" | "none"))
    {
        return Err(Refusal::Foreign);
    }
    let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
    let authority = |uri: &str| uri.parse::<Uri>().ok().and_then(|uri| uri.authority().cloned());
    let origin = origin.to_str().ok().and_then(authority).ok_or(Refusal::Foreign)?;
    let is_own = text(HOST).is_some_and(|host| origin.as_str().eq_ignore_ascii_case(host))
        || authority(base_url).is_some_and(|own| own == origin);
    if is_own { Ok(()) } else { Err(Refusal::Foreign) }
}

/// Whether browsers reach the service over HTTPS.
pub(crate) fn is_https(base_url: &str) -> bool {
    base_url.starts_with("https://")
}

/// The name that a cookie has in a browser.
fn full_name(name: &str, base_url: &str) -> String {
    let host = if is_https(base_url) { "__Host-" } else { "" };
    format!("{host}{name}")
}

/// The value of the cookie `name`.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str, base_url: &str) -> Option<&'a str> {
    let name = full_name(name, base_url);
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// `response` with the cookie of a session, which is good for another `left` milliseconds.
pub(crate) fn with_session(response: Response<Bytes>, text: &str, left: i64, base_url: &str) -> Response<Bytes> {
    with_cookie(response, SESSION, text, left / SECOND, base_url)
}

/// `response` after which the browser has no session any more.
pub(crate) fn without_session(response: Response<Bytes>, base_url: &str) -> Response<Bytes> {
    with_cookie(response, SESSION, "", 0, base_url)
}

/// `response` with a cookie that no script sees and no other site sends; on HTTPS it never travels otherwise. `age` in seconds.
pub(crate) fn with_cookie(
    mut response: Response<Bytes>,
    name: &str,
    value: &str,
    age: i64,
    base_url: &str,
) -> Response<Bytes> {
    let (name, secure) = (full_name(name, base_url), if is_https(base_url) { "; Secure" } else { "" });
    let cookie = format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
