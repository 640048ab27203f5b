//! Settings > AI Tools > Claude Code.

use maud::html;

use crate::visit::Visit;
use crate::{Answer, layout};

/// The page.
pub(crate) async fn show(visit: &Visit<'_>) -> Answer {
    let organisation = visit.organisation()?;
    let content = html! {
        h1 { "Claude Code" }
        p { (organisation.settings.name) }
    };
    Ok(layout::page(visit, "Claude Code", content))
}
