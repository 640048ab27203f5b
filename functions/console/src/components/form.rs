//! Forms.

use std::borrow::Cow;

use bytes::Bytes;
use http::Request;
use http::header::CONTENT_TYPE;
use maud::{Markup, html};
use multer::Multipart;
use service::auth::session::Session;
use service::http::Problem;
use service::http::query::Query;

/// Name of the field that shows that a form is of the session.
pub(crate) const TOKEN: &str = "form_token";

/// What every form that changes something contains.
pub(crate) fn token(session: &Session) -> Markup {
    html! { input type="hidden" name=(TOKEN) value=(session.form_token()); }
}

/// The fields of a form that was sent; none if the body is no form.
pub(crate) fn read(request: &Request<Bytes>) -> Query<'_> {
    Query::read(std::str::from_utf8(request.body()).ok())
}

/// Name of the field of a file, and of the one that its text can be put into instead.
pub(crate) const FILE: &str = "file";
/// See [`FILE`].
pub(crate) const PASTED: &str = "pasted";

/// A form that was sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sent<'a> {
    /// Its fields, but for a file.
    pub(crate) fields: Query<'a>,
    /// The file, or what was pasted instead of one; empty if neither was.
    pub(crate) upload: Bytes,
}

/// Reads a form, one with a file too.
///
/// # Errors
/// It ends too early, or is not what its type says.
pub(crate) async fn take(request: &Request<Bytes>) -> Result<Sent<'_>, Problem> {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Ok(boundary) = multer::parse_boundary(media_type) else {
        return Ok(Sent { fields: read(request), upload: Bytes::new() });
    };
    let broken =
        |_| Problem::invalid("form", "the upload ended too early, or was damaged on its way", "the whole form");
    let body = futures::stream::once(std::future::ready(Ok::<_, std::convert::Infallible>(request.body().clone())));
    let mut parts = Multipart::new(body, boundary);
    let mut sent = Sent::default();
    let mut fields: Vec<(Cow<'_, str>, Cow<'_, str>)> = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(broken)?;
        match name.as_str() {
            FILE | PASTED if bytes.is_empty() => {}
            FILE => sent.upload = bytes,
            PASTED if sent.upload.is_empty() => sent.upload = bytes,
            PASTED => {}
            _ => fields.push((name.into(), String::from_utf8_lossy(&bytes).into_owned().into())),
        }
    }
    sent.fields = fields.into_iter().collect();
    Ok(sent)
}
