//! The pages of analytics, as one row of tabs. Days and filters go along.

use maud::{Markup, html};

use crate::context::PageContext;
use crate::refusal::Refusal;
use crate::route::Page;

/// Page, name, and path below the organisation.
const TABS: [(Page, &str, &str); 6] = [
    (Page::Analytics, "Overview", "analytics"),
    (Page::Spend, "Spend", "analytics/spend"),
    (Page::Adoption, "Adoption", "analytics/adoption"),
    (Page::Reliability, "Reliability", "analytics/reliability"),
    (Page::Outcome, "Outcome", "analytics/outcome"),
    (Page::Sessions, "Sessions", "sessions"),
];

/// The tabs. `kept` is what goes along in their addresses, from the question mark on.
pub(super) fn tabs(context: &PageContext<'_>, kept: &str) -> Result<Markup, Refusal> {
    let org = &context.organisation()?.org;
    Ok(html! {
        nav.tabs aria-label="Analytics" {
            @for (page, name, path) in TABS {
                a href={ "/orgs/" (org) "/" (path) (kept) } aria-current=[(page == context.page).then_some("page")] { (name) }
            }
        }
    })
}
