//! A configuration as a file: what a link saves and the script copies.

use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use service::http::Problem;
use service::http::reply;
use service::organisations::settings::{document, select};

use crate::Answer;
use crate::context::PageContext;

/// The file.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let variant = context.values.get(1).map_or("", AsRef::as_ref);
    let app = context.app;
    let selection = select(variant, context.query.pairs())?;
    let document = document(&app.store, &app.secrets, organisation, &selection, context.base_url).await?;
    let disposition = format!("attachment; filename=\"{}\"", document.file_name);
    let mut response = reply::text(StatusCode::OK, document.content_type, document.body);
    let disposition = HeaderValue::try_from(disposition).map_err(|_| Problem::Internal)?;
    response.headers_mut().insert(CONTENT_DISPOSITION, disposition);
    Ok(response)
}
