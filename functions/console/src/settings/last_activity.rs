//! Last Activity: what arrived last, by signal.

use http::StatusCode;
use maud::{Markup, html};
use model::organisation::Organisation;
use service::people::directory::Directory;
use service::report::status::{SignalView, SignalsView, UsersView};

use crate::components::{number, time};
use crate::context::PageContext;
use crate::{Answer, answer};

/// The part of the page alone.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let directory = Directory::read(context.store(), &organisation.uid).await?;
    Ok(answer::page(StatusCode::OK, content(context, organisation, &directory)))
}

pub(super) fn content(context: &PageContext<'_>, organisation: &Organisation, directory: &Directory) -> Markup {
    let signals = SignalsView::of(directory);
    let users = UsersView::of(directory, context.now);
    let last = directory.last_activity();
    html! {
        dl.tiles {
            div.tile.first {
                dt { "Last Activity" }
                dd.big { (time::relative_or(last, context.now, "Never")) }
                dd.soft {
                    @match last {
                        Some(last) => (time::exact(last)),
                        None => "Waiting for the first export",
                    }
                }
            }
            (signal("Events", "sent as logs", &signals.logs, context))
            (signal("Metrics", "", &signals.metrics, context))
            (signal("Traces", "not kept", &signals.traces, context))
            div.tile {
                dt { "People" }
                dd.big { a href={ "/orgs/" (organisation.org) "/users" } { (number::grouped(users.total as u64)) } }
                dd.soft {
                    (number::grouped(users.active_24h as u64)) " active in 24 hours"
                    @if users.unattributed > 0 { ", " (number::grouped(users.unattributed as u64)) " unattributed" }
                    @if users.automation > 0 { ", " (number::grouped(users.automation as u64)) " automated or new and without a name" }
                }
            }
        }
    }
}

fn signal(name: &str, kind: &str, signal: &SignalView, context: &PageContext<'_>) -> Markup {
    html! {
        div.tile {
            dt { (name) @if !kind.is_empty() { " " small { (kind) } } }
            dd.big { (time::relative_or(signal.last_seen, context.now, "Never")) }
            dd.soft {
                (number::grouped(signal.accepted)) " accepted"
                @if signal.rejected > 0 { ", " (number::grouped(signal.rejected)) " rejected" }
            }
        }
    }
}
