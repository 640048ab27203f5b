//! Answers: pages, ways elsewhere, and the headers that every one of them has.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use maud::Markup;
use shared::auth::session::Session;
use shared::http::reply;

use crate::gate;
use crate::visit::Visit;

/// Nothing runs, styles or frames a page but what is served here, and nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What pages could ask a browser for and none of ours does.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), usb=()";

/// Half a year without HTTP. Of other names below this one the service knows nothing, so it speaks for its own alone.
const HTTPS_ONLY: &str = "max-age=15768000";

/// No other site has a page, a part of one or a window of ours.
const ISOLATION: [HeaderName; 2] =
    [HeaderName::from_static("cross-origin-resource-policy"), HeaderName::from_static("cross-origin-opener-policy")];

/// Name of the cookie of what is to be said on the next page.
const FLASH: &str = "flash";
/// How long that is remembered, in seconds.
const FLASH_AGE: i64 = 60;

/// A page or a part of one. Nothing keeps it: many have a person or a secret in them.
pub(crate) fn page(status: StatusCode, content: Markup) -> Response<Bytes> {
    reply::text(status, "text/html; charset=utf-8", content.into_string())
}

/// The way to another page, by GET. `path` is one of ours.
pub(crate) fn see(path: &str) -> Response<Bytes> {
    let mut response = reply::text(StatusCode::SEE_OTHER, "text/plain", "");
    // A path with anything that no header may have leads to the beginning.
    let location = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, location);
    response
}

/// The answer to a change: the way to `path`, where `said` is shown once.
pub(crate) fn done(visit: &Visit<'_>, path: &str, said: impl Into<String>) -> Response<Bytes> {
    tell(see(path), &Flash { tone: Tone::Good, text: said.into() }, visit)
}

/// The answer to a change that was not made, for a reason that the admin can do something about.
pub(crate) fn refused(visit: &Visit<'_>, path: &str, said: impl Into<String>) -> Response<Bytes> {
    tell(see(path), &Flash { tone: Tone::Bad, text: said.into() }, visit)
}

fn tell(response: Response<Bytes>, flash: &Flash, visit: &Visit<'_>) -> Response<Bytes> {
    gate::with_cookie(response, FLASH, &flash.written(&visit.session), FLASH_AGE, visit.base_url)
}

/// The page that shows a flash also forgets it.
pub(crate) fn forget_flash(response: Response<Bytes>, base_url: &str) -> Response<Bytes> {
    gate::with_cookie(response, FLASH, "", 0, base_url)
}

/// `response` with what every answer of the console has.
pub(crate) fn secured(mut response: Response<Bytes>) -> Response<Bytes> {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // With `no-referrer` a browser would hide the origin of our own forms from us, too.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS));
    for name in ISOLATION {
        headers.insert(name, HeaderValue::from_static("same-origin"));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// `response` to a browser that reached the service at `base_url`: over HTTPS if that is possible, and then never otherwise.
pub(crate) fn over_https(mut response: Response<Bytes>, base_url: &str) -> Response<Bytes> {
    if gate::is_https(base_url) {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
    }
    response
}

/// Whether something went well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// It is done.
    Good,
    /// It is not.
    Bad,
}

/// A sentence that one page leaves for the next one of the session to show. It travels in a cookie, so it never has a secret in it;
/// and it has the session's seal, so that nobody else puts words into the console's mouth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flash {
    /// Whether it is good news.
    pub(crate) tone: Tone,
    /// The sentence.
    pub(crate) text: String,
}

impl Flash {
    fn written(&self, session: &Session) -> String {
        let tone = if self.tone == Tone::Good { 'g' } else { 'b' };
        // Cookies are short.
        let text: String = self.text.chars().take(400).collect();
        let written = format!("{tone}{}", URL_SAFE_NO_PAD.encode(text));
        let seal = session.seal(&written);
        format!("{written}.{seal}")
    }

    /// What the page before left.
    pub(crate) fn read(visit: &Visit<'_>) -> Option<Self> {
        let (written, seal) = gate::cookie(visit.request.headers(), FLASH, visit.base_url)?.split_once('.')?;
        if !visit.session.is_sealed(written, seal) {
            return None;
        }
        let tone = if written.starts_with('g') { Tone::Good } else { Tone::Bad };
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(written.get(1..)?).ok()?).ok()?;
        (!text.is_empty()).then_some(Self { tone, text })
    }
}
