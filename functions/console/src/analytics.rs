//! Analytics: what people do with Claude Code, in numbers.
//!
//! [`period`] is which days are asked for, [`scope`] everything else that an address asks and what is read for it, [`mistake`] what
//! can be wrong with it; [`tiles`] are the
//! totals beside the period before, [`trend`] and [`chart`] the days, [`breakdown`] who or what they are about.

mod breakdown;
mod chart;
mod column;
mod mistake;
mod period;
mod scope;
mod tiles;
mod trend;

use http::header::CONTENT_DISPOSITION;
use http::{HeaderValue, StatusCode};
use maud::{Markup, html};
use service::http::reply;

use crate::components::text::name as people_name;
use crate::context::PageContext;
use crate::refusal::Refusal;
use crate::{Answer, layout};

use period::{PRESETS, Period};
use scope::{Numbers, Scope};

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let (scope, mistake) = match Scope::read(context, organisation) {
        Ok(scope) => (scope, None),
        Err(mistake) => {
            let (parameter, detail, allowed) = mistake.parts();
            let said = format!("{parameter}: {detail}. Allowed: {allowed}. The last 30 days are shown instead.");
            (Scope::usual(context, organisation), Some(said))
        }
    };
    let numbers = scope.numbers(context).await?;
    let content = html! {
        div.heading.split {
            h1 { "Analytics" }
            a.button href=(scope.table_address(context, "day")?) download { "CSV by day" }
        }
        @if let Some(mistake) = &mistake { div.notice.bad role="alert" { p { (mistake) } } }
        (controls(context, &scope, &numbers)?)
        @if numbers.is_empty() { (nothing(context)?) } @else {
            (tiles::tiles(&numbers, &scope.period))
            (trend::trends(&numbers, &scope.period))
            (breakdown::section(context, &scope, &numbers)?)
        }
    };
    let mut response = layout::page(context, "Analytics", content);
    if mistake.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

fn controls(context: &PageContext<'_>, scope: &Scope<'_>, numbers: &Numbers) -> Result<Markup, Refusal> {
    let today = Period::today(context.organisation()?, context.now);
    Ok(html! {
        div.filter {
            nav.choices aria-label="Period" {
                @for days in PRESETS {
                    @let preset = Period::last(days, today);
                    a href=(scope.with_period(&preset)) aria-current=[(preset == scope.period).then_some("true")] {
                        (days) " days"
                    }
                }
            }
            form.dates action=(scope.path(context)?) {
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
            @if let Some(user) = &numbers.user {
                " Only " (people_name(user)) ". " a href=(scope.of_everybody()) { "Everybody" }
            }
        }
    })
}

fn nothing(context: &PageContext<'_>) -> Result<Markup, Refusal> {
    Ok(html! {
        div.empty {
            h2 { "No activity in these days" }
            p {
                "Numbers appear within two minutes of work with Claude Code. Choose another period, "
                a href={ "/orgs/" (context.organisation()?.org) "/settings/claude-code" } { "deploy the settings" }
                ", or see in " a href={ "/orgs/" (context.organisation()?.org) "/health" } { "Health" } " whether anything arrives."
            }
        }
    })
}

/// The same numbers for spreadsheets.
pub(crate) async fn table(context: &PageContext<'_>) -> Answer {
    let scope = Scope::read(context, context.organisation()?)?;
    let table = scope.table(context).await?;
    let mut response = reply::text(StatusCode::OK, "text/csv; charset=utf-8", table);
    let name = format!("attachment; filename=\"claude-code-{}-{}.csv\"", scope.period.from, scope.period.to);
    if let Ok(name) = HeaderValue::try_from(name) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
