//! Analytics: what people do with Claude Code, in numbers.
//!
//! [`period`] is which days are asked for, [`scope`] everything else that an address asks and what is read for it, [`mistake`] what
//! can be wrong with it; [`tiles`] are the totals beside the period before, [`trend`], [`stack`] and [`chart`] the days, [`breakdown`] who or what
//! they are about, [`about`] what that can be, [`controls`] and [`narrowing`] what is chosen. [`sessions`] are the same work one
//! by one, [`session`] is one of them with its [`timeline`]. [`spend`] is what a month costs, [`person`] what somebody did.

mod about;
mod breakdown;
mod chart;
mod column;
mod controls;
mod mistake;
mod narrowing;
mod period;
pub(crate) mod person;
mod scope;
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod spend;
mod stack;
mod tiles;
mod timeline;
mod trend;

use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use maud::{Markup, html};
use service::http::reply;

use crate::Answer;
use crate::context::PageContext;
use crate::refusal::Refusal;

use period::Period;
use scope::{Numbers, Scope};
use stack::Stack;

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let (scope, mistake) = Scope::read(context, organisation);
    let numbers = scope.numbers(context).await?;
    let stack = Stack::of(&scope, &numbers);
    // Of one person, how many there are is no news.
    let is_of_one = scope.filters.iter().any(|(name, value)| *name == "user" && !value.contains(','));
    let left_out = [stack.as_ref().map_or("", Stack::column), if is_of_one { "people" } else { "" }];
    let is_unfinished = scope.period.to == Period::today(organisation, context.now);
    let content = html! {
        div.heading.split {
            h1 { "Analytics" }
            p.actions {
                a.button href={ "/orgs/" (organisation.org) "/analytics/spend" } { "Spend" }
                a.button href={ "/orgs/" (organisation.org) "/sessions" (scope.here()) } { "Sessions" }
                a.button href=(scope.table_address(context, "day")?) download { "CSV by day" }
            }
        }
        (controls::controls(context, &scope, mistake.as_ref(), "analytics")?)
        (narrowing::filters(organisation.org.as_str(), &scope, &numbers.directory))
        @if numbers.is_empty() { (nothing(context, &scope, &numbers)?) } @else {
            (tiles::tiles(&numbers, &scope.period, is_of_one))
            @if let Some(stack) = &stack { (stack.show(trend::COUNT, scope.period.unit(), is_unfinished)) }
            (trend::trends(&numbers, &scope.period, &left_out, is_unfinished))
            (breakdown::section(context, &scope, &numbers)?)
        }
    };
    Ok(controls::page(context, "Analytics", content, mistake.as_ref()))
}

/// Why there is nothing: nobody and nothing fits the filters, or nothing arrived.
fn nothing(context: &PageContext<'_>, scope: &Scope<'_>, numbers: &Numbers) -> Result<Markup, Refusal> {
    let org = &context.organisation()?.org;
    Ok(html! {
        div.empty {
            h2 { "No activity in these days" }
            @if scope.filters.is_empty() {
                p {
                    "Numbers appear within two minutes of work with Claude Code. Choose another period, "
                    a href={ "/orgs/" (org) "/settings/claude-code" } { "deploy the settings" }
                    ", or see in " a href={ "/orgs/" (org) "/health" } { "Health" } " whether anything arrives."
                }
            } @else {
                p {
                    "Nothing from " (scope.period.words()) " is of " (narrowing::words(scope, &numbers.directory)) ". Choose another period, or "
                    a href=(Scope { filters: Vec::new(), ..scope.clone() }.here()) { "show everything" } "."
                }
            }
        }
    })
}

/// The same numbers for spreadsheets.
pub(crate) async fn table(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let (scope, mistake) = Scope::read(context, organisation);
    if let Some(mistake) = mistake {
        return Err(mistake.into());
    }
    let table = scope.table(context).await?;
    let mut response = reply::text(StatusCode::OK, "text/csv; charset=utf-8", table);
    let by = about::title(scope.table_by(context)).to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let (from, to) = (scope.period.from, scope.period.to);
    let narrowed = if scope.filters.is_empty() { "" } else { "-filtered" };
    let name = format!("attachment; filename=\"claude-code-{}-by-{by}-{from}-{to}{narrowed}.csv\"", organisation.org);
    if let Ok(name) = HeaderValue::try_from(name) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
