//! Forms.

use bytes::Bytes;
use http::Request;
use maud::{Markup, html};
use shared::api::query::Query;

use crate::visit::Visit;

/// Name of the field that shows that a form is of the session.
pub(crate) const TOKEN: &str = "form_token";

/// What every form that changes something contains.
pub(crate) fn token(visit: &Visit<'_>) -> Markup {
    html! { input type="hidden" name=(TOKEN) value=(visit.session.form_token()); }
}

/// The fields of a form that was sent; none if the body is no form.
pub(crate) fn read(request: &Request<Bytes>) -> Query<'_> {
    Query::read(std::str::from_utf8(request.body()).ok())
}
