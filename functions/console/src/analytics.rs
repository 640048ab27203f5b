//! Analytics: what people do with Claude Code, in numbers.
//!
//! [`period`] is which days are asked for, [`scope`] everything else that an address asks and what is read for it, [`mistake`] what
//! can be wrong with it; [`tabs`] lead from page to page; [`tiles`] are the totals beside the period before, [`trend`], [`stack`] and
//! [`chart`] the days, [`breakdown`] who or what they are about, [`about`] what that can be, [`controls`] and [`narrowing`] what is
//! chosen. [`sessions`] are the same work one by one, [`session`] is one of them with its [`timeline`]; [`person`] is what somebody did.
//!
//! [`spend`], [`adoption`], [`reliability`] and [`outcome`] answer a question each. The last three share the [`page`], [`headline`]s,
//! and [`table`]s of [`lines`] with [`naming`] links.

mod about;
pub(crate) mod adoption;
mod breakdown;
mod chart;
mod column;
mod controls;
mod headline;
mod lines;
mod mistake;
pub(crate) mod naming;
mod narrowing;
mod order;
pub(crate) mod outcome;
mod period;
pub(crate) mod person;
pub(crate) mod reliability;
mod scope;
pub(crate) mod session;
pub(crate) mod sessions;
mod shell;
pub(crate) mod spend;
mod stack;
mod table;
mod tabs;
mod tiles;
mod timeline;
mod trend;

use maud::html;

use crate::context::PageContext;
use crate::{Answer, answer};

use period::Period;
use scope::{DAY, Scope};
use stack::Stack;

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let (scope, mistake) = Scope::read(context, organisation);
    let numbers = scope.numbers(context).await?;
    let stack = Stack::of(&scope, &numbers, &|key| breakdown::label(&scope, key, &numbers.directory));
    // Of one person, how many there are is no news.
    let is_of_one = scope.filters.iter().any(|(name, value)| *name == "user" && !value.contains(','));
    let left_out = [stack.as_ref().map_or("", Stack::column), if is_of_one { "people" } else { "" }];
    let unfinished = numbers.unfinished(&scope.period, Period::today(organisation, context.now));
    let content = html! {
        div.heading.split {
            h1 { "Analytics" }
            a.button href=(scope.table_address(context, DAY)?) download { "CSV by day" }
        }
        (tabs::tabs(context, &scope.kept())?)
        (controls::controls(context, &scope, mistake.as_ref(), "analytics")?)
        (narrowing::filters(organisation.org.as_str(), &scope, &numbers.directory))
        @if numbers.is_empty() { (shell::nothing(context, &scope, &numbers.directory)?) } @else {
            (tiles::tiles(&numbers, &scope.period, scope.currency, is_of_one))
            @if let Some(stack) = &stack { (stack.show(trend::COUNT, scope.period.unit(), &unfinished)) }
            (trend::trends(&numbers, &scope, &left_out, &unfinished))
            (breakdown::section(context, &scope, &numbers)?)
        }
    };
    Ok(controls::page(context, "Analytics", content, mistake.as_ref()))
}

/// The same numbers for spreadsheets.
pub(crate) async fn table(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let (scope, mistake) = Scope::read(context, organisation);
    if let Some(mistake) = mistake {
        return Err(mistake.into());
    }
    let table = breakdown::csv(context, &scope).await?;
    let by = about::title(scope.table_by(context)).to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let (from, to) = (scope.period.from, scope.period.to);
    let narrowed = scope.narrowed_name();
    let name = format!("claude-code-{}-by-{by}-{from}-{to}{narrowed}.csv", organisation.org);
    Ok(answer::table(&name, table))
}
