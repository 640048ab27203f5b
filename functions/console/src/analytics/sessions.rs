//! The sessions of a period, the latest first.

use maud::{Markup, html};
use model::bucket::Bucket;
use model::calendar::Calendar;
use model::currency::Currency;
use service::people::directory::Directory;
use service::report::sessions::{SessionView, of_range};

use super::controls::{controls, page as page_of};
use super::narrowing;
use super::scope::Scope;
use super::tabs::tabs;
use crate::Answer;
use crate::components::pager::pager;
use crate::components::text::{cut, name};
use crate::components::{link, number};
use crate::context::PageContext;
use crate::refusal::Refusal;

/// Sessions on a page.
const SHOWN: usize = 30;

/// The page.
pub(crate) async fn show(context: &PageContext<'_>) -> Answer {
    let organisation = context.organisation()?;
    let (scope, mistake) = Scope::read(context, organisation);
    let (range, filters) = (scope.period.range(organisation, context.now)?, scope.question(organisation)?);
    let directory = Directory::read(context.store(), &organisation.uid).await?;
    let mut sessions = of_range(context.store(), organisation, &directory, (range, &filters), context.now).await?;
    sessions.reverse();
    let pages = sessions.len().div_ceil(SHOWN).max(1);
    let page = scope.page.min(pages);
    let content = html! {
        h1 { "Sessions" }
        (tabs(context, &scope.kept())?)
        (controls(context, &scope, mistake.as_ref(), "sessions")?)
        (narrowing::filters(organisation.org.as_str(), &scope, &directory))
        @if sessions.is_empty() {
            div.empty {
                h2 { "No sessions in these days" }
                p { "Choose another period" @if !scope.filters.is_empty() { ", or take a filter away" } "." }
            }
        } @else {
            (table(context, sessions.iter().skip((page - 1) * SHOWN).take(SHOWN))?)
            div.below {
                p.hint { (number::of(sessions.len(), "session", "sessions")) "." }
                (pager(page, pages, |page| scope.with_page(page)))
            }
        }
    };
    Ok(page_of(context, "Sessions", content, mistake.as_ref()))
}

/// These sessions as a table.
pub(super) fn table<'s>(
    context: &PageContext<'_>,
    sessions: impl Iterator<Item = &'s SessionView>,
) -> Result<Markup, Refusal> {
    let organisation = context.organisation()?;
    let (org, calendar) = (organisation.org.as_str(), Calendar::of(organisation));
    let currency = organisation.settings.currency;
    Ok(html! {
        div.card.flush tabindex="0" role="region" aria-label="Sessions" {
            table.figures.sessions {
                thead {
                    tr {
                        th scope="col" { "Began" }
                        th scope="col" { "Person" }
                        th.number scope="col" { "Lasted" }
                        th.number scope="col" { "Prompts" }
                        th.number scope="col" { "Cost" small { (number::estimate(currency)) } }
                        th.number scope="col" { "Tokens" }
                        th scope="col" { "Version" }
                        th scope="col" { "Terminal" }
                    }
                }
                tbody {
                    @for session in sessions {
                        tr {
                            th scope="row" {
                                a href=(address(org, session)) {
                                    (calendar.date(Bucket::of(session.start.0)).strftime("%-d %b").to_string()) ", "
                                    (calendar.clock(session.start))
                                }
                            }
                            td.said { (person(org, session)) }
                            td { (number::duration(lasted(session))) }
                            td { (number::grouped(session.prompts)) }
                            td { (cost(session, currency)) }
                            td { (number::grouped(tokens(session))) }
                            td.said { (name(session.version.as_deref().unwrap_or("–"))) }
                            td.said { (name(session.terminal.as_deref().unwrap_or("–"))) }
                        }
                    }
                }
            }
        }
    })
}

/// Where a session is shown. With its time and its person, so that nobody else's records are read to find it.
fn address(org: &str, session: &SessionView) -> String {
    let (from, to) = (session.start.to_string(), session.end.plus(1).to_string());
    let asked = [("session", session.id.as_str()), ("user", &session.user.id), ("from", &from), ("to", &to)];
    link::with(&format!("/orgs/{org}/session"), asked)
}

/// Whose a session is, with a link to them.
pub(super) fn person(org: &str, session: &SessionView) -> Markup {
    let user = &session.user;
    let title = user.name.as_deref().or(user.email.as_deref()).map_or_else(|| cut(&user.id), str::to_owned);
    html! { a href={ "/orgs/" (org) "/users/" (user.id) } { (name(&title)) } }
}

/// How long a session was, in seconds.
pub(super) fn lasted(session: &SessionView) -> f64 {
    (session.end.0 - session.start.0) as f64 / 1_000.0
}

/// What it cost; a dash if nobody says.
pub(super) fn cost(session: &SessionView, currency: Currency) -> String {
    match session.cost_basis {
        "none" => "–".into(),
        _ => number::money(currency.of_dollars(session.cost_usd), currency),
    }
}

/// All its tokens.
pub(super) fn tokens(session: &SessionView) -> i64 {
    let read = session.input_tokens.saturating_add(session.cache_read_tokens);
    read.saturating_add(session.cache_creation_tokens).saturating_add(session.output_tokens)
}
