//! The work of one person, for the page about them: numbers, days and the latest sessions.

use std::sync::Arc;

use maud::{Markup, html};
use service::people::directory::Directory;
use service::report::sessions::{latest, listed};
use telemetry::activity::dimensions::Label;

use super::controls::controls;
use super::mistake::Mistake;
use super::naming::Name;
use super::period::Period;
use super::scope::Scope;
use super::stack::Stack;
use super::{narrowing, sessions, tiles, trend};
use crate::context::PageContext;
use crate::refusal::Refusal;

/// Sessions that are shown; the list of all has the others.
const LATEST: usize = 8;

/// The work of the person with this id, in the period that the address says, and what makes no sense in the address.
pub(crate) async fn work(
    context: &PageContext<'_>,
    directory: Arc<Directory>,
    id: &str,
) -> Result<(Markup, Option<Mistake>), Refusal> {
    let organisation = context.organisation()?;
    let (asked, mistake) = Scope::read(context, organisation);
    let others = asked.without("user");
    let scope: Scope<'_> = others.by("model").with("user", id);
    let (range, filters) = (scope.period.range(organisation, context.now)?, scope.question(organisation)?);
    let asked = (range, &filters);
    let listed = async { Ok(listed(context.store(), organisation, &directory, asked, context.now).await?) };
    let (numbers, listed) = tokio::try_join!(scope.numbers_of(context, Arc::clone(&directory)), listed)?;
    let place = (&listed, 0, LATEST);
    let sessions = latest(context.store(), organisation, &directory, asked, place, context.now).await?;
    let unfinished = numbers.unfinished(&scope.period, Period::today(organisation, context.now));
    let org = &organisation.org;
    let named = |key: &Label| {
        let named = Name::of(scope.by, key, &scope, &numbers.directory);
        Name { href: named.href.map(|kept| format!("/orgs/{org}/analytics{kept}")), ..named }
    };
    let stack = Stack::of(&scope, &numbers, &named);
    let page = format!("users/{id}");
    let content = html! {
        (controls(context, &others, mistake.as_ref(), &page)?)
        (narrowing::filters(org.as_str(), &others, &directory))
        @if numbers.is_empty() {
            div.empty { h2 { "No activity in these days" } p { "Choose another period." } }
        } @else {
            (tiles::tiles(&numbers, &scope.period, scope.currency, true))
            @if let Some(stack) = &stack { (stack.show(trend::COUNT, scope.period.unit(), &unfinished)) }
            (trend::trends(&numbers, &scope, &["people", stack.as_ref().map_or("", Stack::column)], &unfinished))
            div.heading.split {
                h2 { "Latest sessions" }
                p.actions {
                    a.button href={ "/orgs/" (org) "/analytics" (scope.here()) } { "By anything else" }
                    a.button href={ "/orgs/" (org) "/sessions" (scope.kept()) } { "All sessions" }
                }
            }
            (sessions::table(context, &scope, &numbers.directory, sessions.iter())?.alone(scope.currency))
        }
    };
    Ok((content, mistake))
}
