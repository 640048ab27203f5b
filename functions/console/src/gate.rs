//! Who asks, and whether their browser was on a page of ours when it did.

use bytes::Bytes;
use http::header::{COOKIE, HOST, ORIGIN};
use http::{HeaderMap, HeaderValue, Request, Uri};
use shared::auth::session::{LIFETIME, Session};
use shared::time::{Millis, SECOND};

use crate::App;
use crate::failure::Refusal;

/// Name of the cookie of the session.
pub(crate) const SESSION: &str = "session";

/// The session of a request.
///
/// # Errors
/// There is none, it is over, or nobody can say now.
pub(crate) async fn session(app: &App, request: &Request<Bytes>, now: Millis) -> Result<Session, Refusal> {
    let Some(text) = cookie(request.headers(), SESSION) else { return Err(Refusal::SignedOut { expired: false }) };
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

/// The value of the cookie `name`.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The header that begins a session, or ends one when there is none.
pub(crate) fn set_session(session: Option<&Session>, base_url: &str) -> Option<HeaderValue> {
    let (text, age) = session.map_or(("", 0), |session| (session.text(), LIFETIME / SECOND));
    HeaderValue::try_from(set_cookie(SESSION, text, age, base_url)).ok()
}

/// A cookie that no script sees and no other site sends; on HTTPS it never travels otherwise. `age` in seconds.
pub(crate) fn set_cookie(name: &str, value: &str, age: i64, base_url: &str) -> String {
    let secure = if base_url.starts_with("https://") { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}")
}
