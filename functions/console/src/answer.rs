//! Answers: pages, ways elsewhere, and the headers that every one of them has.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use maud::Markup;
use shared::api::reply;

use crate::gate;
use crate::visit::Visit;

/// Nothing runs, styles or frames a page but what is served here, and nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

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
    tell(see(path), &Flash { tone: Tone::Good, text: said.into() }, visit.base_url)
}

/// The answer to a change that was not made, for a reason that the admin can do something about.
pub(crate) fn refused(visit: &Visit<'_>, path: &str, said: impl Into<String>) -> Response<Bytes> {
    tell(see(path), &Flash { tone: Tone::Bad, text: said.into() }, visit.base_url)
}

fn tell(mut response: Response<Bytes>, flash: &Flash, base_url: &str) -> Response<Bytes> {
    let cookie = gate::set_cookie(FLASH, &flash.written(), FLASH_AGE, base_url);
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The page that shows a flash also forgets it.
pub(crate) fn forget_flash(mut response: Response<Bytes>, base_url: &str) -> Response<Bytes> {
    if let Ok(cookie) = HeaderValue::try_from(gate::set_cookie(FLASH, "", 0, base_url)) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// `response` with what every answer of the console has.
pub(crate) fn secured(mut response: Response<Bytes>) -> Response<Bytes> {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // With `no-referrer` a browser would hide the origin of our own forms from us, too.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
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

/// A sentence that one page leaves for the next one to show. It travels in a cookie, so it never has a secret in it; it is text,
/// whoever wrote the cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flash {
    /// Whether it is good news.
    pub(crate) tone: Tone,
    /// The sentence.
    pub(crate) text: String,
}

impl Flash {
    fn written(&self) -> String {
        let tone = if self.tone == Tone::Good { 'g' } else { 'b' };
        // Cookies are short.
        let text: String = self.text.chars().take(400).collect();
        format!("{tone}{}", URL_SAFE_NO_PAD.encode(text))
    }

    /// What the page before left.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let written = gate::cookie(headers, FLASH)?;
        let tone = if written.starts_with('g') { Tone::Good } else { Tone::Bad };
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(written.get(1..)?).ok()?).ok()?;
        (!text.is_empty()).then_some(Self { tone, text })
    }
}
