//! Which days are shown, and what can be chosen instead.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};
use service::report::error::QuestionError;

use super::mistake::Mistake;
use super::period::{PRESETS, Period};
use super::scope::Scope;
use crate::context::PageContext;
use crate::layout;
use crate::refusal::Refusal;

/// The page, which is a refusal too if its address made no sense in part.
pub(super) fn page(
    context: &PageContext<'_>,
    title: &str,
    content: Markup,
    mistake: Option<&Mistake>,
) -> Response<Bytes> {
    let mut response = layout::page(context, title, content);
    if mistake.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    response
}

/// What is wrong with an address, and what is shown in its place.
pub(super) fn said(mistake: &Mistake) -> String {
    let (parameter, detail, allowed) = mistake.parts();
    let instead = match mistake {
        Mistake::Breakdown(_) => "People are listed instead",
        Mistake::Question(QuestionError::NoMonth | QuestionError::FutureMonth) => "This month is shown instead",
        Mistake::Question(QuestionError::UnknownSpendBy { .. }) => "Teams are listed instead",
        Mistake::Question(QuestionError::UnknownAttribute { .. } | QuestionError::Values { .. }) => {
            "The numbers of all are shown instead"
        }
        _ => "The last 30 days are shown instead",
    };
    format!("{parameter}: {detail}. Allowed: {allowed}. {instead}.")
}

/// What was chosen and can be, on the page at `path` below the organisation's.
pub(super) fn controls(
    context: &PageContext<'_>,
    scope: &Scope<'_>,
    mistake: Option<&Mistake>,
    path: &str,
) -> Result<Markup, Refusal> {
    let today = Period::today(context.organisation()?, context.now);
    Ok(html! {
        @if let Some(mistake) = mistake { div.notice.bad role="alert" { p { (said(mistake)) } } }
        div.filter {
            nav.choices aria-label="Period" {
                @for days in PRESETS {
                    @let preset = Period::last(days, today);
                    a href=(scope.with_period(&preset)) aria-current=[(preset == scope.period).then_some("true")] {
                        (days) " days"
                    }
                }
            }
            form.dates action={ "/orgs/" (context.organisation()?.org) "/" (path) } {
                @for (name, value) in scope.beside_period() { input type="hidden" name=(name) value=(value); }
                label for="from" { "From" }
                input #from type="date" name="from" value=(scope.period.from) required;
                label for="to" { "to" }
                input #to type="date" name="to" value=(scope.period.to) required;
                button type="submit" { "Show" }
            }
        }
        p.hint.zone {
            (scope.period.words()) ", days of " (context.organisation()?.settings.timezone) "."
        }
    })
}
