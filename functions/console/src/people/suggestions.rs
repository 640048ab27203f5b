//! What was too uncertain to be done alone: who may be whom, with the evidence, to accept or to reject.

use maud::{Markup, html};
use service::http::page::PageRequest;
use service::merging::decide::AcceptRequest;
use service::merging::rejections::{ApartView, KeptApartView, kept_apart, named};
use service::merging::view::{CandidateView, SuggestionView};

use super::{back, decisions, heading, labels, path};
use crate::components::text::cut;
use crate::components::{form, link, time};
use crate::context::PageContext;
use crate::error_page::sentence;
use crate::refusal::Refusal;
use crate::{Answer, layout};

/// Suggestions on a page.
const PAGE: usize = 15;
/// Rejections below them, unless all are asked for.
const REJECTED: usize = 10;
/// Identities of a rejection that are shown; the rest is counted.
const NAMED: usize = 5;

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let page = PageRequest { limit: PAGE, ..PageRequest::read(&context.query)? };
    let uid = &context.organisation()?.uid;
    let found = context.store().suggestions(uid, page.after.as_deref(), page.look_for()).await?;
    let found = page.page(found, |record| &record.user, SuggestionView::from);
    let own = path(context, "/suggestions")?;
    let is_first = page.after.is_none();
    let mut rejected = if is_first { kept_apart(context.store(), uid).await? } else { Vec::new() };
    let all = rejected.len();
    rejected.truncate(if context.query.get("rejected") == Some("all") { all } else { REJECTED });
    let rejected = named(context.store(), uid, &rejected).await?;
    let content = html! {
        (heading(context, "/suggestions")?)
        @if found.items.is_empty() {
            div.empty {
                h2 { "Nothing to decide" }
                p {
                    "Certain matches are made automatically. Likely ones wait here for you. Suggestions need both sides: "
                    a href=(path(context, "/git")?) { "import Git users" } ", then merge."
                }
            }
        } @else {
            p.lead.loose { "Likely, but not certain: say whether they are the same person. Your decisions are kept when matching runs again." }
            @for suggestion in &found.items { (card(context, suggestion, &own)?) }
            @if let Some(next) = &found.next_cursor {
                nav.pager aria-label="Pages" { a.button href=(link::with(&own, [("cursor", next.as_str())])) { "Next" } }
            }
        }
        (apart(context, &rejected, all, &own)?)
    };
    Ok(layout::page(context, "Suggestions", content))
}

/// Whom admins keep apart, the latest first.
fn apart(context: &PageContext<'_>, rejected: &[KeptApartView], all: usize, own: &str) -> Result<Markup, Refusal> {
    let shown = |one: &ApartView| html! { (labels::name(one.identity.as_deref().unwrap_or(&cut(&one.id)))) };
    Ok(html! {
        @if !rejected.is_empty() {
            h2.section #rejected { "Kept apart by admins" }
            p.hint { "Rejected suggestions, and merges that were undone. With the last of them taken back, evidence decides again, and the suggestion may return." }
            ol.history {
                @for decision in rejected {
                    li.card {
                        div.entry {
                            div {
                                p { (shown(&decision.one)) " is not" }
                                ul.also {
                                    @for other in decision.others.iter().take(NAMED) { li { (shown(other)) } }
                                    @if decision.others.len() > NAMED {
                                        li {
                                            details {
                                                summary { "and " (decision.others.len() - NAMED) " more" }
                                                ul.also { @for other in decision.others.iter().skip(NAMED) { li { (shown(other)) } } }
                                            }
                                        }
                                    }
                                }
                            }
                            div.when {
                                small { (time::relative(decision.at, context.now)) ", by an admin" }
                                form method="post" action=(path(context, "/rejections/undo")?) {
                                    (form::token(&context.session))
                                    input type="hidden" name="rejection" value=(decision.id);
                                    input type="hidden" name="to" value=(own);
                                    button type="submit" { "Take back" }
                                }
                            }
                        }
                    }
                }
            }
            @if all > rejected.len() {
                p.below { a href=(link::with(own, [("rejected", "all")])) { "and " (all - rejected.len()) " more" } }
            }
        }
    })
}

/// A suggestion with its candidates. What is decided leads back to the page at `to`.
pub(super) fn card(context: &PageContext<'_>, suggestion: &SuggestionView, to: &str) -> Result<Markup, Refusal> {
    let who = suggestion.user.email.as_deref().unwrap_or(&suggestion.id);
    Ok(html! {
        section.card.suggestion {
            h2 { a href=(path(context, &format!("/{}", suggestion.id))?) { (labels::name(who)) } " may be" }
            ul.candidates {
                @for candidate in &suggestion.candidates { li { (one(context, suggestion, candidate, to)?) } }
            }
            form method="post" action=(path(context, "/suggestions/reject")?) {
                (form::token(&context.session))
                input type="hidden" name="suggestion" value=(suggestion.id);
                input type="hidden" name="to" value=(to);
                button type="submit" {
                    @if suggestion.candidates.len() == 1 { "No, somebody else" } @else { "None of these" }
                }
            }
        }
    })
}

fn one(
    context: &PageContext<'_>,
    suggestion: &SuggestionView,
    candidate: &CandidateView,
    to: &str,
) -> Result<Markup, Refusal> {
    let percent = format!("{:.0}", candidate.score * 100.0);
    Ok(html! {
        div.candidate {
            div.evidence {
                @for author in &candidate.git { div { (labels::author(author)) } }
                p.hint { bdi { (sentence(&candidate.reason)) } }
            }
            div.score {
                meter min="0" max="100" value=(percent) aria-label="How sure" {}
                span.number { (percent) " %" }
            }
            form method="post" action=(path(context, "/suggestions/accept")?) {
                (form::token(&context.session))
                input type="hidden" name="suggestion" value=(suggestion.id);
                input type="hidden" name="candidate" value=(candidate.id);
                input type="hidden" name="to" value=(to);
                button.primary type="submit" { "Same person" }
            }
        }
    })
}

/// Takes back that somebody is kept apart.
pub(crate) async fn take_back(context: &PageContext<'_>) -> Answer {
    let outcome = decisions(context)?.take_back(context.form.get("rejection").unwrap_or_default()).await;
    let said = outcome.map(|is_still_apart| match is_still_apart {
        true => "Taken back. Another decision below still keeps them apart.".into(),
        false => "Taken back: evidence decides again.".into(),
    });
    back(context, &path(context, "/suggestions")?, said)
}

/// Takes the person for the candidate.
pub(crate) async fn accept(context: &PageContext<'_>) -> Answer {
    let request = AcceptRequest { candidate: context.form.get("candidate").map(str::to_owned) };
    let outcome = decisions(context)?.accept(context.form.get("suggestion").unwrap_or_default(), &request).await;
    let said = outcome.map(|record| match record {
        Some(record) => format!("Merged: {} now has a match in Git.", record.email.unwrap_or(record.person)),
        None => "Saved. The next merge links them.".into(),
    });
    back(context, &path(context, "/suggestions")?, said)
}

/// The person is not one of the candidates.
pub(crate) async fn reject(context: &PageContext<'_>) -> Answer {
    let outcome = decisions(context)?.reject(context.form.get("suggestion").unwrap_or_default()).await;
    let said = outcome.map(|()| "Rejected: they are kept apart, until you take it back below.".into());
    back(context, &path(context, "/suggestions")?, said)
}
