//! What a month costs: so far, when it is over, and who or what changed it.
//!
//! [`asked`] is what the address asks for, [`days`] the chart, [`rows`] by what it is told.

mod asked;
mod days;
mod rows;

use jiff::ToSpan;
use jiff::civil::Date;
use maud::{Markup, html};
use service::people::directory::Directory;
use service::report::spend::month::Month;
use service::report::spend::{Cost, Spend};

use self::asked::Asked;
use super::controls::{page as page_of, said};
use super::narrowing;
use super::tabs::tabs;
use super::tiles::who_says;
use crate::components::number;
use crate::context::PageContext;
use crate::{Answer, answer};

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let (asked, mistake) = Asked::read(context, organisation)?;
    let directory = Directory::read(context.store(), &organisation.uid).await?;
    let spend = asked.request.answer(context.store(), organisation, &directory, context.now).await?;
    let without = |by: &str| {
        let filters: Vec<(&str, &str)> = asked.filters.iter().copied().filter(|(name, _)| *name != by).collect();
        asked.address("spend", &asked.request.month.name(), asked.by, &filters)
    };
    let content = html! {
        h1 { "Spend" }
        (tabs(context, &asked.kept())?)
        @if let Some(mistake) = &mistake { div.notice.bad role="alert" { p { (said(mistake)) } } }
        (months(&asked))
        (narrowing::chips((asked.org, &asked.kept_of_person()), &asked.filters, &directory, &without))
        @if spend.total == Cost::default() && spend.previous_month == 0 {
            div.empty {
                h2 { "No cost in " (words(asked.request.month.first)) }
                p {
                    "The whole month has none, nor has the one before. Costs appear within two minutes of work with Claude Code."
                    @if !asked.filters.is_empty() { " Take a filter away to see the others." }
                }
            }
        } @else {
            (totals(&asked, &spend))
            (days::chart(&asked, &spend, &directory))
            (rows::movers(&asked, &spend, &directory))
            (rows::section(context, &asked, &spend, &directory)?)
        }
    };
    Ok(page_of(context, "Spend", content, mistake.as_ref()))
}

/// The rows as a table for spreadsheets.
pub(crate) async fn csv(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let (asked, mistake) = Asked::read(context, organisation)?;
    if let Some(mistake) = mistake {
        return Err(mistake.into());
    }
    let directory = Directory::read(context.store(), &organisation.uid).await?;
    let spend = asked.request.answer(context.store(), organisation, &directory, context.now).await?;
    let table = rows::table(&asked, &spend, &directory).csv(asked.order, asked.find)?;
    let by = asked.by.replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let narrowed = answer::narrowed(asked.filters.iter().copied().chain([("find", asked.find)]));
    let name = format!("claude-code-{}-spend-{}-by-{by}{narrowed}.csv", asked.org, asked.request.month.name());
    Ok(answer::table(&name, table))
}

/// `November 2026`.
fn words(first: Date) -> String {
    first.strftime("%B %Y").to_string()
}

/// The month, and the way to others.
fn months(asked: &Asked<'_>) -> Markup {
    let Month { first, today, .. } = asked.request.month;
    let (before, after) = (first.saturating_sub(1.month()), first.saturating_add(1.month()));
    html! {
        nav.months aria-label="Month" {
            a.button href=(asked.month(before)) rel="prev" { (words(before)) }
            strong { (words(first)) @if today.is_some() { ", to date" } }
            @if today.is_none() { a.button href=(asked.month(after)) rel="next" { (words(after)) } }
        }
    }
}

fn totals(asked: &Asked<'_>, spend: &Spend) -> Markup {
    let Month { first, last, today, .. } = asked.request.month;
    let before = words(first.saturating_sub(1.month()));
    let title = if today.is_some() { "Month to date" } else { "Whole month" };
    html! {
        section.totals aria-label="Totals" {
            div.total.first {
                h2 { (title) }
                p.value { (asked.money(spend.total.now)) }
                p.before {
                    @if spend.total.before > 0 {
                        span.change { (asked.change(spend.total.change())) } " · "
                        span.soft { (asked.money(spend.total.before)) " in the same part of " (before) }
                    } @else { span.soft { "nothing in the same part of " (before) } }
                }
                p.note { (who_says(spend.basis, spend.total.without)) }
            }
            @if today.is_some() {
                div.total {
                    h2 { "Forecast" }
                    @match &spend.forecast {
                        Some(found) => {
                            p.value { (asked.money(found.expected)) }
                            p.note {
                                (asked.money(found.low)) " to " (asked.money(found.high)) " by " (last.strftime("%-d %B").to_string())
                                ", if the remaining days cost what their weekdays did in the cheapest or the dearest of the last "
                                (number::of(usize::try_from(found.weeks).unwrap_or_default(), "week", "weeks")) "."
                            }
                        }
                        None => {
                            p.value { "–" }
                            p.note { "It needs a week of costs to tell weekdays apart." }
                        }
                    }
                }
            }
            div.total { h2 { (before) } p.value { (asked.money(spend.previous_month)) } p.note { "the whole month" } }
            div.total {
                h2 { "Saved by the cache" }
                p.value { @match spend.cache_savings { Some(saved) => (asked.money(saved.max(0))), None => "–" } }
                p.note {
                    @match spend.cache_savings {
                        Some(saved) if saved < 0 => { "writing to it cost " (asked.money(saved.saturating_abs())) " more than reading saved" }
                        Some(_) => "by list prices, against reading the same tokens anew",
                        None => "the price of no model is known",
                    }
                }
            }
        }
    }
}
