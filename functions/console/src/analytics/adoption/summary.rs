//! The figures that the page begins with.

use maud::{Markup, html};
use model::bucket::Bucket;
use model::calendar::Calendar;
use service::report::adoption::{Adoption, Became, Who};

use super::super::headline::Headline;
use super::super::scope::Scope;
use super::members;
use crate::components::{link, number};
use crate::context::PageContext;
use crate::refusal::Refusal;

/// A share in words, rounded down: nobody is left out of a hundred per cent.
fn percent(part: usize, whole: usize) -> String {
    (part * 100).checked_div(whole).map_or_else(|| "–".into(), |percent| format!("{percent} %"))
}

/// The figures.
pub(super) fn top(context: &PageContext<'_>, scope: &Scope<'_>, adoption: &Adoption) -> Result<Vec<Headline>, Refusal> {
    let (total, org) = (&adoption.total, &context.organisation()?.org);
    let users = format!("/orgs/{org}/users");
    let count = |number: usize| number::grouped(number as u64);
    let listed = |count: usize, who: Who, what: &str| {
        html! {
            @if count == 0 { "0 " (what) } @else { a href=(members::address(scope, Some(who))) { (number::grouped(count as u64)) " " (what) } }
        }
    };
    let missing = |who: Who, on_it: usize, of: usize, with: String| {
        html! {
            (count(on_it)) " of " (number::of(of, "person", "people")) " " (with)
            @if on_it < of { ". " (listed(of - on_it, who, "missing")) }
        }
    };
    let before = total.retained + total.lapsed;
    Ok(vec![
        match (total.committers, total.committers_with_claude) {
            (Some(committers), Some(with_claude)) => Headline {
                title: "Committers who use it",
                value: percent(total.committers_active, committers),
                note: html! {
                    (count(total.committers_active)) " of " (count(committers)) " in these days; "
                    (percent(with_claude, committers)) " ever did. "
                    @if with_claude < committers {
                        a href=(link::with(&users, [("state", "git")])) { (count(committers - with_claude)) " never" }
                    }
                },
            },
            _ => Headline {
                title: "Committers who use it",
                value: "–".into(),
                note: html! {
                    @if scope.filters.is_empty() {
                        a href={ (users) "/git" } { "Import Git users" } " to see how many of them use Claude Code."
                    } @else { "Git knows nothing of these filters." }
                },
            },
        },
        Headline {
            title: "Active people",
            value: count(total.active),
            note: html! { (count(before)) " in the " (scope.period.days()) " days before" },
        },
        Headline {
            title: "New",
            value: count(total.new),
            note: html! {
                (listed(total.new, Who::Became(Became::New), "new")) " at work in these days for the first time; "
                (listed(total.returned, Who::Became(Became::Returned), "returned"))
            },
        },
        Headline {
            title: "Retained",
            value: percent(total.retained, before),
            note: html! {
                @if before == 0 { "nobody was active in the days before" } @else {
                    (count(total.retained)) " of " (count(before)) " who were active before; "
                    (listed(total.lapsed, Who::Became(Became::Lapsed), "lapsed"))
                }
            },
        },
        Headline {
            title: "Latest settings",
            value: percent(total.rollout.on_it, total.rollout.of),
            note: missing(
                Who::OlderSettings,
                total.rollout.on_it,
                total.rollout.of,
                format!("use generation {}", total.rollout.generation),
            ),
        },
        Headline {
            title: "Newest version",
            value: percent(total.newest_version.on_it, total.newest_version.of),
            note: missing(
                Who::OlderVersion,
                total.newest_version.on_it,
                total.newest_version.of,
                adoption
                    .versions
                    .newest
                    .as_ref()
                    .map_or_else(|| "say a version".into(), |version| format!("use {version}")),
            ),
        },
    ])
}

/// What they are compared with, and what has to be known of where the data begins.
pub(super) fn beginning(adoption: &Adoption, scope: &Scope<'_>, context: &PageContext<'_>) -> Result<Markup, Refusal> {
    let range = scope.period.range(context.organisation()?, context.now)?;
    let calendar = Calendar::of(context.organisation()?);
    let earliest = scope.period.before().range(context.organisation()?, context.now)?.from;
    let late = adoption.data_since.filter(|since| *since > earliest && *since < range.to);
    Ok(html! {
        p.hint.compared {
            "Compared with the " (number::of(usize::try_from(scope.period.days()).unwrap_or_default(), "day", "days")) " before. Automation is not counted."
            @if let Some(since) = late {
                " Data begins on " (calendar.date(Bucket::of(since)).strftime("%-d %b %Y").to_string())
                ": everybody who was there by then counts as new."
            }
        }
    })
}
