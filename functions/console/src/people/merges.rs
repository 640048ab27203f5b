//! The history of merges, taking one back, and running the merge.

use std::time::Instant;

use maud::{Markup, html};
use service::http::Problem;
use service::http::page::PageRequest;
use service::merging::run::{RunStatus, run as run_merge};
use service::merging::view::MergeView;

use super::{back, decisions, heading, labels, path};
use crate::components::{form, link, number, time};
use crate::context::PageContext;
use crate::error_page::sentence;
use crate::refusal::Refusal;
use crate::{Answer, layout};

/// Entries on a page.
const PAGE: usize = 25;
/// Identities of an entry that are shown; the rest is counted.
const SHOWN: usize = 5;

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let page = PageRequest { limit: PAGE, ..PageRequest::read(&context.query)? };
    let uid = &context.organisation()?.uid;
    let found = context.store().merges(uid, page.after.as_deref(), page.look_for()).await?;
    let found = page.page(found, |record| &record.id, MergeView::from);
    let own = path(context, "/merges")?;
    let content = html! {
        (heading(context, "/merges")?)
        @if found.items.is_empty() {
            div.empty {
                h2 { "No merges yet" }
                p {
                    "Once telemetry and Git users are both known, the merge links entries that certainly belong to the same person. "
                    a href=(path(context, "/git")?) { "Import Git users" } ", then merge."
                }
            }
        } @else {
            (list(context, &found.items, &own)?)
            @if let Some(next) = &found.next_cursor {
                nav.pager aria-label="Pages" { a.button href=(link::with(&own, [("cursor", next.as_str())])) { "Older" } }
            }
        }
    };
    Ok(layout::page(context, "Merges", content))
}

/// Entries of the history. An undo leads back to the page at `to`.
pub(super) fn list(context: &PageContext<'_>, entries: &[MergeView], to: &str) -> Result<Markup, Refusal> {
    Ok(html! {
        ol.history { @for entry in entries { li.card { (one(context, entry, to)?) } } }
    })
}

fn one(context: &PageContext<'_>, entry: &MergeView, to: &str) -> Result<Markup, Refusal> {
    let who = entry.person.name.as_deref().or(entry.person.email.as_deref()).unwrap_or(&entry.person.id);
    let by = if entry.by == "merge" { "automatically" } else { "by an admin" };
    Ok(html! {
        div.entry {
            div {
                p {
                    a href=(path(context, &format!("/{}", entry.person.id))?) { (labels::name(who)) }
                    @if entry.joined.is_empty() { " was unlinked from " (number::of(entry.released.len(), "identity", "identities")) }
                    @else { " was linked to" }
                }
                @if !entry.joined.is_empty() {
                    ul.also {
                        @for joined in entry.joined.iter().take(SHOWN) {
                            li { (labels::name(if joined.identity.is_empty() { &joined.id } else { &joined.identity })) }
                        }
                        @if entry.joined.len() > SHOWN {
                            li { a href=(path(context, &format!("/{}", entry.person.id))?) { "and " (entry.joined.len() - SHOWN) " more" } }
                        }
                    }
                }
                p.hint { bdi { (sentence(&entry.reason)) } }
            }
            div.when {
                @if let Some(at) = entry.undone_at {
                    span.badge { "Undone" }
                    small { (time::relative(at, context.now)) }
                } @else {
                    small { (time::relative(entry.at, context.now)) ", " (by) }
                    @if !entry.joined.is_empty() {
                        form method="post" action=(path(context, "/merges/undo")?) {
                            (form::token(&context.session))
                            input type="hidden" name="merge" value=(entry.id);
                            input type="hidden" name="to" value=(to);
                            button type="submit" aria-label={ "Undo the merge of " (who) } { "Undo" }
                        }
                    }
                }
            }
        }
    })
}

/// Takes a merge back.
pub(crate) async fn undo(context: &PageContext<'_>) -> Answer {
    let outcome = decisions(context)?.undo(context.form.get("merge").unwrap_or_default()).await;
    let said = outcome.map(|record| match record {
        Some(record) => {
            let who = record.name.or(record.email).unwrap_or(record.person);
            format!("Undone: {who} is separate again and will not be merged automatically.")
        }
        None => "Saved. With this many people it takes a while: the next merge undoes it.".into(),
    });
    back(context, &path(context, "/merges")?, said)
}

/// Runs the merge and says what came of it.
pub(crate) async fn run(context: &PageContext<'_>) -> Answer {
    let begun = Instant::now();
    let uid = &context.organisation()?.uid;
    let ran = run_merge(context.store(), uid, context.now, begun + context.app.patience).await?;
    let said = match ran {
        RunStatus::Done(outcome) => format!(
            "Matching finished: {} merged, {} to decide, {} without a match, {}.",
            number::of(outcome.merged, "person is", "people are"),
            number::of(outcome.suggested, "suggestion", "suggestions"),
            number::of(outcome.unmatched, "person", "people"),
            number::of(outcome.conflicts, "conflict", "conflicts"),
        ),
        RunStatus::Unfinished => format!(
            "Not done after {} seconds. What was merged stays merged: merge again to continue from there, or leave it to the \
             nightly merge.",
            context.app.patience.as_secs()
        ),
    };
    back(context, &path(context, "/merges")?, Ok::<_, Problem>(said))
}
