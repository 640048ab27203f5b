//! What was too uncertain to be done alone: who may be whom, with the evidence, to accept or to reject.

use maud::{Markup, html};
use shared::http::page::PageRequest;
use shared::merging::decide::AcceptRequest;
use shared::merging::view::{CandidateView, SuggestionView};

use super::{back, desk, heading, path, words};
use crate::failure::{Refusal, sentence};
use crate::parts::{form, link};
use crate::visit::Visit;
use crate::{Answer, layout};

/// Suggestions on a page.
const PAGE: usize = 15;

/// The page.
pub(crate) async fn show(visit: &Visit<'_>) -> Answer {
    let page = PageRequest { limit: PAGE, ..PageRequest::read(&visit.query)? };
    let uid = &visit.organisation()?.uid;
    let found = visit.store().suggestions(uid, page.after.as_deref(), page.look_for()).await?;
    let found = page.page(found, |record| &record.user, SuggestionView::from);
    let own = path(visit, "/suggestions")?;
    let content = html! {
        (heading(visit, "/suggestions")?)
        @if found.items.is_empty() {
            div.empty {
                h2 { "Nothing to decide" }
                p {
                    "Whatever is certain is merged by itself; what is only likely waits here for you. Suggestions need both sides: "
                    a href=(path(visit, "/git")?) { "import Git users" } ", then merge."
                }
            }
        } @else {
            p.lead.loose { "Likely, but not certain: say whether they are the same person. Every decision can be undone, and outlives every later merge." }
            @for suggestion in &found.items { (card(visit, suggestion, &own)?) }
            @if let Some(next) = &found.next_cursor {
                nav.pager aria-label="Pages" { a.button href=(link::with(&own, [("cursor", next.as_str())])) { "Next" } }
            }
        }
    };
    Ok(layout::page(visit, "Suggestions", content))
}

/// A suggestion with its candidates. What is decided leads back to the page at `to`.
pub(super) fn card(visit: &Visit<'_>, suggestion: &SuggestionView, to: &str) -> Result<Markup, Refusal> {
    let who = suggestion.user.email.as_deref().unwrap_or(&suggestion.id);
    Ok(html! {
        section.card.suggestion {
            h2 { a href=(path(visit, &format!("/{}", suggestion.id))?) { (words::name(who)) } " may be" }
            ul.candidates {
                @for candidate in &suggestion.candidates { li { (one(visit, suggestion, candidate, to)?) } }
            }
            form method="post" action=(path(visit, "/suggestions/reject")?) {
                (form::token(visit))
                input type="hidden" name="suggestion" value=(suggestion.id);
                input type="hidden" name="to" value=(to);
                button type="submit" {
                    @if suggestion.candidates.len() == 1 { "No, somebody else" } @else { "None of these" }
                }
            }
        }
    })
}

fn one(visit: &Visit<'_>, suggestion: &SuggestionView, candidate: &CandidateView, to: &str) -> Result<Markup, Refusal> {
    let percent = format!("{:.0}", candidate.score * 100.0);
    Ok(html! {
        div.candidate {
            div.evidence {
                @for author in &candidate.git { div { (words::author(author)) } }
                p.hint { bdi { (sentence(&candidate.reason)) } }
            }
            div.score {
                meter min="0" max="100" value=(percent) aria-label="How sure" {}
                span.number { (percent) " %" }
            }
            form method="post" action=(path(visit, "/suggestions/accept")?) {
                (form::token(visit))
                input type="hidden" name="suggestion" value=(suggestion.id);
                input type="hidden" name="candidate" value=(candidate.id);
                input type="hidden" name="to" value=(to);
                button.primary type="submit" { "Same person" }
            }
        }
    })
}

/// Takes the person for the candidate.
pub(crate) async fn accept(visit: &Visit<'_>) -> Answer {
    let request = AcceptRequest { candidate: visit.form.get("candidate").map(str::to_owned) };
    let outcome = desk(visit)?.accept(visit.form.get("suggestion").unwrap_or_default(), &request).await;
    let said = outcome.map(|record| match record {
        Some(record) => format!("Merged: {} now includes what Git knows.", record.email.unwrap_or(record.person)),
        None => "Decided. The next merge puts them together.".into(),
    });
    back(visit, &path(visit, "/suggestions")?, said)
}

/// The person is none of the candidates.
pub(crate) async fn reject(visit: &Visit<'_>) -> Answer {
    let outcome = desk(visit)?.reject(visit.form.get("suggestion").unwrap_or_default()).await;
    let said = outcome.map(|()| "Rejected: they are kept apart from now on.".into());
    back(visit, &path(visit, "/suggestions")?, said)
}
