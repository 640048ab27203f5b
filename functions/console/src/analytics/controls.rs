//! Which days are shown, and what can be chosen instead.

use bytes::Bytes;
use http::{Response, StatusCode};
use maud::{Markup, html};
use service::report::error::QuestionError;

use super::about::{self, MAIN};
use super::mistake::Mistake;
use super::period::{PRESETS, Period};
use super::scope::{FILTER, Scope, VALUE};
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
        Mistake::Question(QuestionError::UnknownWho { .. }) => "Everybody is listed instead",
        Mistake::Question(QuestionError::UnknownAttribute { .. } | QuestionError::Values { .. }) => "It is left out",
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
                @for (title, month) in Period::months(today) {
                    a href=(scope.with_period(&month)) aria-current=[(month == scope.period).then_some("true")] { (title) }
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
            (adding(context, scope, path)?)
        }
        p.hint.zone {
            (scope.period.words()) ", days of " (context.organisation()?.settings.timezone) "."
        }
    })
}

/// A form that narrows the numbers by anything: what, and to which value.
fn adding(context: &PageContext<'_>, scope: &Scope<'_>, path: &str) -> Result<Markup, Refusal> {
    let organisation = context.organisation()?;
    let others = about::others(organisation);
    let names = MAIN.into_iter().chain(others.iter().map(|name| &**name));
    let (from, to) = (scope.period.from.to_string(), scope.period.to.to_string());
    Ok(html! {
        details.adding {
            summary { "Filter" }
            form action={ "/orgs/" (organisation.org) "/" (path) } {
                input type="hidden" name="from" value=(from);
                input type="hidden" name="to" value=(to);
                @for (name, value) in scope.beside_period() { input type="hidden" name=(name) value=(value); }
                label.hidden for="filter" { "What is narrowed" }
                select #filter name=(FILTER) {
                    @for name in names.filter(|name| !about::is_time(name)) { option value=(name) { (about::title(name)) } }
                }
                label.hidden for="value" { "To which value" }
                input #value name=(VALUE) required maxlength="200" autocomplete="off" placeholder="Name, or several with commas; none";
                button type="submit" { "Add" }
            }
        }
    })
}
