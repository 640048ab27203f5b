//! Analytics: Numbers.

use maud::html;

use crate::visit::Visit;
use crate::{Answer, layout};

/// The page.
pub(crate) async fn show(visit: &Visit<'_>) -> Answer {
    let organisation = visit.organisation()?;
    let content = html! {
        h1 { "Analytics" }
        div.empty {
            h2 { "Nothing yet" }
            p {
                "Once Claude Code sends telemetry, it shows here. "
                a href={ "/orgs/" (organisation.org) "/settings/claude-code" } { "Deploy the settings" } "."
            }
        }
    };
    Ok(layout::page(visit, "Analytics", content))
}
