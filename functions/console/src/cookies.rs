//! Cookies of the console.
//!
//! Under HTTPS the names of cookies begin with `__Host-`: a browser takes such a cookie from this very host alone, over HTTPS, for
//! all paths (RFC 6265bis, 4.1.3.2), so that neither a neighbour under the same domain nor anybody between can put one in its place.
//! Under HTTP no browser would keep it. A cookie of the one name is nothing under the other.

use bytes::Bytes;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Response};
use model::base_url::BaseUrl;

/// Whether browsers reach the service over HTTPS.
pub(crate) fn is_https(base_url: &BaseUrl) -> bool {
    base_url.is_https()
}

/// The name that a cookie has in a browser.
fn full_name(name: &str, base_url: &BaseUrl) -> String {
    let host = if is_https(base_url) { "__Host-" } else { "" };
    format!("{host}{name}")
}

/// The value of the cookie `name`, as it was sent.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str, base_url: &BaseUrl) -> Option<&'a str> {
    let name = full_name(name, base_url);
    let lines = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut cookies = lines.flat_map(Cookie::split_parse).filter_map(Result::ok);
    cookies.find(|cookie| cookie.name() == name)?.value_raw()
}

/// `response` with a cookie that no script sees and no other site sends; on HTTPS it never travels otherwise. `age` in seconds.
pub(crate) fn with_cookie(
    mut response: Response<Bytes>,
    name: &str,
    value: &str,
    age: i64,
    base_url: &BaseUrl,
) -> Response<Bytes> {
    let cookie = Cookie::build((full_name(name, base_url), value))
        .path("/")
        .max_age(Duration::seconds(age))
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_https(base_url));
    if let Ok(cookie) = HeaderValue::try_from(cookie.to_string()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}
