//! Disabling and erasing the organisation.

use maud::{Markup, html};
use model::organisation::{Organisation, State};

use super::address;
use crate::components::{form, time};
use crate::context::PageContext;

pub(super) fn section(context: &PageContext<'_>, organisation: &Organisation) -> Markup {
    let settings = &organisation.settings;
    html! {
        section.card #life aria-labelledby="life-title" {
            h2 #life-title { "Organisation" }
            dl.facts {
                div { dt { "Name" } dd { bdi { (settings.name) } } }
                div { dt { "Short name" } dd { code { (organisation.org) } } }
                div { dt { "Enabled" } dd { (time::relative(organisation.created_at, context.now)) } }
                div { dt { "Time zone" } dd { (settings.timezone) } }
                div { dt { "Retention" } dd { (settings.retention_days) " days" } }
                div { dt { "Names of tools" } dd { @if settings.store_tool_names { "Kept" } @else { "Not kept" } } }
                div { dt { "Prompts, replies and contents of tools" } dd { @if settings.store_content { "Kept" } @else { "Not kept" } } }
            }
            details {
                summary { "Disable or erase" }
                div.fields.wide {
                    @if organisation.state == State::Enabled {
                        (ending(context, organisation, "disable", "Disable",
                            "Every export is refused and lost from this moment. What was collected stays, and enabling it again makes a new token."))
                    }
                    (ending(context, organisation, "purge", "Erase",
                        "Everything is erased for good: tokens, events, people, numbers, decisions. Nobody can bring it back."))
                }
            }
        }
    }
}

fn ending(context: &PageContext<'_>, organisation: &Organisation, action: &str, title: &str, cost: &str) -> Markup {
    html! {
        form.panel method="post" action={ (address(organisation)) "/" (action) } {
            (form::token(&context.session))
            h4 { (title) }
            p { (cost) }
            label for={ "confirm-" (action) } { "Type " code { (organisation.org) } " to confirm" }
            input id={ "confirm-" (action) } name="confirm" required autocomplete="off" autocapitalize="none" spellcheck="false";
            p.actions { button.danger type="submit" { (title) " " (organisation.org) } }
        }
    }
}
