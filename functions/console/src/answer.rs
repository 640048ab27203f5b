//! Answers: pages, ways elsewhere, and the headers that every one of them has.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use maud::Markup;
use model::base_url::BaseUrl;
use service::http::reply;

use crate::context::PageContext;
use crate::cookies::is_https;
use crate::flash::{Flash, Tone};

/// Nothing runs, styles or frames a page but what is served here, and nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What pages could ask a browser for and none of ours does.
const PERMISSIONS: &str = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
     microphone=(), midi=(), payment=(), usb=()";

/// The longest part of the name of a file that says what alone is in it, in bytes.
const LONGEST: usize = 80;

/// Half a year without HTTP. Of other names below this one the service knows nothing, so it speaks for its own alone.
const HTTPS_ONLY: &str = "max-age=15768000";

/// No other site has a page, a part of one or a window of ours.
const ISOLATION: [HeaderName; 2] =
    [HeaderName::from_static("cross-origin-resource-policy"), HeaderName::from_static("cross-origin-opener-policy")];

/// A page or a part of one. Nothing keeps it: many have a person or a secret in them.
pub(crate) fn page(status: StatusCode, content: Markup) -> Response<Bytes> {
    reply::text(status, "text/html; charset=utf-8", content.into_string())
}

/// A table for spreadsheets, which a browser keeps under this name.
pub(crate) fn table(name: &str, content: Vec<u8>) -> Response<Bytes> {
    let mut response = reply::text(StatusCode::OK, "text/csv; charset=utf-8", content);
    if let Ok(name) = HeaderValue::try_from(format!("attachment; filename=\"{name}\"")) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    response
}

/// What the name of a file says of what alone is in it: names and values, as far as they fit. Nothing if it has all.
pub(crate) fn narrowed<'a>(by: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut said = String::new();
    for (name, value) in by.into_iter().filter(|(_, value)| !value.is_empty()) {
        let words = format!("{name} {value}").to_lowercase();
        let words = words.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        words.for_each(|word| said.extend(["-", word]));
    }
    said.truncate(LONGEST);
    said
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
pub(crate) fn done(context: &PageContext<'_>, path: &str, said: impl Into<String>) -> Response<Bytes> {
    tell(see(path), &Flash { tone: Tone::Good, text: said.into() }, context)
}

/// The answer to a change that was not made, for a reason that the admin can do something about.
pub(crate) fn refused(context: &PageContext<'_>, path: &str, said: impl Into<String>) -> Response<Bytes> {
    tell(see(path), &Flash { tone: Tone::Bad, text: said.into() }, context)
}

fn tell(response: Response<Bytes>, flash: &Flash, context: &PageContext<'_>) -> Response<Bytes> {
    flash.left_with(response, &context.session, context.base_url)
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
pub(crate) fn over_https(mut response: Response<Bytes>, base_url: &BaseUrl) -> Response<Bytes> {
    if is_https(base_url) {
        response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_says_what_alone_is_in_it_and_nothing_else_than_letters() {
        assert_eq!(narrowed([("team", "Core"), ("find", "")]), "-team-core");
        assert_eq!(
            narrowed([("user", "jane@example.com"), ("branch", "a\"b/../c")]),
            "-user-jane-example-com-branch-a-b-c"
        );
        assert_eq!((narrowed([]), narrowed([("team", "é".repeat(90).as_str())])), (String::new(), "-team".into()));
        assert_eq!(narrowed([("team", "x".repeat(200).as_str())]).len(), LONGEST);
    }
}
