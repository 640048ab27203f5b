//! Whether a browser was on a page of ours when it sent a request.

use bytes::Bytes;
use http::header::{HOST, ORIGIN};
use http::{HeaderValue, Request, Uri};
use model::base_url::BaseUrl;

use crate::refusal::Refusal;

/// Refuses what a page of another site sent. A browser says where a POST comes from; what says nothing is no browser, and has no
/// cookie that it did not get itself.
///
/// # Errors
/// It comes from elsewhere.
pub(crate) fn check_origin(request: &Request<Bytes>, base_url: &BaseUrl) -> Result<(), Refusal> {
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
        || authority(base_url.as_str()).is_some_and(|own| own == origin);
    if is_own { Ok(()) } else { Err(Refusal::Foreign) }
}
